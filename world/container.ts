import { facet, fail, M, revoke, type AnyCap } from '../engine/authoring.ts';
import {
  added,
  atSpot,
  contentOf,
  isGone,
  namesOf,
  renamed,
  seen,
  withoutSpot,
  type Content,
} from './contents.ts';
import { ENTRY, NEST_LEVELS, OPENING_LASTS, ROOM_FOR, SPOT } from './place.ts';
import type { Entry, Holder, Inventory, Seen, Spot } from './place.ts';
import { Thing, type ThingRecord, type ThingSpec } from './thing.ts';
import { without, type Verbs } from './verb-patterns.ts';
import { capital, line, list, the } from './words.ts';

/** `none`: it has no lid, and stands open. */
export type Lid = 'none' | 'open' | 'shut';

export interface ContainerSpec extends ThingSpec {
  readonly lid?: Lid;
}

export interface ContainerRecord extends ThingRecord {
  readonly lid: Lid;
  readonly inside: readonly Content[];
  readonly mouth: Entry | null;
}

/** Something that holds other things. Who has it within reach may look, put and take, while it is open. */
export class Container extends Thing {
  static override facets = {
    ...Thing.facets,
    entry: ENTRY,
    spot: SPOT,
    owner: {
      ...Thing.facets.owner,
      entry: M.call().returns(M.remotable()),
      setLid: M.call(M.or('none', 'open', 'shut')).returns(),
    },
  };
  static override verbs: Verbs = { open: 'open', 'close|shut': 'shut' };

  #lid: Lid = 'none';
  #inside: readonly Content[] = [];
  /** The opening given out last; there is never more than one. */
  #mouth: Entry | null = null;

  override init(spec: ContainerSpec): void {
    super.init(spec);
    this.#lid = spec.lid ?? 'none';
  }

  override toRecord(): ContainerRecord {
    return { ...super.toRecord(), lid: this.#lid, inside: this.#inside, mouth: this.#mouth };
  }

  override fromRecord(record: ContainerRecord): void {
    super.fromRecord(record);
    this.#lid = record.lid;
    this.#inside = record.inside;
    this.#mouth = record.mouth;
  }

  override describe(): string {
    const lid = this.#lid === 'none' ? '' : this.#lid === 'open' ? ' It is open.' : ' It is shut.';
    return `${this.description}${lid}`;
  }

  /** The way in, for good: for what belongs here. */
  entry(): Entry {
    return facet<typeof Container, 'entry'>(this, 'entry');
  }

  setLid(lid: Lid): void {
    this.#lid = lid;
  }

  /** Lets a thing in, through an opening. */
  enter(thing: AnyCap, holder: Holder, name: string, also: readonly string[], listens: boolean): Spot {
    this.refuseIfShut();
    if (this.isWithin(thing, NEST_LEVELS)) {
      throw fail('Refused', `${capital(the(name))} cannot go inside itself, which is a mercy.`);
    }
    const spot = facet<typeof Container, 'spot'>(this, 'spot', { for: line(name).slice(0, 60) });
    const full = `There is no room for it in ${the(this.label)}.`;
    this.#inside = added(this.#inside, { thing, holder, spot, name, also, listens }, ROOM_FOR.box, full);
    return spot;
  }

  vacate(spot: Spot, _manner?: string): void {
    if (atSpot(this.#inside, spot) === undefined) return;
    this.#inside = withoutSpot(this.#inside, spot);
    revoke(this, spot);
  }

  relabel(spot: Spot, name: string, also: readonly string[]): void {
    this.#inside = renamed(this.#inside, spot, name, also);
  }

  /** What sounds in an open box is heard outside; a lid muffles it to nothing. */
  tell(spot: Spot, text: string, except?: AnyCap): void {
    if (this.#lid !== 'shut' && atSpot(this.#inside, spot) !== undefined) this.sound(text, except);
  }

  isWithin(thing: AnyCap, levels: number): boolean {
    if (thing === this.front()) return true;
    if (levels <= 0) throw fail('TooNested', 'That is too deep inside other things.');
    return this.spot?.isWithin(thing, levels - 1) ?? false;
  }

  override peek(_about?: string): readonly Seen[] | Inventory | undefined {
    this.refuseIfShut();
    return seen(this.#inside);
  }

  override takeOut(thing: AnyCap, hands: Entry): void {
    this.refuseIfShut();
    const found = contentOf(this.#inside, thing);
    if (isGone(found.holder)) {
      this.vacate(found.spot);
      return;
    }
    found.holder.moveTo(hands);
    if (atSpot(this.#inside, found.spot) !== undefined) {
      throw fail('Refused', `${capital(the(found.name))} will not come out.`);
    }
  }

  override opening(_by: AnyCap): Entry {
    this.refuseIfShut();
    if (this.#mouth !== null) revoke(this, this.#mouth);
    this.#mouth = facet<typeof Container, 'entry'>(this, 'entry', {
      for: 'a moment',
      uses: 1,
      expiresIn: OPENING_LASTS,
    });
    return this.#mouth;
  }

  override dispose(): void {
    if (this.#inside.length > 0) {
      throw fail(
        'Refused',
        `There is still ${list(namesOf(this.#inside))} in ${the(this.label)}. Empty it first.`,
      );
    }
    super.dispose();
  }

  open(): string {
    if (this.#lid === 'open') return `${capital(the(this.label))} is open already.`;
    this.#lid = 'open';
    return `You open ${the(this.label)}. ${this.summary()}`;
  }

  shut(): string {
    if (this.#lid === 'shut') return `${capital(the(this.label))} is shut already.`;
    this.#lid = 'shut';
    return `You shut ${the(this.label)}.`;
  }

  /** Without a lid there is nothing to open. */
  protected override patterns(): Verbs {
    return this.#lid === 'none' ? without(super.patterns(), Container.verbs) : super.patterns();
  }

  protected isShut(): boolean {
    return this.#lid === 'shut';
  }

  protected refuseIfShut(): void {
    if (this.isShut()) throw fail('Shut', `${capital(the(this.label))} is shut.`);
  }

  /** What is seen when it is opened. */
  protected summary(): string {
    return this.#inside.length === 0 ? 'It is empty.' : `Inside: ${list(namesOf(this.#inside))}.`;
  }
}
