import { classOf, facet, fail, M, revoke, type AnyCap } from '../engine/authoring.ts';
import { inADeed, inOwnVoice, showAll, tellAll } from './audience.ts';
import {
  added,
  atSpot,
  contentOf,
  isGone,
  renamed,
  seenAgain,
  seenThing,
  withOneMore,
  withoutSpot,
  type Content,
} from './contents.ts';
import type { Passage } from './exit.ts';
import { isLikeSpeech } from './likeness.ts';
import { inPlaceOf, inTheWay, newcomer, writtenName } from './newcomer.ts';
import { ARRIVE, ENTRY, INSIDE, OPENING_LASTS, ROOM_FOR, SPOT } from './place.ts';
import type { Door, Entry, Holder, Inside, Inventory, Seen, Spot, View } from './place.ts';
import { BUILDER, MOST_STRANGE, type Occupant, type RoomRecord, type WayOut } from './room-record.ts';
import { Thing } from './thing.ts';
import { leadingTo, wayNamed, withoutDead, withWay } from './ways-out.ts';
import { a, capital, deed, line, NAME_LENGTH, sentence, the } from './words.ts';

/** A view, and the lists of which it was made. */
interface Sight extends Pick<RoomRecord, 'people' | 'things' | 'ways'> {
  readonly view: View;
}

/** Characters of what a giver says of his gift: behind them stands who he is, and must not be cut off. */
const GIFT_NOTE = 20;

function seenPerson({ thing, name, also, awake }: Occupant): View['people'][number] {
  return { thing, name, also, awake };
}

function seenWay({ thing, name, also, to }: WayOut): View['exits'][number] {
  return { thing, name, also, to };
}

/** A place for people. What is in it is seen through it: it hands out what its contents offer to the public. */
export class Room extends Thing {
  static override reads: readonly string[] = [
    'look',
    'lookInto',
    'isWithin',
    'say',
    'show',
    'tell',
    'view',
    'doorway',
  ];
  static override facets = {
    ...Thing.facets,
    entry: ENTRY,
    door: { name: Thing.facets.public.name, arrive: ARRIVE },
    inside: INSIDE,
    spot: SPOT,
    self: { view: M.call().returns(M.any()) },
    builder: BUILDER,
    owner: { ...Thing.facets.owner, ...BUILDER, floor: INSIDE.floor },
  };

  #people: readonly Occupant[] = [];
  #things: readonly Content[] = [];
  #ways: readonly WayOut[] = [];
  /** The way onto the floor that was given out last; there is never more than one. */
  #floor: Entry | null = null;

  /** What is seen here, until something changes. What has crossed a wrapper once goes on as it is, and is not copied again. */
  #seen: View | null = null;
  /** What was seen here last, with what it was made of: most of it will be seen again. */
  #last: Sight | null = null;
  /** Where somebody is taking something away: that it is gone will be said with who took it. */
  #taken: Spot | null = null;

  /** In one piece, as with players: it is asked for this whenever somebody speaks. */
  override toRecord(): RoomRecord {
    return {
      name: this.label,
      also: this.also,
      spot: this.spot,
      held: this.held,
      description: this.description,
      fixed: this.fixed,
      people: this.#people,
      things: this.#things,
      ways: this.#ways,
      floor: this.#floor,
    };
  }

  override fromRecord(record: RoomRecord): void {
    super.fromRecord(record);
    this.#people = record.people;
    this.#things = record.things;
    this.#ways = record.ways;
    this.#floor = record.floor;
  }

  // Coming and going.

  arrive(person: AnyCap, holder: Holder, name: string, awake: boolean, manner: string): Inside {
    const spot = facet<typeof Room, 'inside'>(this, 'inside', { for: line(name).slice(0, NAME_LENGTH) });
    const coming = newcomer(person, holder, name, spot);
    this.admit(coming.name);
    for (const each of inTheWay(this.#people, person, coming, this.label)) this.vacate(each.spot);
    const occupant = { thing: person, holder, spot, ...coming, also: [], awake };
    this.#change({ people: withOneMore(this.#people, occupant) });
    // It was not he who chose the words.
    const how = isLikeSpeech(manner) ? '' : ` ${line(manner)}`;
    if (manner !== '') this.#announce(sentence(`${coming.name} arrives${how}`), spot);
    return spot;
  }

  enter(thing: AnyCap, holder: Holder, name: string, also: readonly string[], listens: boolean): Spot {
    const instead = inPlaceOf(this.#people, thing, holder, name);
    if (instead !== undefined) this.vacate(instead.spot);
    const spot = facet<typeof Room, 'spot'>(this, 'spot', { for: line(name).slice(0, 60) });
    const coming = { thing, holder, spot, name, also, listens, ...this.#strangeness(holder) };
    const full = `The floor of ${this.label} is full: there is no room for it.`;
    this.#change({ things: added(this.#things, coming, ROOM_FOR.room, full) });
    this.#announce('', null);
    return spot;
  }

  vacate(spot: Spot, manner = ''): void {
    const person = atSpot(this.#people, spot);
    const thing = atSpot<Content>(this.#things, spot);
    if (person !== undefined) this.#change({ people: withoutSpot(this.#people, spot) });
    else if (thing !== undefined) this.#change({ things: withoutSpot(this.#things, spot) });
    else return;
    revoke(this, spot);
    if (manner === '' && spot !== this.#taken) this.#announce('', null);
    else if (manner === '') return;
    else if (person !== undefined) this.#announce(deed(person.name, line(manner)), null);
    else
      this.#announce(inOwnVoice(deed(capital(a(thing?.name ?? '')), line(manner)), thing?.name ?? ''), null);
  }

  go(me: Inside, way: string): void {
    const person = this.#occupant(me);
    const found = wayNamed(this.#ways, way);
    if (found === undefined) throw fail('NoWay', `You cannot go ${way} from here.`);
    const { door, to, passing, arriving } = found.passage.lead();
    person.holder.depart(door, arriving, inOwnVoice(line(passing), `way ${found.name}`));
    if (atSpot(this.#people, me) !== undefined) throw fail('Refused', 'You do not get anywhere.');
    this.#announce(`${person.name} goes ${isLikeSpeech(found.name) ? 'somewhere' : found.name}.`, null);
    if (to !== found.to) this.#change({ ways: leadingTo(this.#ways, found, to) });
  }

  stir(me: Inside, awake: boolean, text: string): void {
    const person = this.#occupant(me);
    const now = { ...person, awake };
    // Who falls asleep goes behind those who sleep already: where there is no room the first of them makes way.
    const people = awake
      ? this.#people.map((each) => (each === person ? now : each))
      : [...this.#people.filter((each) => each !== person), now];
    this.#change({ people });
    this.#announce(`${person.name} ${sentence(line(text))}`, me);
  }

  relabel(spot: Spot, name: string, also: readonly string[]): void {
    const person = atSpot(this.#people, spot);
    if (person?.kind !== undefined) {
      // No other names, as when he came in: of these, too, one could be a player's.
      const called = writtenName(name, person.kind);
      this.#change({ people: renamed(this.#people, person.spot, called, []) });
    }
    this.#change({ things: renamed(this.#things, spot, name, also) });
    this.#announce('', null);
  }

  isWithin(thing: AnyCap, _levels: number): boolean {
    return thing === this.front();
  }

  // Seeing and touching. Whoever is here acts on what is here by what the room holds on it.

  look(): View {
    if (this.#seen === null) {
      this.#seen = facet<typeof Room, 'self'>(this, 'self').view();
      // A class that shows something else may show anything.
      const { exits, people, things } = (this.#seen ?? {}) as Partial<View>;
      const isView = [exits, people, things].every((list) => Array.isArray(list));
      const lists = { people: this.#people, things: this.#things, ways: this.#ways };
      this.#last = isView ? { view: this.#seen, ...lists } : null;
    }
    return this.#seen;
  }

  view(): View {
    const last = this.#last;
    return {
      at: this.front(),
      name: this.label,
      exits: seenAgain(this.#ways, last?.ways, last?.view.exits, seenWay),
      people: seenAgain(this.#people, last?.people, last?.view.people, seenPerson),
      things: seenAgain(this.#things, last?.things, last?.view.things, seenThing),
    };
  }

  take(me: Inside, thing: AnyCap, hands: Entry): void {
    const person = this.#occupant(me);
    const found = this.#thing(thing);
    this.#taken = found.spot;
    found.holder.moveTo(hands);
    this.#taken = null;
    if (atSpot<Content>(this.#things, found.spot) !== undefined) {
      throw fail('Refused', `${capital(the(found.name))} will not budge.`);
    }
    this.#announce(`${person.name} takes ${inADeed(found.name)}.`, person.spot);
  }

  takeFrom(me: Inside, box: AnyCap, thing: AnyCap, hands: Entry): void {
    this.#occupant(me);
    this.#thing(box).holder.takeOut(thing, hands);
  }

  lookInto(box: AnyCap, about?: string): readonly Seen[] | Inventory | undefined {
    const { holder } = this.#thing(box);
    return about === undefined ? holder.peek() : holder.peek(about);
  }

  handle(me: Inside, thing: AnyCap, verb: string, rest: string): string | undefined {
    const person = this.#occupant(me);
    return this.#holderOf(thing).use(verb, person.thing, rest);
  }

  mouthOf(me: Inside, thing: AnyCap): Entry {
    const person = this.#occupant(me);
    return this.#holderOf(thing).opening(person.thing);
  }

  floor(): Entry {
    if (this.#floor !== null) revoke(this, this.#floor);
    this.#floor = facet<typeof Room, 'entry'>(this, 'entry', { for: 'a moment', expiresIn: OPENING_LASTS });
    return this.#floor;
  }

  deliver(me: Inside, person: AnyCap, on: AnyCap, capability: AnyCap, note: string): void {
    const giver = this.#occupant(me);
    const told = `${line(note).slice(0, GIFT_NOTE)}, from ${giver.name}`;
    contentOf(this.#people, person).holder.receive(on, capability, told);
  }

  sweep(thing: AnyCap): void {
    const content =
      this.#things.find((each) => each.thing === thing) ?? this.#people.find((each) => each.thing === thing);
    if (content !== undefined && isGone(content.holder)) this.vacate(content.spot);
    const ways = withoutDead(this.#ways, thing);
    if (ways !== this.#ways) this.#change({ ways });
  }

  // Sound.

  say(me: Inside, text: string): void {
    const { name, thing } = this.#occupant(me);
    const said = line(text);
    tellAll(this.#people, this.#things, {
      text: `${name} says, "${said}"`,
      from: me,
      speech: { said, by: thing },
    });
  }

  show(me: Inside, text: string, to?: AnyCap, toText?: string): void {
    const person = this.#occupant(me);
    const target = to === undefined ? undefined : contentOf(this.#people, to);
    if (target !== undefined) target.holder.hear(deed(person.name, line(toText ?? text)));
    if (text !== '')
      tellAll(this.#people, this.#things, { text: deed(person.name, line(text)), from: me, except: target });
  }

  tell(spot: Spot, text: string, except?: AnyCap): void {
    const source = atSpot<Content>(this.#things, spot) ?? atSpot(this.#people, spot);
    if (source === undefined) return;
    const excepted = except === undefined ? undefined : this.#people.find((each) => each.thing === except);
    const heard = inOwnVoice(line(text), source.name);
    tellAll(this.#people, this.#things, { text: heard, from: null, except: excepted });
  }

  // Building.

  doorway(): Door {
    return facet<typeof Room, 'door'>(this, 'door');
  }

  addExit(name: string, also: readonly string[], to: string, front: AnyCap, passage: Passage): void {
    this.#change({ ways: withWay(this.#ways, name, also, to, front, passage) });
    this.#announce('', null);
  }

  removeExit(passage: Passage): void {
    this.#change({ ways: this.#ways.filter((each) => each.passage !== passage) });
    this.#announce('', null);
  }

  /** Only when nobody and nothing is in it. Exits that lead here lead nowhere from then on. */
  override dispose(): void {
    if (this.#people.length > 0) throw fail('Refused', `There is somebody in ${this.label}.`);
    if (this.#things.length > 0) throw fail('Refused', `There are still things in ${this.label}.`);
    super.dispose();
  }

  override rename(name: string): void {
    super.rename(name);
    this.#change({});
    this.#announce('', null);
  }

  /** Throws if the room does not let people in. */
  protected admit(_name: string): void {}

  #change(to: Partial<Pick<RoomRecord, 'people' | 'things' | 'ways'>>): void {
    this.#people = to.people ?? this.#people;
    this.#things = to.things ?? this.#things;
    this.#ways = to.ways ?? this.#ways;
    this.#seen = null;
  }

  #occupant(me: Inside): Occupant {
    const found = atSpot(this.#people, me);
    if (found === undefined) throw fail('NotHere', 'You are not here.');
    return found;
  }

  #thing(thing: AnyCap): Content {
    if (this.#isPerson(thing)) throw fail('Refused', 'People are not luggage.');
    return contentOf(this.#things, thing);
  }

  #holderOf(thing: AnyCap): Holder {
    return contentOf<Pick<Content, 'thing' | 'holder'>>(
      this.#isPerson(thing) ? this.#people : this.#things,
      thing,
    ).holder;
  }

  /** Whoever was written as a thing that is here must not have what is done with that. */
  #isPerson(thing: AnyCap): boolean {
    const person = this.#people.find((each) => each.thing === thing);
    if (person?.kind === undefined) return person !== undefined;
    return !this.#things.some((each) => each.thing === thing);
  }

  #strangeness(holder: Holder): Pick<Content, 'strange'> {
    if (classOf(holder).safe) return {};
    if (this.#things.filter(({ strange }) => strange === true).length >= MOST_STRANGE)
      throw fail(
        'Full',
        `The floor of ${this.label} is full of what nobody has approved: there is no room for it.`,
      );
    return { strange: true };
  }

  #announce(text: string, from: Spot | null): void {
    showAll(this.#people, { text, from });
  }
}
