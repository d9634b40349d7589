import type { ClassSpec } from '../wrappers/class-spec.ts';
import { genuineError } from '../wrappers/errors.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Turn } from './turn.ts';

/** Changes of objects of one version that are looked into, in one run of the process: enough for its author to try it. */
const TRIES = 20;

/**
 * Looks into whether the hooks of a class that was written in the world keep what they are to keep: what `toRecord` gives
 * has to come back the same from an instance that `fromRecord` has filled. A field that one of them forgets would show
 * only when the object is brought back, long after its author has left. It changes nothing; the author is told.
 */
export class Proofs {
  readonly #left = new WeakMap<ClassSpec, number>();
  /** Those whose authors have been told. */
  readonly #told = new WeakSet<ClassSpec>();

  /** An object's record has changed in this turn. Runs its class's hooks on an instance of their own. */
  look(turn: Turn, wrapper: Wrapper, record: unknown): void {
    const { spec } = wrapper;
    const left = this.#left.get(spec) ?? TRIES;
    if (left === 0 || wrapper.instance === null || this.#told.has(spec)) return;
    this.#left.set(spec, left - 1);
    const lost = turn.host.membrane.lostBy(turn, wrapper, record as object);
    if (lost === null) return;
    turn.onCommit(() => {
      if (this.#told.has(spec)) return; // of another object, in this very turn
      this.#told.add(spec);
      turn.host.administration.advise(wrapper, genuineError('NotStorable', lost));
    });
  }
}
