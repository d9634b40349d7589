import type { ObjectId } from '../wrappers/names.ts';
import { refuse } from './errors.ts';

export interface SharesOptions {
  /** Milliseconds that the objects of one bank may use at once, and what they get back in each second. */
  readonly bankBurst: number;
  readonly bankShare: number;
  /** Whether a bank was split off from no other: the world's own, which has no share but all. */
  readonly isFirst: (bank: ObjectId) => boolean;
}

interface Share {
  /** Milliseconds that are left. */
  left: number;
  /** When that was. */
  at: number;
  readonly all: boolean;
}

/** Banks that are remembered; the one that ran longest ago is forgotten first, and begins anew. */
const MOST_REMEMBERED = 10_000;

/**
 * How much of the processor the objects of one bank may use: whoever pays for them cannot have the world to himself by
 * doing a little less than the watchdog stops. What an object has others do counts as its own.
 */
export class Shares {
  readonly #options: SharesOptions;
  readonly #byBank = new Map<ObjectId, Share>();

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** Raises `TooBusy` if nothing is left. `now` in milliseconds. */
  check(bank: ObjectId | null, now: number): void {
    if (bank === null) return;
    const share = this.#share(bank, now);
    if (share.all || share.left > 0) return;
    refuse(
      'TooBusy',
      'The objects that one bank pays for have used their share of the processor. They go on in a moment.',
    );
  }

  spend(bank: ObjectId | null, milliseconds: number, now: number): void {
    if (bank === null) return;
    this.#share(bank, now).left -= milliseconds;
  }

  #share(bank: ObjectId, now: number): Share {
    const { bankBurst, bankShare, isFirst } = this.#options;
    const known = this.#byBank.get(bank);
    if (known !== undefined) {
      known.left = Math.min(bankBurst, known.left + ((now - known.at) / 1000) * bankShare);
      known.at = now;
      return known;
    }
    const share: Share = { left: bankBurst, at: now, all: isFirst(bank) };
    this.#byBank.set(bank, share);
    const oldest = this.#byBank.size > MOST_REMEMBERED ? this.#byBank.keys().next() : undefined;
    if (oldest !== undefined && oldest.done !== true) this.#byBank.delete(oldest.value);
    return share;
  }
}
