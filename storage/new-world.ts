import { mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { isRestoredName } from './checkpoint-folder.ts';
import { StoreError, unwritable } from './errors.ts';
import { makeFolder, namesIn, removeEmpty, sizeOf, syncFolder } from './files.ts';
import { openLevelStore } from './level-store.ts';
import type { Store } from './store.ts';
import { refuseInWorld } from './world-around.ts';
import { MAKING, WORLD_FOLDER } from './world-folder.ts';

const { db: DB, checkpoints: CHECKPOINTS } = WORLD_FOLDER;

/**
 * Makes a world in a folder that is missing or empty. `fill` gets a new store to write to, synced, and the folder that
 * becomes the world's: what it puts into `checkpoints` there is the world's too, all else is thrown away.
 *
 * The world is put together in a folder of its own name inside and gets its place by one rename at the very end. So a
 * crash leaves no world there, nor does a start make another one, and the same call may simply be made again; when it
 * throws, nothing is left. Of two at a time one fails.
 *
 * Throws `InWorld`, `NotEmpty`, `InUse` where another call has begun meanwhile, `Unwritable`, `Unreadable`, and what
 * `fill` throws.
 */
export async function makeWorld<T>(
  where: string,
  fill: (store: Store, scratch: string) => Promise<T>,
): Promise<T> {
  // `LINK/..` is where LINK stands, in every path that is made of it.
  const folder = normalize(where);
  await refuseInWorld(folder);
  await refuseUsed(folder);
  let made: string | undefined;
  let building: string | undefined;
  try {
    made = await makeFolder(folder);
    await clear(folder);
    building = await mkdtemp(join(folder, MAKING));
    const value = await filled(building, fill);
    await place(building, folder);
    // Nobody takes it for anything if it stays.
    await rm(building, { recursive: true, force: true }).catch(() => {});
    return value;
  } catch (error) {
    const outdone = building !== undefined && (await sizeOf(building).catch(() => 0)) === undefined;
    if (building !== undefined) await rm(building, { recursive: true, force: true }).catch(() => {});
    if (made !== undefined) await removeEmpty(folder, made);
    if (outdone) {
      throw new StoreError(
        'InUse',
        `another process has begun to make a world in "${folder}" as well, and goes on with it: this one has given way`,
        error,
      );
    }
    // What `fill` throws says itself what it is, but for what the operating system says.
    throw error instanceof Error && 'errno' in error ? unwritable(`the world "${folder}"`, error) : error;
  }
}

/** Throws `NotEmpty` unless a folder is missing or empty, but for what an interrupted call left in it. */
async function refuseUsed(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.startsWith(MAKING)) continue;
    const inside = name === CHECKPOINTS ? await namesIn(join(folder, name)) : [name];
    const other = inside.find((each) => !isRestoredName(each));
    if (other === undefined) continue;
    throw new StoreError(
      'NotEmpty',
      `"${folder}" is not empty (it holds "${other}"): name a new folder for the new world`,
    );
  }
}

/**
 * Removes what interrupted calls left. A folder is renamed first: if somebody is working in it after all, they find
 * nothing under its name and fail, rather than giving its place to a world of which a part has gone.
 */
async function clear(folder: string): Promise<void> {
  const names = await namesIn(folder);
  for (const name of names) {
    if (!name.startsWith(MAKING)) continue;
    const gone = join(folder, name.endsWith('.gone') ? name : `${name}.gone`);
    await rename(join(folder, name), gone);
    await rm(gone, { recursive: true });
  }
  if (!names.includes(CHECKPOINTS)) return;
  const checkpoints = join(folder, CHECKPOINTS);
  for (const name of await namesIn(checkpoints)) if (isRestoredName(name)) await rm(join(checkpoints, name));
  await rmdir(checkpoints);
}

async function filled<T>(building: string, fill: (store: Store, scratch: string) => Promise<T>): Promise<T> {
  const store = await openLevelStore(building, { create: true });
  try {
    return await fill(store, building);
  } finally {
    await store.close();
  }
}

/** Gives the parts of a world their places, the database last: only with that it is one. */
async function place(building: string, folder: string): Promise<void> {
  const parts = (await namesIn(building)).includes(CHECKPOINTS) ? [CHECKPOINTS, DB] : [DB];
  for (const name of parts) await syncFolder(join(building, name));
  const placed: string[] = [];
  try {
    for (const name of parts) {
      // Nothing is there of that name: what somebody else put there meanwhile makes this fail.
      await rename(join(building, name), join(folder, name));
      placed.unshift(name);
      await syncFolder(folder);
    }
  } catch (error) {
    for (const name of placed) {
      // By now the folder may be that of somebody else's world.
      if (name !== DB && (await namesIn(folder)).includes(DB)) break;
      await rename(join(folder, name), join(building, name));
    }
    throw error;
  }
}
