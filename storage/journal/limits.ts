import { ENTRY_MAX } from './entry.ts';

export interface JournalLimits {
  /**
   * Settle when the entries since the last settling pass so many UTF-16 units. Default 8 Mi: about what the overlay
   * then costs in memory, and what a start has to replay at most (some tens of milliseconds).
   */
  readonly settleSize: number;
  /** Settle at so many entries. Default 4096: each is a key to remove, and they add up even when they are tiny. */
  readonly settleEntries: number;
  /**
   * Settle at so many keys in the overlay. Default 16,384: each costs some 200 bytes beside its value. Fewer would be settled while
   * thousands of lines that are said in a second wait to be acknowledged, 50 ms each, and would go through the database for nothing.
   */
  readonly settleKeys: number;
  /**
   * Look through the overlay for keys that have come and gone when so many have been added, and as many as were left the last
   * time. Default 1024: to look through that many takes 0.05 ms.
   */
  readonly sweepKeys: number;
  /** Keys in one slice of settling. Default 256: about 0.3 ms of the main thread. */
  readonly sliceKeys: number;
  /** UTF-16 units in one slice of settling. Default 256 Ki, for the same reason. */
  readonly sliceSize: number;
  /** Largest commit, in UTF-16 units with its framing. Default `ENTRY_MAX`. */
  readonly entrySize: number;
}

export const JOURNAL_LIMITS: JournalLimits = Object.freeze({
  settleSize: 8 * 1024 * 1024,
  settleEntries: 4096,
  settleKeys: 16_384,
  sweepKeys: 1024,
  sliceKeys: 256,
  sliceSize: 256 * 1024,
  entrySize: ENTRY_MAX,
});
