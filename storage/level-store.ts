import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { seal, sealParts } from './checksum.ts';
import { reasonOf, StoreError, systemCode, unwritable } from './errors.ts';
import { makeFolder } from './files.ts';
import { FORMAT, FORMAT_VERSION, foreign, formatText, older, parseFormat } from './format.ts';
import { ALL_BYTES, checkedKey, FORMAT_KEY, isJournalEntry, OLDER_KEY, parseKey } from './keys.ts';
import { ACKNOWLEDGED, Acknowledged, checkAcknowledged } from './level/acknowledged.ts';
import { readError } from './level/chunks.ts';
import { isLocked, openDatabase, type OpenOptions } from './level/open-database.ts';
import { Place } from './level/place.ts';
import { LevelReader, LevelSnapshot } from './level/reader.ts';
import { checkedValue, type Op, type PutParts, type Snapshot, type Store } from './store.ts';
import { refuseInWorld } from './world-around.ts';
import { holdsWorld, missing, REBUILDING, refuseLost, WORLD_FOLDER } from './world-folder.ts';

export interface LevelStoreOptions extends OpenOptions {
  /** Make a new world where there is none. Default false: then the error is `Missing`. */
  readonly create?: boolean;
  /** Open a world of an older format too, for whoever makes it new. Default false: then the error is `FormatOlder`. */
  readonly older?: boolean;
}

function writeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  switch (systemCode(error)) {
    case 'LEVEL_BATCH_NOT_OPEN':
    case 'LEVEL_DATABASE_NOT_OPEN':
      return new StoreError('Closed', 'the store is closed', error);
    default:
      return new StoreError('Unwritable', `cannot write to the database: ${reasonOf(error)}`, error);
  }
}

/** What `sealParts` gives; the database copies it at once. */
const AS_BYTES = { valueEncoding: 'buffer' } as const;

function checkedParts({ put, parts }: PutParts): readonly string[] {
  for (const part of parts) checkedValue(put, part);
  return parts;
}

class LevelStore extends LevelReader implements Store {
  readonly #db: ClassicLevel;
  readonly #acknowledged: Acknowledged;
  readonly #place: Place;
  #closing: Promise<void> | undefined;

  constructor(db: ClassicLevel, acknowledged: Acknowledged, place: Place) {
    super(db);
    this.#db = db;
    this.#acknowledged = acknowledged;
    this.#place = place;
  }

  async batch(ops: readonly (Op | PutParts)[], how: { readonly sync: boolean }): Promise<void> {
    // The chained form: a third of the main thread's time of an array of operations.
    let batch;
    try {
      this.#place.check();
      batch = this.#db.batch();
    } catch (error) {
      throw writeError(error);
    }
    let entry = '';
    try {
      for (const op of ops) {
        if ('put' in op && op.put > entry && isJournalEntry(op.put)) entry = op.put;
        if ('del' in op) batch.del(checkedKey(op.del));
        else if ('value' in op) batch.put(checkedKey(op.put), seal(op.put, checkedValue(op.put, op.value)));
        else batch.put(checkedKey(op.put), sealParts(op.put, checkedParts(op)), AS_BYTES);
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
      this.#place.close();
    });
    return this.#closing;
  }
}

/** The place of a database that was just opened, and is closed where it is not there any more. */
async function placeOf(folder: string, db: ClassicLevel): Promise<Place> {
  try {
    return new Place(folder);
  } catch (error) {
    await db.close();
    throw new StoreError('Unreadable', `cannot read the database in "${folder}": ${reasonOf(error)}`, error);
  }
}

/** Checks that the database says it is ours; one that holds nothing at all is made ours. */
async function claim(store: Store, dir: string, options: LevelStoreOptions): Promise<void> {
  const text = store.get(FORMAT_KEY);
  if (text !== undefined) {
    const { version } = parseFormat(text, dir);
    const begun = store.get(OLDER_KEY);
    const from = begun === undefined ? version : Number(begun);
    if (from < FORMAT_VERSION && options.older !== true) throw older(dir, from);
    return;
  }
  // Values of another program look damaged to us: whatever there is, it is not ours.
  const notOurs = (): never => {
    throw foreign(dir, 'its database has no format');
  };
  for await (const _ of store.range({ ...ALL_BYTES, onDamaged: notOurs })) notOurs();
  await refuseLost(dir);
  if (options.create !== true) throw missing(dir);
  await store.batch([{ put: FORMAT_KEY, value: formatText(FORMAT) }], { sync: true });
}

/**
 * Opens the world in a folder; its database is `db` in there.
 *
 * Throws `Missing` (no world there, and not asked to make one), `FormatForeign` (something else is there),
 * `InWorld` (a new one would be inside of another), `FormatNewer`, `FormatOlder`, `InUse`, `Damaged`, `Unreadable` or `Unwritable`. A
 * folder that is refused is left as it was, but for what LevelDB itself does to a foreign database that it opens. From one
 * that is not, what an interrupted repair had begun is removed.
 */
export async function openLevelStore(dir: string, options: LevelStoreOptions = {}): Promise<Store> {
  const { create = false } = options;
  const folder = join(dir, WORLD_FOLDER.db);
  const exists = await holdsWorld(dir, create, isLocked);
  if (!exists) await refuseInWorld(dir);
  try {
    // Each on its own: whoever made the world's folder need not have seen to it that its name stays.
    if (create) for (const each of [dir, folder]) await makeFolder(each);
  } catch (error) {
    throw unwritable(`the folder "${folder}"`, error);
  }
  const db = await openDatabase(folder, exists, options);
  const path = join(folder, ACKNOWLEDGED);
  const store = new LevelStore(db, new Acknowledged(path), await placeOf(folder, db));
  try {
    // First: a database of which the log is gone may look as if it had never held anything.
    await checkAcknowledged(store, path);
    await claim(store, dir, options);
    // A repair that ended early may have left a copy of this database, as old as that: should this one be gone one day, say
    // because its disk is not mounted, the next repair would put it in its place without a word.
    await rm(join(dir, REBUILDING), { recursive: true, force: true }).catch(() => {});
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
