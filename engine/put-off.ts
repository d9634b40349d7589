import type { Message } from './turn-effects.ts';

/** Milliseconds until one of the messages of an account that has used up its share is tried again. */
const PUT_OFF = 250;

export interface PutOffOptions {
  /** The account that pays for what a message does; it may have become another one when the message is tried again. */
  readonly accountOf: (message: Message) => string;
  readonly later: (milliseconds: number, then: () => void) => void;
  readonly tryAgain: (message: Message) => void;
}

/**
 * Messages that wait because the account which pays for them has used up its share: each account has one timer for
 * all of its.
 */
export class PutOff {
  readonly #options: PutOffOptions;
  /** Those that wait, by account. An account has a list for as long as one of its messages waits or is being tried. */
  readonly #waiting = new Map<string, Message[]>();
  /**
   * For which account a message is being tried, by its number; another one may pay for it meanwhile. The next of that account
   * is when this one has had its turn: most of them need not be asked for in vain.
   */
  readonly #trying = new Map<number, string>();

  constructor(options: PutOffOptions) {
    this.#options = options;
  }

  add(message: Message): void {
    const account = this.#options.accountOf(message);
    const before = this.#trying.get(message.number);
    if (before !== undefined && before !== account) this.over(message);
    const waiting = this.#waiting.get(account);
    if (waiting === undefined) {
      this.#waiting.set(account, [message]);
      this.#tryLater(account);
    } else if (before === account) {
      this.#trying.delete(message.number);
      waiting.unshift(message);
      this.#tryLater(account);
    } else waiting.push(message);
  }

  /** The message has had its turn, or needs none any more. */
  over({ number }: Message): void {
    if (this.#trying.size === 0) return;
    const account = this.#trying.get(number);
    if (account === undefined) return;
    this.#trying.delete(number);
    this.#next(account);
  }

  #tryLater(account: string): void {
    this.#options.later(PUT_OFF, () => {
      this.#next(account);
    });
  }

  #next(account: string): void {
    const next = this.#waiting.get(account)?.shift();
    if (next === undefined) {
      this.#waiting.delete(account);
      return;
    }
    this.#trying.set(next.number, account);
    this.#options.tryAgain(next);
  }
}
