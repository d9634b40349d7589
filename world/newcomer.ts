/**
 * Who comes into a room, and under what name. Whoever holds a door can send somebody through it, with any name and any
 * capability for who that is, but for a player's: nobody may pass for one.
 */
import { classOf, fail, type AnyCap } from '../engine/authoring.ts';
import { isGone, mayBe } from './contents.ts';
import { isLikeAPlayer, isLikeSpeech } from './likeness.ts';
import type { Holder, Inside } from './place.ts';
import { MOST_PEOPLE, MOST_WRITTEN, type Occupant } from './room-record.ts';
import { goodName, NAME_LENGTH } from './words.ts';

/** The classes of people who have come in by the gate. */
const PLAYERS = ['Player', 'Guest'];

export interface Newcomer {
  readonly name: string;
  /** The class of somebody who is no player, but was written. */
  readonly kind?: string;
}

/**
 * Asks what is behind `holder`, which is what will act for him: a player takes that `spot`, or does not come at all. Throws
 * `Refused` for one who is not coming.
 */
export function newcomer(person: AnyCap, holder: Holder, alleged: string, spot: Inside): Newcomer {
  const { name: kind } = classOf(holder);
  if (!isPlayers(holder)) {
    // Things know people by their public capabilities: what he did and said would count as a player's.
    if (!mayBe(person, holder)) throw fail('Refused', 'That is not who is coming.');
    return { name: writtenName(alleged, kind), kind };
  }
  // What is held on a player may be in the hands of a room that he is in, or was; what he says of himself is true.
  if (!holder.coming(person, alleged, spot)) throw fail('Refused', 'That is not who is coming.');
  return { name: goodName(alleged) };
}

function isPlayers(capability: AnyCap): boolean {
  const { name, saved } = classOf(capability);
  return !saved && PLAYERS.includes(name);
}

/**
 * Who has to make way for somebody who comes in: whoever was written as him, as older worlds let somebody be, and whoever was
 * written and is not here any more; where it is full, for a player the one who has slept here longest, who is the first among
 * `people` that sleeps. Throws `Refused` for somebody who is there already, `Full` where there is no room.
 */
export function inTheWay(
  people: readonly Occupant[],
  person: AnyCap,
  { kind }: Newcomer,
  place: string,
): readonly Occupant[] {
  const gone = people.filter((each) => each.kind !== undefined && isGone(each.holder));
  const there = people.find((each) => each.thing === person && !gone.includes(each));
  if (there !== undefined && (there.kind === undefined || kind !== undefined))
    throw fail('Refused', 'You are there already.');
  const written = people.filter((each) => each.kind !== undefined).length - gone.length;
  const isFull = people.length - gone.length >= MOST_PEOPLE;
  // Players who never come back would keep everybody out in the end, and new ones out of the world.
  const asleep =
    kind === undefined ? people.find((each) => each.kind === undefined && !each.awake) : undefined;
  if ((isFull && asleep === undefined) || (kind !== undefined && written >= MOST_WRITTEN))
    throw fail('Full', `There is no room for anybody else in ${place}.`);
  return [...gone, ...(there === undefined ? [] : [there]), ...(isFull && asleep ? [asleep] : [])];
}

/**
 * Who has to make way for a thing that comes in: whoever was written as it, if it is known to be itself. Throws `Refused`
 * for what is there as a person already: what is done with one of them would be done with the other.
 */
export function inPlaceOf(
  people: readonly Occupant[],
  thing: AnyCap,
  holder: Holder,
  name: string,
): Occupant | undefined {
  const there = people.find((each) => each.thing === thing);
  if (there === undefined) return undefined;
  if (there.kind !== undefined && !classOf(holder).saved && holder.coming(thing, name)) return there;
  throw fail('Refused', 'It is there already.');
}

/** "Mrs Miggins", and "Ada (Puppet)" for what could be the name of a player. */
export function writtenName(alleged: string, kind: string): string {
  const name = goodName(alleged);
  // What others do to him and with him is told with his name in it.
  if (isLikeSpeech(name)) throw fail('BadName', 'Nobody is called what reads as if a player did something.');
  if (!isLikeAPlayer(name)) return name;
  const behind = ` (${kind})`;
  // Of a name that is long by what is not seen some goes, and not what is behind it.
  return goodName(`${name.slice(0, NAME_LENGTH - behind.length)}${behind}`);
}
