import { M } from '@endo/patterns';
import { raise } from '../wrappers/errors.ts';
import { objectId, type ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { ASIDES_LISTED, WHY_LISTED } from './asides.ts';
import { create, facet, type AnyCap, type BankCap, type FacetOf } from './authoring.ts';
import { dropForEnd } from './collections.ts';
import { refuse } from './errors.ts';
import { openTurn } from './open-turn.ts';
import { printed } from './print.ts';

const SPEND = {
  pay: M.call(M.number()).returns(),
  balance: M.call().returns(M.number()),
  split: M.call(M.number()).returns(M.remotable()),
};

export type BankOwner = FacetOf<typeof Bank, 'owner'>;

/** An object that is set aside, as the owner of the bank that pays for it is told. */
export interface AsideReport {
  readonly number: number;
  readonly className: string;
  readonly code: string;
  readonly message: string;
  readonly when: number;
}

export interface BankRecord {
  readonly left: number;
  readonly closed: boolean;
  /** Who is told when an object that it pays for is blamed. */
  readonly reports: readonly [to: AnyCap, method: string] | null;
}

/**
 * The capability that pays for objects, in blocks of 1 KiB, as a space bank of KeyKOS does: one for each object, another
 * for each further KiB that it takes. What is destroyed or shrinks gives its blocks back. Whoever holds `spend` can pay;
 * whoever holds `owner` also answers for what was bought: he is told what it did wrong, and mends or destroys it.
 */
export class Bank {
  static facets = {
    public: {},
    spend: SPEND,
    owner: {
      ...SPEND,
      spending: M.call().returns(M.remotable()),
      reclaim: M.call(M.remotable()).returns(M.number()),
      reports: M.call(M.remotable(), M.string()).returns(),
      aside: M.call().returns(M.any()),
      show: M.call(M.number()).returns(M.string()),
      mend: M.call(M.number()).returns(),
      destroyAside: M.call(M.number()).returns(M.number()),
    },
    /** Held by nobody: the engine gives back the price of what is destroyed, and empties what is taken back. */
    engine: { refund: M.call(M.number()).returns(), close: M.call().returns(M.number()) },
  };

  #left = 0;
  #closed = false;
  #reports: BankRecord['reports'] = null;

  init(amount: number): void {
    this.#left = whole(amount);
  }

  toRecord(): BankRecord {
    return { left: this.#left, closed: this.#closed, reports: this.#reports };
  }

  fromRecord(record: BankRecord): void {
    this.#left = record.left;
    this.#closed = record.closed;
    this.#reports = record.reports;
  }

  balance(): number {
    return this.#left;
  }

  pay(amount: number): void {
    if (this.#closed)
      refuse('BankDry', 'This bank was taken back by whoever gave it: it pays for nothing more.');
    if (whole(amount) > this.#left) {
      refuse(
        'BankDry',
        `This needs ${amount} from the bank, which holds ${this.#left}. Destroy something first.`,
      );
    }
    this.#left -= amount;
  }

  refund(amount: number): void {
    if (!this.#closed) {
      this.#left += whole(amount);
      return;
    }
    const { host } = openTurn();
    const above = host.bankOf(host.membrane.running(this));
    if (above !== null) host.membrane.invokeInternally(above, 'refund', [amount]);
  }

  /**
   * A bank of its own for somebody else, with `amount` of what is left here; the bank object itself costs one more. Gives
   * its owner facet; whoever owns this one can take it back with `reclaim`.
   */
  split(amount: number): BankOwner {
    const { host } = openTurn();
    if (this.#depth() >= host.limits.bankDepth)
      refuse('TooMany', `A bank is split off at most ${host.limits.bankDepth} deep.`);
    this.pay(amount);
    return create(facet<typeof Bank, 'spend'>(this, 'spend'), Bank, amount);
  }

  spending(): BankCap {
    return facet<typeof Bank, 'spend'>(this, 'spend');
  }

  /** Takes back what is left in a bank that was split off from this one, which pays for nothing more. Gives how much. */
  reclaim(bank: AnyCap): number {
    const { host } = openTurn();
    const child = host.membrane.objectOf(bank);
    if (!host.isBank(child) || child.bank !== host.membrane.running(this).id)
      return raise('NotYours', 'Only a bank that was split off from this one can be taken back.');
    const amount = host.membrane.invokeInternally(child, 'close', []) as number;
    this.refund(amount);
    return amount;
  }

  close(): number {
    const amount = this.#left;
    this.#left = 0;
    this.#closed = true;
    return amount;
  }

  /** Whoever is to be told, by `method`, when something that this bank pays for is blamed. */
  reports(to: AnyCap, method: string): void {
    openTurn().host.membrane.admits(to, method);
    this.#reports = [to, method];
  }

  /** What this bank, or one that was split off from it, pays for and is set aside: the first hundred. */
  aside(): readonly AsideReport[] {
    const { asides } = openTurn().host;
    return asides
      .all()
      .filter(([, { bank }]) => this.#isUnder(bank))
      .slice(0, ASIDES_LISTED)
      .map(([id, { className, code, message, when }]) => ({
        number: numberOf(id),
        className,
        code,
        message: message.slice(0, WHY_LISTED),
        when,
      }));
  }

  /** The record of such an object, as text. */
  show(number: number): string {
    const { id, spec, version, record } = this.#one(number);
    return `${spec.name} ${id}, version ${version}\n${printed(record)}`;
  }

  /** It takes calls again, unless an admin has stopped it. */
  mend(number: number): void {
    const turn = openTurn();
    const { id } = this.#one(number);
    if (turn.host.asides.get(id)?.code === 'Stopped')
      refuse(
        'Stopped',
        `An admin has stopped object ${number}, and lets it go on: ask for that, or unmake it.`,
      );
    turn.onCommit(() => {
      turn.host.administration.mended(id);
    });
  }

  /**
   * It ends without running any of its code, and its blocks come back. Gives how many entries are left in its collections: of
   * more than can go in one turn some go, and it ends when this is called until there are none.
   */
  destroyAside(number: number): number {
    const turn = openTurn();
    const wrapper = this.#one(number);
    const left = dropForEnd(turn, wrapper);
    if (left > 0) return left;
    turn.onCommit(() => {
      turn.host.administration.mended(wrapper.id);
    });
    turn.host.end(turn, wrapper);
    return 0;
  }

  #one(number: number): Wrapper {
    const { host } = openTurn();
    const id = objectId(whole(number));
    const aside = host.asides.get(id);
    if (aside === undefined || !this.#isUnder(aside.bank))
      return raise('NotYours', `There is no object ${number} of this bank that is set aside.`);
    return host.find(id);
  }

  /** Whether a bank is this one or was split off from it. */
  #isUnder(bank: ObjectId | null): boolean {
    const { host } = openTurn();
    const { id } = host.membrane.running(this);
    for (let at = bank; at !== null; at = host.bankAbove(at)) if (at === id) return true;
    return false;
  }

  /** How many banks are above this one. */
  #depth(): number {
    const { host } = openTurn();
    let depth = 0;
    for (let at = host.membrane.running(this).bank; at !== null; at = host.bankAbove(at)) depth += 1;
    return depth;
  }
}

function numberOf(id: ObjectId): number {
  return Number(id.slice(id.lastIndexOf('o') + 1));
}

function whole(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount < 0)
    raise('BadArgument', 'A bank counts in whole numbers from 0.');
  return amount;
}
