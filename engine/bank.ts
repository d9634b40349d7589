import { M } from '@endo/patterns';
import { raise } from '../wrappers/errors.ts';
import { create, facet, type BankCap } from './authoring.ts';
import { refuse } from './errors.ts';

const SPEND = {
  pay: M.call(M.number()).returns(),
  balance: M.call().returns(M.number()),
  split: M.call(M.number()).returns(M.remotable()),
};

/** The capability that pays for objects: one unit each, given back when the object is destroyed. */
export class Bank {
  static facets = {
    public: {},
    spend: SPEND,
    owner: SPEND,
    /** Held by nobody: the engine gives back the price of what is destroyed. */
    refund: { refund: M.call(M.number()).returns() },
  };

  #left = 0;

  init(amount: number): void {
    this.#left = whole(amount);
  }

  toRecord(): { left: number } {
    return { left: this.#left };
  }

  fromRecord(record: { left: number }): void {
    this.#left = record.left;
  }

  balance(): number {
    return this.#left;
  }

  pay(amount: number): void {
    if (whole(amount) > this.#left) {
      refuse(
        'BankDry',
        `This needs ${amount} from the bank, which holds ${this.#left}. Destroy something first.`,
      );
    }
    this.#left -= amount;
  }

  refund(amount: number): void {
    this.#left += whole(amount);
  }

  /** A bank of its own for somebody else, with `amount` of what is left here; the bank object itself costs one more. */
  split(amount: number): BankCap {
    this.pay(amount);
    return create(facet<typeof Bank, 'spend'>(this, 'spend'), Bank, amount);
  }
}

function whole(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount < 0)
    raise('BadArgument', 'A bank counts in whole numbers from 0.');
  return amount;
}
