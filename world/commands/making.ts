/**
 * What kind of object somebody wants to make, and what makes it. The grammar of `@create` and of what `@dig` leads to:
 *
 *   making := CLASS ' named ' name            "@create Kiosk named tea stall"
 *           | name [ ' as ' [ article ] kind ]  "@create tea stall as Kiosk", "@create tin as a box"
 *   room   := name [ ' as ' kind ]
 *   kind   := 'thing' | 'box' | 'container' | 'room' | CLASS
 *   CLASS  := a word that begins with a capital letter
 *   name   := words, in double quotes if " as " or " named " is a part of it
 */
import { create, type FacetOf } from '../../engine/authoring.ts';
import { holdingOnClass, writtenClass } from '../class-ring.ts';
import { admits } from '../keyring.ts';
import { splitAt, unquoted } from '../parse.ts';
import type { Player } from '../player.ts';
import { shared } from '../shared.ts';
import { Sorry } from '../sorry.ts';
import type { Thing, ThingSpec } from '../thing.ts';
import type { OpenClass } from '../written-class.ts';

interface Making {
  readonly kind: string;
  readonly name: string;
}

type Made = FacetOf<typeof Thing, 'owner'>;

const CLASS = /^[A-Z][A-Za-z0-9]*$/;

/** The words that stand for built-in classes. */
const KINDS: Readonly<Record<string, string>> = {
  thing: 'Thing',
  box: 'Container',
  container: 'Container',
  room: 'Room',
};

export function parseMaking(typed: string): Making {
  const named = splitAt(typed, ['named']);
  if (named !== undefined && CLASS.test(named.left)) return { kind: named.left, name: unquoted(named.right) };
  const making = parseKind(typed, 'Thing');
  if (making.name === '')
    throw new Sorry(
      'Create what? Like this: @create paper boat, or @create tin as box, or @create Kiosk named tea stall.',
    );
  return making;
}

export function parseRoom(typed: string): Making {
  return parseKind(typed, 'Room');
}

function parseKind(typed: string, usual: string): Making {
  const as = splitAt(typed, ['as'], 'last');
  if (as === undefined) return { kind: usual, name: unquoted(typed) };
  const kind = as.right.replace(/^an? /, '');
  const known = Object.hasOwn(KINDS, kind.toLowerCase()) ? KINDS[kind.toLowerCase()] : undefined;
  if (known === undefined && !CLASS.test(kind))
    throw new Sorry(`You can create a thing, a box, or an object of a class like "Kiosk", not a "${kind}".`);
  return { kind: known ?? kind, name: unquoted(as.left) };
}

/** What makes an object of a class, as far as he may; what it takes is for that class to say. Throws Sorry if he may not. */
export function makerOf(me: Player, kind: string): (spec: ThingSpec) => Made {
  const { bank } = me;
  const builtIn = shared.find(({ name }) => name === kind);
  if (builtIn !== undefined) return (spec) => create(bank, builtIn as typeof Thing, spec);
  const making = holdingOnClass(me, kind, 'make');
  if (making !== undefined) return (spec) => making.make(bank, spec) as Made;
  const written = writtenClass(me, kind);
  if (written.isOpen() && admits(written, 'opened')) {
    const opened = (written as OpenClass).opened();
    return (spec) => opened.make(bank, spec) as Made;
  }
  throw new Sorry(`You hold nothing that makes objects of ${kind}. It is by ${written.author()}.`);
}
