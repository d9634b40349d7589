import type { JournalSnapshot } from '../journal.ts';
import { isJournalEntry } from '../keys.ts';
import type { Range, SealedEntry, Snapshot } from '../store.ts';
import { Overlaid } from './overlaid.ts';
import { Overlay } from './overlay.ts';

/** A store's snapshot without the journal's own entries. */
export class SettledSnapshot extends Overlaid implements JournalSnapshot {
  readonly seq: number;
  readonly #snapshot: Snapshot;

  constructor(snapshot: Snapshot, seq: number) {
    super(snapshot, new Overlay());
    this.seq = seq;
    this.#snapshot = snapshot;
  }

  async *sealed({ gte, lt, onDamaged }: Range): AsyncGenerator<readonly SealedEntry[]> {
    const chunks = this.#snapshot.sealed({
      gte,
      lt,
      onDamaged: (key, error) => {
        if (isJournalEntry(key)) return;
        if (onDamaged === undefined) throw error;
        onDamaged(key, error);
      },
    });
    for await (const chunk of chunks) yield chunk.filter(([key]) => !isJournalEntry(key));
  }

  close(): Promise<void> {
    return this.#snapshot.close();
  }
}
