import { reasonOf, StoreError } from '../errors.ts';
import type { Journal, JournalLook, JournalOptions, JournalSnapshot } from '../journal.ts';
import { journalKey } from '../keys.ts';
import type { Op, PutParts, Range, Store } from '../store.ts';
import { packEntry, type PackedEntry } from './entry.ts';
import { JOURNAL_LIMITS, type JournalLimits } from './limits.ts';
import { Overlaid } from './overlaid.ts';
import { Overlay } from './overlay.ts';
import { findSettled, type Replayed } from './replay.ts';
import { SettledSnapshot } from './settled-snapshot.ts';
import { Settling } from './settling.ts';
import { Waiters } from './waiters.ts';

/** A commit on its way to disk. */
interface Entry {
  readonly seq: number;
  readonly packed: PackedEntry;
  readonly count: number; // of its ops
}

export class PackedJournal implements Journal {
  readonly #store: Store;
  readonly #limits: JournalLimits;
  readonly #onProblem: (problem: StoreError) => void;
  readonly #overlay: Overlay;
  readonly #reader: Overlaid;

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
  readonly #unswept: number; // up to this entry an earlier run may have left garbage
  #sweeping: Promise<void> | undefined;
  readonly #untilDurable = new Waiters();
  readonly #untilSettled = new Waiters();
  #idle: (() => void)[] = [];
  #failure: StoreError | undefined; // what commits are refused with
  #broken = false; // a write failed: none may follow it
  #closing: Promise<void> | undefined;

  constructor(store: Store, replayed: Replayed, { onProblem, limits }: JournalOptions) {
    this.#store = store;
    this.#limits = { ...JOURNAL_LIMITS, ...limits };
    this.#overlay = new Overlay(this.#limits.sweepKeys);
    this.#reader = new Overlaid(store, this.#overlay);
    this.#onProblem = onProblem ?? (() => {});
    this.#called = this.#durable = replayed.last;
    this.#settled = this.#unswept = replayed.settled;
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
    return this.#reader.get(key);
  }

  range(range: Range): AsyncIterable<readonly [string, string]> {
    return this.#reader.range(range);
  }

  commit(ops: readonly Op[]): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    if (ops.length === 0) return this.#whenDurable(this.#called);
    let packed: PackedEntry;
    try {
      packed = packEntry(ops, this.#limits.entrySize);
    } catch (error) {
      this.#refuseFromNowOn(error);
      return Promise.reject(error);
    }
    const seq = this.#called + 1;
    this.#called = seq;
    this.#overlay.add(seq, ops, this.#durable);
    this.#queue.push({ seq, packed, count: ops.length });
    const durable = this.#whenDurable(seq);
    this.#pump();
    return durable;
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

  async look(): Promise<JournalLook> {
    if (this.#failure === undefined) return this.snapshot();
    if (this.#closing !== undefined) throw closed();
    const snapshot = this.#store.snapshot();
    const unsettled = new Overlay();
    for (const [key, value] of this.#overlay.changesAt(this.#durable))
      unsettled.add(0, [value === undefined ? { del: key } : { put: key, value }], 0);
    const reader = new Overlaid(snapshot, unsettled);
    return {
      seq: this.#durable,
      get: (key) => reader.get(key),
      range: (range) => reader.range(range),
      close: () => snapshot.close(),
    };
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
    return this.#closing === undefined ? undefined : closed();
  }

  #whenDurable(seq: number): Promise<void> {
    if (seq <= this.#durable) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#untilDurable.add(seq, done, failed);
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
      this.#untilSettled.add(seq, done, failed);
      this.#settleOn();
      this.#pump();
    });
  }

  /** Begins to settle all that is durable, when someone waits for it and nothing is being settled. */
  #settleOn(): void {
    if (this.#untilSettled.some) this.#beginSettling();
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
    const changes = this.#overlay.changesAt(this.#durable);
    this.#settling = new Settling(this.#durable, changes, this.#size);
  }

  /** Writes next: all commits that wait, and with them a slice of the settling. One write at a time. */
  #pump(): void {
    if (this.#writing || this.#broken) return;
    const entries = this.#queue;
    this.#queue = [];
    const ops: (Op | PutParts)[] = [];
    let size = 0;
    let count = 0;
    for (const { seq, packed, count: many } of entries) {
      ops.push({ put: journalKey(seq), parts: packed.parts });
      size += packed.length;
      count += many;
    }
    this.#handedOver += size;
    const { sliceKeys, sliceSize } = this.#limits;
    const settling = this.#settling;
    if (settling !== undefined) {
      // At least twice what is being committed, so that settling ends however fast commits come.
      const keys = Math.max(sliceKeys, 2 * count);
      this.#handedOver += settling.addSlice(ops, keys, Math.max(sliceSize, 2 * size));
    }
    const removed = this.#garbage.splice(0, Math.max(sliceKeys, 2 * entries.length));
    for (const seq of removed) ops.push({ del: journalKey(seq) });
    if (ops.length === 0) return;
    this.#writing = true;
    this.#store.batch(ops, { sync: true }).then(
      () => {
        this.#written(entries.length, size);
      },
      (error: unknown) => {
        this.#writing = false;
        this.#fail(error);
        this.#becomeIdle();
      },
    );
  }

  #written(entries: number, size: number): void {
    this.#writing = false;
    this.#durable += entries;
    this.#size += size;
    if (this.#settling?.done === true) this.#endSettling(this.#settling);
    this.#untilDurable.release(this.#durable);
    if (this.#settling === undefined) {
      this.#overlay.sweep(this.#durable);
      this.#settleOn();
      this.#settleAtLimit();
    }
    if (this.#queue.length > 0) this.#pump();
    else this.#pumpSoon();
    this.#becomeIdle();
  }

  #endSettling({ seq, changes, size }: Settling): void {
    this.#settling = undefined;
    for (let entry = this.#settled + 1; entry <= seq; entry += 1) this.#garbage.push(entry);
    this.#settled = seq;
    this.#size -= size;
    this.#overlay.dropUpTo(seq, changes);
    this.#untilSettled.release(seq);
    this.#sweeping ??= this.#sweep();
  }

  async #sweep(): Promise<void> {
    try {
      for (const seq of await findSettled(this.#store, this.#unswept)) this.#garbage.push(seq);
    } catch {
      // They only take up space, and the next start looks for them again.
    }
    this.#pumpSoon();
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
    this.#queue = [];
    this.#refuseFromNowOn(cause);
    for (const waiters of [this.#untilDurable, this.#untilSettled]) waiters.fail(this.#failure as StoreError);
  }
}

function closed(): StoreError {
  return new StoreError('Closed', 'the journal is closed');
}
