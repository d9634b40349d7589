/** Something that is due at a time, and a number that breaks ties in the order of setting. */
export interface Due {
  readonly due: number;
  readonly number: number;
}

/** Cancelled timers that may lie in the heap beside as many as are live. */
const MOST_CANCELLED = 64;

/** A binary heap of what is due, the earliest first. */
export class Timers<T extends Due> {
  readonly #heap: T[] = [];
  readonly #byNumber = new Map<number, T>();

  get size(): number {
    return this.#byNumber.size;
  }

  get(number: number): T | undefined {
    return this.#byNumber.get(number);
  }

  /** As they are now, in the order of setting. */
  all(): readonly T[] {
    return [...this.#byNumber.values()];
  }

  add(timer: T): void {
    this.#byNumber.set(timer.number, timer);
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, above)) break;
      at = above;
    }
  }

  /** A cancelled timer stays in the heap until its time comes, or until the heap is mostly made of such. */
  remove(number: number): void {
    this.#byNumber.delete(number);
    if (this.#heap.length > 2 * this.#byNumber.size + MOST_CANCELLED) this.#rebuild();
  }

  /** When the next one is due, or undefined. */
  next(): number | undefined {
    this.#skipCancelled();
    return this.#heap[0]?.due;
  }

  /** Takes the earliest one that is due at `now`, or undefined. */
  take(now: number): T | undefined {
    this.#skipCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.due > now) return undefined;
    this.#pop();
    this.#byNumber.delete(first.number);
    return first;
  }

  #rebuild(): void {
    const live = [...this.#byNumber.values()];
    this.#heap.length = 0;
    for (const timer of live) this.add(timer);
  }

  #skipCancelled(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#byNumber.get(first.number) === first) return;
      this.#pop();
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= heap.length) return;
      const child = right < heap.length && this.#isEarlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.due < second.due || (first.due === second.due && first.number < second.number);
  }

  #swapIfEarlier(a: number, b: number): boolean {
    if (!this.#isEarlier(a, b)) return false;
    const heap = this.#heap;
    const held = heap[a];
    if (held !== undefined) {
      heap[a] = heap[b] as T;
      heap[b] = held;
    }
    return true;
  }
}
