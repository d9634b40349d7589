import {
  collection,
  create,
  facet,
  fail,
  M,
  type AnyCap,
  type BankCap,
  type FacetOf,
} from '../engine/authoring.ts';
import { Container, type ContainerRecord, type ContainerSpec } from './container.ts';
import { Drawer, splitWords, wordsOf, type OwnDrawer } from './drawer.ts';
import { IN_DRAWER, MOST_THINGS } from './hoard-size.ts';
import {
  NEST_LEVELS,
  ROOM_FOR,
  type Entry,
  type Holder,
  type Inventory,
  type Seen,
  type Spot,
} from './place.ts';
import { capital, the } from './words.ts';

/** Drawers that are looked through for a word that is in many. */
const LOOKED_THROUGH = 4;
/** Words of one thing that it can be found by. */
const MOST_WORDS = 24;

export interface HoardSpec extends ContainerSpec {
  /** Pays for its drawers. */
  readonly bank: BankCap;
  /** Things that it takes; 100,000 if left out, and no more. */
  readonly most?: number;
}

export interface HoardRecord extends ContainerRecord {
  readonly bank: BankCap | null;
  readonly most: number;
  readonly drawers: number;
  /** Numbers of the drawers that have room. */
  readonly open: readonly number[];
}

/** What its drawers have of it. */
export type HoardSide = FacetOf<typeof Hoard, 'side'>;

/**
 * A container for a great many things. They are in drawers, objects of their own with a hundred things each; which drawer a thing
 * is in, and which ones have things with a certain word in their names, are collections. So to take one out, to put one in and to
 * find one costs the same however many there are.
 */
export class Hoard extends Container {
  static override facets = {
    ...Container.facets,
    side: {
      left: M.call(M.remotable(), M.number(), M.arrayOf(M.string())).returns(),
      reworded: M.call(M.number(), M.arrayOf(M.string()), M.arrayOf(M.string())).returns(),
      sounded: M.call(M.string()).optional(M.remotable()).returns(),
      holds: M.call(M.remotable(), M.number()).returns(M.boolean()),
    },
  };

  #bank: BankCap | null = null;
  #most = MOST_THINGS;
  #drawers = 0;
  #open: readonly number[] = [];

  override init(spec: HoardSpec): void {
    super.init(spec);
    this.#bank = spec.bank;
    this.#most = Math.min(spec.most ?? MOST_THINGS, MOST_THINGS);
  }

  override toRecord(): HoardRecord {
    return {
      ...super.toRecord(),
      bank: this.#bank,
      most: this.#most,
      drawers: this.#drawers,
      open: this.#open,
    };
  }

  override fromRecord(record: HoardRecord): void {
    super.fromRecord(record);
    this.#bank = record.bank;
    this.#most = record.most;
    this.#drawers = record.drawers;
    this.#open = record.open;
  }

  override enter(...coming: [AnyCap, Holder, string, readonly string[], boolean]): Spot {
    const [thing, , name] = coming;
    this.refuseIfShut();
    if (this.isWithin(thing, NEST_LEVELS))
      throw fail('Refused', `${capital(the(name))} cannot go inside itself, which is a mercy.`);
    const where = collection(this, 'where');
    if (where.has(thing)) throw fail('Refused', 'It is there already.');
    if (where.size >= this.#most) throw fail('Full', `There is no room for it in ${the(this.label)}.`);
    const number = this.#open[0] ?? this.#addDrawer();
    const drawer = this.#drawer(number);
    const spot = drawer.enter(...coming);
    where.set(thing, number);
    const there = drawer.contents().filter((each) => each.thing === thing);
    this.#index(number, wordsOf(there));
    if (drawer.isFull()) this.#open = this.#open.filter((each) => each !== number);
    return spot;
  }

  /** Those that `about` may mean, or the first ones; in either case no more than a room takes. */
  override peek(about = ''): Inventory {
    this.refuseIfShut();
    const all = collection(this, 'where').size;
    const asked = splitWords(about.replaceAll('"', ''));
    const some: Seen[] = [];
    for (const number of asked.length === 0 ? this.#first() : this.#drawersFor(asked)) {
      for (const each of this.#drawer(number).contents()) {
        if (asked.length > 0 && !asked.some((word) => wordsOf([each]).includes(word))) continue;
        if (some.length < ROOM_FOR.room) some.push(each);
      }
    }
    return { some, all };
  }

  override takeOut(thing: AnyCap, hands: Entry): void {
    this.refuseIfShut();
    const number = collection(this, 'where').get(thing);
    if (number === undefined) throw fail('NotHere', 'That is not here any more.');
    this.#drawer(number as number).takeOut(thing, hands);
  }

  override dispose(): void {
    if (collection(this, 'where').size > 0)
      throw fail('Refused', `There is something in ${the(this.label)}.`);
    for (let number = 0; number < this.#drawers; number += 1) this.#drawer(number).end();
    super.dispose();
  }

  // For its drawers.

  left(thing: AnyCap, number: number, noMore: readonly string[]): void {
    collection(this, 'where').delete(thing);
    this.#strike(number, noMore);
    if (!this.#open.includes(number)) this.#open = [...this.#open, number];
  }

  reworded(number: number, noMore: readonly string[], now: readonly string[]): void {
    this.#strike(number, noMore);
    this.#index(number, now);
  }

  sounded(text: string, except?: AnyCap): void {
    if (!this.isShut()) this.sound(text, except);
  }

  holds(thing: AnyCap, levels: number): boolean {
    return this.isWithin(thing, levels);
  }

  protected override summary(): string {
    const { size } = collection(this, 'where');
    return size === 0 ? 'It is empty.' : `There ${size === 1 ? 'is one thing' : `are ${size} things`} in it.`;
  }

  #drawer(number: number): OwnDrawer {
    return collection(this, 'drawers').get(String(number)) as OwnDrawer;
  }

  #addDrawer(): number {
    const number = this.#drawers;
    if (this.#bank === null) throw new Error('This hoard has no bank.');
    const drawer = create(this.#bank, Drawer, { hoard: facet<typeof Hoard, 'side'>(this, 'side'), number });
    collection(this, 'drawers').set(String(number), drawer);
    this.#drawers = number + 1;
    this.#open = [...this.#open, number];
    return number;
  }

  /** Drawers with as many things as a glance takes in. */
  #first(): readonly number[] {
    const many = Math.min(this.#drawers, Math.ceil(ROOM_FOR.room / IN_DRAWER));
    return Array.from({ length: many }, (_, number) => number);
  }

  /** Drawers in which one of these words is, the rarest one that there is. */
  #drawersFor(asked: readonly string[]): readonly number[] {
    const words = collection(this, 'words');
    let rarest: readonly number[] = [];
    for (const word of asked) {
      if (word.length > 60) continue;
      const found = numbersIn(words.get(word));
      if (found.length > 0 && (rarest.length === 0 || found.length < rarest.length)) rarest = found;
    }
    return rarest.slice(0, LOOKED_THROUGH);
  }

  #index(number: number, added: readonly string[]): void {
    const words = collection(this, 'words');
    for (const word of added.slice(0, MOST_WORDS)) {
      const numbers = numbersIn(words.get(word));
      if (!numbers.includes(number)) words.set(word, [...numbers, number].join(' '));
    }
  }

  #strike(number: number, noMore: readonly string[]): void {
    const words = collection(this, 'words');
    for (const word of noMore) {
      const numbers = numbersIn(words.get(word)).filter((each) => each !== number);
      if (numbers.length > 0) words.set(word, numbers.join(' '));
      else words.delete(word);
    }
  }
}

/** As text, which crosses a wrapper at once: a list of a thousand numbers is a thousand values. */
function numbersIn(stored: unknown): readonly number[] {
  return typeof stored === 'string' ? stored.split(' ').map(Number) : [];
}
