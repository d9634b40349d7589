import { isToken, type StoredGrant } from '../engine/stored-forms.ts';

/** Where a grant stands in its object, from 1, and its shape. */
export interface FoundGrant {
  readonly number: number;
  readonly shape: number;
}

/** Object numbers up to here have their place in one array; others, and those of other vats, in a map. */
const DENSE = 2 ** 26;

/** Characters of a token. */
const TOKEN_LENGTH = 22;

/**
 * Which objects there are, and which tokens are grants on them: what has to be known to say what a stored slot is.
 * About 4 bytes for each object number there ever was, and 12 for each object and each grant: a world of a million
 * objects takes about 50 MB. Tokens are kept as 53 bits of a hash: two of one object that fall together are as unlikely
 * as two equal tokens are for everybody else.
 */
export class GrantIndex {
  /** Where the grants of an object begin, counted from 1; there stands how many they are. 0: there is no such object. */
  #first = new Uint32Array(1024);
  readonly #others = new Map<string, number>();
  #hashes = new Float64Array(4096);
  #shapes = new Int32Array(4096);
  /** The tokens themselves, where they are kept. */
  #tokens: Uint8Array | undefined;
  #used = 1;
  /** The highest object number that there is. */
  highest = 0;
  objects = 0;

  /** `tokens`: keeps them too, for `nth`; 22 bytes more for each object and grant. */
  constructor(how: { readonly tokens: boolean } = { tokens: false }) {
    if (how.tokens) this.#tokens = new Uint8Array(4096 * TOKEN_LENGTH);
  }

  add(id: string, grants: readonly (readonly [token: string, shape: number, ...rest: unknown[]])[]): void {
    this.objects += 1;
    const at = this.#used;
    this.#used += grants.length + 1;
    if (this.#used > this.#hashes.length) {
      const length = Math.max(this.#used, this.#hashes.length * 2);
      this.#hashes = grown(this.#hashes, new Float64Array(length));
      this.#shapes = grown(this.#shapes, new Int32Array(length));
      if (this.#tokens !== undefined)
        this.#tokens = grown(this.#tokens, new Uint8Array(length * TOKEN_LENGTH));
    }
    this.#shapes[at] = grants.length;
    grants.forEach(([token, shape], n) => {
      this.#hashes[at + n + 1] = hash53(token);
      this.#shapes[at + n + 1] = shape;
      if (this.#tokens !== undefined)
        for (let unit = 0; unit < TOKEN_LENGTH; unit += 1)
          this.#tokens[(at + n + 1) * TOKEN_LENGTH + unit] = token.charCodeAt(unit);
    });
    const number = numberOf(id);
    this.highest = Math.max(this.highest, number);
    if (number < 0 || number >= DENSE) {
      this.#others.set(id, at);
      return;
    }
    if (number >= this.#first.length)
      this.#first = grown(this.#first, new Uint32Array(Math.max(number + 1, this.#first.length * 2)));
    this.#first[number] = at;
  }

  has(id: string): boolean {
    return this.#at(id) > 0;
  }

  /** Undefined: there is no such object, or the grant was revoked. */
  find(id: string, token: string): FoundGrant | undefined {
    const at = this.#at(id);
    if (at === 0) return undefined;
    const hash = hash53(token);
    const many = this.#shapes[at] ?? 0;
    for (let number = 1; number <= many; number += 1)
      if (this.#hashes[at + number] === hash) return { number, shape: this.#shapes[at + number] ?? -1 };
    return undefined;
  }

  /** A grant by its number, from 1. Null: there is no such object. Undefined: it has no such grant. */
  nth(id: string, number: number): { readonly token: string; readonly shape: number } | undefined | null {
    const at = this.#at(id);
    if (at === 0) return null;
    if (number < 1 || number > (this.#shapes[at] ?? 0) || this.#tokens === undefined) return undefined;
    const from = (at + number) * TOKEN_LENGTH;
    const token = String.fromCharCode(...this.#tokens.subarray(from, from + TOKEN_LENGTH));
    return { token, shape: this.#shapes[at + number] ?? -1 };
  }

  #at(id: string): number {
    const number = numberOf(id);
    if (number < 0 || number >= DENSE) return this.#others.get(id) ?? 0;
    return this.#first[number] ?? 0;
  }
}

/** The number of an object of this vat; -1 for any other. */
export function numberOf(id: string): number {
  const number = id.startsWith('o') ? Number(id.slice(1)) : -1;
  return Number.isSafeInteger(number) ? number : -1;
}

/** The grants in the stored form of an object; none where it cannot be read. Throws nothing. */
export function grantsIn(text: string): readonly StoredGrant[] {
  try {
    const { grants } = JSON.parse(text) as { readonly grants?: unknown };
    return Array.isArray(grants) ? grants.filter(isGrant) : [];
  } catch {
    return [];
  }
}

function isGrant(row: unknown): row is StoredGrant {
  return Array.isArray(row) && isToken(row[0]) && Number.isSafeInteger(row[1]);
}

function grown<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** 53 bits of a text (cyrb53). Not against whoever can choose the text. */
export function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
