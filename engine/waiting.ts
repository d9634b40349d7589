import type { ObjectId } from '../wrappers/names.ts';
import type { Message } from './turn-effects.ts';

/** What of somebody's messages nobody has dealt with yet. */
export interface Waiting {
  readonly messages: number;
  readonly characters: number;
}

const NOTHING: Waiting = Object.freeze({ messages: 0, characters: 0 });

/** Banks whose account is remembered. A bank that is stored never moves, so this is never wrong. */
const MOST_REMEMBERED = 10_000;

/**
 * Counts the messages that wait, by the object that sent them and by the account that pays for it: objects can be made and
 * ended without end, so a bound for each of them alone would bound nothing.
 */
export class WaitingMessages {
  readonly #accountOf: (payer: ObjectId | null) => ObjectId | null;
  readonly #byObject = new Map<string, Waiting>();
  readonly #byAccount = new Map<string, Waiting>();
  readonly #timers = new Map<string, Set<number>>();
  readonly #accounts = new Map<string, ObjectId | null>();

  constructor(accountOf: (payer: ObjectId | null) => ObjectId | null) {
    this.#accountOf = accountOf;
  }

  /** What an object has sent, timers included. */
  of(id: string): Waiting {
    return this.#byObject.get(id) ?? NOTHING;
  }

  /** What all that the bank's account pays for has sent. The world's own bank has no account, and nothing waits for it. */
  ofAccount(payer: string | null): Waiting {
    if (payer === null) return NOTHING;
    // Not remembered: a turn asks, and if that fails the bank may be its own, whose id another one will get.
    const account = this.#accounts.get(payer) ?? this.#accountOf(payer as ObjectId);
    return account === null ? NOTHING : (this.#byAccount.get(account) ?? NOTHING);
  }

  /** The numbers of the timers that an object has set. */
  timersOf(id: string): readonly number[] {
    return [...(this.#timers.get(id) ?? [])];
  }

  count({ from, payer, due, number, size }: Message, by: 1 | -1): void {
    if (from === null) return;
    change(this.#byObject, from, by, size);
    const account = this.#account(payer);
    if (account !== null) change(this.#byAccount, account, by, size);
    if (due === null) return;
    const timers = this.#timers.get(from);
    if (by === 1) {
      if (timers === undefined) this.#timers.set(from, new Set([number]));
      else timers.add(number);
      return;
    }
    timers?.delete(number);
    if (timers?.size === 0) this.#timers.delete(from);
  }

  #account(payer: string | null): string | null {
    if (payer === null) return null;
    const known = this.#accounts.get(payer);
    if (known !== undefined) return known;
    const account = this.#accountOf(payer as ObjectId);
    if (this.#accounts.size >= MOST_REMEMBERED) this.#accounts.clear();
    this.#accounts.set(payer, account);
    return account;
  }
}

function change(counts: Map<string, Waiting>, key: string, by: 1 | -1, size: number): void {
  const before = counts.get(key) ?? NOTHING;
  const messages = before.messages + by;
  if (messages > 0) counts.set(key, { messages, characters: before.characters + by * size });
  else counts.delete(key);
}
