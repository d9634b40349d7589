/**
 * The capabilities on classes that a player keeps. A class written in the world is known by its public capability, which
 * the list of classes gives; what he may do with it is on his ring. Strangers can put there what they like, on whatever
 * they like: so each is asked whether it is a class, and that one, before a bank or a source is handed to it.
 */
import { attempt, classOf, isLive, type AnyCap } from '../engine/authoring.ts';
import { admits, type Kept } from './keyring.ts';
import type { Player } from './player.ts';
import { Sorry } from './sorry.ts';
import type { Imports, OwnClass, WrittenClass } from './written-class.ts';

/** What a class of the engine's own is called that holds a class written in the world. */
const HOLDER_OF_CLASSES = 'ClassObject';

export const CLASS_NAME = /^[A-Z][A-Za-z0-9]{1,39}$/;

/** A class that was written in the world, or Sorry. */
export function writtenClass(me: Player, name: string): WrittenClass {
  if (name === '') throw new Sorry('Which class? "@classes" lists them.');
  const found = me.classes.find(name);
  if (found !== null) return found;
  const builtIn = me.classes.names().includes(name);
  throw new Sorry(
    builtIn ? `${name} is built in.` : `There is no class "${name}". "@classes" lists them.`,
    'NotFound',
  );
}

/** What he holds on that class that admits `method`, or undefined: his own first, then the newest. */
export function holdingOnClass(me: Player, name: string, method: keyof OwnClass): OwnClass | undefined {
  const on = me.classes.find(name);
  if (on === null) return undefined;
  const fit = (me.ring?.list() ?? []).filter(
    (each) => each.on === on && fits(each, method) && isOn(each.capability, name),
  );
  return (fit.findLast(({ own }) => own) ?? fit.at(-1))?.capability as OwnClass | undefined;
}

/** His own class, or Sorry. */
export function ownClass(me: Player, name: string): OwnClass {
  const written = writtenClass(me, name);
  const own = holdingOnClass(me, name, 'save');
  if (own === undefined)
    throw new Sorry(`${name} is by ${written.author()}; you hold nothing that changes it.`);
  return own;
}

/** What he holds on the classes that a source names: the one that extends where it extends, else the one that makes. */
export function importsFor(me: Player, source: string): Imports {
  const words = new Set(source.match(/[A-Za-z0-9]+/g));
  const extended = /\bextends\s+([A-Za-z0-9]+)/.exec(source)?.[1];
  const imports: Record<string, AnyCap> = {};
  for (const name of me.classes.names()) {
    if (!words.has(name)) continue;
    const held = holdingOnClass(me, name, name === extended ? 'base' : 'make');
    if (held !== undefined) imports[name] = held;
  }
  return imports;
}

function fits({ lentTo, capability }: Kept, method: string): boolean {
  return lentTo === '' && admits(capability, method) && admits(capability, 'name') && isLive(capability);
}

/** Names of classes are given once, and by the engine: what is a class and has the name is that class. */
function isOn(capability: AnyCap, name: string): boolean {
  const told = attempt(() => {
    const { name: kind, saved } = classOf(capability);
    return kind === HOLDER_OF_CLASSES && !saved && (capability as WrittenClass).name() === name;
  });
  return told.ok && told.value;
}
