import type { Message } from './turn-effects.ts';

/**
 * Sends from one object to another come in the order in which they were sent, also when one of them has to wait because
 * its share of the processor is used up: those behind it wait for it. Timers come in the order of their times.
 */
export class PairOrder {
  readonly #idOf: (capability: object) => string;
  /** Those that wait, by sender and receiver; the first one is the one that was put off. */
  readonly #lines = new Map<string, Message[]>();

  constructor(idOf: (capability: object) => string) {
    this.#idOf = idOf;
  }

  /** True: an earlier one was put off, and this one will be given by `over` when that has had its turn. */
  mustWait(message: Message): boolean {
    const line = this.#lines.get(this.#pair(message));
    if (line === undefined || !isOrdered(message) || line[0]?.number === message.number) return false;
    line.push(message);
    return true;
  }

  /** The message is to be tried again later; those that come after it wait. */
  putOff(message: Message): void {
    if (!isOrdered(message)) return;
    const pair = this.#pair(message);
    if (!this.#lines.has(pair)) this.#lines.set(pair, [message]);
  }

  /** Those that wait, of its sender to its receiver: first the one that was put off. */
  lineOf(message: Message): readonly Message[] {
    return this.#lines.get(this.#pair(message)) ?? [];
  }

  /** The message has had its turn. Gives the next one that waited for it. */
  over(message: Message): Message | undefined {
    if (this.#lines.size === 0) return undefined;
    const pair = this.#pair(message);
    const line = this.#lines.get(pair);
    if (line?.[0]?.number !== message.number) return undefined;
    line.shift();
    if (line.length === 0) this.#lines.delete(pair);
    return line[0];
  }

  #pair({ from, to }: Message): string {
    return `${from} ${this.#idOf(to)}`;
  }
}

/** What the host tells has no order: one who is told much of others must not wait for the slowest of them. */
function isOrdered({ due, from }: Message): boolean {
  return due === null && from !== null;
}
