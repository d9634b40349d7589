import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClassicLevel, type Iterator, type IteratorOptions } from 'classic-level';
import { Acknowledged } from './acknowledged.ts';
import { seal, unseal } from './checksum.ts';
import { reasonOf, StoreError, systemCode } from './errors.ts';
import { FORMAT, foreign, formatText, parseFormat } from './format.ts';
import { ALL_BYTES, FORMAT_KEY, isKeyText, parseKey, prefixRange, SETTLED_KEY } from './keys.ts';
import { checkLevelFiles, type FileDamage } from './level-files.ts';
import { isValueText, type Op, type Range, type Reader, type Snapshot, type Store } from './store.ts';

/** What a world's folder holds. */
export const WORLD_FOLDER = Object.freeze({ db: 'db', checkpoints: 'checkpoints', control: 'control.sock' });

/**
 * How the names begin of folders in which a world is put together while it is restored: hidden, and never taken for a
 * world, also not for the place of a new one.
 */
export const RESTORING = '.restoring-';

export interface LevelStoreOptions {
  /** Make a new world where there is none. Default false: then the error is `Missing`. */
  readonly create?: boolean;
  /**
   * How long to wait for another owner to go, in milliseconds. Default 5000: a killed process may need a moment to
   * die, and a human who starts a second one should not wait longer for the answer.
   */
  readonly lockWait?: number;
  /** Called once when the wait begins. */
  readonly onWait?: () => void;
  /**
   * Open it although files of the database are damaged, as far as LevelDB can: to look into it, or to save what is left.
   * It may end the process, and what it writes is built on what it can still read.
   */
  readonly despiteDamage?: boolean;
}

const LOCK_WAIT = 5000; // ms
const LOCK_RETRY = 20; // ms between attempts: a failed one costs about 1 ms
/**
 * Bytes of tables that are read and checked before they are opened: about 40 ms, however large the world is. `check` reads
 * all of them.
 */
const CHECKED_TABLES = 8 * 1024 * 1024;
/** Beside LevelDB's own files, which it leaves alone. */
const ACKNOWLEDGED = 'ACKNOWLEDGED';
const CHUNK = 256; // entries per read of a range: decoding them takes well under 1 ms
const CHUNK_BYTES = 64 * 1024; // bytes per read of a range, for the same reason

type Db = ClassicLevel;
type DbSnapshot = ReturnType<Db['snapshot']>;
type EntryIterator = Iterator<Db, string, string>;

/** What LevelDB leaves in a folder when it dies before its database is complete: nothing that anyone wrote. */
const LEVELDB_BEGINNINGS = /^(LOCK|LOG|LOG\.old|MANIFEST-000001|000001\.dbtmp)$/;
/** What it has only when there was a CURRENT. */
const LEVELDB_FILES = /^(MANIFEST-\d+|\d+\.(dbtmp|log|ldb|sst))$/;

function checkedKey(key: string): string {
  if (isKeyText(key)) return key;
  throw new StoreError('BadKey', `${JSON.stringify(key.slice(0, 100))} cannot be a key`);
}

function checkedValue(key: string, value: string): string {
  if (isValueText(value)) return value;
  throw new StoreError('BadValue', `the value for key "${key}" is not a string of well-formed Unicode`);
}

/** Turns what the database throws on reading into our error; `key` is `''` where it is not known. */
function readError(error: unknown, key: string): StoreError {
  if (error instanceof StoreError) return error;
  const what = key === '' ? 'a part of the database' : `the value of key "${key}"`;
  switch (systemCode(error)) {
    case 'LEVEL_CORRUPTION':
      return new StoreError('Damaged', `${what} is damaged: ${reasonOf(error)}`, error);
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_SNAPSHOT_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
      return new StoreError('Closed', 'the store is closed', error);
    default:
      return new StoreError('Unreadable', `cannot read ${what}: ${reasonOf(error)}`, error);
  }
}

function writeError(error: unknown): StoreError {
  switch (systemCode(error)) {
    case 'LEVEL_BATCH_NOT_OPEN':
    case 'LEVEL_DATABASE_NOT_OPEN':
      return new StoreError('Closed', 'the store is closed', error);
    default:
      return new StoreError('Unwritable', `cannot write to the database: ${reasonOf(error)}`, error);
  }
}

class LevelReader implements Reader {
  readonly #db: Db;
  readonly #at: { readonly snapshot?: DbSnapshot };

  constructor(db: Db, snapshot?: DbSnapshot) {
    this.#db = db;
    this.#at = snapshot === undefined ? {} : { snapshot };
  }

  get(key: string): string | undefined {
    // The database writes keys into a buffer that it reuses, and may cut one short inside a longer character.
    checkedKey(key);
    let stored: string | undefined;
    try {
      stored = this.#db.getSync(key, this.#at);
    } catch (error) {
      throw readError(error, key);
    }
    return stored === undefined ? undefined : unseal(key, stored);
  }

  async *range(range: Range): AsyncGenerator<readonly [string, string]> {
    const { gte, lt, reverse = false, limit = -1, onDamaged } = range;
    const settings = { reverse, highWaterMarkBytes: CHUNK_BYTES, ...this.#at };
    let last: string | undefined;
    let left = limit < 0 ? Infinity : limit;
    let size = CHUNK;
    let lost: StoreError | undefined;
    let entries = this.#iterator({ ...settings, gte, lt });
    try {
      while (left > 0) {
        let chunk: [string, string][];
        try {
          chunk = await entries.nextv(Math.min(size, left));
        } catch (error) {
          const known = readError(error, '');
          if (known.code !== 'Damaged' || onDamaged === undefined) throw known;
          // The database skips a block that it cannot read, and says so only at the end, instead of giving the
          // last chunk. So that chunk is read again, one entry at a time, until it says so again or is done.
          const again = lost !== undefined;
          lost ??= known;
          if (again) break;
          size = 1;
          await entries.close();
          const rest = last === undefined ? { gte, lt } : reverse ? { gte, lt: last } : { gt: last, lt };
          entries = this.#iterator({ ...settings, ...rest });
          continue;
        }
        if (chunk.length === 0) break;
        left -= chunk.length;
        for (const [key, stored] of chunk) {
          last = key;
          let value: string;
          try {
            value = unseal(key, stored);
          } catch (error) {
            if (onDamaged === undefined) throw error;
            onDamaged(key, readError(error, key));
            continue;
          }
          yield [key, value];
        }
      }
      if (lost !== undefined) onDamaged?.('', lost);
    } finally {
      await entries.close();
    }
  }

  #iterator(options: IteratorOptions<string, string>): EntryIterator {
    try {
      return this.#db.iterator(options);
    } catch (error) {
      throw readError(error, '');
    }
  }
}

class LevelSnapshot extends LevelReader implements Snapshot {
  readonly #snapshot: DbSnapshot;

  constructor(db: Db) {
    const snapshot = db.snapshot();
    super(db, snapshot);
    this.#snapshot = snapshot;
  }

  close(): Promise<void> {
    return this.#snapshot.close();
  }
}

class LevelStore extends LevelReader implements Store {
  readonly #db: Db;
  readonly #acknowledged: Acknowledged;
  #closing: Promise<void> | undefined;

  constructor(db: Db, acknowledged: Acknowledged) {
    super(db);
    this.#db = db;
    this.#acknowledged = acknowledged;
  }

  async batch(ops: readonly Op[], how: { readonly sync: boolean }): Promise<void> {
    // The chained form: a third of the main thread's time of an array of operations.
    let batch;
    try {
      batch = this.#db.batch();
    } catch (error) {
      throw writeError(error);
    }
    let entry = '';
    try {
      for (const op of ops) {
        if ('put' in op && op.put > entry && op.put.startsWith('j/')) entry = op.put;
        if ('put' in op) batch.put(checkedKey(op.put), seal(op.put, checkedValue(op.put, op.value)));
        else batch.del(checkedKey(op.del));
      }
    } catch (error) {
      await batch.close();
      throw error;
    }
    try {
      await batch.write(how);
    } catch (error) {
      throw writeError(error);
    }
    if (how.sync && entry !== '') this.#noteEntry(entry);
  }

  #noteEntry(text: string): void {
    const key = parseKey(text);
    if (key?.kind === 'journal' && this.#closing === undefined) this.#acknowledged.write(key.seq);
  }

  snapshot(): Snapshot {
    try {
      return new LevelSnapshot(this.#db);
    } catch (error) {
      throw readError(error, '');
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#db.close().finally(() => {
      this.#acknowledged.close();
    });
    return this.#closing;
  }
}

function damaged({ file, why, keys }: FileDamage): StoreError {
  const lost = keys === undefined ? '' : `, and with it keys up to "${keys[1]}"`;
  return new StoreError(
    'Damaged',
    `the file "${file}" is damaged (${why})${lost}: put a copy of it back, or restore the last checkpoint into a new folder`,
  );
}

/** Whether another process has the database open. Changes nothing in it. */
async function isLocked(folder: string): Promise<boolean> {
  const db: Db = new ClassicLevel(folder, { createIfMissing: false, errorIfExists: true });
  try {
    await db.open();
    await db.close();
    return false;
  } catch (error) {
    return systemCode(error instanceof Error ? (error.cause ?? error) : error) === 'LEVEL_LOCKED';
  }
}

/** Throws `Damaged` when the files of the database are not as they were, unless somebody has them open. */
async function checkFiles(folder: string): Promise<void> {
  const [first] = await checkLevelFiles(folder, CHECKED_TABLES);
  if (first !== undefined && !(await isLocked(folder))) throw damaged(first);
}

/** Throws `Damaged` when the journal ends before the last entry that was acknowledged. */
async function checkAcknowledged(store: Store, path: string): Promise<void> {
  const acknowledged = Acknowledged.read(path);
  if (acknowledged === 0) return;
  let last = 0;
  try {
    last = Number(store.get(SETTLED_KEY) ?? '0');
  } catch {
    return; // whoever replays the journal says so
  }
  for await (const [text] of store.range({
    ...prefixRange('j'),
    reverse: true,
    limit: 1,
    onDamaged: () => (last = Infinity), // the same
  })) {
    const key = parseKey(text);
    if (key?.kind === 'journal') last = Math.max(last, key.seq);
  }
  if (last >= acknowledged) return;
  throw new StoreError(
    'Damaged',
    `the end of the journal is missing: commits ${last + 1} to ${acknowledged} were acknowledged and are gone. ` +
      `Restore the last checkpoint into a new folder; or remove the file "${path}", to go on without them`,
  );
}

/** Opens the database itself, waiting for an owner that is about to go. */
async function openDatabase(
  folder: string,
  create: boolean,
  { lockWait = LOCK_WAIT, onWait, despiteDamage = false }: LevelStoreOptions,
): Promise<Db> {
  const deadline = performance.now() + lockWait;
  for (let waited = false; ; waited = true) {
    if (!create || (await namesIn(folder)).includes('CURRENT')) if (!despiteDamage) await checkFiles(folder);
    const db: Db = new ClassicLevel(folder, { createIfMissing: create });
    try {
      await db.open();
      return db;
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (systemCode(cause) === 'LEVEL_LOCKED') {
        if (performance.now() < deadline) {
          if (!waited) onWait?.();
          await sleep(LOCK_RETRY);
          continue;
        }
        throw new StoreError(
          'InUse',
          `"${folder}" is in use by another process: stop that one first, or name another folder`,
          cause,
        );
      }
      if (systemCode(cause) === 'LEVEL_CORRUPTION') {
        throw new StoreError(
          'Damaged',
          `the database in "${folder}" is damaged (${reasonOf(cause)}): restore a checkpoint into a new folder`,
          cause,
        );
      }
      throw new StoreError(
        'Unreadable',
        `cannot open the database in "${folder}": ${reasonOf(cause)}; whoever runs the world has to be able to read and ` +
          'write that folder: change its owner or where it is mounted, or name another folder',
        cause,
      );
    }
  }
}

/** The names in a folder; none when it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new StoreError('Unreadable', `cannot read the folder "${folder}": ${reasonOf(error)}`, error);
  }
}

/** Checks that the database says it is ours; one that holds nothing at all is made ours. */
async function claim(store: Store, dir: string, create: boolean): Promise<void> {
  const text = store.get(FORMAT_KEY);
  if (text !== undefined) {
    parseFormat(text, dir);
    return;
  }
  // Values of another program look damaged to us: whatever there is, it is not ours.
  const notOurs = (): never => {
    throw foreign(dir, 'its database has no format');
  };
  for await (const _ of store.range({ ...ALL_BYTES, limit: 1, onDamaged: notOurs })) notOurs();
  if (!create) throw missing(dir);
  await store.batch([{ put: FORMAT_KEY, value: formatText(FORMAT) }], { sync: true });
}

/** A file that a database has only when it is complete. */
function isWritten(name: string): boolean {
  return LEVELDB_FILES.test(name) && !LEVELDB_BEGINNINGS.test(name);
}

/** What to say of a folder that has no world in it. */
export function missing(dir: string): StoreError {
  return new StoreError(
    'Missing',
    `there is no world in "${dir}": start one there, or name the folder of one`,
  );
}

function unfinished(dir: string): StoreError {
  return new StoreError(
    'Missing',
    `there is no world in "${dir}": making it from a checkpoint was interrupted; make it again, or empty the folder`,
  );
}

/**
 * Opens the world in a folder; its database is `db` in there.
 *
 * Throws `Missing` (no world there, and not asked to make one), `FormatForeign` (something else is there),
 * `FormatNewer`, `InUse`, `Damaged`, `Unreadable` or `Unwritable`. A folder that is refused is left as it was,
 * but for what LevelDB itself does to a foreign database that it opens.
 */
export async function openLevelStore(dir: string, options: LevelStoreOptions = {}): Promise<Store> {
  const { create = false } = options;
  const folder = join(dir, WORLD_FOLDER.db);
  const inside = await namesIn(folder);
  if (inside.length === 0) {
    // What may be beside a database before there is one: what we put there ourselves, and hidden files.
    const ours = Object.values(WORLD_FOLDER) as string[];
    const names = await namesIn(dir);
    if (names.some((name) => name.startsWith(RESTORING))) throw unfinished(dir);
    const other = names.find((name) => !ours.includes(name) && !name.startsWith('.'));
    if (other !== undefined) throw foreign(dir, `it holds "${other}" and no world`);
    if (!create) throw missing(dir);
  } else if (!inside.includes('CURRENT') && inside.some((name) => isWritten(name))) {
    throw damaged({ file: join(folder, 'CURRENT'), why: 'it is gone' });
  } else if (!inside.includes('CURRENT') && inside.some((name) => !LEVELDB_BEGINNINGS.test(name))) {
    throw foreign(dir, `"db" in it holds "${inside[0]}" and no database`);
  } else if (!inside.includes('CURRENT') && !create) {
    throw missing(dir);
  }
  try {
    // Not for other users: it holds what people said and the tokens of everything.
    if (create) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError('Unwritable', `cannot make the folder "${folder}": ${reasonOf(error)}`, error);
  }
  const db = await openDatabase(folder, create, options);
  const path = join(folder, ACKNOWLEDGED);
  const store = new LevelStore(db, new Acknowledged(path));
  try {
    // First: a database of which the log is gone may look as if it had never held anything.
    if (options.despiteDamage !== true) await checkAcknowledged(store, path);
    await claim(store, dir, create);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
