import type { ClassSpec } from '../wrappers/class-spec.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { refuse } from './errors.ts';
import type { Turn } from './turn.ts';

/** Has a bank pay for one new object, and gives the bank. Raises `NotABank`, `BankDry`. */
export function paidBy(turn: Turn, bank: object): Wrapper {
  const { membrane } = turn.host;
  const payer = membrane.objectOf(bank);
  if (!turn.host.isBank(payer))
    return refuse('NotABank', 'What pays for a new object must be a bank capability.');
  membrane.invoke(bank, 'pay', [1]);
  return payer;
}

/** Makes an object that `bank` has paid for, or nobody, and gives its owner facet, or the public one if it has none. */
export function build(turn: Turn, spec: ClassSpec, args: readonly unknown[], bank: Wrapper | null): object {
  const { membrane } = turn.host;
  if (spec.broken !== null) return refuse('SetAside', `The class ${spec.name} does not load: ${spec.broken}`);
  return turn.whole(() => {
    const wrapper = turn.host.blank(turn, spec, bank);
    turn.adopt(wrapper);
    wrapper.instance = membrane.instantiate(turn, wrapper, undefined);
    membrane.initialise(wrapper, args);
    return membrane.granting.facet(wrapper, wrapper.spec.facets.has('owner') ? 'owner' : 'public', {});
  });
}
