import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../storage/files.ts';

/**
 * The files of a log: `LOG/NNNNNNNN.log`, numbered from 1 in the order in which they were begun, with eight digits or
 * more. Each process that writes begins one of its own, so that only the last line of a file can have been cut by a crash.
 */
const NAME = /^(\d{8,12})\.log$/;

export interface LogFile {
  readonly number: number;
  readonly path: string;
}

export interface LogFileState extends LogFile {
  readonly bytes: number;
  /** When it was written last, in milliseconds since the epoch. */
  readonly written: number;
}

export function logFile(folder: string, number: number): LogFile {
  return { number, path: join(folder, `${String(number).padStart(8, '0')}.log`) };
}

/** In order; none where the folder is missing. Throws `Unreadable`. */
export async function listLogFiles(folder: string): Promise<readonly LogFile[]> {
  const numbers = (await namesIn(folder))
    .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0);
  return numbers.sort((a, b) => a - b).map((number) => logFile(folder, number));
}

/** The same with what the disk says of each; one that has gone meanwhile is left out. */
export async function statLogFiles(folder: string): Promise<readonly LogFileState[]> {
  const all: LogFileState[] = [];
  for (const file of await listLogFiles(folder)) {
    try {
      const { size, mtimeMs } = await stat(file.path);
      all.push({ ...file, bytes: size, written: mtimeMs });
    } catch (error) {
      // What cannot be looked at is passed over by whoever reads it, and keeps nobody from the others.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        all.push({ ...file, bytes: 0, written: Infinity });
    }
  }
  return all;
}

/**
 * Removes the files that were written last before `since`, and then the oldest until all others have at most `bytes`.
 * Gives how many bytes are left. The file `current` stays, and what cannot be removed: the log goes on beside it.
 */
export async function pruneLogFiles(
  folder: string,
  since: number,
  bytes: number,
  current: number,
): Promise<number> {
  const all = await statLogFiles(folder);
  let total = all.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of all) {
    if (file.number === current || (file.written >= since && total <= bytes)) continue;
    try {
      await rm(file.path, { force: true });
      total -= file.bytes;
    } catch {
      // Its bytes go on being counted.
    }
  }
  return total;
}
