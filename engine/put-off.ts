import type { Message } from './turn-effects.ts';

/** Milliseconds until one of the messages of an account that has used up its share is tried again. */
const PUT_OFF = 250;

export interface PutOffOptions {
  /** The account that pays for what a message does. */
  readonly accountOf: (message: Message) => string;
  readonly later: (milliseconds: number, then: () => void) => void;
  readonly tryAgain: (message: Message) => void;
}

interface Line {
  readonly waiting: Message[];
  /** The one that is being tried. The next is when that has had its turn: most of them need not be asked for in vain. */
  trying: Message | null;
}

/** Messages that wait because the account which pays for them has used up its share: each account has one timer for all of its. */
export class PutOff {
  readonly #options: PutOffOptions;
  readonly #lines = new Map<string, Line>();

  constructor(options: PutOffOptions) {
    this.#options = options;
  }

  add(message: Message): void {
    const account = this.#options.accountOf(message);
    let line = this.#lines.get(account);
    if (line === undefined) {
      line = { waiting: [], trying: null };
      this.#lines.set(account, line);
      this.#tryLater(account, line);
    } else if (line.trying?.number === message.number) {
      line.trying = null;
      line.waiting.unshift(message);
      this.#tryLater(account, line);
      return;
    }
    line.waiting.push(message);
  }

  /** The message has had its turn, or needs none any more. */
  over(message: Message): void {
    if (this.#lines.size === 0) return;
    const account = this.#options.accountOf(message);
    const line = this.#lines.get(account);
    if (line?.trying?.number === message.number) this.#next(account, line);
  }

  #tryLater(account: string, line: Line): void {
    this.#options.later(PUT_OFF, () => {
      this.#next(account, line);
    });
  }

  #next(account: string, line: Line): void {
    line.trying = line.waiting.shift() ?? null;
    if (line.trying === null) this.#lines.delete(account);
    else this.#options.tryAgain(line.trying);
  }
}
