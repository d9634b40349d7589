import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isCheckpointName } from './checkpoint-folder.ts';
import { StoreError } from './errors.ts';
import { namesIn, refuseNoFile, sizeOf } from './files.ts';
import { foreign } from './format.ts';

/** What a world's folder holds. */
export const WORLD_FOLDER = Object.freeze({ db: 'db', checkpoints: 'checkpoints', control: 'control.sock' });

/**
 * How the names begin of folders in which a world is put together: hidden, and never taken for a world, also not for the
 * place of a new one.
 */
export const MAKING = '.restoring-';

/** The folder in which a database is written anew; hidden for the same reason. */
export const REBUILDING = '.rebuilding';

/** What LevelDB leaves in a folder when it dies before its database is complete: nothing that anyone wrote. */
const LEVELDB_BEGINNINGS = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-00000[12]|00000[12]\.dbtmp|000003\.log)$/;
/** What whoever finds no database leaves where he looked for one. */
const LEVELDB_LOOKED = /^(LOCK|LOG|LOG\.old)$/;
/** What is in CURRENT until LevelDB has opened a new database for the first time, before anybody has written to it. */
export const FIRST_CURRENT = 'MANIFEST-000001\n';
/** What is opened of a database, by us or by LevelDB. */
const OPENED = /^(CURRENT|LOCK|ACKNOWLEDGED|MANIFEST-\d+|\d+\.log)$/;
/** What it has only when there was a CURRENT. */
const LEVELDB_LATER = /^(MANIFEST-000002|000002\.dbtmp|000003\.log)$/;
const LEVELDB_FILES = /^(MANIFEST-\d+|\d+\.(dbtmp|log|ldb|sst))$/;

/**
 * Looks whether there is a world in a folder. True where there is a database; false where there is none and one may be
 * made, for which `create` asks. Changes nothing. `isHeld`: whether a process has the database in a folder open.
 *
 * Throws `Missing`, `FormatForeign` where something else is there, `Damaged` where the database has lost its first file,
 * and `Unreadable`.
 */
export async function holdsWorld(
  dir: string,
  create: boolean,
  isHeld: (folder: string) => Promise<boolean>,
): Promise<boolean> {
  const folder = join(dir, WORLD_FOLDER.db);
  for (const each of [dir, folder]) await refuseAstray(dir, each);
  const inside = await namesIn(folder);
  if (inside.includes('CURRENT') && !(await isBeginning(folder, inside))) {
    for (const name of inside) if (OPENED.test(name)) await refuseNoFile(join(folder, name));
    return true;
  }
  const beside = inside.every(isOfNoDatabase) ? await namesIn(dir) : [];
  await refuseUnfinished(dir, beside, isHeld);
  const others = inside.filter((name) => !LEVELDB_BEGINNINGS.test(name));
  const lost = !inside.includes('CURRENT') && inside.some((name) => LEVELDB_LATER.test(name));
  if (lost || others.some((name) => LEVELDB_FILES.test(name)))
    throw damagedFile(join(folder, 'CURRENT'), 'it is gone');
  if (others.length > 0) throw foreign(dir, `"db" in it holds "${others[0]}" and no database`);
  await refuseLost(dir);
  if (inside.length === 0) refuseOthers(dir, beside);
  if (!create) throw missing(dir);
  return false;
}

/** Whether a file is there also where LevelDB has looked for a database, and there was none. */
export function isOfNoDatabase(name: string): boolean {
  return LEVELDB_LOOKED.test(name);
}

/**
 * Whether LevelDB has begun a database and not yet opened it: nothing is in it. It does not sync what it begins with, so that
 * after a power failure it could not go on from there.
 */
async function isBeginning(folder: string, inside: readonly string[]): Promise<boolean> {
  if (!inside.every((name) => LEVELDB_BEGINNINGS.test(name))) return false;
  const log = await sizeOf(join(folder, '000003.log'));
  if (log !== undefined && log > 0) return false;
  const current = join(folder, 'CURRENT');
  // Its size first: who reads a pipe that stands in its place waits for ever.
  if ((await sizeOf(current)) !== FIRST_CURRENT.length) return false;
  return (await readFile(current, 'latin1').catch(() => '')) === FIRST_CURRENT;
}

/**
 * Throws `Missing` where there are checkpoints: there was a world, and another one in its place would in time push them out.
 * Throws `Unreadable`.
 */
export async function refuseLost(dir: string): Promise<void> {
  const kept = (await namesIn(join(dir, WORLD_FOLDER.checkpoints))).filter(isCheckpointName).sort().at(-1);
  if (kept === undefined) return;
  throw notYet(
    dir,
    `its database is gone, and there are checkpoints of it, up to "${kept}"; restore one into a new folder, or begin ` +
      'anew in another one',
  );
}

/** What a link led to that leads nowhere is most likely on a disk that is not mounted: it is not gone, and nothing takes its place. */
async function refuseAstray(dir: string, path: string): Promise<void> {
  const to = await readlink(path).catch(() => undefined);
  if (to === undefined || (await sizeOf(path)) !== undefined) return;
  throw notYet(dir, `"${path}" is a link to "${to}", which is not there; is its disk mounted?`);
}

/** A world that was being put together, or mended, is no world until that is done again. */
async function refuseUnfinished(
  dir: string,
  beside: readonly string[],
  isHeld: (folder: string) => Promise<boolean>,
): Promise<void> {
  if (beside.includes(REBUILDING)) {
    throw notYet(dir, 'mending it was interrupted; run `keystead check --repair` again, or empty the folder');
  }
  const making = beside.filter((name) => name.startsWith(MAKING));
  for (const name of making) {
    const folder = join(dir, name, WORLD_FOLDER.db);
    // Whoever looks at what is not there would make it.
    if ((await sizeOf(folder)) === undefined || !(await isHeld(folder))) continue;
    throw notYet(dir, 'another process is making one there; wait until it is done');
  }
  if (making.length > 0) {
    throw notYet(dir, 'making it was interrupted; do again what makes it, or empty the folder');
  }
}

/** What may be beside a database before there is one: what we put there ourselves, and hidden files. */
function refuseOthers(dir: string, beside: readonly string[]): void {
  const ours = Object.values(WORLD_FOLDER) as string[];
  const other = beside.find((name) => !ours.includes(name) && !name.startsWith('.'));
  if (other !== undefined) throw foreign(dir, `it holds "${other}" and no world`);
}

/** What to say of a folder that has no world in it. */
export function missing(dir: string): StoreError {
  return notYet(dir, 'start one there, or name the folder of one');
}

function notYet(dir: string, why: string): StoreError {
  return new StoreError('Missing', `there is no world in "${dir}": ${why}`);
}

/** What a world is refused with of which a file is damaged. `lost`: what went with it. */
export function damagedFile(file: string, why: string, lost = ''): StoreError {
  return new StoreError(
    'Damaged',
    `the file "${file}" is damaged (${why})${lost}: put a copy of it back, or restore the last checkpoint into a new folder` +
      // Of a log the journal would lack an entry, and what was acknowledged may be in it.
      (file.endsWith('.log') ? '' : '; else "keystead check --repair" goes on without what is lost'),
  );
}
