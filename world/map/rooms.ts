import { GARDEN } from './garden.ts';
import { KEEP } from './keep.ts';
import { SHORE } from './shore.ts';
import { UNDERCROFT } from './undercroft.ts';

/** One room, as it is written. */
export interface RoomText {
  readonly name: string;
  readonly text: string;
}

/** All rooms of the starter world, by the names that the map uses for them. */
export const ROOMS = { ...SHORE, ...KEEP, ...UNDERCROFT, ...GARDEN } satisfies Readonly<
  Record<string, RoomText>
>;

export type RoomName = keyof typeof ROOMS;
