import type { Membrane } from '../wrappers/membrane.ts';
import type { BankCap, FacetOf } from './authoring.ts';
import { Bank } from './bank.ts';
import { build } from './build.ts';
import { openTurn } from './open-turn.ts';
import { Storage } from './storage-object.ts';
import type { Roots, WorldOptions } from './world-options.ts';

/** Objects that the first bank can pay for. */
const FIRST_BANK = 1_000_000_000;

/** Builds a new world in the turn that is running: the first bank, Storage, and what `genesis` makes of them. */
export function makeRoots(membrane: Membrane, genesis: WorldOptions['genesis']): Roots {
  const turn = openTurn();
  const bank = build(turn, Bank, [FIRST_BANK], null) as BankCap;
  const made = membrane.objectOf(build(turn, Storage, [], null));
  const storage = membrane.granting.facet(made, 'full', {}) as FacetOf<typeof Storage, 'full'>;
  return { gate: genesis({ bank, storage }).gate, bank, storage };
}
