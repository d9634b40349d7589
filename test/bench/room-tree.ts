/*
 * The map of a generated world: rooms numbered from 0, where people come in, each with ways to as many others as it
 * may well have. Things have names that tell them apart within their room.
 */

/** Ways from a room to the rooms behind it. A room admits a few more. */
const FAN = 20;

/** Things in one room, where there are things. */
export const THINGS_PER_ROOM = 100;

/** Things that can be turned: one of a built-in class, and one of the same class written in the world. */
export const BUILT_IN_GADGET = 'crank';
export const SAVED_GADGET = 'wheel';
/** In what either answers, each time something else. */
export const GADGET_ANSWER = 'It turns';

export function roomName(room: number): string {
  return `Room ${room}`;
}

export function thingName(thing: number): string {
  return `stone${thing}`;
}

/** What is in the description of a thing and in no other text. */
export function thingMark(thing: number): string {
  return `Its number is ${thing}.`;
}

/** The room before this one, on the way from room 0. */
export function roomBefore(room: number): number {
  return Math.floor((room - 1) / FAN);
}

/** The way that leads here from the room before. */
export function wayTo(room: number): string {
  return `w${(room - 1) % FAN}`;
}

/** The rooms from 0 to this one, without 0. */
export function route(room: number): readonly number[] {
  return room === 0 ? [] : [...route(roomBefore(room)), room];
}
