import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { openLevelStore } from '../../storage/level-store.ts';
import { WORLD_FOLDER } from '../../storage/world-folder.ts';
import type { Store } from '../../storage/store.ts';
import type { Subject } from './acceptance.ts';

/** A folder of its own for one test, to be given to `removeFolder` in the end. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'keystead-storage-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Changes the database of a world past our own code. The world must be closed. */
export async function tamper(folder: string, change: (db: ClassicLevel) => Promise<void>): Promise<void> {
  const db: ClassicLevel = new ClassicLevel(join(folder, WORLD_FOLDER.db));
  try {
    await db.open();
    await change(db);
  } finally {
    await db.close();
  }
}

/** A level store in a folder of its own. */
export async function levelSubject(): Promise<Subject & { readonly folder: string }> {
  const folder = await newFolder();
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = await openLevelStore(folder, { create: true, lockWait: 0 });
    opened.push(store);
    return store;
  };
  return {
    folder,
    store: await open(),
    reopen: open,
    damage: (key) =>
      tamper(folder, async (db) => {
        const stored = await db.get(key);
        await db.put(key, `${stored}~`);
      }),
    end: async () => {
      for (const store of opened) await store.close();
      await removeFolder(folder);
    },
  };
}
