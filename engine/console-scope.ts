import { stateOf } from '../wrappers/capability.ts';
import type { Granting } from '../wrappers/granting.ts';
import { bareCompartment, languageValues, PUT_IN } from './compartment.ts';
import type { Entry, KnownNames } from './console-source.ts';

/** The function by which an entry hands out its functions before it does anything else. No entry can name it. */
const KEEP = 'keep$';

/**
 * Names that nobody can have. All that the global object inherits is there for whoever names it, and is frozen, so that some of
 * these could not be assigned to, and others would stand for what is inherited in a later entry.
 */
const RESERVED: ReadonlySet<string> = new Set([KEEP, ...Object.getOwnPropertyNames(Object.prototype)]);

/** Constant in every Compartment already. */
const CONSTANT: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity']);

/**
 * The names of one console: those of the language and the console's own, which are fixed, and the variables of whoever
 * uses it. They stand on the global object of a Compartment, which no code in it can reach: what is on it changes by
 * assignments to names only.
 *
 * Invariant: between entries `variables` is what the last entry that was accepted left; what a failed one has put on
 * the global object is taken off it again before the next one runs.
 */
export class ConsoleScope implements KnownNames {
  readonly #compartment = bareCompartment();
  readonly #global: Record<string, unknown>;
  readonly #fixed: ReadonlyMap<string, unknown>;
  #variables: ReadonlyMap<string, unknown> = new Map();
  #entries = 0;

  /** `names` are the console's own; all of them are hardened. */
  constructor(names: Readonly<Record<string, unknown>>) {
    this.#global = this.#compartment.globalThis as Record<string, unknown>;
    this.#fixed = new Map(Object.entries({ ...languageValues(), ...names }));
    const keep = (functions: Readonly<Record<string, unknown>>): void => {
      Object.assign(this.#global, functions);
    };
    for (const [name, value] of [...this.#fixed, ...Object.entries(PUT_IN), [KEEP, keep] as const]) {
      if (!CONSTANT.has(name)) Object.defineProperty(this.#global, name, { value: harden(value) });
    }
  }

  has(name: string): boolean {
    return this.#fixed.has(name) || this.#variables.has(name);
  }

  isFixed(name: string): boolean {
    return this.#fixed.has(name) || RESERVED.has(name) || Object.hasOwn(PUT_IN, name);
  }

  all(): Iterable<string> {
    return [...this.#fixed.keys(), ...this.#variables.keys()];
  }

  /** What a name stands for; undefined for one that is not known. */
  value(name: string): unknown {
    return this.#variables.has(name) ? this.#variables.get(name) : this.#fixed.get(name);
  }

  /**
   * Runs an entry, which may be stopped or run again, with the variables as they were before it. Gives what it comes to, and
   * the variables as it has left them, for `accept`.
   */
  run(
    { compiled, variables, functions }: Entry,
    granting: Granting,
  ): { readonly value: unknown; readonly left: ReadonlyMap<string, unknown> } {
    const before = new Map<string, unknown>();
    for (const name of variables) before.set(name, undefined);
    for (const [name, value] of this.#variables) before.set(name, asNow(value, granting));
    for (const name of Object.keys(this.#global))
      if (!before.has(name)) Reflect.deleteProperty(this.#global, name);
    for (const [name, value] of before) {
      Object.defineProperty(this.#global, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    this.#entries += 1;
    const prologue = functions.length === 0 ? '' : `${KEEP}({${functions.join()}});`;
    const value: unknown = this.#compartment.evaluate(
      `${prologue}${compiled.text}\n//# sourceURL=Entry${this.#entries}`,
    );
    const left = new Map([...before.keys()].map((name) => [name, this.#global[name]]));
    return { value, left };
  }

  accept(left: ReadonlyMap<string, unknown>, last: unknown): void {
    this.#variables = last === undefined ? left : new Map([...left, ['_', last]]);
  }
}

/** Whoever keeps a capability on an object whose class has changed sees it as it is now. */
function asNow(value: unknown, granting: Granting): unknown {
  const state = typeof value === 'object' && value !== null ? stateOf(value) : undefined;
  return state === undefined
    ? value
    : granting.capability({ id: state.id, token: state.token, shape: state.shape.id });
}
