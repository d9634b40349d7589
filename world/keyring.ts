import { fail, isLive, M, type AnyCap } from '../engine/authoring.ts';

/** A capability that somebody was given, what it is on, and what he was told about it. */
export interface Kept {
  readonly on: AnyCap;
  readonly capability: AnyCap;
  readonly note: string;
  /** To whom he lent this, which was made from one of his own; empty for his own. */
  readonly lentTo: string;
}

export interface KeyringRecord {
  readonly kept: readonly Kept[];
}

/** Capabilities on one ring. They are one record, read at each search. */
const MOST_KEPT = 500;

const RING = {
  add: M.call(M.remotable(), M.remotable(), M.string()).optional(M.string()).returns(),
  find: M.call(M.remotable(), M.string()).returns(M.or(M.remotable(), M.undefined())),
  list: M.call().returns(M.any()),
  drop: M.call(M.remotable()).returns(),
};

/**
 * The capabilities that a player keeps. It is the only answer to "may he?": what counts is not who he is, but whether
 * something on his ring admits the method.
 */
export class Keyring {
  static facets = { public: {}, owner: RING };

  #kept: readonly Kept[] = [];

  toRecord(): KeyringRecord {
    return { kept: this.#kept };
  }

  fromRecord(record: KeyringRecord): void {
    this.#kept = record.kept;
  }

  add(on: AnyCap, capability: AnyCap, note: string, lentTo = ''): void {
    if (this.#kept.some((each) => each.capability === capability && each.lentTo === lentTo)) return;
    if (this.#kept.length >= MOST_KEPT)
      throw fail('Full', `A keyring takes ${MOST_KEPT} capabilities. Let one go first.`);
    this.#kept = [...this.#kept, { on, capability, note, lentTo }];
  }

  /** The newest live capability of his own on `on` that admits `method`; what has been revoked does not hide an older one. */
  find(on: AnyCap, method: string): AnyCap | undefined {
    return this.#kept.findLast(
      (each) =>
        each.on === on && each.lentTo === '' && admits(each.capability, method) && isLive(each.capability),
    )?.capability;
  }

  list(): readonly Kept[] {
    return this.#kept;
  }

  /** Lets go of one capability, or of all on one object. */
  drop(what: AnyCap): void {
    this.#kept = this.#kept.filter((each) => each.capability !== what && each.on !== what);
  }
}

/** Whether a capability has a method of that name. It says nothing about whether the grant is still alive. */
export function admits(capability: AnyCap, method: string): boolean {
  return typeof (capability as Record<string, unknown>)[method] === 'function';
}
