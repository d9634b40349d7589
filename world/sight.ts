/**
 * What somebody sees of a place. The place may be of any class, and what it says is there may be anything that crosses
 * a wrapper: here it becomes what it should be, and no more than anybody can look at.
 */
import { fail, type AnyCap } from '../engine/authoring.ts';
import { SCENE_LENGTH, ROOM_FOR, type Inventory, type Scene, type Seen, type View } from './place.ts';
import { MOST_PEOPLE } from './room-record.ts';
import { MOST_WAYS } from './ways-out.ts';
import { a, capital, line, list, NAME_LENGTH } from './words.ts';

/** Other names of one thing that are looked at. */
const MOST_ALIASES = 8;

/** What was cleared before: a room shows the same view until something changes, and everybody asks it for that. */
const cleared = new WeakMap<View, View>();

/** A view that can be relied on. Throws `Unclear` if it is none. */
export function clearView(alleged: View): View {
  const known = cleared.get(alleged);
  if (known !== undefined) return known;
  const { at, name, exits, people, things } = recordOf(alleged);
  const view = {
    at: capabilityOf(at),
    name: nameFrom(name),
    exits: listOf(exits, MOST_WAYS, clearWay),
    people: listOf(people, MOST_PEOPLE, clearPerson),
    things: listOf(things, ROOM_FOR.room, clearSeen),
  };
  cleared.set(alleged, view);
  return view;
}

/** Once each: of a view that has changed most parts are those of the one before. */
function once<T extends Seen>(clear: (alleged: Alleged) => T): (alleged: Alleged) => T {
  const known = new WeakMap<Alleged, T>();
  return (alleged) => {
    const before = known.get(alleged);
    if (before !== undefined) return before;
    const clearer = clear(alleged);
    known.set(alleged, clearer);
    return clearer;
  };
}

/** What is said to be in something: some of it, or all. Throws `Unclear`. */
export function clearContents(alleged: readonly Seen[] | Inventory): Inventory {
  if (Array.isArray(alleged)) {
    const some = listOf(alleged, ROOM_FOR.room, clearSeen);
    return { some, all: some.length };
  }
  const { some: told, all } = recordOf(alleged);
  const some = listOf(told, ROOM_FOR.room, clearSeen);
  return { some, all: Number.isSafeInteger(all) ? Math.max(some.length, all as number) : some.length };
}

/** Things of which a list is read at a glance; of what has more, only so many are named. */
const AT_A_GLANCE = 30;

/** What is in something, in words. */
export function inventoryInWords({ some, all }: Inventory): string {
  const names = some.map(({ name }) => a(name));
  if (all <= names.length) return list(names);
  return `${names.slice(0, AT_A_GLANCE).join(', ')} and more, ${all} things in all`;
}

/** What clients make buttons of, and the text by which it is known again. */
export interface ShownScene {
  readonly scene: Scene;
  readonly text: string;
}

/** Everybody in a room has the same view of it, until something changes. */
const scenes = new WeakMap<View, ShownScene>();

/** What clients make buttons of, out of a view that can be relied on. */
export function sceneOf(view: View): ShownScene {
  const known = scenes.get(view);
  if (known !== undefined) return known;
  const scene = {
    room: view.name,
    exits: view.exits.map(({ name, to }) => ({ name, to })),
    people: view.people.slice(0, SCENE_LENGTH).map(({ name }) => name),
    things: view.things.slice(0, SCENE_LENGTH).map(({ name }) => a(name)),
  };
  const shown = { scene, text: JSON.stringify(scene) };
  scenes.set(view, shown);
  return shown;
}

/** A room as `viewer` sees it, in words. */
export function describeView(view: View, description: string, viewer: AnyCap): string {
  const parts = [capital(view.name), description];
  if (view.things.length > 0) parts.push(`You see ${list(view.things.map(({ name }) => a(name)))}.`);
  const others = view.people.filter(({ thing }) => thing !== viewer);
  const awake = others.filter((each) => each.awake).map(({ name }) => name);
  const asleep = others.filter((each) => !each.awake).map(({ name }) => name);
  if (awake.length > 0) parts.push(`${list(awake)} ${awake.length === 1 ? 'is' : 'are'} here.`);
  if (asleep.length > 0) parts.push(`${list(asleep)} ${asleep.length === 1 ? 'is' : 'are'} here, asleep.`);
  parts.push(
    view.exits.length === 0
      ? 'There is no way out.'
      : `Ways out: ${view.exits.map(({ name, to }) => (to === '' ? name : `${name} (${to})`)).join(', ')}.`,
  );
  return parts.filter((part) => part !== '').join('\n');
}

/** Whether a value that has crossed a wrapper is a capability. All other objects that cross are plain data. */
export function isCapability(value: unknown): value is AnyCap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.getPrototypeOf(value) !== Object.prototype;
}

type Alleged = Readonly<Record<string, unknown>>;

function recordOf(alleged: unknown): Alleged {
  if (typeof alleged !== 'object' || alleged === null) throw unclear();
  return alleged as Alleged;
}

function capabilityOf(alleged: unknown): AnyCap {
  if (!isCapability(alleged)) throw unclear();
  return alleged;
}

function listOf<T>(alleged: unknown, most: number, read: (each: Alleged) => T): readonly T[] {
  if (!Array.isArray(alleged)) throw unclear();
  return alleged.slice(0, most).map((each) => read(recordOf(each)));
}

function namesFrom(alleged: unknown, most: number): readonly string[] {
  if (!Array.isArray(alleged)) throw unclear();
  return alleged.slice(0, most).map(nameFrom);
}

function seenFrom({ thing, name, also }: Alleged): Seen {
  return { thing: capabilityOf(thing), name: nameFrom(name), also: namesFrom(also, MOST_ALIASES) };
}

const clearSeen = once(seenFrom);
const clearWay = once((each) => ({ ...seenFrom(each), to: nameFrom(each['to']) }));
const clearPerson = once((each) => ({ ...seenFrom(each), awake: each['awake'] === true }));

function nameFrom(alleged: unknown): string {
  if (typeof alleged !== 'string') throw unclear();
  return line(alleged).slice(0, NAME_LENGTH);
}

function unclear(): Error {
  return fail('Unclear', 'You cannot make out what is there.');
}
