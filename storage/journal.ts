import type { StoreError } from './errors.ts';
import type { JournalLimits } from './journal/limits.ts';
import { PackedJournal } from './journal/packed-journal.ts';
import { replay } from './journal/replay.ts';
import type { Op, Reader, Snapshot, Store } from './store.ts';

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

  /**
   * As `snapshot`, for whoever only looks: after a failure it shows what was durable by then, so that a world that has
   * stopped because its disk is full can still be looked at, and copied. Rejects with `Closed` after `close()`.
   */
  look(): Promise<JournalLook>;

  /** Finishes the commits called before, settles, and closes the store too. After a failure it closes only. Idempotent. */
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Called once, when the journal fails, before any commit rejects. It must not throw. */
  readonly onProblem?: (problem: StoreError) => void;
  readonly limits?: Partial<JournalLimits>;
}

/** All that a journal holds at the boundary of a commit. */
export interface JournalLook extends Reader {
  /** The last journal entry in it. */
  readonly seq: number;
  close(): Promise<void>;
}

/** A snapshot at the boundary of a commit. */
export interface JournalSnapshot extends Snapshot, JournalLook {}

/**
 * Opens the journal of a store, which belongs to the journal from then on, and replays what is not settled.
 * Throws `Damaged`, naming the entry, when one cannot be read or is missing; the store is then still the caller's.
 */
export async function openJournal(store: Store, options: JournalOptions = {}): Promise<Journal> {
  return new PackedJournal(store, await replay(store), options);
}
