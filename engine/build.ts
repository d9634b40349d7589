import type { ObjectClass } from '../wrappers/class-spec.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Turn } from './turn.ts';

/** Makes an object that `bank` has paid for, or nobody, and gives its owner facet, or the public one if it has none. */
export function build(
  turn: Turn,
  objectClass: ObjectClass,
  args: readonly unknown[],
  bank: Wrapper | null,
): object {
  const { membrane } = turn.host;
  return turn.whole(() => {
    const wrapper = turn.host.blank(turn, objectClass, bank);
    turn.adopt(wrapper);
    wrapper.instance = membrane.instantiate(turn, wrapper, undefined);
    membrane.initialise(wrapper, args);
    return membrane.granting.facet(wrapper, wrapper.spec.facets.has('owner') ? 'owner' : 'public', {});
  });
}
