import type { Wrapper } from '../wrappers/wrapper.ts';

/** A record that was taken before the first call after a savepoint. */
interface Saved {
  readonly wrapper: Wrapper;
  /** `FROM_RECORD`: it had not been touched in this turn before, so its own last good record holds. */
  readonly record: unknown;
  /** The one that it had then: it says what else it was saved for. */
  readonly mark: number;
}

const FROM_RECORD = Symbol('the last good record');

/** Where a turn stood when an attempt began. `rest` is what the turn itself goes back to. */
export interface Savepoint<R> {
  readonly above: Savepoint<R> | null;
  /** What has this mark, or a later one, was saved since. */
  readonly mark: number;
  readonly rest: R;
  readonly saved: number;
  undo: number;
}

export interface UndoingHost {
  /** The record of an object at this moment, which may make a grant on it. */
  readonly recordOf: (wrapper: Wrapper) => unknown;
  /** Whether an object with calls on the stack is other than this record says; `FROM_RECORD` is no record at all. */
  readonly differs: (wrapper: Wrapper, record: unknown) => boolean;
}

/**
 * What takes back what a turn did to its objects: all of it, or what was done since a savepoint. Both lists only grow
 * between savepoints, so going back is cutting them to the length that they had. It works after the turn was stopped
 * at any point, also at any point in here: a savepoint is there until the turn ends it.
 */
export class Undoing<R> {
  readonly #host: UndoingHost;
  #undo: (() => void)[] = [];
  #saved: Saved[] = [];
  #newest: Savepoint<R> | null = null;

  constructor(host: UndoingHost) {
    this.#host = host;
  }

  /** That of the innermost attempt under way. */
  get newest(): Savepoint<R> | null {
    return this.#newest;
  }

  add(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** An object is about to be touched for the first time in this turn. */
  first(wrapper: Wrapper): void {
    if (this.#newest !== null) this.#saved.push({ wrapper, record: FROM_RECORD, mark: wrapper.mark });
  }

  /**
   * An object is about to be called in an attempt, with the turn's mark at this moment: takes its record before the first
   * call after a savepoint. If it names the object itself for the first time, the grant that is made for that belongs
   * to the record: it is undone with what was before all savepoints since the last call.
   */
  again(wrapper: Wrapper, now: number): void {
    const newest = this.#newest;
    const { mark } = wrapper;
    if (newest === null || mark >= newest.mark) return;
    const before = this.#undo.length;
    wrapper.mark = now; // that grant is no reason to save it again
    try {
      this.#saved.push({ wrapper, record: this.#host.recordOf(wrapper), mark });
    } finally {
      wrapper.mark = mark;
    }
    const all = this.#undo;
    if (all.length === before) return;
    let at = before;
    for (let each: Savepoint<R> | null = newest; each !== null && mark < each.mark; each = each.above) {
      at = each.undo;
      each.undo += all.length - before;
    }
    this.#undo = [...all.slice(0, at), ...all.slice(before), ...all.slice(at, before)];
  }

  /** Sets a savepoint. The object that attempts something can change itself inside without being called: it is saved. */
  begin(
    mark: number,
    rest: R,
    current: { readonly wrapper: Wrapper; readonly record: unknown } | null,
  ): Savepoint<R> {
    const { length: saved } = this.#saved;
    if (current !== null) {
      const { wrapper, record } = current;
      this.#saved.push({ wrapper, record, mark: wrapper.mark });
    }
    this.#newest = { above: this.#newest, mark, rest, saved, undo: this.#undo.length };
    return this.#newest;
  }

  /** Ends the newest savepoint: what was done since is as if it had not been there. */
  keep(savepoint: Savepoint<R>): void {
    this.#newest = savepoint.above;
    if (savepoint.above === null) this.#saved = []; // nothing can be undone to them any more
  }

  /**
   * Puts everything back where it was at a savepoint, but for objects that have calls on the stack and have changed: those
   * cannot be exchanged. `end` it when the rest is back too, with what this gives.
   */
  backTo(savepoint: Savepoint<R>): readonly Saved[] {
    for (let at = this.#undo.length - 1; at >= savepoint.undo; at -= 1) this.#undo[at]?.();
    this.#undo.length = savepoint.undo;
    const done = new Set<Wrapper>();
    const spoiled: Saved[] = [];
    for (const entry of this.#saved.slice(savepoint.saved)) {
      const { wrapper, record, mark } = entry;
      if (done.has(wrapper)) continue;
      done.add(wrapper);
      wrapper.mark = mark;
      if (wrapper.active > 0) {
        if (this.#host.differs(wrapper, record)) spoiled.push(entry);
        continue;
      }
      wrapper.instance = null;
      wrapper.mayDiffer = false;
      wrapper.working = record === FROM_RECORD ? undefined : record;
    }
    return spoiled;
  }

  end(savepoint: Savepoint<R>, spoiled: readonly Saved[]): void {
    this.#saved.length = savepoint.saved;
    this.#saved.push(...spoiled); // an attempt further out has them as they are, and may undo more
    this.#newest = savepoint.above;
  }

  /** Takes back all that was told to `add`. */
  all(): void {
    for (let at = this.#undo.length - 1; at >= 0; at -= 1) this.#undo[at]?.();
  }
}
