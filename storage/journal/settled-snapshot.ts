import type { JournalSnapshot } from '../journal.ts';
import type { Snapshot } from '../store.ts';
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

  close(): Promise<void> {
    return this.#snapshot.close();
  }
}
