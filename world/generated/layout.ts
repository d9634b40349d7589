/*
 * The map of a generated world, and how many there are of what. Nothing of it is drawn by lot, so that whoever measures a
 * world knows it by its size alone.
 *
 * Rooms are numbered from 0, where people come in; each has ways to as many others as it may well have, and each but the
 * first a way back. Room 0 is bare. The others have a lantern and a chest with things in it; every so many of them have a
 * board with notices, a lock with its key, and somebody's mailbox. Things that are left are spread over the floors.
 */

import { IN_DRAWER } from '../hoard-size.ts';

/** Ways from a room to the rooms behind it. A room admits a few more: the way back, and one with a lock. */
const FAN = 20;
const OBJECTS_PER_ROOM = 100;
const OBJECTS_PER_PLAYER = 400;
/** Things on one floor: a room takes 200, and there has to be room for what people drop. */
const MOST_ON_FLOOR = 160;
/** Things in the chest that each room has. */
const IN_CHEST = 10;
const ROOMS_PER_LOCK = 50;
const ROOMS_PER_BOARD = 100;
/** Letters in the fullest mailbox. */
const MOST_LETTERS = 8;
/** Objects in all: a million takes four minutes and 400 MB, so many a quarter of a day and the disk of most machines. */
const MOST_OBJECTS = 100_000_000;
/** What there is before the first room: bank, Storage, the registry of classes, the gate and its roster. */
const BEFORE = 5;
/** Player, bank, desk, keyring, mailbox, and a coin in his hands. */
const PER_PLAYER = 6;
/** The room, the way there and the way back, the lantern, the chest with what is in it. */
const PER_ROOM = 5 + IN_CHEST;
/** Lock, way and key. */
const PER_LOCK = 3;

/** Everybody's password: such a world is for measuring. */
export const PASSWORD = 'keystead';
export const HOARD = 'hoard';
/** In every room but the first, and can be taken. */
export const LANTERN = 'lantern';

export interface Wanted {
  /** Objects in all, exactly. */
  readonly objects: number;
  /** Rooms besides the first; left out: one for each hundred objects. */
  readonly rooms?: number;
  /** Players; left out: one for each four hundred objects. */
  readonly players?: number;
  /** Things in the one great container, which is in the first room; 0: there is none. */
  readonly hoard?: number;
}

/** How many there are of what. */
export interface Plan {
  readonly objects: number;
  /** Besides the first. */
  readonly rooms: number;
  readonly players: number;
  readonly hoard: number;
  /** Things on all floors besides what each room has. */
  readonly loose: number;
}

/** What is wrong with what was wanted, in words, or the plan. `classes`: how many classes the world is to have. */
export function planOf(
  { objects, rooms = Math.ceil(objects / OBJECTS_PER_ROOM), hoard = 0, ...rest }: Wanted,
  classes: number,
): Plan | string {
  const players = rest.players ?? Math.floor(objects / OBJECTS_PER_PLAYER);
  // All that is counted below is counted one by one.
  if (objects > MOST_OBJECTS) return `No world is made with more than ${MOST_OBJECTS} objects.`;
  if (rooms + players > objects) return 'There are to be more rooms and players than objects in all.';
  let needed = BEFORE + classes + 1 + rooms * PER_ROOM + players * PER_PLAYER;
  for (let room = 1; room <= rooms; room += 1) {
    if (hasLock(room)) needed += PER_LOCK;
    if (hasBoard(room)) needed += 1;
  }
  for (let player = 0; player < players; player += 1) needed += lettersOf(player);
  if (hoard > 0) needed += 2 + hoard + Math.ceil(hoard / IN_DRAWER);
  // Everybody has a mailbox on the floor of his home.
  const room = rooms * MOST_ON_FLOOR - players;
  if (rooms < 1 || room < 0) return 'There are too few rooms for so many players.';
  const loose = objects - needed;
  if (loose < 0) return `Such a world has ${needed} objects at least.`;
  if (loose > room)
    return `${rooms} rooms have no place for ${loose} more things: each takes ${MOST_ON_FLOOR}, mailboxes among them.`;
  return { objects, rooms, players, hoard, loose };
}

/** Things on the floor of a room, besides its lantern and what belongs to it. */
export function looseIn(plan: Plan, room: number): number {
  const each = Math.floor(plan.loose / plan.rooms);
  return room - 1 < plan.loose % plan.rooms ? each + 1 : each;
}

export function thingsInChest(): number {
  return IN_CHEST;
}

export function hasLock(room: number): boolean {
  return room % ROOMS_PER_LOCK === 0;
}

export function hasBoard(room: number): boolean {
  return room % ROOMS_PER_BOARD === 1;
}

/** Players live two and two together, a few rooms from the next two; a room is used again when all have been. */
export function homeOf({ rooms }: Plan, player: number): number {
  const pair = Math.floor(player / 2);
  // Where the number of rooms can be divided by the step, the way round meets only some of them.
  const round = rooms % HOMES_APART === 0 ? rooms / HOMES_APART : rooms;
  return 1 + ((pair * HOMES_APART + Math.floor(pair / round)) % rooms);
}

/** A prime number. */
const HOMES_APART = 7;

export function lettersOf(player: number): number {
  return player % (MOST_LETTERS + 1);
}

/** What a thing in the great container is called; it is alone in having that word. */
export function hoarded(number: number): string {
  return `pearl${number}`;
}

export function playerName(player: number): string {
  return `${NAMES[player % NAMES.length]}${player}`;
}

const NAMES = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gwen', 'Hugo', 'Ines', 'Jon', 'Kit', 'Lea'];

export function roomName(room: number): string {
  return `Room ${room}`;
}

/** What a thing on the floor of a room is called; it is alone in having that name there. */
export function thingName(thing: number): string {
  return `${kindOf(thing)}${thing}`;
}

/** Every twentieth is of a class that is written in the world. */
export function kindOf(thing: number): 'stone' | 'coin' | 'lamp' {
  return thing % 20 === 7 ? 'coin' : thing % 20 === 17 ? 'lamp' : 'stone';
}

/** What is in the description of that thing and in no other text that is seen beside it. */
export function thingMark(room: number, thing: number): string {
  return `Its number is ${room}.${thing}.`;
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
