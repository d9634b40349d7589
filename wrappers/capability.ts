import { AsIs } from './as-is.ts';
import type { Grant } from './grant.ts';
import { formatSlot, type ObjectId, type Slot, type Token } from './names.ts';
import type { Shape } from './shape.ts';
import type { Wrapper } from './wrapper.ts';

/** What stands behind a capability; only the membrane ever holds one. */
export interface CapabilityState {
  readonly id: ObjectId;
  readonly token: Token;
  readonly shape: Shape;
  /** Links to the wrapper and grant found last, so that a call looks nothing up; stale when `wrapper.loaded` is false. */
  wrapper: Wrapper | null;
  grant: Grant | null;
  /** The encoding that it was written in last, and which of the slots there it is. */
  encoding: number;
  place: number;
}

/**
 * A capability is a frozen empty object that inherits its methods from its shape. The state hangs on it
 * by a private field.
 */
class Stamp extends AsIs {
  readonly #state: CapabilityState;
  constructor(made: object, state: CapabilityState) {
    super(made);
    this.#state = state;
  }
  static read(value: object): CapabilityState | undefined {
    return #state in value ? value.#state : undefined;
  }
}

/** The state of a capability, or undefined for anything else. Runs no code of `value`. */
export const stateOf: (value: object) => CapabilityState | undefined = (value) => Stamp.read(value);

/** What a capability is called where it is written down. */
export function slotOfState({ id, token, shape }: CapabilityState): Slot {
  return formatSlot({ id, token, shape: shape.id });
}

/**
 * The capabilities that are in memory, one value per grant: two readings of one slot are `===`.
 * Held weakly: what nobody holds is collected, and made again when its slot is read next.
 */
export class Capabilities {
  readonly #byToken = new Map<Token, WeakRef<object>>();
  readonly #dead = new FinalizationRegistry<Token>((token) => {
    if (this.#byToken.get(token)?.deref() === undefined) this.#byToken.delete(token);
  });

  of(id: ObjectId, token: Token, shape: Shape): object {
    const known = this.#byToken.get(token)?.deref();
    if (known !== undefined && stateOf(known)?.id === id && stateOf(known)?.shape === shape) return known;
    const made = Object.create(shape.prototype) as object;
    new Stamp(made, { id, token, shape, wrapper: null, grant: null, encoding: 0, place: 0 });
    Object.freeze(made);
    this.#byToken.set(token, new WeakRef(made));
    this.#dead.register(made, token);
    return made;
  }

  get size(): number {
    return this.#byToken.size;
  }
}
