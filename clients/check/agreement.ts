import { hash53 } from '../grant-index.ts';

/** Sums that are kept; of those that do not agree, the keys are looked at one by one. */
const BUCKETS = 4096;

/**
 * Whether what should be in the store and what is there are the same, without keeping either: sums of hashes, by a hash of
 * what they belong to. Two sides that differ agree by chance once in 2^51 times.
 */
export class Agreement {
  readonly #sums = new Float64Array(BUCKETS);
  readonly #counts = new Int32Array(BUCKETS);

  /** `owner`: what is looked at together if it does not agree; `text`: what should be there. */
  expect(owner: string, text: string): void {
    this.#add(owner, text, 1);
  }

  /** It is there. */
  found(owner: string, text: string): void {
    this.#add(owner, text, -1);
  }

  /** Whether something of this owner may differ. */
  differs(owner: string): boolean {
    const bucket = hash53(owner) % BUCKETS;
    return this.#sums[bucket] !== 0 || this.#counts[bucket] !== 0;
  }

  get holds(): boolean {
    return this.#sums.every((sum) => sum === 0) && this.#counts.every((count) => count === 0);
  }

  #add(owner: string, text: string, sign: 1 | -1): void {
    const bucket = hash53(owner) % BUCKETS;
    // Below 2^53 at all times, so that nothing is rounded.
    const sum = ((this.#sums[bucket] ?? 0) + sign * (hash53(text) % MODULUS)) % MODULUS;
    this.#sums[bucket] = sum < 0 ? sum + MODULUS : sum;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + sign;
  }
}

const MODULUS = 2 ** 51;
