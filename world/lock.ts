import { after, cancel, facet, fail, M, type FacetOf } from '../engine/authoring.ts';

/** All that there is to a key: the one method. */
export type Unlocking = Pick<FacetOf<typeof Lock, 'bolt'>, 'unlock'>;

/** What an exit needs of a lock: to see it, not to open it. */
export type Sight = Pick<FacetOf<typeof Lock, 'bolt'>, 'isLocked'>;

export interface LockRecord {
  readonly locked: boolean;
  readonly timer: number | null;
  readonly staysOpen: number;
}

/** The works of a lock. It opens to the capability, and asks nobody who he is or what he carries. */
export class Lock {
  static facets = {
    public: {},
    bolt: { unlock: M.call().returns(), isLocked: M.call().returns(M.boolean()) },
    self: { fall: M.call().returns() },
    owner: { bolt: M.call().returns(M.remotable()) },
  };

  #locked = true;
  #timer: number | null = null;
  #staysOpen = 0;

  /** `staysOpen`: after so many milliseconds it falls shut by itself. */
  init(staysOpen: number): void {
    if (!Number.isSafeInteger(staysOpen) || staysOpen < 0)
      throw fail('Incomplete', 'A lock needs to know for how many milliseconds it stays open.');
    this.#staysOpen = staysOpen;
  }

  toRecord(): LockRecord {
    return { locked: this.#locked, timer: this.#timer, staysOpen: this.#staysOpen };
  }

  fromRecord(record: LockRecord): void {
    this.#locked = record.locked;
    this.#timer = record.timer;
    this.#staysOpen = record.staysOpen;
  }

  bolt(): FacetOf<typeof Lock, 'bolt'> {
    return facet<typeof Lock, 'bolt'>(this, 'bolt');
  }

  isLocked(): boolean {
    return this.#locked;
  }

  unlock(): void {
    this.#locked = false;
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = after(this.#staysOpen, facet<typeof Lock, 'self'>(this, 'self'), 'fall', []);
  }

  fall(): void {
    this.#locked = true;
    this.#timer = null;
  }
}
