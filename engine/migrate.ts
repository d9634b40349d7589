import { StoreError } from '../storage/errors.ts';
import { FORMAT_VERSION, formatText, parseFormat } from '../storage/format.ts';
import type { Journal } from '../storage/journal.ts';
import {
  asideKey,
  collectionsKey,
  entryKey,
  FORMAT_KEY,
  garbageKey,
  memberKey,
  objectKey,
  OLDER_KEY,
  parseKey,
  prefixRange,
  restartKey,
  watchedKey,
  type Prefix,
} from '../storage/keys.ts';
import type { Op } from '../storage/store.ts';
import { indexKeys } from './references.ts';

/** Keys that are written in one commit, and characters of values. */
const AT_ONCE = 4_000;
const LARGE = 1024 * 1024;

/** Keys after which the events are told: a second or two, on a slow disk a minute. */
const TOLD_EVERY = 50_000;

/** Worlds of this format have no versions of classes: whoever opens one ends it together with the commit that has them. */
export const LEFT_TO_OPENING = 1;

/** What happens on the way. */
interface MigrationEvents {
  /** So many keys have been looked at, none at first, and nothing is written. */
  readonly onRead: (keys: number) => void;
  /** So many keys are written, and more are to come. */
  readonly onWritten: (keys: number) => void;
}

/** What makes the key of today of the parts of an older one, for each kind that has an id in it. */
const RENAMED = {
  o: (id) => objectKey(id),
  x: (id) => asideKey(id),
  of: (ofClass, id) => memberKey(ofClass, id),
  d: (id) => collectionsKey(id),
  e: (id, name, hash) => entryKey(id, name, hash),
  w: (id) => watchedKey(id),
  r: (id) => restartKey(id),
  g: (id) => garbageKey(id),
} as const satisfies Partial<Record<Prefix, (...parts: string[]) => string>>;

/**
 * Makes a world of an older format one of today's, before anything else reads it. Killed in the middle, it goes on the next time
 * with what is left. Gives the version that the world was of, and null if there was nothing to do. Of `LEFT_TO_OPENING`, the key
 * `OLDER_KEY` is there still.
 *
 * Throws `Damaged`, and has changed nothing, where anything that gets another key cannot be read: under its old key it would
 * count as gone from then on, and what only it refers to as garbage.
 */
export async function migrate(journal: Journal, events: MigrationEvents): Promise<number | null> {
  const text = journal.get(FORMAT_KEY);
  if (text === undefined) return null; // a store of no folder
  const format = parseFormat(text, 'the store');
  const begun = journal.get(OLDER_KEY);
  if (format.version >= FORMAT_VERSION && begun === undefined) return null;
  const from = begun === undefined ? format.version : Number(begun);
  await refuseDamaged(journal, begun === undefined, events);
  if (begun === undefined) {
    // First: an older Keystead would take what has its new key already for lost, and refuses it by its format now.
    const now = formatText({ ...format, version: FORMAT_VERSION });
    await journal.commit([
      { put: FORMAT_KEY, value: now },
      { put: OLDER_KEY, value: String(from) },
    ]);
    await journal.settle();
  }
  await new Renaming(journal, events).run();
  if (from !== LEFT_TO_OPENING) {
    await journal.commit([{ del: OLDER_KEY }]);
    await journal.settle();
  }
  return from;
}

async function refuseDamaged(journal: Journal, isWhole: boolean, { onRead }: MigrationEvents): Promise<void> {
  onRead(0);
  let keys = 0;
  try {
    for (const prefix of [...Object.keys(RENAMED), 'ref'] as Prefix[])
      for await (const _ of journal.range(prefixRange(prefix))) {
        keys += 1;
        if (keys % TOLD_EVERY === 0) onRead(keys);
      }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'Damaged') throw error;
    // One that has been begun with is refused by the Keystead that it was of.
    const mend = isWhole ? 'mend it with "keystead check --repair" of the Keystead that wrote it, or ' : '';
    throw new StoreError(
      'Damaged',
      `the world is of an older format, and cannot be made one of this because ${error.message}: ${mend}restore its last checkpoint ` +
        'into a new folder with "keystead restore"',
      error,
    );
  }
}

/** Up to format 3 ids stood in keys as they are; up to format 1 there was no index. */
class Renaming {
  readonly #journal: Journal;
  readonly #events: MigrationEvents;
  #ops: Op[] = [];
  #characters = 0;
  #keys = 0;
  #told = 0;

  constructor(journal: Journal, events: MigrationEvents) {
    this.#journal = journal;
    this.#events = events;
  }

  async run(): Promise<void> {
    for (const prefix of Object.keys(RENAMED) as (keyof typeof RENAMED)[]) {
      for await (const [key, value] of this.#journal.range(prefixRange(prefix))) {
        const now = keyOfToday(prefix, key);
        if (now === undefined) continue; // it stays for "keystead check"
        if (now !== key) this.#put(now, value, key);
        for (const reference of indexKeys(now, value)) this.#put(reference, '');
        if (this.#isFull) await this.#commit();
      }
    }
    // What it should hold was put there with the values.
    for await (const [key] of this.#journal.range(prefixRange('ref'))) {
      if (parseKey(key) === undefined) this.#ops.push({ del: key });
      if (this.#isFull) await this.#commit();
    }
    await this.#commit();
  }

  #put(key: string, value: string, instead?: string): void {
    this.#ops.push({ put: key, value });
    if (instead !== undefined) this.#ops.push({ del: instead });
    this.#characters += value.length;
  }

  get #isFull(): boolean {
    return this.#ops.length >= AT_ONCE || this.#characters >= LARGE;
  }

  async #commit(): Promise<void> {
    const ops = this.#ops;
    this.#ops = [];
    this.#characters = 0;
    await this.#journal.commit(ops);
    this.#keys += ops.length;
    if (this.#keys - this.#told < TOLD_EVERY) return;
    this.#told = this.#keys;
    this.#events.onWritten(this.#keys);
  }
}

/** The key itself, if it is one of today's already; `undefined` for one of no kind that there ever was. */
function keyOfToday(prefix: keyof typeof RENAMED, key: string): string | undefined {
  if (parseKey(key) !== undefined) return key;
  const parts = key.split('/').slice(1);
  const make: (...parts: string[]) => string = RENAMED[prefix];
  if (parts.length !== make.length) return undefined;
  try {
    const now = make(...parts);
    return parseKey(now) === undefined ? undefined : now;
  } catch {
    return undefined;
  }
}
