import { collectionsKey, entryKey, type Key } from '../storage/keys.ts';
import { raise } from '../wrappers/errors.ts';
import { slotOf } from '../wrappers/marshal.ts';
import type { CapData } from '../wrappers/marshal.ts';
import { formatSlot, parseSlot } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { refuse } from './errors.ts';
import { referencesChanged, targetsOf } from './references.ts';
import { entryNameOfText } from './stored-forms.ts';
import type { Turn } from './turn.ts';

/** A text, or a capability, which is the same key whatever it has become able to do. */
type CollectionKey = string | object;

/**
 * A durable map, in the order in which keys were first set, like a `Map`. It acts while the object that asked for it
 * is running, within the turn in which it asked: ask again in the next one. Values are what may cross a wrapper.
 */
export interface Collection {
  readonly size: number;
  readonly has: (key: CollectionKey) => boolean;
  /** Undefined if there is none. */
  readonly get: (key: CollectionKey) => unknown;
  readonly set: (key: CollectionKey, value: unknown) => void;
  /** Whether it was there. */
  readonly delete: (key: CollectionKey) => boolean;
  /** At most `most` keys (100 if left out), from the first one or from the one behind `after`. */
  readonly keys: (after?: CollectionKey | null, most?: number) => readonly CollectionKey[];
  /** The same with their values. */
  readonly entries: (
    after?: CollectionKey | null,
    most?: number,
  ) => readonly (readonly [key: CollectionKey, value: unknown])[];
}

/** Characters of a key: it is stored in each entry and its neighbours. */
const KEY_LENGTH = 200;
/** Collections of one object that have entries: their heads are one value of the store. */
const MOST_COLLECTIONS = 32;
/** Entries that one reading gives at most, and unless it says otherwise. */
const MOST_READ = 1_000;
const READ = 100;
/** Entries that an object may have left when it is destroyed: all of them go with that turn. */
const MOST_AT_END = 5_000;
/** What an entry is stored with, besides its key and value. */
const PER_ENTRY = 128;

/** Where a collection begins and ends; entries are named by the digest of their key. */
interface Head {
  readonly size: number;
  readonly first: string | null;
  readonly last: string | null;
}
type Heads = Readonly<Record<string, Head>>;

/** An entry, linked to its neighbours: the store cannot be asked what comes next within a turn. */
interface Entry {
  readonly before: string | null;
  readonly after: string | null;
  /** `[key, value]`, marshalled. */
  readonly data: CapData;
}

const NOTHING: Head = Object.freeze({ size: 0, first: null, last: null });

/** The collection of that name of an object that is running. */
export function collectionOf(turn: Turn, owner: Wrapper, name: string): Collection {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9]{0,39}$/.test(name))
    raise('BadArgument', 'A collection is named by a word of at most 40 letters and digits.');
  const entries = new Entries(turn, owner, name);
  return Object.freeze({
    get size() {
      return entries.open().head().size;
    },
    has: (key: CollectionKey) => entries.open().find(key) !== undefined,
    get: (key: CollectionKey) => entries.open().get(key),
    set: (key: CollectionKey, value: unknown) => {
      entries.open().set(key, value);
    },
    delete: (key: CollectionKey) => entries.open().delete(key),
    keys: (after: CollectionKey | null = null, most = READ) =>
      Object.freeze(
        entries
          .open()
          .read(after, most)
          .map(([key]) => key),
      ),
    entries: (after: CollectionKey | null = null, most = READ) =>
      Object.freeze(entries.open().read(after, most)),
  });
}

/** Deletes all entries of an object that ends. Raises `TooMany` if there are more than one turn can delete. */
export function dropCollections(turn: Turn, owner: Wrapper): void {
  if (owner.kept === 0) return;
  const all = entriesOf(turn, owner);
  if (all > MOST_AT_END) {
    refuse(
      'TooMany',
      `${owner.spec.name} ${owner.id} has ${all} entries in its collections; at most ${MOST_AT_END} can go with it. Delete some first.`,
    );
  }
  dropSomeEntries(turn, owner, { left: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY });
}

/** As many of its entries as may go in one turn with an object. Gives how many are left. */
export function dropForEnd(turn: Turn, owner: Wrapper): number {
  if (owner.kept === 0) return 0;
  return dropSomeEntries(turn, owner, { left: MOST_AT_END, whole: MOST_AT_END });
}

/** How many entries an object has in all its collections. */
export function entriesOf(turn: Turn, owner: Wrapper): number {
  return countOf(headsOf(turn, owner));
}

function countOf(heads: Heads): number {
  return Object.values(heads).reduce((sum, { size }) => sum + size, 0);
}

/** Keys of the store that may still go in a turn, and how many that were at first. */
export interface KeyBudget {
  left: number;
  readonly whole: number;
}

/**
 * Deletes entries of an object that is about to end, as many as may go by now: an entry is a key, and so is each object that it
 * refers to. One that has more than may go in a turn goes first in one. Gives how many are left. What they have cost is
 * not given back before its end.
 */
export function dropSomeEntries(turn: Turn, owner: Wrapper, budget: KeyBudget): number {
  let heads = headsOf(turn, owner);
  for (const [name, head] of Object.entries(heads)) {
    let { size, first } = head;
    while (first !== null) {
      const key = entryKey(owner.id, name, first);
      const entry = entryOf(turn, key);
      const gone: string[] = [];
      referencesChanged(key, targetsOf(entry.data.slots), [], (reference) => {
        gone.push(reference);
      });
      if (gone.length + 1 > budget.left && budget.left < budget.whole) break;
      budget.left -= gone.length + 1;
      turn.write(key, null);
      for (const reference of gone) turn.index(reference, null);
      first = entry.after;
      size -= 1;
    }
    const { [name]: _, ...others } = heads;
    heads = first === null ? others : { ...others, [name]: { ...head, size, first } };
    if (first === null || size === head.size) continue;
    const key = entryKey(owner.id, name, first);
    turn.write(key, JSON.stringify({ ...entryOf(turn, key), before: null }));
  }
  const text = Object.keys(heads).length === 0 ? undefined : JSON.stringify(heads);
  if (text !== turn.read(collectionsKey(owner.id))) turn.write(collectionsKey(owner.id), text ?? null);
  return countOf(heads);
}

class Entries {
  readonly #turn: Turn;
  readonly #owner: Wrapper;
  readonly #name: string;

  constructor(turn: Turn, owner: Wrapper, name: string) {
    this.#turn = turn;
    this.#owner = owner;
    this.#name = name;
  }

  /** Raises `NotYours` unless its object is running, in the same turn. */
  open(): this {
    if (this.#turn.current !== this.#owner || !this.#turn.isOpen)
      raise(
        'NotYours',
        'A collection can be used only by its object, in the turn in which it was asked for.',
      );
    if (this.#owner.gone) refuse('Gone', 'An object that has ended keeps nothing.');
    return this;
  }

  head(): Head {
    const heads = headsOf(this.#turn, this.#owner);
    return (Object.hasOwn(heads, this.#name) ? heads[this.#name] : undefined) ?? NOTHING;
  }

  find(key: CollectionKey): Entry | undefined {
    const text = this.#turn.read(this.#keyOf(this.#digest(key)));
    return text === undefined ? undefined : (JSON.parse(text) as Entry);
  }

  get(key: CollectionKey): unknown {
    const entry = this.find(key);
    return entry === undefined ? undefined : this.#decode(entry)[1];
  }

  set(key: CollectionKey, value: unknown): void {
    const { membrane } = this.#turn.host;
    const digest = this.#digest(key);
    const where = `An entry of ${this.#name}`;
    const passed = membrane.cross([key, value], where, this.#owner) as readonly [CollectionKey, unknown];
    const data = membrane.marshal.encode(passed);
    const old = this.find(key);
    // What fails from here on fails the turn, also if that is swallowed: half of it would tear the chain.
    this.#turn.whole(() => {
      if (old !== undefined) {
        this.#put(digest, { ...old, data }, old);
        return;
      }
      const head = this.head();
      this.#put(digest, { before: head.last, after: null, data }, undefined);
      if (head.last !== null) this.#link(head.last, { after: digest });
      this.#setHead({ size: head.size + 1, first: head.first ?? digest, last: digest });
    });
  }

  delete(key: CollectionKey): boolean {
    const digest = this.#digest(key);
    const entry = this.find(key);
    if (entry === undefined) return false;
    this.#turn.whole(() => {
      const head = this.head();
      const { before, after } = entry;
      if (before !== null) this.#link(before, { after });
      if (after !== null) this.#link(after, { before });
      this.#turn.write(this.#keyOf(digest), null);
      this.#refer(digest, entry, undefined);
      this.#turn.keep(this.#owner, -sizeOf(entry));
      this.#setHead({
        size: head.size - 1,
        first: before === null ? after : head.first,
        last: after === null ? before : head.last,
      });
    });
    return true;
  }

  read(after: CollectionKey | null, most: number): (readonly [CollectionKey, unknown])[] {
    const found: (readonly [CollectionKey, unknown])[] = [];
    const from = after === null ? undefined : this.find(after);
    if (after !== null && from === undefined) return found;
    const limit = Math.min(MOST_READ, Number.isSafeInteger(most) ? most : READ);
    let at = from === undefined ? this.head().first : from.after;
    while (at !== null && found.length < limit) {
      const entry = entryOf(this.#turn, this.#keyOf(at));
      found.push(Object.freeze(this.#decode(entry)));
      at = entry.after;
    }
    return found;
  }

  #decode(entry: Entry): readonly [CollectionKey, unknown] {
    return this.#turn.host.membrane.marshal.decode(entry.data) as readonly [CollectionKey, unknown];
  }

  #link(digest: string, change: Partial<Entry>): void {
    const key = this.#keyOf(digest);
    this.#turn.write(key, JSON.stringify({ ...entryOf(this.#turn, key), ...change }));
  }

  #put(digest: string, entry: Entry, old: Entry | undefined): void {
    this.#turn.write(this.#keyOf(digest), JSON.stringify(entry));
    this.#refer(digest, old, entry);
    this.#turn.keep(this.#owner, sizeOf(entry) - (old === undefined ? 0 : sizeOf(old)));
  }

  /** Brings the index of references up to date with an entry that comes, changes or goes. */
  #refer(digest: string, before: Entry | undefined, after: Entry | undefined): void {
    const old = targetsOf(before?.data.slots ?? []);
    const now = targetsOf(after?.data.slots ?? []);
    referencesChanged(this.#keyOf(digest), old, now, (key, value) => {
      this.#turn.index(key, value);
    });
  }

  /** One that is empty has no head: nothing of it is left. */
  #setHead(head: Head): void {
    const { [this.#name]: _, ...others } = headsOf(this.#turn, this.#owner);
    const heads: Heads = head.size === 0 ? others : { ...others, [this.#name]: head };
    const many = Object.keys(heads).length;
    if (many > MOST_COLLECTIONS)
      refuse('TooMany', `An object may have at most ${MOST_COLLECTIONS} collections.`);
    this.#turn.write(collectionsKey(this.#owner.id), many === 0 ? null : JSON.stringify(heads));
  }

  #keyOf(digest: string): Key<'entry'> {
    return entryKey(this.#owner.id, this.#name, digest);
  }

  #digest(key: unknown): string {
    if (typeof key === 'string') {
      if (key.length > KEY_LENGTH) raise('TooLarge', `A key may have at most ${KEY_LENGTH} characters.`);
      return this.#turn.host.digest(entryNameOfText(key));
    }
    const { membrane } = this.#turn.host;
    if (typeof key !== 'object' || key === null || !membrane.isCapability(key))
      return raise('BadArgument', 'A key is a text or a capability.');
    // Its shape may change with its class; the grant stays the same.
    const parts = parseSlot(slotOf(key));
    return this.#turn.host.digest(`c${parts === undefined ? '' : formatSlot({ ...parts, shape: 0 })}`);
  }
}

function headsOf(turn: Turn, owner: Wrapper): Heads {
  const text = turn.read(collectionsKey(owner.id));
  return text === undefined ? {} : (JSON.parse(text) as Heads);
}

function entryOf(turn: Turn, key: string): Entry {
  const text = turn.read(key);
  if (text === undefined) return raise('Damaged', 'An entry of a collection is missing from the store.');
  return JSON.parse(text) as Entry;
}

function sizeOf({ data }: Entry): number {
  return data.body.length + data.slots.reduce((sum, slot) => sum + slot.length, 0) + PER_ENTRY;
}
