import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import {
  isRestoredName,
  restoredFile,
  unwritable,
  type CheckpointSummary,
  type Following,
} from './checkpoint-file.ts';
import type { CheckpointReader } from './checkpoint-reader.ts';
import { syncFolder } from './durable-file.ts';
import { StoreError } from './errors.ts';
import { formatText } from './format.ts';
import { ALL_KEYS, FORMAT_KEY } from './keys.ts';
import { namesIn, openLevelStore, RESTORING, WORLD_FOLDER } from './level-store.ts';
import type { Op, Store } from './store.ts';
import { refuseInWorld } from './world-around.ts';

const BATCH = 1024 * 1024; // bytes of values in one synced batch: few enough syncs, little enough memory
const PAUSE_EVERY = 1024; // entries between two looks at whether to go on, when reading back

/**
 * Makes a world of a checkpoint, in a folder that is missing or empty, and reads it back: what is in the folder then is
 * what is in the checkpoint, key by key. Closes the reader, also when it throws.
 *
 * The world is put together in a folder of its own name inside and gets its place by one rename at the very end. So a
 * crash, or an error, leaves no world there, and the same may simply be done again; of two at a time one fails.
 *
 * Throws `InWorld`, `NotEmpty`, `Unwritable`, `CheckpointDamaged`, `Unreadable`, and what aborted the signal.
 */
export async function restoreWorld(
  from: CheckpointReader,
  folder: string,
  following: Following = {},
): Promise<CheckpointSummary> {
  try {
    await refuseInWorld(folder);
    await refuseFull(folder);
    return await build(from, folder, following);
  } catch (error) {
    if (following.signal?.aborted === true) throw following.signal.reason;
    throw unwritable(`the world "${folder}"`, error);
  } finally {
    await from.close();
  }
}

async function refuseFull(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.startsWith(RESTORING)) continue;
    const inside = name === WORLD_FOLDER.checkpoints ? await namesIn(join(folder, name)) : [name];
    const other = inside.find((each) => !isRestoredName(each));
    if (other === undefined) continue;
    throw new StoreError(
      'NotEmpty',
      `"${folder}" is not empty (it holds "${other}"): a checkpoint is restored into a new folder`,
    );
  }
}

async function build(
  from: CheckpointReader,
  folder: string,
  following: Following,
): Promise<CheckpointSummary> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  await clear(folder);
  const checkpoints = join(folder, WORLD_FOLDER.checkpoints);
  const building = await mkdtemp(join(folder, RESTORING));
  let numbered: string | undefined;
  try {
    const summary = await fill(building, from, following);
    following.signal?.throwIfAborted();
    await mkdir(checkpoints, { mode: 0o700 });
    numbered = restoredFile(checkpoints, summary.header.checkpoint);
    await writeFile(numbered, '', { mode: 0o600 });
    await syncFolder(checkpoints);
    await syncFolder(folder);
    // Nothing is there of that name: a database that somebody else put there meanwhile makes this fail.
    await rename(join(building, WORLD_FOLDER.db), join(folder, WORLD_FOLDER.db));
    await rm(building, { recursive: true });
    await syncFolder(folder);
    return summary;
  } catch (error) {
    await rm(building, { recursive: true, force: true }).catch(() => {});
    if ((await namesIn(folder).catch(() => [WORLD_FOLDER.db])).includes(WORLD_FOLDER.db)) throw error;
    if (numbered !== undefined) {
      await rm(numbered, { force: true }).catch(() => {});
      await rmdir(checkpoints).catch(() => {});
    }
    if (made !== undefined) await rmdir(folder).catch(() => {});
    throw error;
  }
}

/**
 * Removes what interrupted restores left. A folder is renamed first: if somebody is working in it after all, they find
 * nothing under its name and fail, rather than giving its place to a world of which a part has gone.
 */
async function clear(folder: string): Promise<void> {
  const names = await namesIn(folder);
  for (const name of names) {
    if (!name.startsWith(RESTORING)) continue;
    const gone = join(folder, name.endsWith('.gone') ? name : `${name}.gone`);
    await rename(join(folder, name), gone);
    await rm(gone, { recursive: true });
  }
  if (!names.includes(WORLD_FOLDER.checkpoints)) return;
  const checkpoints = join(folder, WORLD_FOLDER.checkpoints);
  for (const name of await namesIn(checkpoints)) if (isRestoredName(name)) await rm(join(checkpoints, name));
  await rmdir(checkpoints);
}

/** Makes a world of its own in a folder, puts the entries of a checkpoint into it, and reads them back. */
async function fill(
  folder: string,
  from: CheckpointReader,
  { onProgress, signal }: Following,
): Promise<CheckpointSummary> {
  const store = await openLevelStore(folder, { create: true });
  try {
    const read = createHash('sha256');
    let entries = 0;
    const { format, version, vat } = from.header;
    // An older format is made new where the world is opened.
    let ops: Op[] = [{ put: FORMAT_KEY, value: formatText({ format, version, vat }) }];
    let bytes = 0;
    for await (const { key, value } of from.entries()) {
      entries += 1;
      ops.push({ put: key, value: value.toString('utf8') });
      bytes += value.length;
      if (key !== FORMAT_KEY) read.update(`${key} ${value.length}\n`).update(value);
      if (bytes < BATCH) continue;
      await store.batch(ops, { sync: true });
      ops = [];
      bytes = 0;
      signal?.throwIfAborted();
      onProgress?.((from.bytes / from.size) * 0.7); // reading back takes about half as long as writing
    }
    await store.batch(ops, { sync: true });
    const written = await hashOf(store, signal, (count) => onProgress?.(0.7 + (count / entries) * 0.3));
    if (written !== read.digest('hex')) {
      throw new StoreError('Damaged', `what was written to "${folder}" is not what can be read there`);
    }
    return { header: from.header, entries, bytes: from.bytes };
  } finally {
    await store.close();
  }
}

/** The hash of all that a store holds but its format, which a checkpoint may lack and a store never does. */
async function hashOf(
  store: Store,
  signal: AbortSignal | undefined,
  onCount: (count: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const [key, value] of store.range(ALL_KEYS)) {
    if (key !== FORMAT_KEY) hash.update(`${key} ${Buffer.byteLength(value)}\n`).update(value);
    count += 1;
    if (count % PAUSE_EVERY !== 0) continue;
    onCount(count);
    await pause();
    signal?.throwIfAborted();
  }
  return hash.digest('hex');
}
