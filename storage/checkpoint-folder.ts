import { basename, extname, join } from 'node:path';
import type { CheckpointHeader } from './checkpoint/header.ts';
import { CheckpointReader } from './checkpoint-reader.ts';
import { StoreError, unwritable } from './errors.ts';
import { namesIn, removeFiles, sizeOf } from './files.ts';

/*
 * A folder of checkpoints:
 *
 *   NUMBER.checkpoint       a checkpoint; NUMBER has six digits, or more if the first is no zero
 *   NUMBER.checkpoint.tmp   one that is being written, or was never finished
 *   NUMBER.checkpoint.lacking   empty: something that was damaged was left out of that checkpoint
 *   NUMBER.restored         empty: the world was made of that checkpoint, and the numbers go on from it
 */

const NAME = /^(?!0\d{6})(\d{6,15})\.checkpoint$/;
const TEMPORARY = /^(?!0\d{6})(\d{6,15})\.checkpoint\.tmp$/;
const RESTORED = /^(?!0\d{6})(\d{6,15})\.restored$/;

/** What follows the name of a checkpoint, or backup, of which something was left out, in the name of an empty file. */
export const LACKING = '.lacking';

/** One a second for three hundred years. */
const MOST_TAKEN = 10_000_000_000;

/**
 * Whether a world can have come to that number. A file with a higher one was put there by somebody: it is listed, and
 * the world's own numbers do not go on from it, which would soon have more digits than a name may.
 */
export function isTaken(number: number): boolean {
  return number <= MOST_TAKEN;
}

export interface CheckpointInfo {
  readonly number: number;
  readonly file: string;
  /** Of its file; of a backup those of the checkpoint, unpacked. */
  readonly bytes: number;
  /** What its first line says; `undefined` where that cannot be read. */
  readonly header: CheckpointHeader | undefined;
  /** Something that was damaged was left out of it. */
  readonly lacking: boolean;
}

/**
 * Of checkpoints in a folder, oldest first, those that are more than are to be kept. While the newest one lacks something the newest
 * that lacks nothing stays too, since what is damaged now is in there; and the oldest, in which may be what nobody has missed.
 */
export function tooMany(
  numbers: readonly number[],
  keep: number,
  isLacking: (number: number) => boolean,
): number[] {
  const spared = new Set<number | undefined>();
  if (isLacking(numbers.at(-1) ?? 0))
    spared.add(numbers[0]).add(numbers.findLast((number) => !isLacking(number)));
  return numbers.slice(0, -keep).filter((number) => !spared.has(number));
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

/** Whether the name of a file in a folder of checkpoints is that of a checkpoint. */
export function isCheckpointName(name: string): boolean {
  return NAME.test(name);
}

/** Whether the name of a file in a folder of checkpoints is one of `restoredFile`. */
export function isRestoredName(name: string): boolean {
  return RESTORED.test(name);
}

/** Gives a reader back that is of the checkpoint of that number; else it is closed, and this throws `CheckpointDamaged`. */
export async function numbered(reader: CheckpointReader, number: number): Promise<CheckpointReader> {
  const { checkpoint } = reader.header;
  if (checkpoint === number) return reader;
  await reader.close();
  const own = numberText(checkpoint) + extname(reader.file);
  throw new StoreError(
    'CheckpointDamaged',
    `"${reader.file}" is not checkpoint ${number} but ${checkpoint}: call it "${own}" again, where there is none of that name`,
  );
}

async function headerOf(folder: string, number: number): Promise<CheckpointHeader | undefined> {
  try {
    const reader = await openCheckpoint(folder, number);
    await reader.close();
    return reader.header;
  } catch {
    return undefined;
  }
}

/** The checkpoints in a folder, oldest first. Only their first lines are read; a missing folder has none. */
export async function listCheckpoints(folder: string): Promise<CheckpointInfo[]> {
  const found: CheckpointInfo[] = [];
  const names = await namesIn(folder);
  for (const name of names) {
    const digits = NAME.exec(name)?.[1];
    if (digits === undefined) continue;
    const file = join(folder, name);
    // One that leads nowhere keeps nobody from the others.
    const bytes = await sizeOf(file).catch(() => 0);
    if (bytes === undefined) continue;
    const header = await headerOf(folder, Number(digits));
    found.push({ number: Number(digits), file, bytes, header, lacking: names.includes(name + LACKING) });
  }
  return found.sort((a, b) => a.number - b.number);
}

/** Opens a checkpoint in a folder of checkpoints. Throws as `CheckpointReader.open` does. */
export async function openCheckpoint(folder: string, number: number): Promise<CheckpointReader> {
  return numbered(await CheckpointReader.open(checkpointFile(folder, number)), number);
}

/** The highest number that a checkpoint of this world has had, as far as the folder knows; 0 if it knows none. */
export async function lastNumber(folder: string): Promise<number> {
  const numbers = (await namesIn(folder)).map((name) =>
    Number((NAME.exec(name) ?? RESTORED.exec(name))?.[1] ?? 0),
  );
  return Math.max(0, ...numbers.filter(isTaken));
}

/**
 * Removes all but the newest checkpoints, those that `tooMany` spares, and what an interrupted `writeCheckpoint` left of older
 * ones. `keep` is at least 1, so that the numbers go on from the last one. Gives the numbers that are gone. Throws
 * `Unwritable` when not all of it could be removed, and `Unreadable`.
 */
export async function pruneCheckpoints(folder: string, keep: number): Promise<number[]> {
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`${keep} checkpoints cannot be kept: say how many, at least 1`);
  }
  const names = await namesIn(folder);
  const all = names.map((name) => Number(NAME.exec(name)?.[1] ?? Infinity)).filter(isTaken);
  all.sort((a, b) => a - b);
  const newest = all.at(-1) ?? 0;
  const gone = tooMany(all, keep, (number) =>
    names.includes(basename(checkpointFile(folder, number)) + LACKING),
  );
  const unfinished = names.filter((name) => {
    const digits = TEMPORARY.exec(name)?.[1];
    return digits !== undefined && Number(digits) <= newest;
  });
  const files = gone.map((number) => checkpointFile(folder, number));
  try {
    await removeFiles([...withMarks(files), ...unfinished.map((name) => join(folder, name))]);
  } catch (error) {
    throw unwritable(`to the folder "${folder}"`, error);
  }
  return gone;
}

/** Files, each with that behind it which says that something was left out. */
export function withMarks(files: readonly string[]): string[] {
  return files.flatMap((file) => [file, file + LACKING]);
}
