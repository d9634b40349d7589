import { raise } from '../wrappers/errors.ts';
import { charactersOf } from './charge.ts';
import { refuse } from './errors.ts';
import type { Turn } from './turn.ts';

/** What a send may say besides the call itself. */
export interface SendOptions {
  /** Is called with `{ code, message }` if the delivery fails. Without it, the message waits for an admin. */
  readonly failed?: readonly [to: object, method: string];
}

/** What a timer may say. */
export interface TimerOptions extends SendOptions {
  /**
   * What becomes of a time that passes while the world is down; of a timer that repeats, also while it is too busy. `late`: its
   * call is made as soon as it can be. `skip`: it is not made; `failed` of a timer that was set by `after` is then called with
   * the code `Missed`.
   */
  readonly missed?: 'late' | 'skip';
}

export const NO_OPTIONS: TimerOptions = Object.freeze({});

/** When a message is to be delivered: at once, after some time, or again and again. */
type When = { readonly after: number | null; readonly every: number | null };

/** Sends a message from the object that is running. Gives its number. */
export function post(
  turn: Turn,
  when: When,
  to: object,
  method: string,
  args: readonly unknown[],
  options: TimerOptions,
): number {
  const { membrane } = turn.host;
  const from = turn.current;
  // What is no text might run code of its own when it is made into one.
  if (typeof method !== 'string') return raise('BadArgument', 'The method to call is named by a text.');
  const { failed: told = null, missed = when.every === null ? 'late' : 'skip' } =
    options === NO_OPTIONS ? NO_OPTIONS : takenFrom(turn, options);
  if (missed !== 'late' && missed !== 'skip')
    raise('BadArgument', "What is missed is either 'late' or to be left out: 'skip'.");
  const [target, passed, failed] = membrane.cross([to, args, told], `What is sent to ${method}`, from) as [
    object,
    readonly unknown[],
    readonly [object, string] | null,
  ];
  membrane.admits(target, method);
  if (!Array.isArray(passed)) raise('BadArgument', 'What is sent needs its arguments in an array.');
  if (failed !== null) {
    if (!Array.isArray(failed) || failed.length !== 2)
      raise('BadArgument', '`failed` is a capability and a method name.');
    membrane.admits(failed[0], failed[1]);
  }
  if (from !== null && hasTooMuchWaiting(turn, from.id, from.bank))
    refuse('TooMany', `${from.spec.name} ${from.id} has as many sends and timers waiting as it may.`);
  const number = turn.host.messageNumber(turn);
  const size = charactersOf(passed);
  const due = when.after === null ? null : turn.now + when.after;
  const sender = { from: from?.id ?? null, payer: from?.bank ?? null };
  const time = { due, every: when.every, missed, tries: 0 };
  turn.doings.send(
    Object.freeze({ to: target, method, args: passed, failed, ...sender, ...time, number, size }),
  );
  return number;
}

/** Whether as much of an object waits to be delivered as may, or of all that its bank's account pays for. */
export function hasTooMuchWaiting(turn: Turn, id: string, payer: string | null): boolean {
  const { limits, waiting } = turn.host;
  const own = waiting.of(id);
  const all = waiting.ofAccount(payer);
  return (
    own.messages >= limits.objectMessages ||
    own.characters >= limits.objectMessageCharacters ||
    all.messages >= limits.accountMessages ||
    all.characters >= limits.accountMessageCharacters
  );
}

/** A number of milliseconds that a timer may wait. */
export function checkedTime(turn: Turn, milliseconds: number, least: number): number {
  const { timerAhead } = turn.host.limits;
  const fits = Number.isSafeInteger(milliseconds) && milliseconds >= least && milliseconds <= timerAhead;
  return fits
    ? milliseconds
    : raise('BadArgument', `A timer needs a whole number of milliseconds from ${least} to ${timerAhead}.`);
}

/** A frozen copy of what an author passed: each property read once, so that what is checked is what is used. */
export function takenFrom<T extends object>(turn: Turn, terms: T): T {
  const { membrane } = turn.host;
  const copied = membrane.cross(terms, 'The terms', null) as T;
  return typeof copied === 'object' && copied !== null
    ? copied
    : raise('BadArgument', 'Terms must be a record.');
}
