import {
  after,
  attempt,
  attenuate,
  cancel,
  facet,
  fail,
  M,
  revoke,
  type AnyCap,
  type FacetOf,
} from '../engine/authoring.ts';
import type { Unlocking } from './lock.ts';
import type { Entry } from './place.ts';
import { Thing, type ThingRecord, type ThingSpec } from './thing.ts';
import { capital, the } from './words.ts';

/** What whoever has a key in hand can do with it. */
export type KeyHolder = FacetOf<typeof Key, 'holder'>;

export interface KeySpec extends ThingSpec {
  /** What it lends; a key without it has no teeth. */
  readonly turns?: Unlocking;
  /** Where it finds its way back to, when it has been away for `returnsAfter` milliseconds. */
  readonly home?: Entry;
  readonly returnsAfter?: number;
}

export interface KeyRecord extends ThingRecord {
  readonly turns: Unlocking | null;
  readonly lent: Unlocking | null;
  readonly home: Entry | null;
  readonly returnsAfter: number;
  readonly timer: number | null;
}

/** How long what it lends can be used, in milliseconds: for the turn that it was asked in. */
const LENT_FOR = 5_000;

/** A thing that has a capability, and lends it to whoever has the thing. Its looks open nothing. */
export class Key extends Thing {
  static override facets = {
    ...Thing.facets,
    holder: { ...Thing.facets.holder, lend: M.call(M.remotable()).returns(M.remotable()) },
    self: { goHome: M.call().returns() },
  };

  #turns: Unlocking | null = null;
  #lent: Unlocking | null = null;
  #home: Entry | null = null;
  #returnsAfter = 0;
  #timer: number | null = null;

  override init(spec: KeySpec): void {
    super.init(spec);
    this.#turns = spec.turns ?? null;
    this.#home = spec.home ?? null;
    this.#returnsAfter = spec.returnsAfter ?? 0;
  }

  override toRecord(): KeyRecord {
    return {
      ...super.toRecord(),
      turns: this.#turns,
      lent: this.#lent,
      home: this.#home,
      returnsAfter: this.#returnsAfter,
      timer: this.#timer,
    };
  }

  override fromRecord(record: KeyRecord): void {
    super.fromRecord(record);
    this.#turns = record.turns;
    this.#lent = record.lent;
    this.#home = record.home;
    this.#returnsAfter = record.returnsAfter;
    this.#timer = record.timer;
  }

  /** For who holds the key in his hands: the capability, for this once. What was lent before is revoked. */
  lend(_by: AnyCap): Unlocking {
    const turns = this.#turns;
    if (turns === null) throw fail('Blank', `${capital(the(this.label))} has no teeth.`);
    const before = this.#lent;
    if (before !== null) attempt(() => revoke(turns, before));
    this.#lent = attenuate(turns, { for: this.label, expiresIn: LENT_FOR });
    return this.#lent;
  }

  /** Keys have a way of turning up where they belong. */
  goHome(): void {
    this.#timer = null;
    const home = this.#home;
    if (home === null) return;
    this.sound(`${capital(the(this.label))} gives a twitch, and is not there any more.`);
    const went = attempt(() => {
      this.bring(home);
    });
    if (!went.ok) this.#wait();
  }

  protected override moved(): void {
    this.#wait();
  }

  #wait(): void {
    if (this.#returnsAfter === 0 || this.#home === null) return;
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = after(this.#returnsAfter, facet<typeof Key, 'self'>(this, 'self'), 'goHome', []);
  }
}
