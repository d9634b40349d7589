import { link, readFile, readlink, realpath, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { unsealBytes } from './checksum.ts';
import { reasonOf, StoreError, systemCode, unwritable } from './errors.ts';
import { makeFolder, namesIn, sizeOf, syncFolder, writeDurably } from './files.ts';
import { FORMAT_KEY, isKeyText } from './keys.ts';
import { chunksOf } from './level/chunks.ts';
import { isLocked } from './level/open-database.ts';
import { withoutDamage } from './level/table.ts';
import { isOfNoDatabase, REBUILDING, WORLD_FOLDER } from './world-folder.ts';

/*
 * For repairs: what stands in a database as bytes, whether it is damaged or not. Nobody may have the world open.
 */

/** The database in there, while it is not whole. */
const COPYING = 'unfinished';
/** Behind the name under which the old one is put away: its files as they were. */
const BEFORE = '-before';
const BATCH = 1024 * 1024; // bytes
const TABLE = /\.(?:ldb|sst)$/;

type RawDatabase = ClassicLevel<string, Buffer>;

function rawDatabase(folder: string, create: boolean): RawDatabase {
  return new ClassicLevel<string, Buffer>(folder, { createIfMissing: create, valueEncoding: 'buffer' });
}

function nothingLeft(dir: string, why: string, cause?: unknown): StoreError {
  return new StoreError(
    'Unreadable',
    `nothing of the database in "${dir}" can be read (${why}): restore the last checkpoint into a new folder`,
    cause,
  );
}

function formatLost(dir: string): StoreError {
  return new StoreError(
    'Unreadable',
    `what says of which version the world in "${dir}" is cannot be read (the key "${FORMAT_KEY}"): restore the last ` +
      'checkpoint into a new folder',
  );
}

function putAwayMeanwhile(dir: string): StoreError {
  return new StoreError('InUse', `another process is repairing the world in "${dir}": wait until it is done`);
}

function mountedThere(folder: string, cause: unknown): StoreError {
  return new StoreError(
    'Unwritable',
    `cannot put "${folder}" away: it is a mount point (${reasonOf(cause)}); copy the folder of the world to where it is none, ` +
      'and repair the copy',
    cause,
  );
}

/**
 * Opens the database of a world. Where LevelDB cannot make out what belongs to it, `mend` is done, and it tries once more. Throws
 * `InUse` and `Unreadable`.
 */
async function openRaw(dir: string, mend?: () => Promise<void>): Promise<RawDatabase> {
  const db = rawDatabase(join(dir, WORLD_FOLDER.db), false);
  try {
    await db.open();
    return db;
  } catch (error) {
    const cause = causeOf(error);
    if (systemCode(cause) === 'LEVEL_LOCKED')
      throw new StoreError('InUse', `a world runs in "${dir}": stop it before it is repaired`, cause);
    const why = reasonOf(cause);
    // Of a database that lacks a file nothing can be read; a full disk, or one that may not be written, is another matter.
    if (/^IO error: (?!.*No such file)/.test(why))
      throw new StoreError(
        'Unreadable',
        `cannot open the database in "${dir}" (${why}): see to that, and do this again`,
        cause,
      );
    if (mend === undefined) throw nothingLeft(dir, why, cause);
    await mend();
    return openRaw(dir);
  }
}

/** What LevelDB says: the error that it comes in says only what failed. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** The bytes that are stored under these keys, as far as the database can give them. Throws `InUse` and `Unreadable`. */
export async function readRawValues(
  dir: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  if (keys.length === 0) return found;
  let db: RawDatabase | undefined;
  try {
    db = await openRaw(dir);
    for (const key of keys) {
      try {
        const bytes = db.getSync(key);
        if (bytes !== undefined) found.set(key, bytes);
      } catch (error) {
        if (systemCode(error) !== 'LEVEL_CORRUPTION') throw error;
      }
    }
    return found;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError('Unreadable', `cannot read the database of "${dir}": ${reasonOf(error)}`, error);
  } finally {
    await db?.close();
  }
}

/**
 * Keeps the files of a database as they are, in `kept`, which is made: whatever opens it makes tables of what it can read in the
 * logs, and removes those, and may mend nothing then. Hard links take no room; where there are none, tables are left out until
 * somebody writes to them. Gives the folder that was made.
 */
async function keepFiles(folder: string, kept: string): Promise<string> {
  await makeFolder(kept);
  const numbers = (await namesIn(kept)).map((name) => Number(/^db-(\d+)(?:-before)?$/.exec(name)?.[1] ?? 0));
  const before = join(kept, `db-${Math.max(0, ...numbers) + 1}${BEFORE}`);
  await makeFolder(before);
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    // One that goes meanwhile belongs to a world that runs, which is told where it is opened.
    if ((await stat(file).catch(() => undefined))?.isFile() !== true) continue;
    await link(file, join(before, name)).catch(async () => {
      if (TABLE.test(name)) return;
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes !== undefined) await writeDurably(join(before, name), bytes);
    });
  }
  await syncFolder(before);
  return before;
}

/** Takes out of the tables of a database what is damaged in them; `before` has them as they were. Gives whether there was anything. */
async function emptyDamaged(folder: string, before: string): Promise<boolean> {
  let found = false;
  for (const name of (await namesIn(folder)).filter((each) => TABLE.test(each))) {
    const bytes = await withoutDamage(join(folder, name));
    if (bytes === undefined) continue;
    found = true;
    if ((await sizeOf(join(before, name))) === undefined)
      await writeDurably(join(before, name), await readFile(join(folder, name)));
    // Another file: the one that is kept may be the same by a hard link.
    await writeDurably(join(folder, name), bytes);
  }
  return found;
}

/**
 * Writes a database anew from what can be read of it, and puts the old one away in `kept`, which is made, beside its files as
 * they were before they were read. Killed in the middle, the same call ends what it began; a world does not start in between. Gives how many entries there are.
 * Throws `InUse`, `Unreadable` and `Unwritable`.
 */
export async function rebuildDatabase(dir: string, kept: string): Promise<number> {
  const folder = join(dir, WORLD_FOLDER.db);
  const building = join(dir, REBUILDING);
  let count = 0;
  try {
    if (await holdsDatabase(folder)) {
      const isNew = (await sizeOf(kept)) === undefined;
      const before = await keepFiles(folder, kept);
      let isChanged = !(await isLocked(folder)) && (await emptyDamaged(folder, before));
      // All tables and logs that are there come into a new list of them: the old one, or what it names, is damaged or gone.
      const relist = async (): Promise<void> => {
        // Of nothing it would make an empty one, and what another repair has written would be thrown away for that.
        if (!(await holdsDatabase(folder))) throw putAwayMeanwhile(dir);
        isChanged = true;
        await ClassicLevel.repair(folder).catch(() => {}); // what comes of it is told by opening it
      };
      const old = await openRaw(dir, relist).catch(async (error: unknown) => {
        if (!isChanged) await rm(isNew ? kept : before, { recursive: true, force: true }).catch(() => {});
        throw error;
      });
      try {
        await rm(building, { recursive: true, force: true });
        await makeFolder(join(building, COPYING));
        try {
          count = await copy(old, join(building, COPYING));
          if (count === 0) throw nothingLeft(dir, 'it is empty');
          const format = await old.get(FORMAT_KEY).catch(() => undefined);
          if (format === undefined || unsealBytes(FORMAT_KEY, format) === undefined) throw formatLost(dir);
        } catch (error) {
          await rm(building, { recursive: true, force: true }).catch(() => {}); // perhaps it filled the disk
          throw error;
        }
        await syncFolder(join(building, COPYING));
        await rename(join(building, COPYING), join(building, WORLD_FOLDER.db));
        await syncFolder(building);
        try {
          await putAway(folder, before.slice(0, -BEFORE.length));
        } catch (error) {
          if (systemCode(error) !== 'EBUSY') throw error;
          await rm(building, { recursive: true, force: true }).catch(() => {}); // as large as the old one, and of no use
          throw mountedThere(folder, error);
        }
      } finally {
        // Only now: a world that started before would commit to what was put away. And before there is another database
        // under the name by which this one knows its files.
        await old.close();
      }
      await syncFolder(kept);
    }
  } catch (error) {
    throw unwritable('the database anew', error);
  }
  await finishRebuild(dir);
  return count;
}

async function holdsDatabase(folder: string): Promise<boolean> {
  return !(await namesIn(folder)).every(isOfNoDatabase);
}

/** Puts a folder away; of a link only that, so that it leads where it did: what is there may be on another disk. */
async function putAway(folder: string, to: string): Promise<void> {
  const linked = await readlink(folder).catch(() => undefined);
  if (linked === undefined) return rename(folder, to);
  await symlink(await realpath(folder), to);
  return unlink(folder);
}

/** Ends a `rebuildDatabase` that was killed when the old database was put away already; else does nothing. */
export async function finishRebuild(dir: string): Promise<void> {
  const folder = join(dir, WORLD_FOLDER.db);
  const building = join(dir, REBUILDING);
  const isReady = (await namesIn(join(building, WORLD_FOLDER.db))).length > 0;
  if (!isReady || (await holdsDatabase(folder))) return;
  try {
    // Whoever looked for the old one meanwhile, as a start that waits for it does.
    const left = (await namesIn(folder)).filter(isOfNoDatabase);
    for (const name of left) await rm(join(folder, name), { force: true });
    await rename(join(building, WORLD_FOLDER.db), folder);
    await syncFolder(dir);
  } catch (error) {
    throw unwritable('the database anew', error);
  }
  await rm(building, { recursive: true, force: true }).catch(() => {}); // nobody takes it for anything
}

async function copy(old: RawDatabase, to: string): Promise<number> {
  const fresh = rawDatabase(to, true);
  let count = 0;
  try {
    await fresh.open().catch((error: unknown) => {
      throw causeOf(error);
    });
    let size = 0;
    let batch = fresh.batch();
    for await (const chunk of chunksOf(old, {}, () => {})) {
      for (const [key, value] of chunk) {
        if (!isKeyText(key)) continue; // nobody could take it out again
        batch.put(key, value);
        size += value.length;
        count += 1;
      }
      if (size < BATCH) continue;
      await batch.write({ sync: true });
      batch = fresh.batch();
      size = 0;
    }
    await batch.write({ sync: true });
    return count;
  } finally {
    await fresh.close();
  }
}
