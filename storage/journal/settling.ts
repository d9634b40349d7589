import { SETTLED_KEY } from '../keys.ts';
import type { Op, PutParts } from '../store.ts';
import type { Change } from './overlay.ts';

/** A settling under way: the values as they were at an entry, and how far they are written to their own keys. */
export class Settling {
  readonly seq: number;
  readonly changes: readonly Change[];
  /** What was counted towards `settleSize` when it began. */
  readonly size: number;
  #next = 0;
  #done = false;

  constructor(seq: number, changes: readonly Change[], size: number) {
    this.seq = seq;
    this.changes = changes;
    this.size = size;
  }

  /** Its last slice has been added: when that is written, the entries up to `seq` are settled. */
  get done(): boolean {
    return this.#done;
  }

  /**
   * Adds a slice to a write: at most so many keys, and values until they are so large. The last one says how far the
   * journal is settled. Gives how many characters it has.
   */
  addSlice(ops: (Op | PutParts)[], keys: number, most: number): number {
    let size = 0;
    for (let n = 0; n < keys && size < most && this.#next < this.changes.length; this.#next += 1) {
      const [key, value, fresh] = this.changes[this.#next] as Change;
      // Not counted: a slice of nothing else would be no write, whose end brings the next one.
      if (fresh && value === undefined) continue;
      n += 1;
      ops.push(value === undefined ? { del: key } : { put: key, value });
      size += key.length + (value?.length ?? 0);
    }
    this.#done = this.#next === this.changes.length;
    if (this.#done) ops.push({ put: SETTLED_KEY, value: String(this.seq) });
    return size;
  }
}
