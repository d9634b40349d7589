import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { CheckpointReader, headerText, type CheckpointHeader } from './checkpoint-reader.ts';
import { seal } from './checksum.ts';
import { reasonOf, StoreError, systemCode, unwritable } from './errors.ts';
import { makeFolder, namesIn, syncName, UNFINISHED } from './files.ts';
import { FORMAT } from './format.ts';
import { ALL_KEYS } from './keys.ts';
import type { Range, Reader } from './store.ts';

const NAME = /^(\d{6,15})\.checkpoint$/;
const TEMPORARY = /^(\d{6,15})\.checkpoint\.tmp$/;
const RESTORED = /^(\d{6,15})\.restored$/;

/** Entries between two pauses: reading, sealing and framing 256 of 300 bytes takes about 1 ms. */
const PAUSE_EVERY = 256;
const WRITE = 64 * 1024; // UTF-16 units gathered for one write
// Bytes between two syncs: one sync of a large file at its end would hold up the syncs of commits for as long as it takes.
const SYNC_EVERY = 1024 * 1024;

export interface WriteCheckpointOptions {
  /** Its number among the world's checkpoints. */
  readonly number: number;
  /** When it was taken, in any form; written down as it is. */
  readonly when: string;
  /** The last journal entry in the snapshot. */
  readonly seq: number;
  /** Called before every pause with the number of entries so far. */
  readonly onProgress?: (entries: number) => void;
  /** Entries between two pauses in which the event loop runs. Default 256. */
  readonly pauseEvery?: number;
  /**
   * Called for entries that the store gives as damaged; they are left out. Without it the first one rejects the
   * checkpoint with `Damaged`.
   */
  readonly onDamaged?: Range['onDamaged'];
}

/** What a complete and undamaged checkpoint file holds. */
export interface CheckpointSummary {
  readonly header: CheckpointHeader;
  readonly entries: number;
  readonly bytes: number;
}

export interface CheckpointInfo {
  readonly number: number;
  readonly file: string;
  readonly bytes: number;
  /** What its first line says; `undefined` where that cannot be read. */
  readonly header: CheckpointHeader | undefined;
}

/** A checkpoint's number as it stands in the names of files. */
export function numberText(number: number): string {
  return String(number).padStart(6, '0');
}

/** The file of a checkpoint in a folder of checkpoints. */
export function checkpointFile(folder: string, number: number): string {
  return join(folder, `${numberText(number)}.checkpoint`);
}

/** An empty file in that folder that says which checkpoint the world was made of, so that the numbers go on from it. */
export function restoredFile(folder: string, number: number): string {
  return join(folder, `${numberText(number)}.restored`);
}

/** Whether the name of a file in a folder of checkpoints is one of `restoredFile`. */
export function isRestoredName(name: string): boolean {
  return RESTORED.test(name);
}

async function writeEntries(from: Reader, file: string, options: WriteCheckpointOptions): Promise<void> {
  const { number, when, seq, onProgress, pauseEvery = PAUSE_EVERY, onDamaged } = options;
  const handle = await open(file, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    let text = headerText({ ...FORMAT, checkpoint: number, when, seq });
    let count = 0;
    let unsynced = 0;
    const write = async (): Promise<void> => {
      const bytes = Buffer.from(text);
      text = '';
      hash.update(bytes);
      await handle.writeFile(bytes);
      unsynced += bytes.length;
      if (unsynced >= SYNC_EVERY) {
        unsynced = 0;
        await handle.datasync();
      }
    };
    for await (const [key, value] of from.range(
      onDamaged === undefined ? ALL_KEYS : { ...ALL_KEYS, onDamaged },
    )) {
      const sealed = seal(key, value);
      text += `${key} ${Buffer.byteLength(sealed)}\n${sealed}\n`;
      count += 1;
      if (text.length >= WRITE) await write();
      if (count % pauseEvery === 0) {
        onProgress?.(count);
        await pause();
      }
    }
    await write();
    text = ` end ${count} ${hash.digest('hex')}\n`;
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes all that a snapshot holds to a file, reads the file back and checks it, and only then gives it its name. A
 * crash, or an error, leaves no file of that name. Makes the folder where there is none. The event loop runs between
 * chunks throughout. The snapshot stays the caller's, to close.
 *
 * Throws `NotEmpty` where there is a file of that name, `Unwritable`, `CheckpointDamaged` when the disk did not keep
 * what was written, and what reading the snapshot throws.
 */
export async function writeCheckpoint(
  snapshot: Reader,
  file: string,
  options: WriteCheckpointOptions,
): Promise<CheckpointSummary> {
  const temporary = file + UNFINISHED;
  if ((await sizeOf(file)) !== undefined) {
    throw new StoreError(
      'NotEmpty',
      `there is a checkpoint "${file}" already: give the new one another number`,
    );
  }
  try {
    await makeFolder(dirname(file));
    await writeEntries(snapshot, temporary, options);
    const summary = await verifyCheckpoint(temporary);
    await rename(temporary, file);
    await syncName(file);
    return summary;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(`the checkpoint "${file}"`, error);
  }
}

/** Following a long run, and ending it early. */
export interface Following {
  /** How far it is, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** When it aborts, the run throws its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a checkpoint from end to end and checks all of it, and closes the reader.
 * Throws `CheckpointDamaged` or `Unreadable`.
 */
export async function verifyReader(
  reader: CheckpointReader,
  { onProgress, signal }: Following = {},
): Promise<CheckpointSummary> {
  try {
    let entries = 0;
    for await (const _ of reader.entries()) {
      entries += 1;
      if (entries % PAUSE_EVERY !== 0) continue;
      onProgress?.(reader.bytes / reader.size);
      await pause();
      signal?.throwIfAborted();
    }
    return { header: reader.header, entries, bytes: reader.bytes };
  } finally {
    await reader.close();
  }
}

/** As `verifyReader`, of a file. Throws `FormatForeign`, `FormatNewer` and `Missing` as well. */
export async function verifyCheckpoint(file: string): Promise<CheckpointSummary> {
  return verifyReader(await CheckpointReader.open(file));
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StoreError('Unreadable', `cannot read "${file}": ${reasonOf(error)}`, error);
  }
}

async function headerOf(file: string): Promise<CheckpointHeader | undefined> {
  try {
    const reader = await CheckpointReader.open(file);
    await reader.close();
    return reader.header;
  } catch {
    return undefined;
  }
}

/** The checkpoints in a folder, oldest first. Only their first lines are read; a missing folder has none. */
export async function listCheckpoints(folder: string): Promise<CheckpointInfo[]> {
  const found: CheckpointInfo[] = [];
  for (const name of await namesIn(folder)) {
    const digits = NAME.exec(name)?.[1];
    if (digits === undefined) continue;
    const file = join(folder, name);
    const bytes = await sizeOf(file);
    if (bytes === undefined) continue;
    found.push({ number: Number(digits), file, bytes, header: await headerOf(file) });
  }
  return found.sort((a, b) => a.number - b.number);
}

/** Opens a checkpoint in a folder of checkpoints. Throws as `CheckpointReader.open` does. */
export function openCheckpoint(folder: string, number: number): Promise<CheckpointReader> {
  return CheckpointReader.open(checkpointFile(folder, number));
}

/** The highest number that a checkpoint of this world has had, as far as the folder knows; 0 if it knows none. */
export async function lastNumber(folder: string): Promise<number> {
  const numbers = (await namesIn(folder)).map((name) =>
    Number((NAME.exec(name) ?? RESTORED.exec(name))?.[1] ?? 0),
  );
  return Math.max(0, ...numbers);
}

/**
 * Removes all but the newest checkpoints, and what an interrupted `writeCheckpoint` left of older ones. `keep` is at
 * least 1, so that the numbers go on from the last one. Gives the numbers that are gone.
 */
export async function pruneCheckpoints(folder: string, keep: number): Promise<number[]> {
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`${keep} checkpoints cannot be kept: say how many, at least 1`);
  }
  const all = await listCheckpoints(folder);
  const newest = all.at(-1)?.number ?? 0;
  const gone = all.slice(0, -keep);
  try {
    for (const { file } of gone) await rm(file, { force: true });
    for (const name of await namesIn(folder)) {
      const digits = TEMPORARY.exec(name)?.[1];
      if (digits !== undefined && Number(digits) <= newest) await rm(join(folder, name), { force: true });
    }
  } catch (error) {
    throw unwritable(`to the folder "${folder}"`, error);
  }
  return gone.map(({ number }) => number);
}
