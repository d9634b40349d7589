import { Desk } from './desk.ts';
import { Drawer } from './drawer.ts';
import { Gate } from './gate.ts';
import { Guest } from './guest.ts';
import { Hoard } from './hoard.ts';
import { Keyring } from './keyring.ts';
import { Player } from './player.ts';
import { Roster } from './roster.ts';
import { shared } from './shared.ts';
import { Veil } from './things/veil.ts';

export { shared };

/** Every class of the text world. Their names are stored with their objects: they stay as they are. */
export const classes = [...shared, Desk, Drawer, Gate, Guest, Hoard, Keyring, Player, Roster, Veil] as const;
