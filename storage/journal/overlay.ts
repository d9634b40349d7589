import type { Op } from '../store.ts';

/** What became of a key: its value, or `undefined` when it was deleted; and whether the store never had it. */
export type Change = readonly [key: string, value: string | undefined, fresh: boolean];

/** One change of one key, and the changes of it that may still be needed when this one fails or is not settled yet. */
interface Cell {
  readonly seq: number;
  readonly value: string | undefined;
  /** The store has no such key, nor will have by what is being settled. */
  fresh: boolean;
  older: Cell | undefined;
}

/**
 * The changes that are in the journal, or on the way there, and not yet at their own keys.
 *
 * Where many of them go the map is made anew. One that keys come to and go from for as long as the journal is open has a new table
 * every so often, and V8 has the old one point to it: where that has grown old it keeps all that comes after it alive, until
 * all garbage is collected.
 */
export class Overlay {
  #cells = new Map<string, Cell>();
  readonly #sweepKeys: number;
  #sweepAt: number;

  /** `sweepKeys`: see `JournalLimits`. */
  constructor(sweepKeys = 0) {
    this.#sweepKeys = sweepKeys;
    this.#sweepAt = sweepKeys;
  }

  /** How many keys are changed. */
  get size(): number {
    return this.#cells.size;
  }

  /** The newest change of a key. */
  get(key: string): { readonly value: string | undefined } | undefined {
    return this.#cells.get(key);
  }

  /** Adds the changes of an entry, the newest so far. `durable` is the last entry that cannot fail any more. */
  add(seq: number, ops: readonly Op[], durable: number): void {
    for (const op of ops) {
      const put = 'put' in op;
      const key = put ? op.put : op.del;
      let older = this.#cells.get(key);
      const fresh = older === undefined ? put && op.fresh === true : older.fresh;
      if (older !== undefined) {
        // Nobody goes back behind an entry that cannot fail.
        if (seq <= durable) older = undefined;
        else if (older.seq === seq) older = older.older;
        else if (older.seq <= durable) older.older = undefined;
      }
      this.#cells.set(key, { seq, value: put ? op.value : undefined, fresh, older });
    }
  }

  /** The changes of all keys as they were at an entry that is durable. */
  changesAt(seq: number): Change[] {
    const changes: Change[] = [];
    for (const [key, newest] of this.#cells) {
      const cell = at(newest, seq);
      if (cell !== undefined) changes.push([key, cell.value, cell.fresh]);
    }
    return changes;
  }

  /** The newest changes of the keys in a range, in key order. */
  changesIn(gte: string, lt: string): Change[] {
    const changes: Change[] = [];
    for (const [key, { value, fresh }] of this.#cells) {
      if (key >= gte && key < lt) changes.push([key, value, fresh]);
    }
    return changes.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Forgets the changes up to an entry: these, as `changesAt` gave them, are at their own keys now. */
  dropUpTo(seq: number, changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      let cell = this.#cells.get(key);
      if (cell === undefined || cell.seq <= seq) continue;
      if (value !== undefined)
        for (let at: Cell | undefined = cell; at !== undefined; at = at.older) at.fresh = false;
      while (cell.older !== undefined && cell.older.seq > seq) cell = cell.older;
      cell.older = undefined;
    }
    this.#keep((cell) => cell.seq > seq);
  }

  /**
   * Forgets keys that were put and deleted again, where enough have come since it did so last, up to an entry that is durable:
   * the store has none of them. Not to be called while changes are being settled, which may put them there.
   */
  sweep(durable: number): void {
    if (this.#cells.size < this.#sweepAt) return;
    this.#keep(({ seq, value, fresh }) => value !== undefined || !fresh || seq > durable);
  }

  /** Forgets the changes above an entry: they failed. */
  dropAbove(seq: number): void {
    for (const [key, newest] of this.#cells) {
      if (newest.seq <= seq) continue;
      const cell = at(newest, seq);
      if (cell === undefined) this.#cells.delete(key);
      else this.#cells.set(key, cell);
    }
  }

  #keep(isKept: (cell: Cell) => boolean): void {
    const kept = new Map<string, Cell>();
    for (const [key, cell] of this.#cells) if (isKept(cell)) kept.set(key, cell);
    this.#cells = kept;
    this.#sweepAt = 2 * kept.size + this.#sweepKeys;
  }
}

/** The newest change that is not above an entry. */
function at(newest: Cell, seq: number): Cell | undefined {
  let cell: Cell | undefined = newest;
  while (cell !== undefined && cell.seq > seq) cell = cell.older;
  return cell;
}
