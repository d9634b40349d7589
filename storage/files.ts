import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { constants as os } from 'node:os';
import { dirname, resolve } from 'node:path';
import { reasonOf, StoreError, systemCode } from './errors.ts';
import { unread } from './level/unread.ts';

/*
 * Files and folders that a power failure leaves as they were promised to be. A file's bytes and its name are two things
 * to the disk: `handle.sync()` is for the bytes, `syncFolder` for the names.
 */

/** What a file is called until it is whole. */
export const UNFINISHED = '.tmp';

/** What file systems answer that have no sync for folders, as some on a network do: they keep names in order themselves. */
const NO_FOLDER_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EISDIR']);

/** The names in a folder; none when it does not exist. Throws `Unreadable`. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw unread(`read the folder "${folder}"`, error);
  }
}

/** Bytes of a file; `undefined` where there is none. Throws `Unreadable`. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StoreError('Unreadable', `cannot read "${file}": ${reasonOf(error)}`, error);
  }
}

/** What tells a folder from whatever is put in its place later; undefined where there is none. Throws `Unreadable`. */
export async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(folder);
    return `${dev} ${ino}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unread(`read the folder "${folder}"`, error);
  }
}

/**
 * How a file is opened for reading that somebody may have put a pipe in the place of: that is like an empty file then. Else
 * a thread would wait until somebody writes to it, and the process would not even end.
 */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** Throws `Unreadable`, naming it, where something stands under the name of a file that is none: a folder, a pipe. */
export async function refuseNoFile(file: string): Promise<void> {
  const found = await stat(file)
    .catch(() => lstat(file))
    .catch(() => undefined); // whoever opens it is told
  if (found === undefined || found.isFile()) return;
  throw new StoreError('Unreadable', `"${file}" is no file: take it away, or put back what was there`);
}

/** Bytes of a disk that are left to commits: what LevelDB takes to write its tables anew, and then some. */
const LEFT_TO_COMMITS = 64 * 1024 * 1024;
/** Files that the same is: of tables of 2 MiB, two times over. A disk may have room for no more of them and be far from full. */
const FILES_LEFT_TO_COMMITS = 64;
/** The most of a small disk that these may be. */
const LEFT_SHARE = 1 / 20;
/** The most that is made between two questions: a file, and a folder for it. */
const FILES = 2;

/**
 * Whoever writes what a world can do without asks first: a commit that finds no room is the last one. Throws what
 * a full disk does (`ENOSPC`) where so many bytes more in a folder, or `files`, would leave less on its disk than is left to
 * commits. None are asked for by whoever goes on with a file that is open.
 */
export async function leaveRoom(folder: string, bytes: number, files = FILES): Promise<void> {
  const disk = await statfs(folder);
  const left = Math.min(LEFT_TO_COMMITS, disk.blocks * disk.bsize * LEFT_SHARE);
  const filesLeft = Math.min(FILES_LEFT_TO_COMMITS, disk.files * LEFT_SHARE);
  // Some disks do not say how large they are, or have no number of files that they can hold.
  const hasRoom = left === 0 || disk.bavail * disk.bsize - bytes >= left;
  const hasFiles = filesLeft === 0 || files === 0 || disk.ffree - files >= filesLeft;
  if (hasRoom && hasFiles) return;
  const what = hasRoom ? 'the room for files that is left on the disk' : 'what is left of the disk';
  const why = `ENOSPC: ${what} is left to commits`;
  throw Object.assign(new Error(why), { code: 'ENOSPC', errno: -os.errno.ENOSPC });
}

/** Bytes that LevelDB takes beside what a batch adds: for a log and the table that is made of it. */
const TABLES = 8 * 1024 * 1024;

/** As `leaveRoom`, before a batch of so many bytes for a world that is being made, perhaps on the disk of one that runs. */
export function leaveRoomBeside(folder: string, bytes: number): Promise<void> {
  return leaveRoom(folder, bytes + TABLES);
}

/** Makes the names in a folder outlive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder, and those above it that are missing, for its owner only: what is in there is what people said, and the
 * tokens of everything. Their names outlive a power failure, also that of a folder which was there: whoever made it may
 * have died before that. Gives the topmost one that was made. When it throws, it has made none.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const top = resolve(made ?? folder);
  try {
    for (let at = resolve(folder); ; at = dirname(at)) {
      await syncAbove(at);
      if (at === top || at === dirname(at)) return made;
    }
  } catch (error) {
    if (made !== undefined) await removeEmpty(folder, made);
    throw error;
  }
}

/** Removes a folder, and those above it up to `top`, as far as they are empty. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    for (let at = resolve(folder); ; at = dirname(at)) {
      await rmdir(at);
      if (at === resolve(top)) return;
    }
  } catch {
    // Somebody else has put something there.
  }
}

/** Makes the name of a folder outlive a power failure. */
export async function syncAbove(folder: string): Promise<void> {
  try {
    await syncFolder(dirname(resolve(folder)));
  } catch (error) {
    // The folder above may be one in which one may make folders, and not look around.
    if (systemCode(error) !== 'EACCES') throw error;
  }
}

/**
 * Writes a file that is there whole or not at all, whenever the process dies. Its name outlives a power failure only
 * after `syncFolder` or `syncName`. When it throws, there is no such file, or the one from before.
 */
export async function writeDurably(file: string, content: string | Buffer): Promise<void> {
  const unfinished = file + UNFINISHED;
  try {
    await rm(unfinished, { force: true });
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Removes files; those that are gone already are no matter. One that cannot be removed does not keep the others: what was
 * thrown first is thrown at the end.
 */
export async function removeFiles(files: Iterable<string>): Promise<void> {
  const failed: unknown[] = [];
  for (const file of files) await rm(file, { force: true }).catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}

/** Makes the name of a new file outlive a power failure. When it throws, the file is gone. */
export async function syncName(file: string): Promise<void> {
  try {
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(file, { force: true }).catch(() => {});
    throw error;
  }
}
