import { raise } from '../wrappers/errors.ts';
import { parseObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { revoke, type AnyCap } from './authoring.ts';
import { VERBS } from './endowments.ts';
import { refuse } from './errors.ts';
import { grantMark } from './grant-mark.ts';
import { grantText, objectText } from './object-text.ts';
import { openTurn } from './open-turn.ts';
import { showValue } from './show-value.ts';
import { readInTurn } from './unreadable.ts';
import type { Roots } from './world-options.ts';

/** Characters that one entry may print. */
const PRINTED = 262_144;

export interface ConsoleNamesOptions {
  readonly roots: Roots;
  /** The capability that a player's account leads to; undefined if there is no such player. */
  readonly player: (name: string) => AnyCap | undefined;
}

/** What the running entry has printed so far, in lines. */
export class Printed {
  readonly lines: string[] = [];
  #characters = 0;

  add(text: string): void {
    this.#characters += text.length + 1;
    if (this.#characters > PRINTED) refuse('TooMany', `An entry may print at most ${PRINTED} characters.`);
    // One by one: a text may have more lines than a call may have arguments.
    for (const line of text.split('\n')) this.lines.push(line);
  }

  clear(): void {
    this.lines.length = 0;
    this.#characters = 0;
  }
}

/** Verbs that act for the object that is running: in a console there is none. Each with what to do instead. */
const NOBODY_RUNS: Readonly<Record<string, string>> = {
  cancel: 'a timer that a console sets belongs to nobody, and stays',
  collection: 'a collection belongs to the object that is running; ask the object itself for what it keeps',
  destroy: 'an object ends itself; call what its owner facet has for that, like dispose()',
  emit: 'print(value) shows something here',
  every: 'nobody could end what a console repeats',
  hangUp: 'an object hangs up itself; .exit ends this console',
  offRestart: 'an object takes back what it has registered itself',
  onRestart: 'a console is gone after a restart',
  publish: 'an object tells what is its own',
  takesKinds: 'nobody is attached to a console but you, by text',
  unwatch: 'a watch is ended by the object that set it up',
  watch: 'a console has no method that could be told',
};

/**
 * The names of a console beside the language's: Storage's full facet, the bank that all others come of, the verbs of
 * the authoring interface, and what finds objects, which is no more than Storage's power over every record and class.
 */
export function consoleNames(
  { roots, player }: ConsoleNamesOptions,
  printed: Printed,
): Readonly<Record<string, unknown>> {
  const subject = (what: unknown): Wrapper => wrapperOf(what, player);
  const nobody = Object.entries(NOBODY_RUNS).map(([name, instead]) => {
    const refused = (): never =>
      refuse('NotYours', `${name}() is for objects, and no object is running here: ${instead}.`);
    return [name, refused] as const;
  });
  return {
    ...VERBS,
    ...Object.fromEntries(nobody),
    storage: roots.storage,
    bank: roots.bank,
    /** A capability on any object: a facet of it by name, or what its maker got. */
    object: (id: unknown, facet?: unknown): AnyCap => facetOf(subject(id), facet),
    /** The same by the name of a player. */
    player: (name: unknown, facet?: unknown): AnyCap => facetOf(ofPlayer(name, player), facet),
    facet: (capability: unknown, name: unknown, terms?: unknown): AnyCap =>
      facetOf(subject(capability), name, terms),
    revoke: (owner: unknown, capability: unknown): void => {
      if (!isCapability(owner) || !isCapability(capability))
        raise(
          'BadArgument',
          'revoke(above, derived) takes two capabilities; ".revoke X MARK" ends any grant on X.',
        );
      revoke(owner, capability);
    },
    idOf: (what: unknown): string => subject(what).id,
    /** Ends any grant on an object, by its mark in what `grants` prints, with all that was made from it. */
    revokeGrant: (what: unknown, mark: unknown): void => {
      const wrapper = subject(what);
      const { host, now } = openTurn();
      const grant = wrapper.grants.inOrder().find(({ token }) => grantMark(token, host.digest) === mark);
      if (grant === undefined)
        return raise(
          'BadArgument',
          'There is no grant of that mark on that object; grants(x) tells the marks.',
        );
      printed.add(`ended, with all that was made from it: ${grantText(grant, now)}`);
      host.membrane.granting.end(wrapper, grant);
    },
    /** Milliseconds since the epoch, the same for the whole entry. */
    now: (): number => openTurn().now,
    print: (...values: readonly unknown[]): void => {
      printed.add(values.map((value) => (typeof value === 'string' ? value : showValue(value))).join(' '));
    },
    dump: (what: unknown): void => {
      printed.add(objectText(openTurn(), subject(what), 'all'));
    },
    grants: (what: unknown): void => {
      printed.add(objectText(openTurn(), subject(what), 'grants'));
    },
  };
}

function isCapability(value: unknown): value is object {
  return typeof value === 'object' && value !== null && openTurn().host.membrane.isCapability(value);
}

/** The object behind a capability, live or not; or of an id; or the body of a player. Raises `Gone`, `Damaged`. */
export function wrapperOf(what: unknown, player: ConsoleNamesOptions['player']): Wrapper {
  const { host } = openTurn();
  if (isCapability(what)) return host.find(host.membrane.idOf(what));
  const id = typeof what === 'string' ? parseObjectId(what) : undefined;
  if (id !== undefined) return host.find(id);
  if (typeof what === 'string') return ofPlayer(what, player);
  return raise(
    'BadArgument',
    "An object is named by a capability, an id like 'o17', or the name of a player.",
  );
}

function ofPlayer(name: unknown, player: ConsoleNamesOptions['player']): Wrapper {
  const { host } = openTurn();
  const found =
    typeof name === 'string' ? readInTurn('The account of that player', () => player(name)) : undefined;
  if (found === undefined)
    return raise(
      'BadArgument',
      `There is no player named ${typeof name === 'string' ? showValue(name.slice(0, 64)) : 'that'}.`,
    );
  return host.find(host.membrane.idOf(found));
}

/** A facet of an object; without a name the owner's, or the public one of a class that has none, as `create` gives it. */
function facetOf(wrapper: Wrapper, name: unknown, terms: unknown = {}): AnyCap {
  const turn = openTurn();
  const { membrane } = turn.host;
  // It follows its class first.
  if (wrapper.attention && !wrapper.aside && wrapper.mark !== turn.mark) turn.note(wrapper);
  const chosen = name ?? (wrapper.spec.facets.has('owner') ? 'owner' : 'public');
  if (typeof chosen !== 'string') return raise('BadArgument', 'A facet is named by a text.');
  const own = membrane.cross(terms, 'The terms of a grant', null);
  if (typeof own !== 'object' || own === null) return raise('BadArgument', 'Terms must be a record.');
  return membrane.granting.facet(wrapper, chosen, own);
}
