import { Overlaid } from './journal/overlaid.ts';
import { Overlay } from './journal/overlay.ts';
import { replay } from './journal/replay.ts';
import { SETTLED_KEY } from './keys.ts';
import { openLevelStore, type LevelStoreOptions } from './level-store.ts';
import type { Reader } from './store.ts';
import type { View } from './view.ts';

/** How long to wait for another owner to go, whom to tell, and what ends that. */
export type Waiting = Pick<LevelStoreOptions, 'lockWait' | 'onWait' | 'signal'>;

/**
 * What any view shows of a reader, with changes laid over it that are not in it yet: all but the journal's own keys.
 * `get` throws what the reader throws.
 */
export function overlaid(below: Reader, changes: Overlay = new Overlay()): Reader {
  changes.add(0, [{ del: SETTLED_KEY }], 0);
  return new Overlaid(below, changes);
}

/**
 * Looks into the world in a folder that no process runs, as it was at its last commit: what its journal holds and has
 * not settled is read as if it had. Nothing of the world is written (LevelDB itself tidies its files as it opens them),
 * and while the view is open no world can start there.
 *
 * Throws what `openLevelStore` throws for a folder that it does not open, and `Damaged`, naming the entry, when the
 * journal cannot be read. The view is the caller's to close.
 */
export async function openStoppedView(dir: string, waiting: Waiting = {}): Promise<View> {
  const store = await openLevelStore(dir, { ...waiting, create: false, tables: 'readable' });
  try {
    const { last, entries } = await replay(store);
    const changes = new Overlay();
    for (const { seq, ops } of entries) changes.add(seq, ops, seq);
    const reader = overlaid(store, changes);
    return {
      seq: last,
      get: async (key) => reader.get(key),
      range: (range) => reader.range(range),
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
