import { destroy, facet, fail, M, revoke, type AnyCap, type FacetOf } from '../engine/authoring.ts';
import { added, atSpot, contentOf, isGone, renamed, seen, withoutSpot, type Content } from './contents.ts';
import { IN_DRAWER } from './hoard-size.ts';
import type { HoardSide } from './hoard.ts';
import { ENTRY, SPOT, type Entry, type Holder, type Seen, type Spot } from './place.ts';
import { capital, line, the } from './words.ts';

export interface DrawerSpec {
  readonly hoard: HoardSide;
  readonly number: number;
}

export interface DrawerRecord {
  readonly hoard: HoardSide | null;
  readonly number: number;
  readonly inside: readonly Content[];
}

export type OwnDrawer = FacetOf<typeof Drawer, 'owner'>;

/** A part of a hoard: the place where some of its things are. Nobody but the hoard and its things knows of it. */
export class Drawer {
  static reads: readonly string[] = ['contents', 'isFull', 'isWithin', 'tell'];
  static facets = {
    public: {},
    spot: SPOT,
    owner: {
      ...ENTRY,
      contents: M.call().returns(M.any()),
      isFull: M.call().returns(M.boolean()),
      takeOut: M.call(M.remotable(), M.remotable()).returns(),
      end: M.call().returns(),
    },
  };

  #hoard: HoardSide | null = null;
  #number = 0;
  #inside: readonly Content[] = [];

  init({ hoard, number }: DrawerSpec): void {
    this.#hoard = hoard;
    this.#number = number;
  }

  toRecord(): DrawerRecord {
    return { hoard: this.#hoard, number: this.#number, inside: this.#inside };
  }

  fromRecord(record: DrawerRecord): void {
    this.#hoard = record.hoard;
    this.#number = record.number;
    this.#inside = record.inside;
  }

  enter(thing: AnyCap, holder: Holder, name: string, also: readonly string[], listens: boolean): Spot {
    const spot = facet<typeof Drawer, 'spot'>(this, 'spot', { for: line(name).slice(0, 60) });
    const newcomer = { thing, holder, spot, name, also, listens };
    this.#inside = added(this.#inside, newcomer, IN_DRAWER, 'It is full.');
    return spot;
  }

  contents(): readonly Seen[] {
    return seen(this.#inside);
  }

  isFull(): boolean {
    return this.#inside.length >= IN_DRAWER;
  }

  takeOut(thing: AnyCap, hands: Entry): void {
    const found = contentOf(this.#inside, thing);
    if (isGone(found.holder)) {
      this.vacate(found.spot);
      return;
    }
    found.holder.moveTo(hands);
    if (atSpot(this.#inside, found.spot) !== undefined)
      throw fail('Refused', `${capital(the(found.name))} will not come out.`);
  }

  /** Ends with its hoard. */
  end(): void {
    if (this.#inside.length > 0) throw fail('Refused', 'There is something in it.');
    destroy(this);
  }

  vacate(spot: Spot, _manner?: string): void {
    const found = atSpot(this.#inside, spot);
    if (found === undefined) return;
    this.#inside = withoutSpot(this.#inside, spot);
    revoke(this, spot);
    this.#hoard?.left(found.thing, this.#number, this.#noMore([found]));
  }

  relabel(spot: Spot, name: string, also: readonly string[]): void {
    const before = atSpot(this.#inside, spot);
    if (before === undefined) return;
    this.#inside = renamed(this.#inside, spot, name, also);
    const after = this.#inside.filter((each) => each.spot === spot);
    this.#hoard?.reworded(this.#number, this.#noMore([before]), wordsOf(after));
  }

  tell(spot: Spot, text: string, except?: AnyCap): void {
    if (atSpot(this.#inside, spot) === undefined) return;
    if (except === undefined) this.#hoard?.sounded(text);
    else this.#hoard?.sounded(text, except);
  }

  isWithin(thing: AnyCap, levels: number): boolean {
    return this.#hoard?.holds(thing, levels) ?? false;
  }

  /** Words of these that nothing in here has any more. */
  #noMore(gone: readonly Seen[]): readonly string[] {
    const left = new Set(wordsOf(this.#inside));
    return wordsOf(gone).filter((word) => !left.has(word));
  }
}

/** The words by which things are found, each once: those of their names, in lower case. */
export function wordsOf(things: readonly Pick<Seen, 'name' | 'also'>[]): readonly string[] {
  const words = new Set<string>();
  for (const { name, also } of things)
    for (const each of [name, ...also]) for (const word of splitWords(each)) words.add(word);
  return [...words];
}

export function splitWords(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[ -]+/)
    .filter((word) => word !== '');
}
