import { StoreError } from './errors.ts';

/**
 * One change of one key. Keys are 1 to 512 printable ASCII characters (`keys.ts`); values well-formed strings.
 * `fresh`: the caller knows that the store has no such key, so that a journal in which it is deleted again before it was
 * settled need not tell the store. A store itself does not look at it.
 */
export type Op =
  { readonly put: string; readonly value: string; readonly fresh?: boolean } | { readonly del: string };

/**
 * As a put, of a value that is all of these texts one after the other: for a long one that nobody needs as one text. Each is
 * well-formed by itself.
 */
export interface PutParts {
  readonly put: string;
  readonly parts: readonly string[];
}

/** Newer than the library that the compiler knows; in Node 20 it is there. */
type WithWellFormed = string & { isWellFormed(): boolean };

/** Whether a value survives being written as UTF-8: a lone surrogate would come back as another character. */
export function isValueText(alleged: unknown): alleged is string {
  return typeof alleged === 'string' && (alleged as WithWellFormed).isWellFormed();
}

/** Gives a value back that can be stored. Throws `BadValue`, naming the key. */
export function checkedValue(key: string, alleged: string): string {
  if (isValueText(alleged)) return alleged;
  throw new StoreError('BadValue', `the value for key "${key}" is not a string of well-formed Unicode`);
}

/** The keys from `gte` up to but not including `lt`, in byte order. */
export interface Range {
  readonly gte: string;
  readonly lt: string;
  /**
   * Called for every entry that is not what was written; the range goes on behind it. Without it the range throws
   * `Damaged` at the first one. The key is `''` where the database lost a whole block and cannot say which keys
   * were in it: that call comes once, when the rest has been read.
   */
  readonly onDamaged?: (key: string, error: StoreError) => void;
}

export interface Reader {
  /**
   * The value of the key, `undefined` where there is none.
   * Throws `Damaged`, naming the key, when the value is not what was written, and `Closed` after `close()`.
   */
  get(key: string): string | undefined;

  /**
   * The entries of a range as they all were at the moment of the first `next()`: later writes do not show.
   * Whoever stops early ends the iteration (`break`, `return()`), which frees what it holds.
   */
  range(range: Range): AsyncIterable<readonly [key: string, value: string]>;
}

/** An entry as it is stored: its value with the checksum that `checksum.ts` puts before it. */
export type SealedEntry = readonly [key: string, sealed: string];

/** A store as it was when `snapshot()` was called. Costs disk space while open: close it. */
export interface Snapshot extends Reader {
  /**
   * As `range`, with the entries as they are stored, some at a time; each has been checked. For whoever copies them:
   * much less work.
   */
  sealed(range: Range): AsyncIterable<readonly SealedEntry[]>;

  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Keys and values on disk. One owner; any implementation passes `test/storage/acceptance.ts`.
 */
export interface Store extends Reader {
  /**
   * Writes all ops or none of them; of several on one key the last one counts. The ops are read before the call
   * returns, so the caller may reuse the array.
   *
   * Resolves when readers see the whole batch and, with `sync`, when it would outlive a power failure. An unsynced
   * batch may be lost in one, whole, even when a later synced batch is not: a database that changes log files
   * between the two syncs the newer file only. Whoever needs one write to be there whenever another is, syncs the
   * first before beginning the second.
   *
   * A batch that rejects (`Unwritable`) is whole or absent, nobody knows which until the store is opened again.
   * Of batches in flight at the same time, any may be first.
   */
  batch(ops: readonly (Op | PutParts)[], how: { readonly sync: boolean }): Promise<void>;

  /** A view of all batches that have resolved, and possibly of ones in flight, each whole or absent. */
  snapshot(): Snapshot;

  /** Waits for the batches in flight, then gives the store up for another owner. Idempotent. */
  close(): Promise<void>;
}
