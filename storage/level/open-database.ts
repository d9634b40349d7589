import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { reasonOf, StoreError, systemCode } from '../errors.ts';
import { sizeOf } from '../files.ts';
import { damagedFile, FIRST_CURRENT } from '../world-folder.ts';
import { checkLevelFiles, cutTornManifest, type TableChecks } from './check-files.ts';
import { unread } from './unread.ts';

export interface OpenOptions {
  /**
   * How long to wait for another owner to go, in milliseconds. Default 5000: a killed process may need a moment to
   * die, and a human who starts a second one should not wait longer for the answer.
   */
  readonly lockWait?: number;
  /** Called once when the wait begins. */
  readonly onWait?: () => void;
  /**
   * What of the tables is looked at before they are opened. Default `newest`: how long they are, and the blocks of the newest ones.
   * `readable`: and whether LevelDB can read the others, for whoever reads them all anyway, or knows that a process has died of them.
   * It maps them into memory, so that the system ends the process where the disk does not give a block (SIGBUS), and it ends the
   * process itself where what should be keys are none (SIGABRT); nobody can catch either. `whole`: all blocks of all tables.
   */
  readonly tables?: 'newest' | 'readable' | 'whole';
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

/** Whether another process has the database open. Changes nothing in it, and makes none where there is none any more. */
export async function isLocked(folder: string): Promise<boolean> {
  // LevelDB would make the folder and the file: whoever is about to give the place to another database would find it taken.
  if ((await sizeOf(join(folder, 'LOCK'))) === undefined) return false;
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
async function checkFiles(folder: string, checks: TableChecks): Promise<void> {
  if ((await checkLevelFiles(folder, checks)).length === 0 || (await isLocked(folder))) return;
  // Whoever had them open meanwhile may have changed them between two looks, and gone since.
  const [first] = await checkLevelFiles(folder, checks);
  if (first === undefined) return;
  const { file, why, keys, told } = first;
  throw told ?? damagedFile(file, why, keys === undefined ? '' : `, and with it keys up to "${keys[1]}"`);
}

/** Opens the database itself, or makes it where none `exists`, waiting for an owner that is about to go. */
export async function openDatabase(
  folder: string,
  exists: boolean,
  { lockWait = LOCK_WAIT, onWait, tables = 'newest', signal }: OpenOptions,
): Promise<ClassicLevel> {
  const checks = {
    newest: tables === 'whole' ? Infinity : CHECKED_TABLES,
    others: tables !== 'newest',
    signal,
  };
  const deadline = performance.now() + lockWait;
  let waited = false;
  const wait = async (cause?: unknown): Promise<void> => {
    if (performance.now() >= deadline)
      throw new StoreError(
        'InUse',
        `"${folder}" is in use by another process: stop that one first, or name another folder`,
        cause,
      );
    if (!waited) onWait?.();
    waited = true;
    await sleep(LOCK_RETRY, undefined, { signal });
  };
  let mended = false;
  for (;;) {
    // As long as somebody has it its files are not looked at once more, which may take long.
    if (waited && (await isLocked(folder))) {
      await wait();
      continue;
    }
    if (exists) await checkFiles(folder, checks);
    const db: ClassicLevel = new ClassicLevel(folder, { createIfMissing: !exists });
    try {
      await db.open();
      return db;
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (systemCode(cause) === 'LEVEL_LOCKED') {
        await wait(cause);
        continue;
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
      throw unread(`open the database in "${folder}"`, cause);
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
