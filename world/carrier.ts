import { attempt, emit, facet, fail, revoke, type AnyCap } from '../engine/authoring.ts';
import { inOwnVoice } from './audience.ts';
import { added, atSpot, contentOf, isGone, namesOf, renamed, withoutSpot, type Content } from './contents.ts';
import { ENTRY, OPENING_LASTS, ROOM_FOR, SPOT, type Entry, type Holder, type Spot } from './place.ts';
import { Thing, type ThingRecord } from './thing.ts';
import { capital, deed, line, list, the } from './words.ts';

export interface CarrierRecord extends ThingRecord {
  readonly carried: readonly Content[];
  readonly mouth: Entry | null;
  readonly takesGifts: boolean;
}

/** Somebody with hands: what he carries, and how it gets there. */
export class Carrier extends Thing {
  static override facets = { ...Thing.facets, entry: ENTRY, spot: SPOT };

  carried: readonly Content[] = [];
  takesGifts = true;
  /** The way into his hands that was given out last, for a gift; there is never more than one. */
  protected mouth: Entry | null = null;

  override toRecord(): CarrierRecord {
    return { ...super.toRecord(), carried: this.carried, mouth: this.mouth, takesGifts: this.takesGifts };
  }

  override fromRecord(record: CarrierRecord): void {
    super.fromRecord(record);
    this.carried = record.carried;
    this.mouth = record.mouth;
    this.takesGifts = record.takesGifts;
  }

  /** Somebody wants to give him something. */
  override opening(_by: AnyCap): Entry {
    if (!this.takesGifts) throw fail('Refused', `${this.label} takes no gifts at the moment.`);
    if (this.mouth !== null) revoke(this, this.mouth);
    this.mouth = facet<typeof Carrier, 'entry'>(this, 'entry', {
      for: 'a gift',
      uses: 1,
      expiresIn: OPENING_LASTS,
    });
    return this.mouth;
  }

  enter(thing: AnyCap, holder: Holder, name: string, also: readonly string[], listens: boolean): Spot {
    const spot = facet<typeof Carrier, 'spot'>(this, 'spot', { for: line(name).slice(0, 60) });
    const full = `${this.label} has no hand free for ${the(line(name))}.`;
    this.carried = added(this.carried, { thing, holder, spot, name, also, listens }, ROOM_FOR.hands, full);
    return spot;
  }

  vacate(spot: Spot, manner = ''): void {
    const found = atSpot(this.carried, spot);
    if (found === undefined) return;
    this.carried = withoutSpot(this.carried, spot);
    revoke(this, spot);
    if (manner !== '') emit(inOwnVoice(deed(capital(the(found.name)), line(manner)), found.name));
  }

  relabel(spot: Spot, name: string, also: readonly string[]): void {
    this.carried = renamed(this.carried, spot, name, also);
  }

  /** What sounds in somebody's hands is heard around him, and not as his. */
  tell(spot: Spot, text: string, except?: AnyCap): void {
    const found = atSpot(this.carried, spot);
    if (found !== undefined) this.sound(inOwnVoice(line(text), found.name), except);
  }

  isWithin(thing: AnyCap, _levels: number): boolean {
    return thing === this.front();
  }

  /** Lends a way into his hands while `body` runs. */
  withHands(body: (hands: Entry) => void): void {
    const hands = facet<typeof Carrier, 'entry'>(this, 'entry', { for: 'one taking', uses: 1 });
    try {
      body(hands);
    } finally {
      revoke(this, hands);
    }
  }

  /** Only with empty hands: what is in them would be nowhere, and mostly nobody's who could bring it back. */
  override dispose(): void {
    const held = this.carried.filter(({ holder }) => !isGone(holder));
    if (held.length > 0)
      throw fail('Refused', `There is still ${list(namesOf(held))} in the hands of ${the(this.label)}.`);
    super.dispose();
  }

  inHand(thing: AnyCap): Content {
    return contentOf(this.carried, thing);
  }

  carries(thing: AnyCap): boolean {
    return this.carried.some((each) => each.thing === thing);
  }

  /** Strikes out what he carries and what no longer exists. */
  letGoIfGone(thing: AnyCap): void {
    const { holder, spot } = this.inHand(thing);
    if (isGone(holder)) this.carried = withoutSpot(this.carried, spot);
  }

  /** Strikes out what he carries, without asking it. */
  letGo(thing: AnyCap): void {
    this.vacate(this.inHand(thing).spot);
  }

  /** What he carries, in words. */
  inventory(): string {
    return this.carried.length === 0 ? 'You carry nothing.' : `You carry ${list(namesOf(this.carried))}.`;
  }

  /** Lets go of everything, onto the floor; of what will not go there, without asking. */
  protected dropEverything(floor: () => Entry): void {
    for (const each of this.carried)
      attempt(() => {
        each.holder.moveTo(floor());
      });
  }
}
