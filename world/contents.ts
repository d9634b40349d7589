import { attempt, classOf, fail, isLive, type AnyCap } from '../engine/authoring.ts';
import { admits } from './keyring.ts';
import type { Holder, Seen, Spot } from './place.ts';
import { a, goodAliases, goodName } from './words.ts';

/**
 * One thing in a place, as that place's record keeps it. The name is what the thing said it was called when it
 * came in; to list a place therefore calls nobody.
 */
export interface Content extends Seen {
  readonly holder: Holder;
  readonly spot: Spot;
  readonly listens: boolean;
  /** On a floor: when it came, no admin had approved its class. */
  readonly strange?: true;
}

/**
 * Whether what says it is `thing` may be it, by what acts for it. Of what others made it must not take the place: whoever does
 * something with it, as an admin who stops it, would do that with theirs. Things of one class may pass for one another.
 */
export function mayBe(thing: AnyCap, acting: AnyCap): boolean {
  return classOf(thing).name === classOf(acting).name;
}

/**
 * With a newcomer at the end, that says that it comes, as itself and to nowhere else. Else whatever lets something in could have it
 * stand in other places as well, under any number of names, one of them somebody else's. The lists are never changed in place: what
 * is stored may be shared with them.
 */
export function added(
  contents: readonly Content[],
  newcomer: Content,
  most: number,
  full: string,
): readonly Content[] {
  if (!mayBe(newcomer.thing, newcomer.holder)) throw fail('Refused', 'That is not what is coming.');
  if (contents.length >= most) throw fail('Full', full);
  if (contents.some((each) => each.thing === newcomer.thing)) throw fail('Refused', 'It is there already.');
  const { thing, holder, name, spot } = newcomer;
  // At last: it comes to the first place that has asked.
  if (!admits(holder, 'coming') || !holder.coming(thing, name, spot))
    throw fail('Refused', 'That is not what is coming.');
  return withOneMore(contents, {
    ...newcomer,
    name: goodName(newcomer.name),
    also: goodAliases(newcomer.also),
  });
}

/**
 * A list with one more at its end. Not `[...list, last]`: where lists were empty V8 throws away what it has compiled of that, again and
 * again, and every move comes through here.
 */
export function withOneMore<T>(list: readonly T[], last: T): readonly T[] {
  const all = [...list];
  all.push(last);
  return all;
}

/** Where the owner of a spot stands, or undefined: whoever shows a spot that is not in the list is not there. */
export function atSpot<T extends { readonly spot: Spot }>(contents: readonly T[], spot: Spot): T | undefined {
  return contents.find((each) => each.spot === spot);
}

export function withoutSpot<T extends { readonly spot: Spot }>(
  contents: readonly T[],
  spot: Spot,
): readonly T[] {
  return contents.filter((each) => each.spot !== spot);
}

export function renamed<T extends Seen & { readonly spot: Spot }>(
  contents: readonly T[],
  spot: Spot,
  name: string,
  also: readonly string[],
): readonly T[] {
  const changes = { name: goodName(name), also: goodAliases(also) };
  return contents.map((each) => (each.spot === spot ? { ...each, ...changes } : each));
}

/** The content behind a public capability. Throws `NotHere`. */
export function contentOf<T extends { readonly thing: AnyCap }>(contents: readonly T[], thing: AnyCap): T {
  const found = contents.find((each) => each.thing === thing);
  if (found === undefined) throw fail('NotHere', 'That is not here any more.');
  return found;
}

/** What the public may know of things, and no more. */
export function seen(contents: readonly Seen[]): readonly Seen[] {
  return contents.map(seenThing);
}

export function seenThing({ thing, name, also }: Seen): Seen {
  return { thing, name, also };
}

/**
 * What is seen of `contents`, one by one as `see` says. `shown` is what was seen of `before`: what looks as it did then is
 * given as it was, and need not be copied again where it crosses a wrapper. A class may have changed what was shown, so each
 * is looked at. Where one has come in or gone out, the rest has moved up by as many.
 */
export function seenAgain<T extends object, S extends Seen>(
  contents: readonly T[],
  before: readonly T[] = [],
  shown: readonly S[] = [],
  see: (content: T) => S,
): readonly S[] {
  const moved = contents.length - before.length;
  let again = contents.length === shown.length;
  const seenNow = contents.map((each, at) => {
    const fresh = see(each);
    const was = shown[each === before[at] ? at : at - moved];
    if (was === undefined || !looksLike(was, fresh)) {
      again = false;
      return fresh;
    }
    again &&= was === shown[at];
    return was;
  });
  return again ? shown : seenNow;
}

function looksLike<S extends Seen>(was: S, fresh: S): boolean {
  for (const key of Object.keys(fresh) as (keyof S)[])
    if (key !== 'also' && was[key] !== fresh[key]) return false;
  return (
    Array.isArray(was.also) &&
    was.also.length === fresh.also.length &&
    fresh.also.every((name, at) => name === was.also[at]) &&
    Object.keys(was).length === Object.keys(fresh).length
  );
}

export function namesOf(contents: readonly Seen[]): readonly string[] {
  return contents.map(({ name }) => a(name));
}

/** Whether what is behind `holder` has ceased to exist, or has ended its being here without saying so. */
export function isGone(holder: Holder): boolean {
  return !isLive(holder);
}

/**
 * Calls `tell` with each of them; whoever fails at it is passed over. One attempt does for all while all goes well. Each that
 * fails costs as much as writing down whoever calls this, so those at fault are looked for by halves.
 */
export function tellEach<T>(listeners: readonly T[], tell: (each: T) => void): void {
  if (listeners.length === 0) return;
  const all = attempt(() => {
    for (const each of listeners) tell(each);
  });
  if (all.ok || listeners.length === 1) return;
  const half = Math.ceil(listeners.length / 2);
  tellEach(listeners.slice(0, half), tell);
  tellEach(listeners.slice(half), tell);
}
