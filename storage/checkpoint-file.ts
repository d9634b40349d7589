import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { CheckpointReader } from './checkpoint-reader.ts';
import { headerText, type CheckpointHeader } from './checkpoint/header.ts';
import { StoreError, unwritable } from './errors.ts';
import { makeFolder, sizeOf, syncName, UNFINISHED } from './files.ts';
import { FORMAT } from './format.ts';
import type { Range, SealedEntry, Snapshot } from './store.ts';

/** Entries between two pauses: to read and check 256 of 300 bytes takes about 1 ms. */
const PAUSE_EVERY = 256;
const LINE_END = Buffer.from('\n');
// Bytes between two syncs: one sync of a large file at its end would hold up the syncs of commits for as long as it takes.
const SYNC_EVERY = 1024 * 1024;

export interface WriteCheckpointOptions {
  /** Its number among the world's checkpoints. */
  readonly number: number;
  /** When it was taken, in any form; written down as it is. */
  readonly when: string;
  /** The last journal entry in the snapshot. */
  readonly seq: number;
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

async function writeEntries(from: Snapshot, file: string, options: WriteCheckpointOptions): Promise<void> {
  const { number, when, seq, onDamaged } = options;
  const handle = await open(file, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    let count = 0;
    let unsynced = 0;
    const write = async (bytes: Buffer): Promise<void> => {
      hash.update(bytes);
      await handle.writeFile(bytes);
      unsynced += bytes.length;
      if (unsynced < SYNC_EVERY) return;
      unsynced = 0;
      await handle.datasync();
    };
    await write(Buffer.from(headerText({ ...FORMAT, checkpoint: number, when, seq })));
    for await (const entries of from.sealed(onDamaged)) {
      count += entries.length;
      await write(framed(entries));
      await pause();
    }
    await handle.writeFile(` end ${count} ${hash.digest('hex')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function framed(entries: readonly SealedEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const [key, sealed] of entries)
    parts.push(Buffer.from(`${key} ${sealed.length}\n`, 'latin1'), sealed, LINE_END);
  return Buffer.concat(parts);
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
  snapshot: Snapshot,
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
