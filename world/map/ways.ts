import type { RoomName } from './rooms.ts';

/** One way between two rooms; it goes back by the opposite direction. */
export type TwoWay = readonly [from: RoomName, way: string, to: RoomName];

export const WAYS: readonly TwoWay[] = [
  ['landing', 'north', 'gatehouse'],
  ['landing', 'east', 'boathouse'],
  ['landing', 'west', 'saltmarsh'],
  ['saltmarsh', 'south', 'mudflats'],
  ['gatehouse', 'north', 'courtyard'],
  ['courtyard', 'north', 'hall'],
  ['courtyard', 'west', 'kitchen'],
  ['courtyard', 'east', 'garden'],
  ['kitchen', 'down', 'cellar'],
  ['cellar', 'north', 'cistern'],
  ['hall', 'north', 'library'],
  ['hall', 'up', 'stair'],
  ['stair', 'up', 'belfry'],
  ['keyroom', 'up', 'lantern'],
  ['garden', 'north', 'orchard'],
  ['garden', 'east', 'common'],
];

/** The door that needs a key, on its outer side; from inside it opens by its handle. */
export const LOCKED = {
  from: 'library',
  way: 'east',
  to: 'keyroom',
  name: 'iron door',
  description: 'Small, plated and patient. The keyhole is worn bright on one side, the way a step is.',
  passing: 'The iron door lets you by, as a cat lets you by.',
} as const;

/** Down, and never up. */
export const CHUTE = {
  from: 'lantern',
  way: 'chute',
  to: 'mudflats',
  description:
    'It goes down at an angle that someone must have been proud of. The iron has been greased, recently, with what smells like butter.',
  passing:
    'You sit on the lip, and think better of it a moment too late. There is a rush, a bend, a smell of butter, a great deal of ' +
    'sudden sky. Then mud.',
  arriving: 'out of the wall, at speed',
} as const;
