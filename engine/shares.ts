import type { ObjectId } from '../wrappers/names.ts';
import { refuse } from './errors.ts';

export interface SharesOptions {
  /** Milliseconds that the objects of one bank may use at once, and what they get back in each second. */
  readonly bankBurst: number;
  readonly bankShare: number;
  /** Characters of output that count as one of those milliseconds. */
  readonly shareCharacters: number;
  /** The bank that a bank was split off from: null for the world's own, which has no share but all; undefined if it is gone. */
  readonly above: (bank: ObjectId) => ObjectId | null | undefined;
}

interface Share {
  /** Milliseconds that are left. */
  left: number;
  /** When that was. */
  at: number;
}

/** Banks from one to that of the world: far more than `bankDepth` lets there be. */
const LONGEST_LINE = 1_000;

/** Accounts that are remembered; the one that was used longest ago is forgotten first, and begins anew. */
const MOST_REMEMBERED = 10_000;

/**
 * How much of the processor the objects of one bank may use, and how much they may have shown: whoever pays for them cannot
 * have the world to himself by doing a little less than the watchdog stops. What an object has others do counts as its own;
 * what one that the world itself pays for has them do, as theirs.
 *
 * All banks that were split off from one another have one share, that of the one which the world's own bank gave: so nobody
 * has more for having split his bank.
 */
export class Shares {
  readonly #options: SharesOptions;
  /** In the order in which they were used last. */
  readonly #shares = new Map<ObjectId, Share>();

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** Raises `TooBusy` if nothing is left. `now` in milliseconds. */
  check(bank: ObjectId | null, now: number): void {
    if (!this.isUsedUp(bank, now)) return;
    refuse(
      'TooBusy',
      'The objects that one bank pays for have used their share of the processor. They go on in a moment.',
    );
  }

  isUsedUp(bank: ObjectId | null, now: number): boolean {
    const share = this.#of(bank, now);
    return share !== null && share.left <= 0;
  }

  spend(bank: ObjectId | null, milliseconds: number, now: number): void {
    const share = this.#of(bank, now);
    if (share !== null) share.left -= milliseconds;
  }

  spendOutput(bank: ObjectId | null, characters: number, now: number): void {
    this.spend(bank, characters / this.#options.shareCharacters, now);
  }

  /** Nothing is left for so many milliseconds. */
  block(bank: ObjectId, milliseconds: number, now: number): void {
    const share = this.#of(bank, now);
    if (share !== null) share.left = Math.min(share.left, -(milliseconds / 1000) * this.#options.bankShare);
  }

  /** Null: there is no bound. */
  #of(bank: ObjectId | null, now: number): Share | null {
    const account = this.accountOf(bank);
    if (account === null) return null;
    const { bankBurst, bankShare } = this.#options;
    const share = this.#shares.get(account) ?? { left: bankBurst, at: now };
    share.left = Math.min(bankBurst, share.left + ((now - share.at) / 1000) * bankShare);
    share.at = now;
    this.#shares.delete(account);
    this.#shares.set(account, share);
    if (this.#shares.size > MOST_REMEMBERED) this.#forgetOne();
    return share;
  }

  /** The bank whose share is used by what `bank` pays for; null for all. */
  accountOf(bank: ObjectId | null): ObjectId | null {
    let account: ObjectId | null = null;
    let at = bank;
    // In what somebody has edited by hand, banks may have come of one another.
    for (let steps = 0; at !== null && steps < LONGEST_LINE; steps += 1) {
      const above = this.#options.above(at);
      if (above === null) return account;
      account = at;
      if (above === undefined) return account;
      at = above;
    }
    return account;
  }

  #forgetOne(): void {
    for (const first of this.#shares.keys()) {
      this.#shares.delete(first);
      return;
    }
  }
}
