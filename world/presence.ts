import { attempt, destroy, facet, fail, M, revoke, type AnyCap } from '../engine/authoring.ts';
import { HOLDER, type Door, type Entry, type Holder, type Inventory, type Seen, type Spot } from './place.ts';
import { ownSpot } from './stranger.ts';
import { checkVerbs, methodFor, methodOf, type Verbs } from './verb-patterns.ts';
import { goodAliases, goodName, the } from './words.ts';

export interface PresenceRecord {
  readonly name: string;
  readonly also: readonly string[];
  readonly spot: Spot | null;
  readonly held: Holder | null;
}

export interface PresenceSpec {
  readonly name: string;
  readonly also?: readonly string[];
}

/**
 * Something that is somewhere, and offers the public nothing at all but that.
 * The protocol of movement stands in place.ts; this is its side of what is moved.
 */
export class Presence {
  static reads: readonly string[] = ['front', 'coming', 'hear', 'witness', 'peek'];
  /** What can be done with it, besides what can be done with everything: see verb-patterns.ts. */
  static verbs: Verbs = {};
  static facets = {
    public: {},
    holder: HOLDER,
    owner: {
      front: M.call().returns(M.remotable()),
      bring: M.call(M.remotable()).returns(),
      dispose: M.call().returns(),
    },
  };

  protected label = '';
  protected also: readonly string[] = [];
  /** What the place where this is gave to it. */
  protected spot: Spot | null = null;
  /** What that place holds on this. */
  protected held: Holder | null = null;
  /** Set while a move is under way: a place that is asked in must not start another one. */
  #moving = false;
  /** What the place will give that has asked whether this is coming. */
  #offered: Spot | null = null;

  init(spec: PresenceSpec): void {
    this.label = goodName(spec.name);
    this.also = goodAliases(spec.also ?? []);
    checkVerbs(this, (this.constructor as typeof Presence).verbs); // now, and not when somebody types one
  }

  toRecord(): PresenceRecord {
    return { name: this.label, also: this.also, spot: this.spot, held: this.held };
  }

  fromRecord(record: PresenceRecord): void {
    this.label = record.name;
    this.also = record.also;
    this.spot = record.spot;
    this.held = record.held;
  }

  /** The public capability, which everybody knows this by. */
  front(): AnyCap {
    return facet<typeof Presence, 'public'>(this, 'public');
  }

  coming(thing: AnyCap, name: string, spot?: Spot): boolean {
    const known = facet<typeof Presence, 'public'>(this, 'public'); // whatever a class has its `front` say
    if (!this.#moving || thing !== known || name !== this.label) return false;
    if (spot === undefined) return true;
    // A place that is being entered can have this let in elsewhere as well.
    if (this.#offered !== null) return false;
    this.#offered = spot;
    return true;
  }

  /** Moves because the place where it is, or its holder, wants it to. */
  moveTo(entry: Entry): void {
    this.agree();
    const left = this.enterAt(entry);
    left?.vacate(left);
  }

  /** Moves because its owner wants it to. A place that will not let go of it has nothing left to hold it by. */
  bring(entry: Entry): void {
    const left = this.enterAt(entry);
    if (left !== null) attempt(() => left.vacate(left));
  }

  /** Ends to exist. What it holds on others is lost with it. */
  dispose(): void {
    const left = this.spot;
    if (left !== null) attempt(() => left.vacate(left));
    destroy(this);
  }

  depart(_door: Door, _arriving: string, _passing: string): void {
    throw fail('Refused', `${the(this.label)} does not walk anywhere.`);
  }

  hear(_text: string, _said?: string, _by?: AnyCap): void {}

  witness(_text: string): void {}

  use(typed: string, by: AnyCap, text: string): string | undefined {
    const method = methodFor(this.patterns(), typed);
    return method === undefined ? undefined : ((methodOf(this, method).call(this, by, text) ?? '') as string);
  }

  peek(_about?: string): readonly Seen[] | Inventory | undefined {
    return undefined;
  }

  takeOut(_thing: AnyCap, _hands: Entry): void {
    throw fail('Refused', `You cannot take anything out of ${the(this.label)}.`);
  }

  opening(_by: AnyCap): Entry {
    throw fail('Refused', `You cannot put anything into ${the(this.label)}.`);
  }

  receive(_on: AnyCap, _capability: AnyCap, _note: string): void {
    throw fail('Refused', `${the(this.label)} has no use for that.`);
  }

  /** While it is between two places. */
  protected get isMoving(): boolean {
    return this.#moving;
  }

  /** Throws if this will not be moved. */
  protected agree(): void {}

  /** True for what wants to hear what is said around it. */
  protected listens(): boolean {
    return false;
  }

  /** The verbs that it has as things are: those of its class, unless it says otherwise. */
  protected patterns(): Verbs {
    return (this.constructor as typeof Presence).verbs;
  }

  /** Called when this has come to a new place. */
  protected moved(): void {}

  /** Lets everybody around hear something, as far as the place lets sound through. */
  protected sound(text: string, except?: AnyCap): void {
    const { spot } = this;
    if (spot === null) return;
    attempt(() => {
      if (except === undefined) spot.tell(spot, text);
      else spot.tell(spot, text, except);
    });
  }

  protected relabelled(): void {
    const { spot } = this;
    if (spot !== null) attempt(() => spot.relabel(spot, this.label, this.also));
  }

  /** Steps 2 to 4 of a move; gives the spot that is left behind. */
  protected enterAt(entry: Entry): Spot | null {
    return this.goThrough((holder) =>
      ownSpot(entry, entry.enter(this, holder, this.label, this.also, this.listens())),
    );
  }

  protected goThrough(knock: (holder: Holder) => Spot): Spot | null {
    if (this.#moving) throw fail('Refused', `${the(this.label)} is on the move already.`);
    this.#moving = true;
    this.#offered = null;
    try {
      const holder = facet<typeof Presence, 'holder'>(this, 'holder', { for: 'the place where it is' });
      const spot = knock(holder);
      if (this.#offered !== null && this.#offered !== spot)
        throw fail('Refused', `${the(this.label)} would be in two places.`);
      const left = this.spot;
      if (this.held !== null) revoke(this, this.held);
      this.held = holder;
      this.spot = spot;
      this.moved();
      return left;
    } finally {
      this.#moving = false;
    }
  }
}
