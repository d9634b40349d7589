import type { Op } from '../../storage/store.ts';

/**
 * A journal without a disk, for tests of the engine. What was committed becomes durable when the event loop comes
 * round; `crash` gives what a power failure at this moment would leave. `failFrom` makes the n-th commit and all
 * later ones reject. The real journal has tests of its own, over a store that drops what was not synced.
 */
export class MemoryJournal {
  /** What readers see: durable or being written. */
  readonly #now: Map<string, string>;
  /** What it was opened with, and the commits that are durable since, oldest first. */
  readonly #opened: Map<string, string>;
  readonly #durable: (readonly Op[])[] = [];
  #failFrom = Number.POSITIVE_INFINITY;
  #held: (() => void)[] | null = null;
  lastSeq = 0;
  closed = false;

  constructor(contents: ReadonlyMap<string, string> = new Map()) {
    this.#now = new Map(contents);
    this.#opened = new Map(contents);
  }

  get(key: string): string | undefined {
    return this.#now.get(key);
  }

  async *range(range: { gte: string; lt: string }): AsyncGenerator<readonly [string, string]> {
    const keys = [...this.#now.keys()].filter((key) => key >= range.gte && key < range.lt);
    for (const key of keys.sort()) {
      const value = this.#now.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  async commit(ops: readonly Op[]): Promise<void> {
    this.lastSeq += 1;
    const seq = this.lastSeq;
    if (seq >= this.#failFrom) throw new Error('The disk is full.');
    apply(ops, this.#now);
    await new Promise<void>((resolve) => {
      if (this.#held === null) setImmediate(resolve);
      else this.#held.push(resolve);
    });
    this.#durable.push([...ops]);
  }

  /** Commits stay in flight from here on, until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const resolve of held) resolve();
  }

  failFrom(seq: number): void {
    this.#failFrom = seq;
  }

  /** How many states have been durable. */
  get states(): number {
    return this.#durable.length + 1;
  }

  /** A journal as it would be opened after a crash: by default now, else just after the n-th durable state. */
  crash(state = this.#durable.length): MemoryJournal {
    const contents = new Map(this.#opened);
    for (const ops of this.#durable.slice(0, state)) apply(ops, contents);
    return new MemoryJournal(contents);
  }

  /** All that readers see, in key order. */
  contents(): readonly (readonly [key: string, value: string])[] {
    return [...this.#now].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Puts bytes there behind the engine's back. */
  tamper(key: string, value: string | undefined): void {
    const ops: Op[] = [value === undefined ? { del: key } : { put: key, value }];
    apply(ops, this.#now);
    this.#durable.push(ops);
  }

  async settle(): Promise<void> {}

  async snapshot(): Promise<{
    get(key: string): string | undefined;
    range: MemoryJournal['range'];
    close(): Promise<void>;
  }> {
    const frozen = new MemoryJournal(this.#now);
    return { get: (key) => frozen.get(key), range: (range) => frozen.range(range), close: async () => {} };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function apply(ops: readonly Op[], contents: Map<string, string>): void {
  for (const op of ops) {
    if ('put' in op) contents.set(op.put, op.value);
    else contents.delete(op.del);
  }
}
