import type { Message } from './turn-effects.ts';

/**
 * The calls of a start come after those that they are to come after, also when one of these has to wait because its share of
 * the processor is used up.
 */
export class RestartOrder {
  /** How many others each still has to wait for, by the numbers of the messages. */
  readonly #before = new Map<number, number>();
  /** Who waits for each. */
  readonly #behind = new Map<number, number[]>();
  /** Those whose turn has come, but for that. */
  readonly #held = new Map<number, Message>();
  /** Those that wait for a share, and that others wait for. */
  readonly #late = new Set<number>();

  /** The message of that number is to come after these, all of which will be delivered. */
  expect(number: number, after: readonly number[]): void {
    if (after.length > 0) this.#before.set(number, after.length);
    for (const other of after) {
      const behind = this.#behind.get(other);
      if (behind === undefined) this.#behind.set(other, [number]);
      else behind.push(number);
    }
  }

  /** True: it will be given by `over` when the last one that it waits for has had its turn. */
  mustWait(message: Message): boolean {
    if (!this.#before.has(message.number)) return false;
    this.#held.set(message.number, message);
    return true;
  }

  /** Whether it waits for others of the start. */
  isHeld({ number }: Message): boolean {
    return this.#held.has(number);
  }

  /** The message has to wait for a share, or behind one that does. Whether others wait for it, when first asked. */
  isLate({ number }: Message): boolean {
    if (!this.#behind.has(number) || this.#late.has(number)) return false;
    this.#late.add(number);
    return true;
  }

  /** The message has had its turn, or is to be waited for no longer. Gives those that waited for nothing else. */
  over({ number }: Message): readonly Message[] {
    const free: Message[] = [];
    for (const each of this.#behind.get(number) ?? []) {
      const left = (this.#before.get(each) ?? 0) - 1;
      if (left > 0) {
        this.#before.set(each, left);
        continue;
      }
      this.#before.delete(each);
      const held = this.#held.get(each);
      if (held !== undefined) free.push(held);
      this.#held.delete(each);
    }
    this.#behind.delete(number);
    this.#late.delete(number);
    return free;
  }
}
