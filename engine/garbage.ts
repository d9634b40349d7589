import { entryRange, metaKey, objectKey, parseKey, prefixRange } from '../storage/keys.ts';
import type { ParsedKey, Prefix } from '../storage/keys.ts';
import type { Snapshot } from '../storage/store.ts';
import { targetOf } from './references.ts';
import { slotsIn } from './stored-slots.ts';

/** An object that nothing reachable refers to. */
export interface Garbage {
  readonly number: number;
  /** The engine's own bank: it goes after what it has paid for. */
  readonly isBank: boolean;
}

/** What of an object's stored form leads on, besides its slots. */
interface Envelope {
  readonly class: string;
  readonly of?: string;
  readonly bank: string | null;
  readonly kept?: number;
  readonly grants: readonly (readonly unknown[])[];
}

/** Whatever in the store is not an object, and holds capabilities that somebody has in hand. */
const ROOTS = ['s', 'a', 'm', 't', 'dead', 'r'] as const satisfies readonly Prefix[];

/** Objects of this vat by their numbers. */
const numberOf = (id: string): number => (/^o[0-9]+$/.test(id) ? Number(id.slice(1)) : -1);

/**
 * Follows references through a snapshot of the store, from the roots: what the host keeps, accounts, sessions, messages,
 * registrations for restarts. An object leads to what its record and its collections hold, to whoever watches it, to the
 * banks that pay for it and for grants on it, and to its class; a message or watch also to who set it up. Needs a bit for
 * each number that was ever given to an object, and what is reached but not yet looked at.
 *
 * `breathe` is awaited between objects: whoever runs this lets others go on there, or throws to end it.
 */
export class Marking {
  readonly #snapshot: Snapshot;
  readonly #breathe: () => Promise<void> | void;
  readonly #marked: Uint8Array;
  readonly #open: number[] = [];
  readonly #damaged = new Set<string>();
  /** What watches lead to, by the object that is watched. */
  readonly #watched = new Map<string, readonly string[]>();
  readonly #watchedByNobody: string[] = [];
  #metDamage = false;
  #live = 0;

  constructor(snapshot: Snapshot, breathe: () => Promise<void> | void) {
    this.#snapshot = snapshot;
    this.#breathe = breathe;
    const { object } = JSON.parse(snapshot.get(metaKey('counters')) ?? '{"object":1}') as { object: number };
    this.#marked = new Uint8Array(Math.floor(object / 8) + 1);
  }

  /** How many objects are reachable. */
  get live(): number {
    return this.#live;
  }

  /** A reachable object cannot be read: what it belongs to is not known. */
  get metDamage(): boolean {
    return this.#metDamage;
  }

  /** Objects with watches that somebody had set up who has ended. */
  get watchedByNobody(): readonly string[] {
    return this.#watchedByNobody;
  }

  isMarked(number: number): boolean {
    return ((this.#marked[Math.floor(number / 8)] ?? 0) & (1 << (number % 8))) !== 0;
  }

  async run(): Promise<void> {
    await this.#markRoots();
    await this.#readWatched();
    await this.#followAll();
  }

  /** Whether an object is in the snapshot, as far as its number tells, and not marked yet. */
  couldMark(id: string): boolean {
    const number = numberOf(id);
    return number >= 0 && Math.floor(number / 8) < this.#marked.length && !this.isMarked(number);
  }

  /** Marks objects that somebody has come to refer to since then, and all that they lead to. */
  async markAlso(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#mark(id);
    await this.#followAll();
  }

  async #followAll(): Promise<void> {
    do {
      for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
        await this.#follow(`o${next}`);
        await this.#breathe();
      }
      await this.#followDamaged();
    } while (this.#open.length > 0);
  }

  /** All that is not marked, in the order of the store. Damaged values are left for whoever repairs the world. */
  async *unmarked(): AsyncGenerator<Garbage> {
    const onDamaged = (): void => {};
    for await (const [text, value] of this.#snapshot.range({ ...prefixRange('o'), onDamaged })) {
      await this.#breathe();
      const key = parseKey(text);
      const number = key?.kind === 'object' ? numberOf(key.id) : -1;
      if (number < 0 || this.isMarked(number)) continue;
      yield { number, isBank: isBank(value) };
    }
  }

  #mark(id: string): void {
    const number = numberOf(id);
    const at = Math.floor(number / 8);
    const bit = 1 << (number % 8);
    const byte = this.#marked[at];
    if (number < 0 || byte === undefined || (byte & bit) !== 0) return;
    this.#marked[at] = byte | bit;
    this.#live += 1;
    this.#open.push(number);
  }

  #markSlots(key: ParsedKey, value: string): void {
    for (const slot of slotsIn(key, value)) this.#mark(targetOf(slot));
  }

  async #markRoots(): Promise<void> {
    const roots = parseKey(metaKey('roots'));
    const held = this.#snapshot.get(metaKey('roots'));
    if (roots !== undefined && held !== undefined) this.#markSlots(roots, held);
    for (const prefix of ROOTS) {
      // A root that cannot be read may lead anywhere: nothing is garbage as long as there is one.
      for await (const [text, value] of this.#snapshot.range(prefixRange(prefix))) {
        const key = parseKey(text);
        if (key === undefined) continue;
        if (key.kind === 'restart') this.#mark(key.id);
        for (const target of [...targetsIn(key, value), ...sendersIn(value)]) this.#mark(target);
        await this.#breathe();
      }
    }
  }

  async #readWatched(): Promise<void> {
    for await (const [text, value] of this.#snapshot.range(prefixRange('w'))) {
      const key = parseKey(text);
      if (key?.kind !== 'watched') continue;
      this.#watched.set(key.id, [...targetsIn(key, value), ...sendersIn(value)]);
      if (watchersIn(value).some((id) => this.#hasEnded(id))) this.#watchedByNobody.push(key.id);
      await this.#breathe();
    }
  }

  #hasEnded(id: string): boolean {
    try {
      return this.#snapshot.get(objectKey(id)) === undefined;
    } catch {
      return false; // damaged: it may be mended
    }
  }

  async #follow(id: string): Promise<void> {
    const place = objectKey(id);
    let kept = 1; // one that cannot be read may have collections
    try {
      const value = this.#snapshot.get(place);
      if (value === undefined) {
        this.#live -= 1; // it has been destroyed, and somebody still holds what it was known by
        return;
      }
      const envelope = JSON.parse(value) as Envelope;
      this.#markSlots({ kind: 'object', id }, value);
      if (envelope.bank !== null) this.#mark(envelope.bank);
      if (envelope.of !== undefined) this.#mark(envelope.of);
      for (const { 7: payer } of envelope.grants) if (typeof payer === 'string') this.#mark(payer);
      kept = envelope.kept ?? 0;
    } catch {
      this.#damaged.add(place);
      this.#metDamage = true;
    }
    for (const target of this.#watched.get(id) ?? []) this.#mark(target);
    if (kept > 0) await this.#followEntries(id);
  }

  async #followEntries(id: string): Promise<void> {
    const onDamaged = (key: string): void => void this.#damaged.add(key);
    for await (const [text, value] of this.#snapshot.range({ ...entryRange(id), onDamaged })) {
      const key = parseKey(text);
      try {
        if (key !== undefined) this.#markSlots(key, value);
      } catch {
        this.#damaged.add(text);
      }
      await this.#breathe();
    }
  }

  /** What a damaged value refers to, only the index knows. */
  async #followDamaged(): Promise<void> {
    if (this.#damaged.size === 0) return;
    for await (const [text] of this.#snapshot.range(prefixRange('ref'))) {
      const key = parseKey(text);
      if (key?.kind === 'reference' && (this.#damaged.has(key.place) || this.#damaged.has('')))
        this.#mark(key.to);
      await this.#breathe();
    }
    this.#damaged.clear();
  }
}

/** What a value refers to; of one that is no JSON, all that looks like it. */
function targetsIn(key: ParsedKey, value: string): readonly string[] {
  try {
    return slotsIn(key, value).map(targetOf);
  } catch {
    return [...value.matchAll(/(o[0-9]{1,16})\.[A-Za-z0-9_-]{22}\.[0-9]/g)].map(([, id = '']) => id);
  }
}

/** Who sent a message or set up a watch, and the bank that pays for it: their timers and watches would end with them. */
function sendersIn(value: string): readonly string[] {
  return [...value.matchAll(/\\"(?:payer|from|by)\\":\\"(o[0-9]{1,16})\\"/g)].map(([, id = '']) => id);
}

/** Who set up the watches on an object. */
function watchersIn(value: string): readonly string[] {
  return [...value.matchAll(/\\"by\\":\\"(o[0-9]{1,16})\\"/g)].map(([, id = '']) => id);
}

function isBank(value: string): boolean {
  try {
    const envelope = JSON.parse(value) as Envelope;
    return envelope.class === 'Bank' && envelope.of === undefined;
  } catch {
    return false;
  }
}
