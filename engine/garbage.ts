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
}

/** Whatever in the store is not an object, and holds capabilities that somebody has in hand. */
const ROOTS = ['s', 'a', 'm', 't', 'dead', 'r'] as const satisfies readonly Prefix[];

/** Objects of this vat by their numbers. */
const numberOf = (id: string): number => (/^o[0-9]+$/.test(id) ? Number(id.slice(1)) : -1);

/**
 * Follows references through a snapshot of the store, from the roots: what the host keeps, accounts, sessions, messages,
 * registrations for restarts. An object leads to what its record and its collections hold, to whoever watches it, to the
 * bank that pays for it and to its class. Needs a bit for each object, and what is reached but not yet looked at.
 *
 * `breathe` is awaited between objects: whoever runs this lets others go on there, or throws to end it.
 */
export class Marking {
  readonly #snapshot: Snapshot;
  readonly #breathe: () => Promise<void> | void;
  readonly #marked: Uint8Array;
  readonly #open: number[] = [];
  readonly #damaged = new Set<string>();
  #live = 0;

  constructor(snapshot: Snapshot, breathe: () => Promise<void> | void) {
    this.#snapshot = snapshot;
    this.#breathe = breathe;
    const { object } = JSON.parse(snapshot.get(metaKey('counters')) ?? '{"object":1}') as { object: number };
    this.#marked = new Uint8Array((object >> 3) + 1);
  }

  /** How many objects are reachable. */
  get live(): number {
    return this.#live;
  }

  isMarked(number: number): boolean {
    return ((this.#marked[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  async run(): Promise<void> {
    await this.#markRoots();
    const watched = await this.#watched();
    do {
      for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
        await this.#follow(`o${next}`, watched);
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
    const at = number >> 3;
    const bit = 1 << (number & 7);
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
        this.#markSlots(key, value);
      }
    }
  }

  /** What watches lead to, by the object that is watched. */
  async #watched(): Promise<ReadonlyMap<string, readonly string[]>> {
    const watched = new Map<string, readonly string[]>();
    for await (const [text, value] of this.#snapshot.range(prefixRange('w'))) {
      const key = parseKey(text);
      if (key?.kind === 'watched') watched.set(key.id, slotsIn(key, value).map(targetOf));
    }
    return watched;
  }

  async #follow(id: string, watched: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const place = objectKey(id);
    let envelope: Envelope;
    try {
      const value = this.#snapshot.get(place);
      if (value === undefined) return;
      this.#markSlots({ kind: 'object', id }, value);
      envelope = JSON.parse(value) as Envelope;
    } catch {
      this.#damaged.add(place);
      return;
    }
    if (envelope.bank !== null) this.#mark(envelope.bank);
    if (envelope.of !== undefined) this.#mark(envelope.of);
    for (const target of watched.get(id) ?? []) this.#mark(target);
    if ((envelope.kept ?? 0) > 0) await this.#followEntries(id);
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

function isBank(value: string): boolean {
  try {
    const envelope = JSON.parse(value) as Envelope;
    return envelope.class === 'Bank' && envelope.of === undefined;
  } catch {
    return false;
  }
}
