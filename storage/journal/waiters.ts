import type { StoreError } from '../errors.ts';

interface Waiter {
  readonly seq: number;
  readonly done: () => void;
  readonly failed: (error: StoreError) => void;
}

/** Those who wait for an entry of the journal to be durable, or settled. */
export class Waiters {
  #waiting: Waiter[] = [];

  get some(): boolean {
    return this.#waiting.length > 0;
  }

  /** `seq` is not below that of who waits already. `done` is called within `release`: nothing has changed by then. */
  add(seq: number, done: () => void, failed: (error: StoreError) => void): void {
    this.#waiting.push({ seq, done, failed });
  }

  /** Lets those go on who wait for an entry up to this one, in the order in which they came. */
  release(seq: number): void {
    const first = this.#waiting.findIndex((waiter) => waiter.seq > seq);
    const ready = this.#waiting.splice(0, first < 0 ? this.#waiting.length : first);
    for (const waiter of ready) waiter.done();
  }

  /** What they wait for will never be. */
  fail(error: StoreError): void {
    for (const waiter of this.#waiting.splice(0)) waiter.failed(error);
  }
}
