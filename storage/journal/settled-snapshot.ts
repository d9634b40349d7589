import { mergedRange } from './merged-range.ts';
import type { Range, Snapshot } from '../store.ts';

/** A snapshot at the boundary of a commit. */
export interface JournalSnapshot extends Snapshot {
  /** The last journal entry in it. */
  readonly seq: number;
}

/** A store's snapshot without the journal's own entries. */
export class SettledSnapshot implements JournalSnapshot {
  readonly seq: number;
  readonly #snapshot: Snapshot;

  constructor(snapshot: Snapshot, seq: number) {
    this.#snapshot = snapshot;
    this.seq = seq;
  }

  get(key: string): string | undefined {
    return key.startsWith('j/') ? undefined : this.#snapshot.get(key);
  }

  range(range: Range): AsyncIterable<readonly [string, string]> {
    return mergedRange(this.#snapshot, () => [], range);
  }

  close(): Promise<void> {
    return this.#snapshot.close();
  }
}
