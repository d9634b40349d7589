import { fail, isLive, M, type AnyCap } from '../engine/authoring.ts';

/** A capability that somebody keeps, what it is on, and what he was told about it. */
export interface Kept {
  readonly on: AnyCap;
  readonly capability: AnyCap;
  readonly note: string;
  /** It came with something that he made, and nobody else can give it to him again. */
  readonly own: boolean;
  /** He asked the thing itself for it. Left out otherwise. */
  readonly asked?: true;
  /** To whom he lent this, which was made from one of his own; empty for what he keeps for himself. */
  readonly lentTo: string;
}

export interface KeyringRecord {
  readonly kept: readonly Kept[];
}

/** Capabilities on one ring. They are one record, read at each search. */
const MOST_KEPT = 500;
/** Of these, what he was given or asked for: strangers must not leave him without room for his own. */
const MOST_GIVEN = 100;
/** Characters of a note; with room for who gave it, and by way of what. */
export const NOTE_LENGTH = 140;

const ADD = M.call(M.remotable(), M.remotable(), M.string()).returns();

const RING = {
  own: ADD,
  asked: ADD,
  add: ADD,
  lend: M.call(M.remotable(), M.remotable(), M.string(), M.string()).returns(),
  find: M.call(M.remotable(), M.string()).returns(M.or(M.remotable(), M.undefined())),
  list: M.call().returns(M.any()),
  drop: M.call(M.remotable()).returns(),
  forget: M.call(M.remotable()).returns(M.number()),
};

/**
 * The capabilities that a player keeps. It is the only answer to "may he?": what counts is not who he is, but whether
 * something on his ring admits the method.
 */
export class Keyring {
  static reads: readonly string[] = ['find', 'list'];
  static facets = { public: {}, owner: RING };

  #kept: readonly Kept[] = [];

  toRecord(): KeyringRecord {
    return { kept: this.#kept };
  }

  fromRecord(record: KeyringRecord): void {
    this.#kept = record.kept;
  }

  /** Before `own` was noted, "yours" said the same. */
  static upgrade(record: {
    readonly kept: readonly (Omit<Kept, 'own'> & { own?: boolean })[];
  }): KeyringRecord {
    return {
      kept: record.kept.map((each) => ({ own: each.lentTo === '' && each.note === 'yours', ...each })),
    };
  }

  own(on: AnyCap, capability: AnyCap, note: string): void {
    this.#add({ on, capability, note, own: true, lentTo: '' });
  }

  /** One that he asked `on` itself for. */
  asked(on: AnyCap, capability: AnyCap, note: string): void {
    this.#addOther({ on, capability, note, own: false, asked: true, lentTo: '' });
  }

  /** One that somebody gave him, who may say that it is on anything. */
  add(on: AnyCap, capability: AnyCap, note: string): void {
    this.#addOther({ on, capability, note, own: false, lentTo: '' });
  }

  #addOther(kept: Kept): void {
    const isFull = (): boolean =>
      this.#kept.filter(({ own, lentTo }) => !own && lentTo === '').length >= MOST_GIVEN;
    if (isFull()) this.#dropDead();
    if (isFull())
      throw fail(
        'Full',
        `A keyring takes ${MOST_GIVEN} capabilities from others. "forget all" lets go of them, "forget THING" of some.`,
      );
    this.#add(kept);
  }

  /** One that he lent to somebody else. */
  lend(on: AnyCap, capability: AnyCap, note: string, to: string): void {
    this.#add({ on, capability, note, own: false, lentTo: to });
  }

  /**
   * The newest live capability on `on` that admits `method`; what has been revoked does not hide an older one. His own
   * come first, then what he asked for: whoever gives him something must not come between him and what is his, or what he has
   * from the thing itself.
   */
  find(on: AnyCap, method: string): AnyCap | undefined {
    const fit = this.#kept.filter(
      (each) =>
        each.on === on && each.lentTo === '' && admits(each.capability, method) && isLive(each.capability),
    );
    const first = fit.findLast(({ own }) => own) ?? fit.findLast(({ asked }) => asked) ?? fit.at(-1);
    return first?.capability;
  }

  list(): readonly Kept[] {
    return this.#kept;
  }

  /** Lets go of one capability, or of all on one object. */
  drop(what: AnyCap): void {
    this.#kept = this.#kept.filter((each) => each.capability !== what && each.on !== what);
  }

  /** Lets go of what he was given on an object; gives how many that were. What is his own and what he lent stays. */
  forget(on: AnyCap): number {
    const before = this.#kept.length;
    this.#kept = this.#kept.filter((each) => each.on !== on || each.own || each.lentTo !== '');
    return before - this.#kept.length;
  }

  #add(kept: Kept): void {
    const before = this.#kept.find(
      ({ capability, lentTo }) => capability === kept.capability && lentTo === kept.lentTo,
    );
    if (before !== undefined) {
      if (kept.asked === true && !before.own)
        this.#kept = this.#kept.map((each) => (each === before ? { ...kept, note: before.note } : each));
      return;
    }
    if (this.#kept.length >= MOST_KEPT) this.#dropDead();
    if (this.#kept.length >= MOST_KEPT)
      throw fail('Full', `A keyring takes ${MOST_KEPT} capabilities. Let one go first.`);
    this.#kept = [...this.#kept, { ...kept, note: kept.note.slice(0, NOTE_LENGTH) }];
  }

  /** What admits nothing any more is named nowhere, and nobody could let go of it. */
  #dropDead(): void {
    this.#kept = this.#kept.filter(({ capability }) => isLive(capability));
  }
}

/** Whether a capability has a method of that name. It says nothing about whether the grant is still alive. */
export function admits(capability: AnyCap, method: string): boolean {
  return typeof (capability as Record<string, unknown>)[method] === 'function';
}
