import { M, type AnyCap } from '../engine/authoring.ts';
import type { Content } from './contents.ts';
import type { Passage } from './exit.ts';
import type { Door, Entry, Holder, Inside, Seen } from './place.ts';
import type { ThingRecord } from './thing.ts';

/** Somebody in the room. His spot is his `inside`. */
export interface Occupant extends Seen {
  readonly holder: Holder;
  readonly spot: Inside;
  readonly awake: boolean;
  /** He is no player: somebody wrote him, and this is the name of his class. */
  readonly kind?: string;
}

export interface WayOut extends Seen {
  readonly to: string;
  readonly passage: Passage;
}

export interface RoomRecord extends ThingRecord {
  readonly people: readonly Occupant[];
  readonly things: readonly Content[];
  readonly ways: readonly WayOut[];
  readonly floor: Entry | null;
}

export const BUILDER = {
  doorway: M.call().returns(M.remotable()),
  addExit: M.call(M.string(), M.arrayOf(M.string()), M.string(), M.remotable(), M.remotable()).returns(),
  removeExit: M.call(M.remotable()).returns(),
};

/** What whoever may build on a room can do with it. */
export interface Building {
  /** Lets people in: for an exit that leads here. */
  doorway(): Door;
  addExit(name: string, also: readonly string[], to: string, front: AnyCap, passage: Passage): void;
  /** Takes an exit out again; its passage proves that it is yours. */
  removeExit(passage: Passage): void;
}

/**
 * People in one room: everybody hears everybody. All of them are one record, which is written when somebody comes or goes; with
 * names of the greatest length they and the things fit into the 262,144 characters that one may have.
 */
export const MOST_PEOPLE = 1_100;
/** Of these, people that somebody wrote: one object could be all of them, and leave no room for anybody. */
export const MOST_WRITTEN = 20;
/** Things on the floor that somebody wrote and no admin has approved: one object could be all that there is room for. */
export const MOST_STRANGE = 100;
