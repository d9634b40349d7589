import { Common } from './common.ts';
import { Container } from './container.ts';
import { Exit } from './exit.ts';
import { Gate } from './gate.ts';
import { Guest } from './guest.ts';
import { Key } from './key.ts';
import { Keyring } from './keyring.ts';
import { Lock } from './lock.ts';
import { LockedExit } from './locked-exit.ts';
import { Player } from './player.ts';
import { Presence } from './presence.ts';
import { Room } from './room.ts';
import { Roster } from './roster.ts';
import { Thing } from './thing.ts';
import { Bell } from './things/bell.ts';
import { Book } from './things/book.ts';
import { Cat } from './things/cat.ts';
import { Echo } from './things/echo.ts';
import { Hourglass } from './things/hourglass.ts';
import { Jackdaw } from './things/jackdaw.ts';
import { Kettle } from './things/kettle.ts';
import { Lamp } from './things/lamp.ts';
import { Mechanism } from './things/mechanism.ts';
import { Porter } from './things/porter.ts';
import { Tube } from './things/tube.ts';
import { Veil } from './things/veil.ts';

/** Every class of the text world. Their names are stored with their objects: they stay as they are. */
export const classes = [
  Bell,
  Book,
  Cat,
  Common,
  Container,
  Echo,
  Exit,
  Gate,
  Guest,
  Hourglass,
  Jackdaw,
  Kettle,
  Key,
  Keyring,
  Lamp,
  Lock,
  LockedExit,
  Mechanism,
  Player,
  Porter,
  Presence,
  Room,
  Roster,
  Thing,
  Tube,
  Veil,
] as const;
