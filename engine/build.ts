import type { Wrapper } from '../wrappers/wrapper.ts';
import type { ClassSpec, ObjectClass } from '../wrappers/class-spec.ts';
import type { ObjectId } from '../wrappers/names.ts';
import { refuse } from './errors.ts';
import { openTurn } from './open-turn.ts';
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

/** A class that was written in the world, as its code creates objects. */
export interface Creator {
  readonly origin: ObjectId;
  /** What it was given to be built on another one; null for a built-in one. */
  readonly base: object | null;
}

/**
 * Makes an object for code of a class that was written in the world, or for our own (`by` is null). Such code can name the
 * classes that it is built on, but to build on one is not to make objects of it.
 */
export function createFor(by: Creator | null, bank: object, what: unknown, args: readonly unknown[]): object {
  const turn = openTurn();
  const { membrane, creatable } = turn.host;
  return turn.whole(() => {
    const named = typeof what === 'function' && by !== null ? leaveFor(turn, by, what as ObjectClass) : what;
    if (typeof named === 'function')
      return build(turn, creatable(turn.current, named as ObjectClass), args, paidBy(turn, bank));
    if (!isClassCap(turn, named))
      return refuse('NotAClass', 'What is to be created is neither a class nor a capability on one.');
    return membrane.invoke(named as object, 'make', [bank, ...args]) as object;
  });
}

/**
 * By what such code may make objects of a class that it names: itself, or the capability that it was given. Raises
 * `NotAClass`.
 */
function leaveFor(turn: Turn, { origin, base }: Creator, named: ObjectClass): ObjectClass | object {
  const { membrane, saved } = turn.host;
  const id = saved.classObjectOf(named);
  if (id === undefined || id === origin || saved.state(id).open) return named;
  if (base !== null && membrane.idOf(base) === id && isClassCap(turn, base)) return base;
  return refuse('NotAClass', `${saved.state(id).name} was lent to be built on, not to make objects of it.`);
}

/** Whatever else has a method of that name would be handed the bank. */
function isClassCap({ host }: Turn, what: unknown): boolean {
  const { membrane, administration } = host;
  if (typeof what !== 'object' || what === null || !membrane.isCapability(what)) return false;
  if (typeof (what as { make?: unknown }).make !== 'function') return false;
  return administration.isClassObject(membrane.objectOf(what));
}
