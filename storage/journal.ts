import { packEntry } from './journal/entry.ts';
import { reasonOf, StoreError } from './errors.ts';
import { JOURNAL_LIMITS, type JournalLimits } from './journal/limits.ts';
import { journalKey, parseKey, prefixRange, SETTLED_KEY } from './keys.ts';
import { mergedRange } from './journal/merged-range.ts';
import { Overlay, type Change } from './journal/overlay.ts';
import { replay, type Replayed } from './journal/replay.ts';
import { SettledSnapshot, type JournalSnapshot } from './journal/settled-snapshot.ts';
import type { Op, Range, Reader, Store } from './store.ts';

/**
 * The packed commit. What a commit changes is written as one value, synced; the keys that it names follow later, and
 * many changes of one key between two settlings are then written once.
 *
 * The order on disk: an entry is written under its number, synced, before its commit resolves. Settling writes the
 * values as they were at some durable entry S to their own keys, in slices, and `meta/settled` = S together with the
 * last slice; only then are the entries up to S removed. There is one write at a time and all of it is synced (the
 * slices travel with the commits, so they cost no sync of their own): see `Store.batch` for why settling unsynced
 * could lose an acknowledged commit. At start the entries above `meta/settled` are replayed in order; replaying one
 * that is half settled changes nothing.
 *
 * Reads see every commit from the moment that it is called, before it is durable, and none that failed.
 */
export interface Journal extends Reader {
  /**
   * Writes the ops, all or none, and resolves when they are durable, and with them every commit called earlier.
   * Reads see them at once. The ops are read before the call returns. Commits that are called while one is being
   * written go together in the next write. No ops: resolves when what was called before is durable.
   *
   * Rejects with `CommitFailed` when it cannot be written, and with `BadKey`, `BadValue` or `TooLarge` when the ops
   * cannot be what the caller meant. Either way the journal has failed for good: what this commit changed disappears
   * from the reads, and every later one, also one that was already called when a write failed, rejects with
   * `CommitFailed`. A commit that failed may still be found after a restart, whole. Rejects with `Closed` after
   * `close()`.
   */
  commit(ops: readonly Op[]): Promise<void>;

  /**
   * Brings the keys' own values up to all commits called before. Happens by itself when a limit is passed, and on
   * `close()`. Rejects with `CommitFailed` when it cannot be written.
   */
  settle(): Promise<void>;

  /** The last durable entry. */
  readonly lastSeq: number;

  /** Characters that have been handed to the store since it was opened: entries, and values for their own keys. */
  readonly written: number;

  /**
   * What the store holds at the boundary of a commit: every commit called before, and no part of a later one,
   * without the journal's own entries. Settles first.
   */
  snapshot(): Promise<JournalSnapshot>;

  /** Finishes the commits called before, settles, and closes the store too. After a failure it closes only. Idempotent. */
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Called once, when the journal fails, before any commit rejects. It must not throw. */
  readonly onProblem?: (problem: StoreError) => void;
  readonly limits?: Partial<JournalLimits>;
}

/** A commit on its way to disk. */
interface Entry {
  readonly seq: number;
  readonly text: string;
  readonly count: number; // of its ops
  readonly done: () => void;
  readonly failed: (error: StoreError) => void;
}

/** Someone who waits for entries to be durable, or settled. */
interface Waiter {
  readonly seq: number;
  readonly done: () => void;
  readonly failed: (error: StoreError) => void;
}

/** A settling under way: the values as they were at an entry, and how far they are written. */
interface Settling {
  readonly seq: number;
  readonly changes: readonly Change[];
  /** What was counted towards `settleSize` when it began. */
  readonly size: number;
  next: number;
}

class PackedJournal implements Journal {
  readonly #store: Store;
  readonly #limits: JournalLimits;
  readonly #onProblem: (problem: StoreError) => void;
  readonly #overlay = new Overlay();

  #called: number; // the last entry that commit() was called for
  #durable: number;
  #settled: number;
  #handedOver = 0;
  #size = 0; // of the durable entries that are not settled

  #queue: Entry[] = [];
  #writing = false;
  #soon: NodeJS.Immediate | undefined;
  #settling: Settling | undefined;
  #garbage: number[] = []; // settled entries that are still in the store
  #unswept: number; // up to this entry an earlier run may have left garbage
  #sweeping: Promise<void> | undefined;
  #untilDurable: Waiter[] = [];
  #untilSettled: Waiter[] = [];
  #idle: (() => void)[] = [];
  #failure: StoreError | undefined; // what commits are refused with
  #broken = false; // a write failed: none may follow it
  #closing: Promise<void> | undefined;

  constructor(store: Store, replayed: Replayed, { onProblem, limits }: JournalOptions) {
    this.#store = store;
    this.#limits = { ...JOURNAL_LIMITS, ...limits };
    this.#onProblem = onProblem ?? (() => {});
    this.#called = this.#durable = replayed.last;
    this.#settled = replayed.settled;
    this.#unswept = replayed.settled;
    for (const { seq, size, ops } of replayed.entries) {
      this.#overlay.add(seq, ops, seq);
      this.#size += size;
    }
    this.#settleAtLimit();
    this.#pumpSoon();
  }

  get written(): number {
    return this.#handedOver;
  }

  get lastSeq(): number {
    return this.#durable;
  }

  get(key: string): string | undefined {
    const cell = this.#overlay.get(key);
    return cell === undefined ? this.#store.get(key) : cell.value;
  }

  range(range: Range): AsyncIterable<readonly [string, string]> {
    return mergedRange(this.#store, (gte, lt) => this.#overlay.changesIn(gte, lt), range);
  }

  commit(ops: readonly Op[]): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    if (ops.length === 0) return this.#whenDurable(this.#called);
    let text: string;
    try {
      text = packEntry(ops, this.#limits.entrySize);
    } catch (error) {
      this.#refuseFromNowOn(error);
      return Promise.reject(error);
    }
    const seq = this.#called + 1;
    this.#called = seq;
    this.#overlay.add(seq, ops, this.#durable);
    return new Promise((done, failed) => {
      this.#queue.push({ seq, text, count: ops.length, done, failed });
      this.#pump();
    });
  }

  async settle(): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    await this.#whenSettled(this.#called, () => {});
  }

  async snapshot(): Promise<JournalSnapshot> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    // Taken where the settling ends, before the next one writes to any key.
    return this.#whenSettled(this.#called, () => new SettledSnapshot(this.#store.snapshot(), this.#settled));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (!this.#broken) await this.#whenSettled(this.#called, () => {});
      this.#sweeping ??= this.#sweep();
      await this.#sweeping;
      while (this.#writing || (this.#garbage.length > 0 && !this.#broken)) {
        this.#pump();
        await new Promise<void>((done) => this.#idle.push(done));
      }
    } catch {
      // The failure was reported, and whoever called the commit has been told.
    } finally {
      clearImmediate(this.#soon);
      await this.#store.close();
    }
  }

  #refusal(): StoreError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.#closing === undefined ? undefined : new StoreError('Closed', 'the journal is closed');
  }

  #whenDurable(seq: number): Promise<void> {
    if (seq <= this.#durable) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#untilDurable.push({ seq, done, failed });
    });
  }

  /** Settles up to an entry, and gives what `then` gives at the very moment when it is settled and no later one is. */
  #whenSettled<T>(seq: number, then: () => T): Promise<T> {
    return new Promise((resolve, failed) => {
      const done = (): void => {
        try {
          resolve(then());
        } catch (error) {
          failed(error);
        }
      };
      if (seq <= this.#settled) {
        done();
        return;
      }
      this.#untilSettled.push({ seq, done, failed });
      this.#settleOn();
      this.#pump();
    });
  }

  /** Begins to settle all that is durable, when someone waits for it and nothing is being settled. */
  #settleOn(): void {
    if (this.#untilSettled.length > 0) this.#beginSettling();
  }

  #settleAtLimit(): void {
    const { settleSize, settleEntries, settleKeys } = this.#limits;
    if (
      this.#size >= settleSize ||
      this.#durable - this.#settled >= settleEntries ||
      this.#overlay.size >= settleKeys
    ) {
      this.#beginSettling();
    }
  }

  #beginSettling(): void {
    if (this.#settling !== undefined || this.#durable === this.#settled) return;
    this.#settling = {
      seq: this.#durable,
      changes: this.#overlay.changesAt(this.#durable),
      size: this.#size,
      next: 0,
    };
  }

  /** Writes next: all commits that wait, and with them a slice of the settling. One write at a time. */
  #pump(): void {
    if (this.#writing || this.#broken) return;
    const entries = this.#queue;
    this.#queue = [];
    const ops: Op[] = [];
    let size = 0;
    let count = 0;
    for (const entry of entries) {
      ops.push({ put: journalKey(entry.seq), value: entry.text });
      size += entry.text.length;
      count += entry.count;
    }
    const settled = this.#addSlice(ops, count, size);
    this.#handedOver += size;
    const removed = this.#garbage.splice(0, Math.max(this.#limits.sliceKeys, 2 * entries.length));
    for (const seq of removed) ops.push({ del: journalKey(seq) });
    if (ops.length === 0) return;
    this.#writing = true;
    this.#store.batch(ops, { sync: true }).then(
      () => {
        this.#written(entries, size, settled);
      },
      (error: unknown) => {
        this.#writing = false;
        this.#queue.unshift(...entries);
        this.#fail(error);
        this.#becomeIdle();
      },
    );
  }

  /** Adds a slice of the settling under way to a write; true when it is the last one. */
  #addSlice(ops: Op[], count: number, committed: number): boolean {
    const settling = this.#settling;
    if (settling === undefined) return false;
    // At least twice what is being committed, so that settling ends however fast commits come.
    const keys = Math.max(this.#limits.sliceKeys, 2 * count);
    const most = Math.max(this.#limits.sliceSize, 2 * committed);
    let size = 0;
    let n = 0;
    while (n < keys && size < most && settling.next < settling.changes.length) {
      const [key, value, fresh] = settling.changes[settling.next] as Change;
      settling.next += 1;
      // Not counted: a slice of nothing else would be no write, whose end brings the next one.
      if (fresh && value === undefined) continue;
      n += 1;
      ops.push(value === undefined ? { del: key } : { put: key, value });
      size += key.length + (value?.length ?? 0);
    }
    this.#handedOver += size;
    if (settling.next < settling.changes.length) return false;
    ops.push({ put: SETTLED_KEY, value: String(settling.seq) });
    return true;
  }

  #written(entries: readonly Entry[], size: number, settled: boolean): void {
    this.#writing = false;
    this.#durable += entries.length;
    this.#size += size;
    if (settled) this.#endSettling();
    for (const entry of entries) entry.done();
    if (this.#untilDurable.length > 0) this.#release(this.#untilDurable, this.#durable);
    if (this.#settling === undefined) {
      this.#settleOn();
      this.#settleAtLimit();
    }
    if (this.#queue.length > 0) this.#pump();
    else this.#pumpSoon();
    this.#becomeIdle();
  }

  #endSettling(): void {
    const { seq, changes, size } = this.#settling as Settling;
    this.#settling = undefined;
    for (let entry = this.#settled + 1; entry <= seq; entry += 1) this.#garbage.push(entry);
    this.#settled = seq;
    this.#size -= size;
    this.#overlay.dropUpTo(seq, changes);
    this.#release(this.#untilSettled, seq);
    this.#sweeping ??= this.#sweep();
  }

  /** Finds the settled entries that an earlier run was killed before it could remove. */
  async #sweep(): Promise<void> {
    const range = { ...prefixRange('j'), lt: journalKey(this.#unswept + 1) };
    const remove = (key: string): void => {
      const parsed = parseKey(key);
      if (parsed?.kind === 'journal') this.#garbage.push(parsed.seq);
    };
    try {
      for await (const [key] of this.#store.range({ ...range, onDamaged: remove })) remove(key);
    } catch {
      // They only take up space, and the next start looks for them again.
    }
    this.#pumpSoon();
  }

  /** Lets those go on who waited for an entry up to this one. */
  #release(waiters: Waiter[], seq: number): void {
    const ready = waiters.filter((waiter) => waiter.seq <= seq);
    const rest = waiters.filter((waiter) => waiter.seq > seq);
    waiters.splice(0, waiters.length, ...rest);
    for (const waiter of ready) waiter.done();
  }

  /** Writes what is left to do when no commit comes that could take it along. */
  #pumpSoon(): void {
    if (this.#settling === undefined && this.#garbage.length === 0) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#pump();
    });
  }

  #becomeIdle(): void {
    if (!this.#writing) for (const done of this.#idle.splice(0)) done();
  }

  #refuseFromNowOn(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new StoreError(
      'CommitFailed',
      `the journal takes no more commits: one could not be written (${reasonOf(cause)})`,
      cause,
    );
    this.#onProblem(this.#failure);
  }

  /** A write failed. Whatever is not durable by now never was, for the reads as for those who wait. */
  #fail(cause: unknown): void {
    this.#broken = true;
    this.#overlay.dropAbove(this.#durable);
    this.#settling = undefined;
    const lost = [...this.#queue.splice(0), ...this.#untilDurable.splice(0), ...this.#untilSettled.splice(0)];
    this.#refuseFromNowOn(cause);
    for (const waiter of lost) waiter.failed(this.#failure as StoreError);
  }
}

/**
 * Opens the journal of a store, which belongs to the journal from then on, and replays what is not settled.
 * Throws `Damaged`, naming the entry, when one cannot be read or is missing; the store is then still the caller's.
 */
export async function openJournal(store: Store, options: JournalOptions = {}): Promise<Journal> {
  return new PackedJournal(store, await replay(store), options);
}
