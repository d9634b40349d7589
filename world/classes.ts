import { Desk } from './desk.ts';
import { Gate } from './gate.ts';
import { Guest } from './guest.ts';
import { Keyring } from './keyring.ts';
import { Player } from './player.ts';
import { Roster } from './roster.ts';
import { shared } from './shared.ts';
import { Bell } from './things/bell.ts';
import { Book } from './things/book.ts';
import { Cat } from './things/cat.ts';
import { Hourglass } from './things/hourglass.ts';
import { Jackdaw } from './things/jackdaw.ts';
import { Kettle } from './things/kettle.ts';
import { Lamp } from './things/lamp.ts';
import { Porter } from './things/porter.ts';
import { Tube } from './things/tube.ts';
import { Veil } from './things/veil.ts';

export { shared };

/** Every class of the text world. Their names are stored with their objects: they stay as they are. */
export const classes = [
  ...shared,
  Bell,
  Book,
  Cat,
  Desk,
  Gate,
  Guest,
  Hourglass,
  Jackdaw,
  Kettle,
  Keyring,
  Lamp,
  Player,
  Porter,
  Roster,
  Tube,
  Veil,
] as const;
