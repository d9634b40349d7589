import { entryKey, objectKey, parseKey, referenceKey, type Key, type ParsedKey } from '../storage/keys.ts';
import { slotsIn } from './stored-slots.ts';

/** Writes a key of the index, or takes it out. */
type Write = (key: string, value: '' | null) => void;

/** The objects that a value with these slots refers to, in their order. */
export function targetsOf(slots: readonly string[]): readonly string[] {
  return Object.freeze(slots.map(targetOf));
}

/**
 * The keys of the index that follow from what is stored under a key, each once. Throws for a value that is no JSON, or holds a
 * slot that is none.
 */
export function referencesOf(key: ParsedKey, value: string): readonly Key<'reference'>[] {
  if (key.kind !== 'object' && key.kind !== 'entry') return [];
  const place = key.kind === 'object' ? objectKey(key.id) : entryKey(key.id, key.name, key.hash);
  const targets = new Set(slotsIn(key, value).map(targetOf));
  return [...targets].map((target) => referenceKey(target, place));
}

/** As `referencesOf`, for whoever makes the index anew: what a value refers to that cannot be read is lost with it. */
export function indexKeys(place: string, value: string): readonly Key<'reference'>[] {
  const key = parseKey(place);
  if (key === undefined) return [];
  try {
    return referencesOf(key, value);
  } catch {
    return [];
  }
}

/** The id of the object that a slot refers to. */
export function targetOf(slot: string): string {
  return slot.slice(0, slot.indexOf('.'));
}

/**
 * What there is to write in the index of references, when a value refers to other objects than it did. A value that refers to
 * its own object is no exception. Gives `before` itself if it refers to what it did, in the same order, else `after`.
 */
export function referencesChanged(
  place: Key<'object' | 'entry'>,
  before: readonly string[],
  after: readonly string[],
  write: Write,
): readonly string[] {
  // Most of it is as it was: something has come, or gone, in the middle.
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  if (start === before.length && start === after.length) return before;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const come = part(after, start, after.length - end);
  const gone = part(before, start, before.length - end);
  if (come.length > 0) for (const target of notIn(before, come)) write(referenceKey(target, place), '');
  if (gone.length > 0) for (const target of notIn(after, gone)) write(referenceKey(target, place), null);
  return after;
}

/** What stands there; of the same one after another only the first. */
function part(targets: readonly string[], from: number, to: number): readonly string[] {
  const found: string[] = [];
  for (let at = from; at < to; at += 1) {
    const target = targets[at] as string;
    if (found.length === 0 || found[found.length - 1] !== target) found.push(target);
  }
  return found;
}

/** Of a few it looks for each in the whole list; of many it makes a set. */
const FEW = 16;

/** Those of `some` that `all` does not have. */
function notIn(all: readonly string[], some: readonly string[]): readonly string[] {
  if (some.length <= FEW) return some.filter((target) => !all.includes(target));
  const known = new Set(all);
  return [...new Set(some)].filter((target) => !known.has(target));
}
