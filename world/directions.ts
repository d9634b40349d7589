import { the } from './words.ts';

/** The ways that have short names, and what one does with them. */
export interface Direction {
  readonly short: string;
  readonly opposite: string;
  /** How somebody comes in from there. */
  readonly from: string;
  /** Where that is, if not "north of here". */
  readonly at?: string;
}

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  north: { short: 'n', opposite: 'south', from: 'from the north' },
  south: { short: 's', opposite: 'north', from: 'from the south' },
  east: { short: 'e', opposite: 'west', from: 'from the east' },
  west: { short: 'w', opposite: 'east', from: 'from the west' },
  northeast: { short: 'ne', opposite: 'southwest', from: 'from the northeast' },
  northwest: { short: 'nw', opposite: 'southeast', from: 'from the northwest' },
  southeast: { short: 'se', opposite: 'northwest', from: 'from the southeast' },
  southwest: { short: 'sw', opposite: 'northeast', from: 'from the southwest' },
  up: { short: 'u', opposite: 'down', from: 'from above', at: 'above here' },
  down: { short: 'd', opposite: 'up', from: 'from below', at: 'below here' },
  in: { short: 'in', opposite: 'out', from: 'from inside', at: 'inside' },
  out: { short: 'out', opposite: 'in', from: 'from outside', at: 'outside' },
};

const BY_SHORT = new Map(Object.entries(DIRECTIONS).map(([name, { short }]) => [short, name]));

/** The full name of a direction, from that or its short form; undefined for anything else. */
export function directionOf(word: string): string | undefined {
  return Object.hasOwn(DIRECTIONS, word) ? word : BY_SHORT.get(word);
}

/** "from the south" for one who leaves northwards. */
export function arrivingBy(way: string): string {
  const opposite = DIRECTIONS[way]?.opposite;
  return (opposite === undefined ? undefined : DIRECTIONS[opposite]?.from) ?? 'from somewhere else';
}

/** Where it leads, for people who are here: "north of here", "above here", "by way of the loft ladder". */
export function whereIs(way: string): string {
  const direction = Object.hasOwn(DIRECTIONS, way) ? DIRECTIONS[way] : undefined;
  return direction === undefined ? `by way of ${the(way)}` : (direction.at ?? `${way} of here`);
}
