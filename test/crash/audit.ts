import type { Image, Slot, StoredObject } from './image.ts';
import type { Place } from './moves.ts';

/** One entry in the list of what is in a room, a box or a pair of hands. */
interface Entry {
  readonly thing: Slot;
  readonly holder: Slot;
  readonly spot: Slot;
}

interface Way {
  readonly name: string;
  readonly passage: Slot;
}

/** What an audit found to be where. */
export interface Whereabouts {
  /** By the name of everything that can be somewhere: the name of the place where it is. */
  readonly places: ReadonlyMap<string, Place>;
  /** By the name of a room: the names of its ways out, and where they lead. */
  readonly rooms: ReadonlyMap<string, ReadonlyMap<string, Place>>;
}

const LISTS = ['inside', 'carried', 'things', 'people'];
/** The label of the grant that a place holds on what is in it. */
const HELD = 'the place where it is';
/** What the world's first bank was given. */
const FIRST_BANK = 1_000_000_000;

/**
 * Checks that nothing in an image is half done, whatever happened in the world. Tells each fault to `wrong`, and to
 * `gone` where a list names something that is no more, or that has left without the place: its owner may move it out
 * of one that will not let go of it.
 */
export function audit(image: Image, wrong: (what: string) => void, gone = wrong): Whereabouts {
  auditBanks(image, wrong);
  auditSessions(image, wrong);
  for (const what of image.wrongReferences) wrong(what);
  const rooms = auditWays(image, wrong);
  return { places: auditPlaces(image, wrong, gone), rooms };
}

/** Everything is in one place, and both sides say so with the same capabilities, all of them alive. */
function auditPlaces(
  image: Image,
  wrong: (what: string) => void,
  gone: (what: string) => void,
): Map<string, Place> {
  const { objects } = image;
  const found = new Map<string, string[]>();
  for (const place of objects.values()) {
    const spots = new Set<string>();
    for (const { thing, holder, spot } of contents(place)) {
      const it = objects.get(thing.id);
      const what = `${label(it) ?? thing.id} in ${label(place)}`;
      spots.add(spot.token);
      if (it !== undefined && !it.grants.has(holder.token) && !same(it.record['spot'], spot)) {
        gone(`${what}: it has left`);
        continue;
      }
      found.set(thing.id, [...(found.get(thing.id) ?? []), place.id]);
      if (it === undefined) {
        gone(`${what}: it does not exist`);
        continue;
      }
      if (holder.id !== thing.id || spot.id !== place.id)
        wrong(`${what}: its capabilities are on something else`);
      if (!same(it.record['held'], holder)) wrong(`${what}: it does not know that holder`);
      if (!same(it.record['spot'], spot)) wrong(`${what}: it has its spot elsewhere`);
      if (!it.grants.has(holder.token)) wrong(`${what}: the holder capability is dead`);
      if (!place.grants.has(spot.token)) wrong(`${what}: the spot capability is dead`);
    }
    for (const [token, { methods, standing }] of place.grants) {
      if (standing === null && methods.includes('vacate') && !spots.has(token)) {
        wrong(`${label(place)}: a spot is alive, and nothing is there`);
      }
    }
  }
  const places = new Map<string, Place>();
  for (const it of objects.values()) {
    if (!('spot' in it.record)) continue;
    const where = found.get(it.id) ?? [];
    const holders = [...it.grants.values()].filter(({ label }) => label === HELD).length;
    const spot = it.record['spot'] as Slot | null;
    if (where.length > 1)
      wrong(
        `${label(it)} is in ${where.length} places: ${where.map((id) => label(objects.get(id))).join(', ')}`,
      );
    if (spot !== null && where[0] !== spot.id)
      wrong(`${label(it)} has a spot in ${label(objects.get(spot.id))}, which does not list it`);
    if (holders !== where.length) wrong(`${label(it)} is in ${where.length} places, and ${holders} hold it`);
    if (where[0] !== undefined) places.set(label(it) as string, label(objects.get(where[0])) as string);
  }
  return places;
}

/** Every exit belongs to one room and leads to another; a room that was dug has one way out, back to the way in. */
function auditWays({ objects }: Image, wrong: (what: string) => void): Map<string, Map<string, Place>> {
  const used = new Map<string, string>();
  const rooms = new Map<string, Map<string, Place>>();
  for (const room of objects.values()) {
    if (!('ways' in room.record)) continue;
    const ways = new Map<string, Place>();
    if (rooms.has(label(room) as string)) wrong(`there are two rooms called ${label(room)}`);
    rooms.set(label(room) as string, ways);
    for (const { name, passage } of room.record['ways'] as readonly Way[]) {
      const what = `${name} of ${label(room)}`;
      const exit = objects.get(passage.id);
      if (used.has(passage.id)) wrong(`${what} is the same exit as ${used.get(passage.id)}`);
      used.set(passage.id, what);
      if (exit === undefined || !exit.grants.has(passage.token)) {
        wrong(`${what}: there is no such exit`);
        continue;
      }
      const door = exit.record['door'] as Slot;
      const behind = objects.get(door.id);
      if (behind === undefined || !behind.grants.has(door.token)) wrong(`${what}: it leads to nothing`);
      ways.set(name, label(behind) ?? 'nothing');
    }
  }
  for (const exit of objects.values()) {
    if ('door' in exit.record && 'passing' in exit.record && !used.has(exit.id)) {
      wrong(`${label(exit)} (${exit.id}) is an exit of no room`);
    }
  }
  return rooms;
}

/**
 * What a bank has and what it paid for, blocks of objects, watches and grants on others' objects, are together what
 * it was given.
 */
function auditBanks({ objects, watchPayers }: Image, wrong: (what: string) => void): void {
  const paid = new Map<string, StoredObject[]>();
  const granted = new Map<string, number>();
  for (const it of objects.values()) {
    if (it.bank !== null) paid.set(it.bank, [...(paid.get(it.bank) ?? []), it]);
    for (const { payer } of it.grants.values())
      if (payer !== null) granted.set(payer, (granted.get(payer) ?? 0) + 1);
  }
  for (const payer of watchPayers) granted.set(payer, (granted.get(payer) ?? 0) + 1);
  const total = (bank: StoredObject): number => {
    const children = paid.get(bank.id) ?? [];
    const spent = children.map((each) => each.paid + (each.class === 'Bank' ? total(each) : 0));
    const left = (bank.record['left'] as number) + (granted.get(bank.id) ?? 0);
    return spent.reduce((sum, each) => sum + each, left);
  };
  for (const bank of objects.values()) {
    if (bank.class !== 'Bank' || bank.bank !== null) continue;
    if (total(bank) !== FIRST_BANK) wrong(`the first bank and what it paid for come to ${total(bank)}`);
  }
}

/** The sessions of a player are those that he counts; whoever has one is in the book of who is awake. */
function auditSessions({ objects, sessions, orphans }: Image, wrong: (what: string) => void): void {
  for (const sid of orphans) wrong(`there is unread output of a session ${sid} that does not exist`);
  const awake = new Set<string>();
  for (const player of objects.values()) {
    const count = player.record['sessions'];
    if (typeof count !== 'number') continue;
    const mine = sessions.filter(({ object }) => object.id === player.id);
    if (mine.length !== count) wrong(`${label(player)} counts ${count} sessions and has ${mine.length}`);
    for (const { object } of mine)
      if (!player.grants.has(object.token)) wrong(`a session of ${label(player)} is dead`);
    if (count > 0) awake.add(label(player) as string);
  }
  for (const { sid, out, unread } of sessions) {
    const beyond = unread.filter((n) => n > out);
    if (beyond.length > 0) wrong(`session ${sid} has chunks ${beyond.join()} after its last one, ${out}`);
    if ((unread.at(-1) ?? out) < out) wrong(`session ${sid}: chunk ${out}, the last one, is missing`);
    unread.forEach((n, at) => {
      const before = unread[at - 1];
      if (before !== undefined && n !== before + 1) wrong(`session ${sid}: chunk ${before + 1} is missing`);
    });
  }
  for (const roster of objects.values()) {
    if (roster.class !== 'Roster') continue;
    const names = [...(roster.record['names'] as string[])].sort().join();
    if (names !== [...awake].sort().join())
      wrong(`the book says ${names} are awake; it is ${[...awake].sort().join()}`);
  }
}

function contents(place: StoredObject): readonly Entry[] {
  return LISTS.flatMap((list) => (place.record[list] ?? []) as readonly Entry[]);
}

function label(it: StoredObject | undefined): string | undefined {
  const name = it?.record['name'];
  return typeof name === 'string' ? capital(name) : it?.id;
}

/** As the world shows the names of rooms. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function same(alleged: unknown, slot: Slot): boolean {
  const { id, token } = (alleged ?? {}) as Partial<Slot>;
  return id === slot.id && token === slot.token;
}
