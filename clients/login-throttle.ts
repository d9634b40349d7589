import type { Limits } from './limits.ts';
import { TokenBucket } from './rate-limit.ts';
import type { LoginHow } from './wire.ts';

/**
 * Slows those who guess passwords, and those who make players by the thousand.
 *
 * A `connect` takes a token of its address and one of its name, and gives both back when it succeeds, or is not tried: so only
 * failures count. A `create` or a guest takes a token of its address for good. Nobody is locked out for longer than the time in
 * which one token comes back. What is remembered is bounded: the entry that was used longest ago is forgotten first.
 */
export class LoginThrottle {
  readonly #failing: Buckets;
  readonly #names: Buckets;
  readonly #newcomers: Buckets;

  constructor(limits: Limits) {
    const most = limits.throttleEntries;
    this.#failing = new Buckets(
      limits.failedLoginsPerAddress,
      limits.failedLoginsPerAddressEvery * 1000,
      most,
    );
    this.#names = new Buckets(limits.failedLoginsPerName, limits.failedLoginsPerNameEvery * 1000, most);
    this.#newcomers = new Buckets(limits.newcomersPerAddress, limits.newcomersPerAddressEvery * 1000, most);
  }

  /** 0: go on, the attempt is counted. Otherwise the milliseconds to wait; nothing is counted. */
  attempt(how: LoginHow, address: string, name: string | undefined, now: number): number {
    if (how !== 'connect' || name === undefined)
      return takeAll([this.#newcomers.of(placeOf(address), now)], now);
    return takeAll([this.#failing.of(placeOf(address), now), this.#names.of(name.toLowerCase(), now)], now);
  }

  /** A counted `connect` was right after all, or was not tried. */
  givenBack(address: string, name: string, now: number): void {
    this.#failing.of(placeOf(address), now).give();
    this.#names.of(name.toLowerCase(), now).give();
  }

  /** How many entries the fullest of its lists has. */
  get entries(): number {
    return Math.max(this.#failing.count, this.#names.count, this.#newcomers.count);
  }
}

/** What counts as one place: an IPv4 address, or the /64 that an IPv6 host can choose its addresses from. */
export function placeOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(middle).fill('0'), ...right].slice(0, 4).join(':') + '::/64';
}

function takeAll(buckets: readonly TokenBucket[], now: number): number {
  const wait = Math.max(...buckets.map((bucket) => bucket.wait(now)));
  if (wait === 0) for (const bucket of buckets) bucket.take(now);
  return wait;
}

/** Token buckets by name, at most `most` of them. */
class Buckets {
  readonly #size: number;
  readonly #everyMs: number;
  readonly #most: number;
  readonly #byName = new Map<string, TokenBucket>();

  constructor(size: number, everyMs: number, most: number) {
    this.#size = size;
    this.#everyMs = everyMs;
    this.#most = most;
  }

  get count(): number {
    return this.#byName.size;
  }

  of(name: string, now: number): TokenBucket {
    const known = this.#byName.get(name);
    const bucket = known ?? new TokenBucket(this.#size, this.#everyMs, now);
    if (known !== undefined) this.#byName.delete(name);
    this.#byName.set(name, bucket);
    if (this.#byName.size > this.#most) this.#byName.delete(this.#byName.keys().next().value ?? '');
    return bucket;
  }
}
