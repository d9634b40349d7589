import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { LACKING } from './checkpoint-folder.ts';
import { CheckpointReader } from './checkpoint-reader.ts';
import { damagedCheckpoint, headerText, type CheckpointHeader } from './checkpoint/header.ts';
import { FRAME, PackedFrames } from './checkpoint/packed.ts';
import { PackedWriter } from './checkpoint/packed-writer.ts';
import { Packer } from './checkpoint/packer.ts';
import { StoreError, unwritable } from './errors.ts';
import { leaveRoom, makeFolder, sizeOf, syncFolder, syncName, UNFINISHED } from './files.ts';
import { FORMAT } from './format.ts';
import { ALL_BUT_INDEX } from './keys.ts';
import type { Range, Snapshot } from './store.ts';

/** Entries between two pauses: to read and check 256 of 300 bytes takes about 1 ms. */
const PAUSE_EVERY = 256;

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
  /** When it aborts, the checkpoint is given up, and what it was aborted with is thrown. */
  readonly signal?: AbortSignal;
}

/** What a complete and undamaged checkpoint file holds. */
export interface CheckpointSummary {
  readonly header: CheckpointHeader;
  readonly entries: number;
  /** Of the checkpoint; its file takes fewer. */
  readonly bytes: number;
}

/**
 * Says of a file that gets its name next whether something was left out of it, in a way that outlives a power failure if it does.
 */
export async function markLacking(file: string, lacking: boolean): Promise<void> {
  await rm(file + LACKING, { force: true }); // of one that was never finished
  if (!lacking) return;
  await writeFile(file + LACKING, '', { mode: 0o600 });
  await syncFolder(dirname(file));
}

/** Gives what is written, and the hash of its bytes. */
async function writeEntries(
  from: Snapshot,
  file: string,
  packer: Packer,
  options: WriteCheckpointOptions,
): Promise<{ readonly summary: CheckpointSummary; readonly hash: string }> {
  const { number, when, seq, onDamaged, signal } = options;
  const header = { ...FORMAT, checkpoint: number, when, seq };
  await rm(file, { force: true }); // of one that was never finished
  const handle = await open(file, 'wx', 0o600);
  try {
    const writer = new PackedWriter(handle, packer);
    await writer.begin(headerText(header));
    let count = 0;
    for (const range of ALL_BUT_INDEX) {
      for await (const entries of from.sealed(onDamaged === undefined ? range : { ...range, onDamaged })) {
        signal?.throwIfAborted();
        count += entries.length;
        await leaveRoom(dirname(file), FRAME);
        await writer.add(entries);
        await pause();
      }
    }
    const hash = await writer.end((before) => ` end ${count} ${before}\n`);
    return { summary: { header, entries: count, bytes: writer.bytes }, hash };
  } finally {
    await handle.close();
  }
}

/** Whether the disk kept what was written; each entry of it was looked at before. */
async function checkKept(
  file: string,
  packer: Packer,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const frames = new PackedFrames(file, handle);
    await packer.begin();
    for (;;) {
      const length = await frames.next(packer.packed);
      if (length === 0) break;
      signal?.throwIfAborted();
      if (!(await packer.unpack(length))) throw frames.damaged();
    }
    if ((await packer.hash()) !== hash) throw damagedCheckpoint(file, 'it is not what was written');
  } finally {
    await handle.close();
  }
}

/**
 * Writes all that a snapshot holds, but for the index of references, to a file, reads the file back and compares, and
 * only then gives it its name. A crash, or an error, leaves no file of that name. Makes the folder where there is
 * none. The event loop runs between chunks throughout. The snapshot stays the caller's, to close.
 *
 * Throws `NotEmpty` where there is a file of that name, `Unwritable`, `CheckpointDamaged` when the disk did not keep
 * what was written, what reading the snapshot throws, and what aborted the signal.
 */
export async function writeCheckpoint(
  snapshot: Snapshot,
  file: string,
  options: WriteCheckpointOptions,
): Promise<CheckpointSummary> {
  const temporary = file + UNFINISHED;
  let lacking = false;
  const { onDamaged } = options;
  const noted: WriteCheckpointOptions['onDamaged'] = (key, error) => {
    lacking = true;
    onDamaged?.(key, error);
  };
  if ((await sizeOf(file)) !== undefined) {
    throw new StoreError(
      'NotEmpty',
      `there is a checkpoint "${file}" already: give the new one another number`,
    );
  }
  try {
    await makeFolder(dirname(file));
    const packer = new Packer();
    let summary: CheckpointSummary;
    try {
      const how = onDamaged === undefined ? options : { ...options, onDamaged: noted };
      const written = await writeEntries(snapshot, temporary, packer, how);
      await checkKept(temporary, packer, written.hash, options.signal);
      ({ summary } = written);
    } finally {
      await packer.close();
    }
    await markLacking(file, lacking);
    await rename(temporary, file);
    await syncName(file);
    return summary;
  } catch (error) {
    for (const each of [temporary, file + LACKING]) await rm(each, { force: true }).catch(() => {});
    if (options.signal?.aborted === true) throw options.signal.reason;
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
      onProgress?.(reader.part);
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
