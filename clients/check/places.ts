import { objectKey, prefixRange, parseKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { partsOfSlot, type StoredObject } from '../../engine/stored-forms.ts';
import { Agreement } from './agreement.ts';
import { editRecord, type Held } from './edit-record.ts';
import type { Fix } from './findings.ts';
import { slotIn, type Inspection } from './inspection.ts';
import type { ReadObject } from './objects.ts';
import { jsonIn } from './surroundings.ts';

/*
 * The text world's rule: every thing is in exactly one place. It is kept by the protocol of world/place.ts, and read here
 * from the records that its classes write:
 *
 *   what is somewhere   {"spot": capability of the place, "held": capability that the place has on it}
 *   a place             {"people" | "things" | "inside" | "carried": [{"thing", "holder", "spot", ...}]}
 *
 * A place that lists something by a holder that is dead holds nothing: it is struck out when somebody looks. Something
 * whose spot or holder is dead is nowhere, and gets away from there by its owner. Neither is a fault. It is one if a place holds
 * something that says that it is elsewhere, or if a place does not have what it gave a spot to. What places whose class
 * was written in the world put on their lists is their own affair, and so is whether a thing of such a class notes at
 * all where it is.
 */

const LISTS = ['people', 'things', 'inside', 'carried'] as const;

/** Two capabilities, which belong to something that is in a place. */
interface Being {
  readonly thing: string;
  readonly place: string;
  /** Tokens. */
  readonly holder: string;
  readonly spot: string;
}

const TWICE = 'it is seen in two places, or where it is not';
const NOWHERE = 'it can be neither seen nor taken where it says that it is';

/** Looks at where things are, object by object, and then at those that two records do not agree on. */
export class Places {
  readonly #inspection: Inspection;
  readonly #agreement = new Agreement();

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  take(object: ReadObject): void {
    const being = this.#beingOf(object);
    if (being !== undefined) this.#agreement.expect(being.thing, textOf(being));
    else if (this.#isNowhere(object)) this.#inspection.note('nowhere');
    for (const listed of this.#listedBy(object)) this.#agreement.found(listed.thing, textOf(listed));
  }

  /** At the end. Reads the objects once more if something is amiss. */
  async finish(view: View): Promise<void> {
    if (this.#agreement.holds) return;
    const beings = new Map<string, Being>();
    const listed = new Map<string, Being[]>();
    const written = new Set<string>();
    for await (const [text, value] of view.range({ ...prefixRange('o'), onDamaged: () => {} })) {
      const object = readAgain(text, value);
      if (object === undefined) continue;
      const being = this.#beingOf(object);
      if (being !== undefined && this.#agreement.differs(being.thing)) beings.set(being.thing, being);
      const all = this.#listedBy(object).filter(({ thing }) => this.#agreement.differs(thing));
      for (const each of all) listed.set(each.thing, [...(listed.get(each.thing) ?? []), each]);
      if (object.of !== undefined) written.add(object.id);
    }
    for (const thing of new Set([...beings.keys(), ...listed.keys()]))
      this.#judge(thing, beings.get(thing), listed.get(thing) ?? [], written);
  }

  #judge(
    thing: string,
    being: Being | undefined,
    listed: readonly Being[],
    written: ReadonlySet<string>,
  ): void {
    const wrong = listed.filter((each) => being === undefined || textOf(each) !== textOf(being));
    const confirmed = being === undefined || wrong.length < listed.length;
    const twice = listed.length - wrong.length > 1;
    if (wrong.length === 0 && confirmed && !twice) return;
    const places = [...wrong.map(({ place }) => place), ...(being === undefined ? [] : [being.place])];
    const ownAffair = places.some((id) => written.has(id)) || (being === undefined && written.has(thing));
    if (ownAffair) {
      this.#inspection.note('written');
      return;
    }
    for (const place of new Set(wrong.map((each) => each.place))) {
      const what = `${place} has ${thing} in it, which is ${being === undefined ? 'nowhere' : `in ${being.place}`}`;
      const tokens = new Set(wrong.filter((each) => each.place === place).map(({ holder }) => holder));
      this.#inspection.report({
        key: objectKey(place),
        what,
        means: TWICE,
        fix: struckOut(place, thing, tokens),
      });
    }
    if (!confirmed && being !== undefined)
      this.#inspection.report({
        key: objectKey(thing),
        what: `it says that it is in ${being.place}, which does not have it`,
        means: NOWHERE,
        fix: putNowhere(thing),
      });
    else if (twice && being !== undefined)
      this.#inspection.report({
        key: objectKey(being.place),
        what: `${being.place} has ${thing} in it twice`,
        means: TWICE,
        fix: struckOut(being.place, thing, new Set([being.holder]), 1),
      });
  }

  /** Where something is; undefined for what is nowhere. */
  #beingOf({ id, record, slots }: ReadObject): Being | undefined {
    const spot = partsOfSlot(slotIn(record['spot'], slots) ?? '');
    const held = partsOfSlot(slotIn(record['held'], slots) ?? '');
    if (spot === undefined || held?.id !== id) return undefined;
    if (!this.#isLive(spot.id, spot.token) || !this.#isLive(id, held.token)) return undefined;
    return { thing: id, place: spot.id, holder: held.token, spot: spot.token };
  }

  #isNowhere({ record, slots }: ReadObject): boolean {
    return slotIn(record['spot'], slots) !== undefined && slotIn(record['held'], slots) !== undefined;
  }

  /** What a place holds. */
  #listedBy({ id, record, slots }: ReadObject): readonly Being[] {
    const found: Being[] = [];
    for (const name of LISTS) {
      const list = record[name];
      if (!Array.isArray(list)) continue;
      for (const each of list as readonly (Readonly<Record<string, unknown>> | null)[]) {
        const holder = partsOfSlot(slotIn(each?.['holder'], slots) ?? '');
        const spot = partsOfSlot(slotIn(each?.['spot'], slots) ?? '');
        if (holder === undefined || spot?.id !== id || !this.#isLive(holder.id, holder.token)) continue;
        found.push({ thing: holder.id, place: id, holder: holder.token, spot: spot.token });
      }
    }
    return found;
  }

  /** Of what cannot be read, nobody knows: it counts as dead. */
  #isLive(id: string, token: string): boolean {
    return this.#inspection.around.grants.find(id, token) !== undefined;
  }
}

function textOf({ thing, place, holder, spot }: Being): string {
  return `${thing} ${place} ${holder} ${spot}`;
}

function readAgain(text: string, value: string): ReadObject | undefined {
  const key = parseKey(text);
  const object = jsonIn(value) as StoredObject | undefined;
  const record = jsonIn(String(object?.body).slice(1));
  if (key?.kind !== 'object' || object === undefined || typeof record !== 'object' || record === null)
    return undefined;
  if (!Array.isArray(object.slots)) return undefined;
  const { class: className, of, slots } = object;
  return { id: key.id, className, of, record: record as Record<string, unknown>, slots };
}

/** Takes something off the lists of a place, but for the first `keep` times. */
function struckOut(place: string, thing: string, holders: ReadonlySet<string>, keep = 0): Fix {
  return {
    said: `struck ${thing} out of ${place}`,
    ops: editRecord(place, (record) => {
      let met = 0;
      for (const name of LISTS) {
        const list = record[name];
        if (!Array.isArray(list)) continue;
        record[name] = list.filter((each: { readonly holder?: Held } | null) => {
          const slot = partsOfSlot(each?.holder?.slot ?? '');
          if (slot?.id !== thing || !holders.has(slot.token)) return true;
          met += 1;
          return met <= keep;
        });
      }
    }),
  };
}

function putNowhere(thing: string): Fix {
  return {
    said: `put ${thing} nowhere: its owner can put it somewhere ("home" takes a player home)`,
    ops: editRecord(thing, (record) => {
      record['spot'] = null;
      record['held'] = null;
    }),
  };
}
