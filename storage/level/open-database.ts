import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { reasonOf, StoreError, systemCode } from '../errors.ts';
import { damagedFile, FIRST_CURRENT } from '../world-folder.ts';
import { checkLevelFiles, cutTornManifest, unreadTable } from './check-files.ts';

export interface OpenOptions {
  /**
   * How long to wait for another owner to go, in milliseconds. Default 5000: a killed process may need a moment to
   * die, and a human who starts a second one should not wait longer for the answer.
   */
  readonly lockWait?: number;
  /** Called once when the wait begins. */
  readonly onWait?: () => void;
  /**
   * Reads all tables through before they are opened: LevelDB maps them into memory, and where the disk does not give a block of
   * one the system ends the process (SIGBUS), which nobody can catch. For whoever reads them all anyway, or knows of such an end.
   */
  readonly readTables?: boolean;
  /** Checks the blocks of all tables before they are opened, not only of the newest: for a repair, which may take long. */
  readonly checkTables?: boolean;
  /** When it aborts nothing is read or waited for any more, and opening rejects. */
  readonly signal?: AbortSignal;
}

const LOCK_WAIT = 5000; // ms
const LOCK_RETRY = 20; // ms between attempts: a failed one costs about 1 ms
/**
 * Bytes of tables that are read and checked before they are opened: about 40 ms, however large the world is. `check` reads
 * all of them.
 */
const CHECKED_TABLES = 8 * 1024 * 1024;

/** Whether another process has the database open. Changes nothing in it. */
export async function isLocked(folder: string): Promise<boolean> {
  const db: ClassicLevel = new ClassicLevel(folder, { createIfMissing: false, errorIfExists: true });
  try {
    await db.open();
    await db.close();
    return false;
  } catch (error) {
    return systemCode(error instanceof Error ? (error.cause ?? error) : error) === 'LEVEL_LOCKED';
  }
}

/** Throws `Damaged` when the files of the database are not as they were, unless somebody has them open. */
async function checkFiles(folder: string, tableBytes: number): Promise<void> {
  if ((await checkLevelFiles(folder, tableBytes)).length === 0 || (await isLocked(folder))) return;
  // Whoever had them open meanwhile may have changed them between two looks, and gone since.
  const [first] = await checkLevelFiles(folder, tableBytes);
  if (first === undefined) return;
  const { file, why, keys, told } = first;
  throw told ?? damagedFile(file, why, keys === undefined ? '' : `, and with it keys up to "${keys[1]}"`);
}

/** Throws `Unreadable`, naming it, where a table cannot be read. One that is gone is told by `checkFiles`. */
async function refuseUnread(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const found = await unreadTable(folder, signal);
  if (found === undefined) return;
  const { file, error } = found;
  const why = reasonOf(error);
  throw new StoreError('Unreadable', `cannot read "${file}": ${why}; ${wayOut(why)}`, error);
}

/** Opens the database itself, or makes it where none `exists`, waiting for an owner that is about to go. */
export async function openDatabase(
  folder: string,
  exists: boolean,
  { lockWait = LOCK_WAIT, onWait, readTables = false, checkTables = false, signal }: OpenOptions,
): Promise<ClassicLevel> {
  if (exists && readTables) await refuseUnread(folder, signal);
  const deadline = performance.now() + lockWait;
  let mended = false;
  for (let waited = false; ; waited = true) {
    if (exists) await checkFiles(folder, checkTables ? Infinity : CHECKED_TABLES);
    const db: ClassicLevel = new ClassicLevel(folder, { createIfMissing: !exists });
    try {
      await db.open();
      return db;
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (systemCode(cause) === 'LEVEL_LOCKED') {
        if (performance.now() < deadline) {
          if (!waited) onWait?.();
          await sleep(LOCK_RETRY, undefined, { signal });
          continue;
        }
        throw new StoreError(
          'InUse',
          `"${folder}" is in use by another process: stop that one first, or name another folder`,
          cause,
        );
      }
      const isDamaged = systemCode(cause) === 'LEVEL_CORRUPTION';
      if (!mended) {
        mended = true;
        // Where that fails the folder is as it was, and is refused for what was found first.
        const mend = exists ? isDamaged && cutTornManifest(folder) : forgetBeginning(folder);
        if (await Promise.resolve(mend).catch(() => false)) continue;
      }
      if (isDamaged) {
        throw new StoreError(
          'Damaged',
          `the database in "${folder}" is damaged (${reasonOf(cause)}): restore a checkpoint into a new folder`,
          cause,
        );
      }
      throw new StoreError(
        'Unreadable',
        `cannot open the database in "${folder}": ${reasonOf(cause)}; ${wayOut(reasonOf(cause))}`,
        cause,
      );
    }
  }
}

/** Whether there was a database that LevelDB has begun and cannot open: the next attempt begins another one. */
async function forgetBeginning(folder: string): Promise<boolean> {
  // Only now that its LOCK was taken and left again: nobody else is making one. Throws where there is none.
  const current = join(folder, 'CURRENT');
  if ((await readFile(current, 'latin1')) !== FIRST_CURRENT) return false;
  await unlink(current);
  return true;
}

/** What helps, by what the system says of it; LevelDB gives its words, and no codes. */
function wayOut(reason: string): string {
  if (/No space left|Disk quota/.test(reason))
    return 'make room on its disk, and start the world again: nothing is lost';
  if (/Input\/output error|^EIO\b/.test(reason))
    return (
      'its disk fails: restore the last checkpoint to another disk; or copy the folder there, with zeros for what cannot be read ' +
      '(as ddrescue does), and run `keystead check --repair` on the copy'
    );
  return (
    'whoever runs the world has to be able to read and write that folder: change its owner or where it is mounted, or name ' +
    'another folder'
  );
}
