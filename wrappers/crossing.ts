import {
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  keysOf,
  ownKeys,
} from './natives.ts';
import { stateOf } from './capability.ts';
import { markCopied, weightOf, type Weight } from './copied.ts';
import { printable, raise } from './errors.ts';

/** Limits on what crosses a wrapper in one call, one result or one record. Each has a test on both sides. */
export interface CrossingLimits {
  /** Arrays and records inside one another. Deeper structures are attacks on recursion; people nest 5 deep. */
  readonly depth: number;
  /** Values in all, nested ones included: bounds the time to copy an argument. */
  readonly values: number;
  /** Characters in all strings and keys together, and digits of bigints: bounds the memory of a copy, and its stored form. */
  readonly characters: number;
}

export const CROSSING_LIMITS: CrossingLimits = { depth: 32, values: 20_000, characters: 262_144 };

/** Arguments of one call: whoever needs more passes an array. Stops calls that are nothing but arguments. */
export const MAX_ARGUMENTS = 64;

/** What a copy needs to know of the world around it. */
export interface CrossingContext {
  /** True for a proxy, without running any of its traps. */
  readonly isProxy: (value: object) => boolean;
  /** The public facet, when `value` is the instance that the copy is made for; undefined for any other object. */
  readonly publicFacet: (value: object) => object | undefined;
  /**
   * Whether `value`, which may be anything, holds the same data as `old`, a copy that crossed before. It may run code
   * of the sender.
   */
  readonly stillSame?: (value: object, old: object) => boolean;
}

/** What may still be copied, and how deep the value below the present place has turned out to be. */
export interface Budget {
  values: number;
  characters: number;
  deepest: number;
}

/** A path from the value down to where it is, built only for error messages. */
interface Place {
  readonly above: Place | string;
  readonly key: string | number;
}

const { isArray } = Array;
const objectPrototype = Object.prototype;

/**
 * Gives what may cross for `value`: plain data copied and frozen, capabilities as they are, the instance itself as its
 * public facet. Everything else (functions, symbols, promises, proxies, accessors, instances of others) is refused
 * with an error that says where it stands. Each property is read exactly once, by its descriptor, so that
 * no code of the sender runs here and what was checked is what is passed.
 *
 * `old`, a copy that crossed before: those parts of it that still are the same are passed again, and not copied.
 */
export function crossing(
  value: unknown,
  where: string,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget = newBudget(limits),
  old?: unknown,
): unknown {
  if (typeof value === 'string') {
    if (value.length > limits.characters)
      tooLarge(where, `${value.length} characters, at most ${limits.characters}`);
    budget.characters -= value.length;
    if (budget.characters < 0) tooLarge(where, `more than ${limits.characters} characters in all`);
    return value;
  }
  if (typeof value !== 'object' || value === null) {
    const passed = primitive(value, where, limits);
    if (typeof passed === 'bigint') budget.characters -= digitsOf(passed);
    if (budget.characters < 0) tooLarge(where, `more than ${limits.characters} characters in all`);
    return passed;
  }
  if (stateOf(value) !== undefined) return value;
  return new Copying(context, limits, budget).copy(value, where, 1, old);
}

/** All that one call may bring along: its arguments share it. */
export function newBudget(limits: CrossingLimits): Budget {
  return { values: limits.values, characters: limits.characters, deepest: 1 };
}

function primitive(value: unknown, where: Place | string, limits: CrossingLimits): unknown {
  switch (typeof value) {
    case 'number':
      return value === 0 ? 0 : value; // -0 does not survive being stored, so it does not get in
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      if (value > BIG || value < -BIG) tooLarge(describe(where), 'a bigint of more than 1,024 bits');
      return value;
    case 'string':
      if (value.length > limits.characters)
        tooLarge(describe(where), `at most ${limits.characters} characters`);
      return value;
    case 'object': // only null comes here
      return null;
    case 'function':
    case 'symbol':
      return refuse(where, `a ${typeof value}`);
    default:
      return refuse(where, 'of an unknown type');
  }
}

const BIG = 2n ** 1024n;

/** A bigint is written down with all its digits; any other number with so few that they do not count. */
export function digitsOf(value: bigint): number {
  return String(value).length - (value < 0n ? 1 : 0);
}

/** One value on its way through: what it takes of the budget, wherever in it. */
class Copying {
  readonly #context: CrossingContext;
  readonly #limits: CrossingLimits;
  readonly #budget: Budget;

  constructor(context: CrossingContext, limits: CrossingLimits, budget: Budget) {
    this.#context = context;
    this.#limits = limits;
    this.#budget = budget;
  }

  copy(value: object, where: Place | string, depth: number, old: unknown): unknown {
    const known = weightOf(value);
    if (known !== undefined) return this.#passAgain(value, known, where, depth);
    if (this.#context.isProxy(value)) return refuse(where, 'a proxy');
    const self = this.#context.publicFacet(value);
    if (self !== undefined) return self;
    if (depth > this.#limits.depth) tooLarge(describe(where), `nested deeper than ${this.#limits.depth}`);
    if (isArray(value)) return this.#copyArray(value, where, depth, isArray(old) ? old : NONE);
    const prototype: unknown = getPrototypeOf(value);
    if (prototype !== objectPrototype && prototype !== null)
      return refuse(where, 'an object that is not plain data');
    return this.#copyRecord(value, where, depth, isRecord(old) ? old : NO_RECORD);
  }

  /** What has crossed before needs no copy, but it still weighs: shared parts written out many times are a bomb. */
  #passAgain(value: object, weight: Weight, where: Place | string, depth: number): unknown {
    const budget = this.#budget;
    const bottom = depth + weight.depth - 1;
    if (bottom > this.#limits.depth) tooLarge(describe(where), `nested deeper than ${this.#limits.depth}`);
    budget.deepest = Math.max(budget.deepest, bottom);
    budget.values -= weight.values;
    if (budget.values < 0) tooLarge(describe(where), `more than ${this.#limits.values} values`);
    budget.characters -= weight.characters;
    if (budget.characters < 0) this.#tooLong(where);
    return value;
  }

  #copyArray(
    value: readonly unknown[],
    where: Place | string,
    depth: number,
    old: readonly unknown[],
  ): unknown {
    if (getPrototypeOf(value) !== Array.prototype) return refuse(where, 'an array of a class');
    const length = value.length;
    const budget = this.#budget;
    if (length > budget.values) tooLarge(describe(where), `more than ${this.#limits.values} values`);
    if (ownKeys(value).length !== length + 1) return refuse(where, 'an array with holes or properties');
    const before = { ...budget };
    budget.deepest = depth;
    const out: unknown[] = [];
    // Where one has come in or gone out, the rest has moved up by as many.
    const moved = length - old.length;
    for (let at = 0; at < length; at += 1) {
      // To read an element that stands before the first takes longer than to copy one.
      const other = at < moved ? undefined : old[at - moved];
      out.push(this.#member(value, String(at), at, where, depth, old[at], other));
    }
    return finished(out, before, budget, depth);
  }

  #copyRecord(
    value: object,
    where: Place | string,
    depth: number,
    old: Readonly<Record<string, unknown>>,
  ): unknown {
    const budget = this.#budget;
    const before = { ...budget };
    budget.deepest = depth;
    const out: Record<string, unknown> = {};
    // A text that is an object hides its length, and each character is a name: to list those of a long one takes seconds.
    if (hasOwn(value, 'length') && getOwnPropertyDescriptor(value, 'length')?.enumerable !== true)
      return refuse({ above: where, key: 'length' }, 'a hidden property');
    // Nothing can stop it while names are listed. Those that can be seen are listed in a part of the time of all.
    if (keysOf(value).length > budget.values)
      tooLarge(describe(where), `more than ${this.#limits.values} values`);
    for (const key of ownKeys(value)) {
      if (typeof key !== 'string') return refuse(where, 'a record with a symbol for a key');
      if (key === '__proto__') return refuse(where, 'a record with the key "__proto__"');
      budget.characters -= key.length;
      if (budget.characters < 0) this.#tooLong(where);
      const copied = this.#member(value, key, key, where, depth, old[key], undefined);
      // Assigning to a name that the frozen Object.prototype has would throw.
      if (key in objectPrototype) defineProperty(out, key, { value: copied, enumerable: true });
      else out[key] = copied;
    }
    return finished(out, before, budget, depth);
  }

  /** `old` and `other`: what it may have been before. */
  #member(
    holder: object,
    name: string,
    key: string | number,
    above: Place | string,
    depth: number,
    old: unknown,
    other: unknown,
  ): unknown {
    const found = getOwnPropertyDescriptor(holder, name);
    if (found === undefined || !('value' in found)) return refuse({ above, key }, 'an accessor');
    if (found.enumerable !== true) return refuse({ above, key }, 'a hidden property');
    const budget = this.#budget;
    budget.values -= 1;
    if (budget.values < 0) tooLarge(describe({ above, key }), `more than ${this.#limits.values} values`);
    const value: unknown = found.value;
    if (typeof value === 'string') {
      budget.characters -= value.length;
      if (budget.characters < 0) this.#tooLong({ above, key });
      return value;
    }
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) {
      const passed = primitive(value, { above, key }, this.#limits);
      if (typeof passed === 'bigint') budget.characters -= digitsOf(passed);
      if (budget.characters < 0) this.#tooLong({ above, key });
      return passed;
    }
    if (stateOf(value) !== undefined) return value;
    const where = { above, key };
    const same = this.#stillSame(value, old) ?? this.#stillSame(value, other);
    if (same !== undefined) return this.#passAgain(same, weigh(same), where, depth + 1);
    return this.copy(value, where, depth + 1, old);
  }

  #stillSame(value: object, old: unknown): object | undefined {
    if (typeof old !== 'object' || old === null || stateOf(old) !== undefined) return undefined;
    return value === old || this.#context.stillSame?.(value, old) === true ? old : undefined;
  }

  #tooLong(where: Place | string): never {
    return tooLarge(describe(where), `more than ${this.#limits.characters} characters in all`);
  }
}

const NONE: readonly unknown[] = Object.freeze([]);
const NO_RECORD: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null) as object) as never;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isArray(value) && stateOf(value) === undefined;
}

/** Freezes and marks a copy that was made since the budget stood at `before`. */
function finished(out: object, before: Budget, budget: Budget, depth: number): unknown {
  freeze(out);
  markCopied(out, {
    values: before.values - budget.values,
    characters: before.characters - budget.characters,
    depth: budget.deepest - depth + 1,
  });
  budget.deepest = Math.max(before.deepest, budget.deepest);
  return out;
}

/** The weight of data that crossed once, or was read from the store, as its copy has it. */
export function weigh(data: object): Weight {
  const known = weightOf(data);
  if (known !== undefined) return known;
  let values = 0;
  let characters = 0;
  let depth = 1;
  const isList = isArray(data);
  for (const key of keysOf(data)) {
    const value = (data as Record<string, unknown>)[key];
    values += 1;
    if (!isList) characters += key.length;
    if (typeof value === 'string') characters += value.length;
    if (typeof value === 'bigint') characters += digitsOf(value);
    if (typeof value !== 'object' || value === null || stateOf(value) !== undefined) continue;
    const below = weigh(value);
    values += below.values;
    characters += below.characters;
    depth = Math.max(depth, below.depth + 1);
  }
  const weight = { values, characters, depth };
  markCopied(data, weight);
  return weight;
}

function describe(where: Place | string): string {
  if (typeof where === 'string') return where;
  const key = typeof where.key === 'number' ? `[${where.key}]` : `.${where.key.slice(0, 40)}`;
  return describe(where.above) + key;
}

function refuse(where: Place | string, what: string): never {
  return raise(
    'NotPassable',
    `${printable(describe(where))} is ${what}: only plain data and capabilities may cross.`,
  );
}

function tooLarge(where: string, limit: string): never {
  return raise('TooLarge', `${printable(where)} is too large: ${limit}.`);
}
