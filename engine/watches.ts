import { watchedKey } from '../storage/keys.ts';
import { genuineError, isGenuine, raise } from '../wrappers/errors.ts';
import type { Grant } from '../wrappers/grant.ts';
import type { CapData } from '../wrappers/marshal.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { charactersOf } from './charge.ts';
import { refuse } from './errors.ts';
import { hasTooMuchWaiting } from './sending.ts';
import type { Turn } from './turn.ts';
import type { Message } from './turn-effects.ts';

/** Somebody who wants to be told what an object publishes. Stored with that object, all of them in one value. */
interface Watch {
  /** Names it among the watches of the world. */
  readonly number: number;
  /** What is watched: also a method that `through` admits. */
  readonly name: string;
  /** The capability by which it is watched: once it is dead, nothing more is told. */
  readonly through: object;
  readonly to: object;
  readonly method: string;
  /** The object that watches, and the bank that pays for its watch and its calls. */
  readonly by: string;
  readonly payer: string | null;
}

const NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/**
 * Has `method` of `to` called with what the object behind a capability publishes under a name from here on. Whoever may call
 * the method of that name may watch it, for as long as he may: revoking the capability ends the watch. Gives its number.
 */
export function watch(turn: Turn, through: object, name: string, to: object, method: string): number {
  const { membrane, limits } = turn.host;
  const { current } = turn;
  if (current === null) return refuse('NotYours', 'Only an object can watch.');
  if (typeof name !== 'string' || typeof method !== 'string')
    return raise('BadArgument', 'What is watched, and the method to call, are named by texts.');
  const passed = membrane.cross([through, to], 'What a watch is set up with', current) as [object, object];
  membrane.admits(passed[0], name);
  membrane.admits(passed[1], method);
  if (current.gone) return refuse('Gone', 'An object that has ended watches nothing.');
  const { wrapper, grant } = membrane.granting.grantOf(passed[0]);
  for (let at: Grant | null = grant; at !== null; at = at.parent)
    if (at.uses !== null)
      raise('BadArgument', 'A capability for a number of calls is none to watch through.');
  const { shares } = turn.host;
  const account = shares.accountOf(current.bank);
  const ofAccount = (some: readonly Watch[]): number =>
    some.filter(({ payer }) => shares.accountOf(payer as ObjectId | null) === account).length;
  const isFull = (some: readonly Watch[]): boolean => some.length >= limits.objectWatches;
  const isUsedUp = (some: readonly Watch[]): boolean =>
    account !== null && ofAccount(some) >= limits.accountWatches;
  let all = watchesOf(turn, wrapper);
  if (isFull(all) || isUsedUp(all)) all = endDead(turn, wrapper, all);
  if (isFull(all))
    refuse('TooMany', `${wrapper.spec.name} ${wrapper.id} is watched by as many as may watch it.`);
  if (isUsedUp(all))
    refuse('TooMany', `What one bank pays for may watch ${wrapper.spec.name} ${wrapper.id} so often.`);
  const number = turn.host.messageNumber(turn);
  const mine = { number, name, through: passed[0], to: passed[1], method };
  store(turn, wrapper, [...all, Object.freeze({ ...mine, by: current.id, payer: current.bank })]);
  if (current.bank !== null) turn.owe(current.bank, 1);
  return number;
}

/** Ends a watch that the running object set up. One that is unknown, over or somebody else's is left alone. */
export function unwatch(turn: Turn, through: object, number: number): void {
  const { membrane } = turn.host;
  const wrapper = turn.host.ifThere(membrane.idOf(through));
  if (wrapper === null || wrapper.gone) return;
  const all = watchesOf(turn, wrapper);
  const mine = all.filter((each) => each.number === number && each.by === turn.current?.id);
  if (mine.length > 0) endWatches(turn, wrapper, all, mine);
}

/** Sends what the running object publishes to all who watch it. Watches that nobody can be told by any more are ended. */
export function publish(turn: Turn, name: string, value: unknown): void {
  const { membrane, limits, administration } = turn.host;
  const { current } = turn;
  if (current === null) return refuse('NotYours', 'Only an object can publish something.');
  if (typeof name !== 'string' || !NAME.test(name))
    return raise('BadArgument', 'What is published is named by a word of at most 40 letters and digits.');
  const passed = membrane.cross(value, `What is published as ${name}`, current);
  const size = charactersOf(passed) + name.length;
  if (
    typeof passed === 'string'
      ? passed.length > limits.publishedCharacters
      : size > limits.publishedCharacters
  )
    return refuse('TooLarge', `What is published may have at most ${limits.publishedCharacters} characters.`);
  if (current.gone) return;
  const all = watchesOf(turn, current);
  const over: Watch[] = [];
  for (const each of all) {
    if (each.name !== name) continue;
    if (isDead(turn, each)) {
      if (canPayBack(turn, each)) over.push(each);
      continue;
    }
    // Whoever has as much waiting as he may goes without, and keeps his watch: others may have had him told so much. That must
    // not keep the publisher from what it does, nor be lost without a word.
    const isFull = hasTooMuchWaiting(turn, each.by, each.payer);
    if (isFull && untoldIn(turn).has(each.number)) continue;
    const message = messageTo(turn, each, passed, size);
    if (!isFull && turn.doings.tell(message)) continue;
    if (!noteUntold(turn, each)) continue;
    turn.onCommit(() => {
      administration.letters.keep(message, TOO_MANY);
    });
  }
  if (over.length > 0) endWatches(turn, current, all, over);
}

const TOO_MANY = genuineError(
  'TooMany',
  'Its watcher had as much waiting as it may, or the turn told as much as it may: it was not told this, nor the rest of that turn.',
);

/** The watches of which a turn has left something untold: one letter for each says so. */
const untold = new WeakMap<Turn, Set<number>>();
const NONE: ReadonlySet<number> = new Set();

function untoldIn(turn: Turn): ReadonlySet<number> {
  return untold.get(turn) ?? NONE;
}

/** Whether it is the first of that watch. */
function noteUntold(turn: Turn, { number }: Watch): boolean {
  const some = untold.get(turn) ?? new Set();
  if (some.has(number)) return false;
  turn.onUndo(() => some.delete(number));
  untold.set(turn, some.add(number));
  return true;
}

/** Whether nobody can be told by a watch any more: a capability of it is dead, or the object that set it up is gone. */
function isDead(turn: Turn, { name, through, to, by }: Watch): boolean {
  const { granting } = turn.host.membrane;
  // A capability shows the methods that it admits now: a later version may have taken this one out of its facet.
  const admits = typeof (through as Readonly<Record<string, unknown>>)[name] === 'function';
  if (!admits || !granting.isLive(through) || !granting.isLive(to)) return true;
  try {
    return turn.host.find(by as ObjectId).gone;
  } catch (thrown) {
    if (isGenuine(thrown)) return thrown.code !== 'Damaged'; // one that may be mended
    throw thrown;
  }
}

/**
 * Whether the disk gives the bank that paid for a watch, or there is none any more. If it does not, the watch ends another
 * time: whoever publishes, or watches the same object, must not fail by it.
 */
function canPayBack(turn: Turn, { payer }: Watch): boolean {
  if (payer === null) return true;
  try {
    turn.host.bank(payer as ObjectId);
    return true;
  } catch (thrown) {
    if (isGenuine(thrown)) return false;
    throw thrown;
  }
}

/** Ends those of the watches on an object that nobody can be told by any more. Gives the others. */
function endDead(turn: Turn, wrapper: Wrapper, all: readonly Watch[]): readonly Watch[] {
  const over = all.filter((each) => isDead(turn, each) && canPayBack(turn, each));
  if (over.length === 0) return all;
  endWatches(turn, wrapper, all, over);
  return all.filter((each) => !over.includes(each));
}

/** Ends the watches on an object that nobody can be told by any more. */
export function endDeadWatches(turn: Turn, id: ObjectId): void {
  const wrapper = turn.host.ifThere(id);
  if (wrapper !== null) endDead(turn, wrapper, watchesOf(turn, wrapper));
}

/** For the end of an object: whoever paid for watching it gets that back. */
export function dropWatches(turn: Turn, wrapper: Wrapper): void {
  const all = watchesOf(turn, wrapper);
  if (all.length > 0) endWatches(turn, wrapper, all, all);
}

/** What watches send counts as the watcher's own: who is watched by many, or by a slow one, is not held up by it. */
function messageTo(
  turn: Turn,
  { to, method, name, by, payer }: Watch,
  value: unknown,
  size: number,
): Message {
  const number = turn.host.messageNumber(turn);
  const call = { to, method, args: Object.freeze([value, name]), failed: null };
  return Object.freeze({
    ...call,
    from: by,
    payer,
    due: null,
    every: null,
    missed: 'late',
    tries: 0,
    number,
    size,
  });
}

function endWatches(turn: Turn, wrapper: Wrapper, all: readonly Watch[], over: readonly Watch[]): void {
  store(
    turn,
    wrapper,
    all.filter((each) => !over.includes(each)),
  );
  for (const { payer } of over) if (payer !== null) turn.owe(payer as ObjectId, -1);
}

function watchesOf(turn: Turn, { id }: Wrapper): readonly Watch[] {
  const text = turn.read(watchedKey(id));
  if (text === undefined) return [];
  return turn.host.membrane.marshal.decode(JSON.parse(text) as CapData) as readonly Watch[];
}

function store(turn: Turn, { id }: Wrapper, watches: readonly Watch[]): void {
  const { marshal } = turn.host.membrane;
  const text = watches.length === 0 ? null : `{${marshal.write(Object.freeze([...watches]))}}`;
  turn.write(watchedKey(id), text);
}
