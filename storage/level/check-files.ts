import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { reasonOf, StoreError, systemCode } from '../errors.ts';
import { READ } from '../files.ts';
import { parseKey } from '../keys.ts';
import { Acknowledged, ACKNOWLEDGED, endMissing } from './acknowledged.ts';
import { readLog } from './log.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { checkTable } from './table.ts';
import { unread } from './unread.ts';
import { varint } from './varint.ts';

/*
 * LevelDB's own files, looked at before LevelDB opens them. It skips what it cannot read in a log without a word, never
 * asks whether a log is there, believes the blocks of a table unseen, and ends the whole process where their keys are out
 * of order. So: every record of a log has to be whole, and each to follow the one before it; every table has to be
 * there and as long as it was, and the blocks of the newest have to fit their checksums.
 *
 *   CURRENT   = "MANIFEST-" NUMBER "\n"
 *   MANIFEST  = a log of edits: which tables there are, which log is the first that is not in them (`manifest.ts`)
 *   log       = a record for each batch (`log.ts`)
 *   batch     = number of its first change (8) how many changes (4) changes
 *   table     = sorted keys and values (`table.ts`)
 *
 * The end of a log may be torn. Whether what was acknowledged is there is asked of the journal, see `acknowledged.ts`; and of the
 * logs before, as far as they tell.
 */

/** Bytes before the changes of a batch. */
const HEADER = 12;
const GONE = 'it is gone';
/** What a change begins with that writes a key. */
const PUT = 1;

export interface FileDamage {
  readonly file: string;
  readonly why: string;
  /** Keys between which some may be missing, or be other than they were: above the first, up to the second. */
  readonly keys?: readonly [above: string, upTo: string];
  /** What to say of it, where that is something else. */
  readonly told?: StoreError;
}

/** The entries of the journal that were written to logs. They are written one after the other. */
interface Entries {
  first: number;
  last: number;
}

/**
 * Throws where a batch is missing between two others. Gives the number of the change that is to come next, and notes the
 * entries of the journal.
 */
function checkBatches(bytes: Buffer, next: number | undefined, entries: Entries): number | undefined {
  for (const record of readLog(bytes).records) {
    if (record.length < HEADER) throw new Error('a batch is too short');
    const first = Number(record.readBigUInt64LE(0));
    if (next !== undefined && first > next) throw new Error(`${first - next} changes are missing before it`);
    next = first + record.readUInt32LE(8);
    noteEntries(record, entries);
  }
  return next;
}

/** Those that a batch begins with: behind them is what is settled, or removed. */
function noteEntries(record: Buffer, entries: Entries): void {
  for (let at = HEADER; record[at] === PUT;) {
    const [length, keyAt] = varint(record, at + 1);
    const key = parseKey(record.toString('latin1', keyAt, keyAt + length));
    if (key?.kind !== 'journal') return;
    entries.first = Math.min(entries.first, key.seq);
    entries.last = Math.max(entries.last, key.seq);
    const [size, valueAt] = varint(record, keyAt + length);
    at = valueAt + size;
  }
}

/**
 * Nothing, or that what was acknowledged is not in the logs, which have what was written just before it. Told here, while the
 * logs are there: LevelDB makes tables of what it can read in them, and removes them, whatever else is in there.
 */
function endOf(folder: string, file: string, { first, last }: Entries): readonly FileDamage[] {
  const path = join(folder, ACKNOWLEDGED);
  const acknowledged = Acknowledged.read(path);
  if (!(first <= acknowledged && last < acknowledged)) return [];
  const told = endMissing(last, acknowledged, path, file);
  return [{ file, why: 'its end is missing', told }];
}

/** For a database that was there a moment ago. */
function putAway(folder: string, error: unknown): StoreError {
  const why = 'another process may be repairing the world; look again when that is done';
  return new StoreError('InUse', `the database "${folder}" has just been put away: ${why}`, error);
}

export interface TableChecks {
  /** The newest tables, of so many bytes together, are checked whole. */
  readonly newest: number;
  /** Of the others is looked whether LevelDB could read them, and not only how long they are. */
  readonly others: boolean;
  /** When it aborts, what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at the files of a LevelDB folder that nobody has open. Gives all that is damaged. Throws `Unreadable`, naming the file,
 * where the system does not give one that is there, and `InUse` where the folder is there no longer.
 */
export async function checkLevelFiles(
  folder: string,
  { newest, others, signal }: TableChecks,
): Promise<readonly FileDamage[]> {
  const damages: FileDamage[] = [];
  let current = 'CURRENT';
  /** What is wrong with the list of the files. */
  let unlisted: FileDamage | undefined;
  const lost = (name: string): void => {
    const damage = unlisted ?? { file: join(folder, name), why: GONE };
    if (!damages.includes(damage)) damages.push(damage);
  };
  const found = (name: string, error: unknown): void => {
    const code = systemCode(error);
    if (code === 'ENOENT') lost(name);
    else if (code === '' || code.startsWith('ERR_'))
      damages.push({ file: join(folder, name), why: reasonOf(error) });
    else throw unread(`read "${join(folder, name)}"`, error);
  };
  const names = await readdir(folder).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT'
      ? putAway(folder, error)
      : unread(`read the folder "${folder}"`, error);
  });
  const logs = names.filter((name) => /^\d+\.log$/.test(name)).sort((a, b) => parseInt(a) - parseInt(b));
  let manifest: Manifest;
  try {
    current = await currentManifest(folder);
    const bytes = await readFile(join(folder, current));
    manifest = readManifest(bytes);
    // Files are removed when an edit says so that was synced: what is gone is so by one behind those that can be read.
    const { whole } = manifest;
    if (whole < bytes.length) unlisted = { file: join(folder, current), why: `from byte ${whole} on` };
  } catch (error) {
    found(current, error);
    return damages;
  }
  // Its name is synced before the edit that tells of it.
  const firstLog = logName(manifest.firstLog);
  if (manifest.firstLog > 0 && !names.includes(firstLog)) lost(firstLog);
  let next: number | undefined = manifest.lastChange + 1;
  const entries: Entries = { first: Infinity, last: 0 };
  for (const name of logs.filter((each) => parseInt(each) >= manifest.firstLog)) {
    try {
      const bytes = await readFile(join(folder, name));
      next = checkBatches(bytes, next, entries);
    } catch (error) {
      found(name, error);
      next = undefined;
    }
  }
  if (damages.length === 0) damages.push(...endOf(folder, join(folder, logs.at(-1) ?? ''), entries));
  let left = newest;
  let memory = Buffer.alloc(0);
  const there = new Set(names);
  // The newest first: they are the small ones, and hold what changed last. One after the other and into the same memory: with more
  // of it the garbage collector would look through the heap.
  for (const [number, size] of [...manifest.tables].sort(([one], [other]) => other - one)) {
    const digits = String(number).padStart(6, '0');
    const name = there.has(`${digits}.sst`) ? `${digits}.sst` : `${digits}.ldb`;
    const file = join(folder, name);
    try {
      const { size: now } = statSync(file);
      if (now !== size) throw new Error(`it has ${now} bytes and had ${size}`);
      left -= size;
      if (left < 0 && !others) continue;
      // Whoever ends this early can do so only where it waits.
      if (others) await pause(undefined, { signal });
      if (memory.length < size) memory = Buffer.allocUnsafeSlow(size);
      const bytes = memory.subarray(0, size);
      readWhole(file, bytes);
      for (const { why, keys, isDeadly } of checkTable(bytes))
        if (left >= 0 || isDeadly) damages.push({ file, why, keys });
    } catch (error) {
      signal?.throwIfAborted();
      found(name, error);
    }
  }
  return damages;
}

/**
 * Fills a buffer with what a file begins with. Throws an ordinary Error where there is less. At once: a start has nothing else to
 * do, and there may be hundreds of them.
 */
function readWhole(file: string, bytes: Buffer): void {
  const opened = openSync(file, READ);
  try {
    // Some file systems give fewer at a time.
    for (let read = 0; read < bytes.length;) {
      const bytesRead = readSync(opened, bytes, read, bytes.length - read, read);
      if (bytesRead === 0) throw new Error('it is too short');
      read += bytesRead;
    }
  } finally {
    closeSync(opened);
  }
}

function logName(number: number): string {
  return `${String(number).padStart(6, '0')}.log`;
}

/** The name of the MANIFEST that counts. */
async function currentManifest(folder: string): Promise<string> {
  const name = /^(MANIFEST-\d+)\n$/.exec(await readFile(join(folder, 'CURRENT'), 'latin1'))?.[1];
  if (name === undefined) throw new Error('it names no MANIFEST');
  return name;
}

/**
 * Cuts off the end of the MANIFEST where that is torn, as after a power failure on a disk that has lengthened the file and not
 * written it yet: LevelDB takes zeros there for damage, and does not open. What was not synced nothing counts on: LevelDB
 * removes a log, or a table, only when the edit is synced that makes it needless. So where they are all there nothing is lost,
 * and where one is not the edit was synced, and is damaged. To be called when `checkLevelFiles` has found nothing, which looks
 * for them. Gives whether there was something to cut.
 */
export async function cutTornManifest(folder: string): Promise<boolean> {
  const file = join(folder, await currentManifest(folder));
  const bytes = await readFile(file);
  const { whole } = readManifest(bytes);
  if (whole === bytes.length) return false;
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(whole);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}
