import { create, only, type AnyCap, type BankCap } from '../engine/authoring.ts';
import { Gate } from './gate.ts';
import { Lock } from './lock.ts';
import { LockedExit } from './locked-exit.ts';
import { furnishGrounds } from './map/furnish-grounds.ts';
import { furnishKeep } from './map/furnish-keep.ts';
import { furnishShore } from './map/furnish-shore.ts';
import { ROOMS } from './map/rooms.ts';
import { Site } from './map/site.ts';
import { Stock, type Approving } from './map/stock.ts';
import { CHUTE, LOCKED, WAYS } from './map/ways.ts';
import type { ClassShelf } from './written-class.ts';

/** How long the iron door stays unlocked, in milliseconds: time to walk through and be followed. */
const DOOR_STAYS_OPEN = 2 * 60_000;

/**
 * Builds the starter world, in the first turn of a new one. What is not in the gate or in an object is lost with
 * this turn: nobody owns the rooms of the map.
 */
export function genesis(powers: {
  readonly bank: BankCap;
  readonly storage: Approving;
  readonly classes: ClassShelf;
  readonly sources: Readonly<Record<string, string>>;
}): { readonly gate: AnyCap } {
  const { bank, storage, classes, sources } = powers;
  const site = new Site(bank, new Stock(bank, classes, storage, sources));
  for (const [from, way, to] of WAYS) site.both(from, way, to);
  const { from, way, to, ...chute } = CHUTE;
  site.exit(from, way, to, chute);

  const bolt = create(bank, Lock, DOOR_STAYS_OPEN).bolt();
  const unlocking = only(bolt, 'unlock');
  lockedDoor(site, only(bolt, 'isLocked'));

  const tube = furnishShore(site, unlocking);
  furnishKeep(site, unlocking, tube);
  furnishGrounds(site);

  const start = site.room('landing').doorway();
  return { gate: create(bank, Gate, { bank, start, classes }).door() };
}

function lockedDoor(site: Site, lock: { isLocked(): boolean }): void {
  const { from, way, to, name, description, passing } = LOCKED;
  const outer = create(site.bank, LockedExit, {
    name,
    description,
    passing,
    arriving: 'by the iron door',
    door: site.room(to).doorway(),
    lock,
  });
  site.room(from).addExit(way, [name, 'door'], ROOMS[to].name, outer.front(), outer.passage());
  site.exit(to, 'west', from, {
    arriving: 'by the iron door',
    passing: 'From this side it has an ordinary handle.',
  });
}
