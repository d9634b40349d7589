import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, StoreError } from './errors.ts';
import { namesIn, openLevelStore, WORLD_FOLDER } from './level-store.ts';
import type { Store } from './store.ts';
import { refuseInWorld } from './world-around.ts';

/** Where a world is put together; hidden, so that an unfinished one is never taken for a world. */
const IMPORTING = '.importing';

/** Throws `NotEmpty` unless a folder is missing or empty, but for what an interrupted `makeWorld` left in it. */
async function refuseUsed(folder: string): Promise<void> {
  const other = (await namesIn(folder)).find((name) => name !== IMPORTING);
  if (other !== undefined) {
    throw new StoreError(
      'NotEmpty',
      `"${folder}" is not empty (it holds "${other}"): name a new folder for the new world`,
    );
  }
}

/**
 * Makes a world in a folder that is missing or empty. `fill` gets a new store to write to, synced, and a folder for what
 * it needs meanwhile; the world is there only when all of it is. A crash leaves no world there, and the same call may
 * simply be made again; when `fill` throws, nothing is left.
 *
 * Throws `InWorld`, `NotEmpty`, `Unwritable`, and what `fill` throws.
 */
export async function makeWorld<T>(
  folder: string,
  fill: (store: Store, scratch: string) => Promise<T>,
): Promise<T> {
  await refuseInWorld(folder);
  await refuseUsed(folder);
  const building = join(folder, IMPORTING);
  let made: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { mode: 0o700 });
    const value = await filled(building, fill);
    await rename(join(building, WORLD_FOLDER.db), join(folder, WORLD_FOLDER.db));
    await rm(building, { recursive: true });
    await syncFolder(folder);
    return value;
  } catch (error) {
    await rm(building, { recursive: true, force: true }).catch(() => {});
    if (made !== undefined) await rmdir(folder).catch(() => {});
    if (!(error instanceof Error) || !('errno' in error)) throw error; // it says itself what it is
    throw new StoreError('Unwritable', `cannot write the world "${folder}": ${reasonOf(error)}`, error);
  }
}

async function filled<T>(building: string, fill: (store: Store, scratch: string) => Promise<T>): Promise<T> {
  const store = await openLevelStore(building, { create: true });
  try {
    return await fill(store, building);
  } finally {
    await store.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
