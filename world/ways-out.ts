import { attempt, fail, type AnyCap } from '../engine/authoring.ts';
import { mayBe } from './contents.ts';
import type { Passage } from './exit.ts';
import type { WayOut } from './room-record.ts';
import { goodAliases, goodName, line, NAME_LENGTH } from './words.ts';

/** Ways out of one room. A sentence that lists more cannot be read. */
export const MOST_WAYS = 24;

/**
 * The way of that name, or else of that other name: anybody who may build says what else his way is called, and must not lead
 * those astray who take another one by its name.
 */
export function wayNamed<T extends Pick<WayOut, 'name' | 'also'>>(
  ways: readonly T[],
  name: string,
): T | undefined {
  return ways.find((each) => each.name === name) ?? ways.find((each) => each.also.includes(name));
}

/** With one more at the end. Throws `Full` or `Taken`. */
export function withWay(
  ways: readonly WayOut[],
  name: string,
  also: readonly string[],
  to: string,
  thing: AnyCap,
  passage: Passage,
): readonly WayOut[] {
  if (!mayBe(thing, passage)) throw fail('Refused', 'That is not the way that it leads.');
  const good = goodName(name).toLowerCase();
  const takes = (each: WayOut): boolean => each.name === good;
  // Whoever destroys a room leaves the ways that lead there to those who try them.
  const open = ways.length >= MOST_WAYS || ways.some(takes) ? ways.filter((each) => !isDead(each)) : ways;
  if (open.length >= MOST_WAYS) throw fail('Full', `There are ${MOST_WAYS} ways out of here already.`);
  if (open.some(takes)) throw fail('Taken', `There is a way ${good} from here already.`);
  return [...open, { thing, name: good, also: goodAliases(also), to: placeName(to), passage }];
}

/** With another name for the place where one of them leads, as its exit says now. */
export function leadingTo(ways: readonly WayOut[], way: WayOut, to: string): readonly WayOut[] {
  return ways.map((each) => (each === way ? { ...each, to: placeName(to) } : each));
}

/** Without the way behind a public capability, if that leads nowhere any more. */
export function withoutDead(ways: readonly WayOut[], thing: AnyCap): readonly WayOut[] {
  const way = ways.find((each) => each.thing === thing);
  return way !== undefined && isDead(way) ? ways.filter((each) => each !== way) : ways;
}

function isDead({ passage }: WayOut): boolean {
  const answer = attempt(() => passage.lead());
  return !answer.ok && answer.error.code === 'Gone';
}

/** It is kept with the room, so it is no longer than a name. */
function placeName(alleged: string): string {
  return line(alleged).slice(0, NAME_LENGTH);
}
