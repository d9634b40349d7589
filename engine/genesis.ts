import type { Membrane } from '../wrappers/membrane.ts';
import type { FacetOf } from './authoring.ts';
import type { BankOwner } from './bank.ts';
import { build } from './build.ts';
import type { ClassRegistry } from './class-registry.ts';
import { openTurn } from './open-turn.ts';
import type { Storage } from './storage-object.ts';
import type { Roots, WorldOptions } from './world-options.ts';

/** Blocks that the first bank can pay for: about a terabyte. */
const FIRST_BANK = 1_000_000_000;

/** Builds a new world in the turn that is running: the first bank, Storage, the classes, and what `genesis` makes of them. */
export function makeRoots(
  membrane: Membrane,
  { genesis, sources = {} }: Pick<WorldOptions, 'genesis' | 'sources'>,
  hold: (classes: Roots['classes']) => void,
): Roots {
  const turn = openTurn();
  const { classes: builtIn } = turn.host;
  const bank = build(turn, builtIn.named('Bank'), [FIRST_BANK], null) as BankOwner;
  const registry = membrane.objectOf(build(turn, builtIn.named('ClassRegistry'), [], null));
  const classes = membrane.granting.facet(registry, 'define', {}) as FacetOf<typeof ClassRegistry, 'define'>;
  hold(classes); // genesis may define classes
  const made = membrane.objectOf(build(turn, builtIn.named('Storage'), [classes], null));
  const storage = membrane.granting.facet(made, 'full', {}) as FacetOf<typeof Storage, 'full'>;
  return { gate: genesis({ bank, storage, classes, sources }).gate, bank, storage, classes };
}
