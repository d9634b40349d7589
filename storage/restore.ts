import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { restoredFile } from './checkpoint-folder.ts';
import type { CheckpointSummary, Following } from './checkpoint-file.ts';
import type { CheckpointReader } from './checkpoint-reader.ts';
import { StoreError, unwritable } from './errors.ts';
import { leaveRoomBeside } from './files.ts';
import { FORMAT_VERSION, formatText } from './format.ts';
import { ALL_KEYS, FORMAT_KEY, isIndexKey, OLDER_KEY, type Key } from './keys.ts';
import { makeWorld } from './new-world.ts';
import type { Op, Store } from './store.ts';
import { WORLD_FOLDER } from './world-folder.ts';

const BATCH = 1024 * 1024; // bytes of keys and values in one synced batch: few enough syncs, little enough memory
const PAUSE_EVERY = 1024; // entries between two looks at whether to go on, when reading back

/** The keys of the index of references that follow from an entry, each once; none of a key of an older format. Does not throw. */
export type IndexKeys = (key: string, value: string) => readonly Key<'reference'>[];

/**
 * Makes a world of a checkpoint, in a folder that is missing or empty, with the index of references that follows from
 * it, and reads it back: what is in the folder then is what is in the checkpoint, key by key. Of a checkpoint of an older format
 * it is a world that is to be made new by whoever opens it to run it, and has no index before. Closes the reader, also
 * when it throws. A crash, or an error, leaves no world there, and the same may simply be done again: `makeWorld`.
 *
 * Throws `InWorld`, `NotEmpty`, `Unwritable`, `CheckpointDamaged`, `Unreadable`, and what aborted the signal.
 */
export async function restoreWorld(
  from: CheckpointReader,
  folder: string,
  indexKeys: IndexKeys,
  following: Following = {},
): Promise<CheckpointSummary> {
  try {
    return await makeWorld(folder, async (store, scratch) => {
      const summary = await fill(store, from, folder, indexKeys, following);
      const checkpoints = join(scratch, WORLD_FOLDER.checkpoints);
      await mkdir(checkpoints, { mode: 0o700 });
      await writeFile(restoredFile(checkpoints, summary.header.checkpoint), '', { mode: 0o600 });
      following.signal?.throwIfAborted();
      return summary;
    });
  } catch (error) {
    if (following.signal?.aborted === true) throw following.signal.reason;
    throw unwritable(`the world "${folder}"`, error);
  } finally {
    await from.close();
  }
}

/** Puts the entries of a checkpoint into a store, and reads them back. */
async function fill(
  store: Store,
  from: CheckpointReader,
  folder: string,
  indexKeys: IndexKeys,
  { onProgress, signal }: Following,
): Promise<CheckpointSummary> {
  const read = createHash('sha256');
  let entries = 0;
  let indexed = 0;
  const { format, version, vat } = from.header;
  let ops: Op[] = [{ put: FORMAT_KEY, value: formatText({ format, version: FORMAT_VERSION, vat }) }];
  // It is made new where it is opened, and has no index before: an older Keystead, which must not open it, would take all for garbage.
  if (version < FORMAT_VERSION) ops.push({ put: OLDER_KEY, value: String(version) });
  let bytes = 0;
  for await (const { key, value } of from.entries()) {
    entries += 1;
    if (isIndexKey(key)) continue; // of an older format, and made anew with the rest
    if (isOfFormat(key)) continue;
    const text = value.toString('utf8');
    ops.push({ put: key, value: text });
    bytes += key.length + value.length;
    for (const reference of indexKeys(key, text)) {
      ops.push({ put: reference, value: '' });
      bytes += reference.length;
      indexed += 1;
    }
    read.update(`${key} ${value.length}\n`).update(value);
    if (bytes < BATCH) continue;
    await leaveRoomBeside(folder, bytes);
    await store.batch(ops, { sync: true });
    ops = [];
    bytes = 0;
    signal?.throwIfAborted();
    onProgress?.(from.part * 0.7); // reading back takes about half as long as writing
  }
  await store.batch(ops, { sync: true });
  const written = await contentOf(store, signal, (count) =>
    onProgress?.(0.7 + (count / (entries + indexed)) * 0.3),
  );
  if (written.hash !== read.digest('hex') || written.indexed !== indexed)
    throw new StoreError('Damaged', `what was written to "${folder}" is not what can be read there`);
  return { header: from.header, entries, bytes: from.bytes };
}

/** What a store says of its format, which is that of today, and none of what the checkpoint is of. */
const isOfFormat = (key: string): boolean => key === FORMAT_KEY || key === OLDER_KEY;

/**
 * The hash of all that a store holds but its index and its format, which a checkpoint may lack and a store never does, and how
 * many keys the index has.
 */
async function contentOf(
  store: Store,
  signal: AbortSignal | undefined,
  onCount: (count: number) => void,
): Promise<{ readonly hash: string; readonly indexed: number }> {
  const hash = createHash('sha256');
  let count = 0;
  let indexed = 0;
  for await (const [key, value] of store.range(ALL_KEYS)) {
    if (isIndexKey(key)) indexed += 1;
    else if (!isOfFormat(key)) hash.update(`${key} ${Buffer.byteLength(value)}\n`).update(value);
    count += 1;
    if (count % PAUSE_EVERY !== 0) continue;
    onCount(count);
    await pause();
    signal?.throwIfAborted();
  }
  return { hash: hash.digest('hex'), indexed };
}
