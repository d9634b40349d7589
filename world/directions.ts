/** The ways that have short names, and what one does with them. */
export interface Direction {
  readonly short: string;
  readonly opposite: string;
  /** How somebody comes in from there. */
  readonly from: string;
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
  up: { short: 'u', opposite: 'down', from: 'from above' },
  down: { short: 'd', opposite: 'up', from: 'from below' },
  in: { short: 'in', opposite: 'out', from: 'from inside' },
  out: { short: 'out', opposite: 'in', from: 'from outside' },
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
