import {
  apply,
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  is,
  ownKeys,
} from './natives.ts';
import { stateOf } from './capability.ts';
import { markCopied, weightOf, type Weight } from './copied.ts';
import { raise } from './errors.ts';

/** Limits on what crosses a wrapper in one call, one result or one record. Each has a test on both sides. */
export interface CrossingLimits {
  /** Arrays and records inside one another. Deeper structures are attacks on recursion; people nest 5 deep. */
  readonly depth: number;
  /** Values in all, nested ones included: bounds the time to copy an argument. */
  readonly values: number;
  /** Characters in all strings and keys together: bounds the memory of a copy. */
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
const propertyIsEnumerable = getOwnPropertyDescriptor(objectPrototype, 'propertyIsEnumerable')?.value as (
  key: string,
) => boolean;

/**
 * Gives what may cross for `value`: plain data copied and frozen, capabilities as they are, the instance itself as its
 * public facet. Everything else (functions, symbols, promises, proxies, accessors, instances of others) is refused
 * with an error that says where it stands. Each property is read exactly once, by its descriptor, so that
 * no code of the sender runs here and what was checked is what is passed.
 */
export function crossing(
  value: unknown,
  where: string,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget = newBudget(limits),
): unknown {
  if (typeof value === 'string') {
    if (value.length > limits.characters)
      tooLarge(where, `${value.length} characters, at most ${limits.characters}`);
    return value;
  }
  if (typeof value !== 'object' || value === null) return primitive(value, where, limits);
  if (stateOf(value) !== undefined) return value;
  return copy(value, where, context, limits, budget, 1);
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

function copy(
  value: object,
  where: Place | string,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget,
  depth: number,
): unknown {
  const known = weightOf(value);
  if (known !== undefined) return passAgain(value, known, where, limits, budget, depth);
  if (context.isProxy(value)) return refuse(where, 'a proxy');
  const self = context.publicFacet(value);
  if (self !== undefined) return self;
  if (depth > limits.depth) tooLarge(describe(where), `nested deeper than ${limits.depth}`);
  if (isArray(value)) return copyArray(value, where, context, limits, budget, depth);
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== objectPrototype && prototype !== null)
    return refuse(where, 'an object that is not plain data');
  return copyRecord(value, where, context, limits, budget, depth);
}

/** What has crossed before needs no copy, but it still weighs: shared parts written out many times are a bomb. */
function passAgain(
  value: object,
  weight: Weight,
  where: Place | string,
  limits: CrossingLimits,
  budget: Budget,
  depth: number,
): unknown {
  const bottom = depth + weight.depth - 1;
  if (bottom > limits.depth) tooLarge(describe(where), `nested deeper than ${limits.depth}`);
  budget.deepest = Math.max(budget.deepest, bottom);
  budget.values -= weight.values;
  if (budget.values < 0) tooLarge(describe(where), `more than ${limits.values} values`);
  spend(budget, weight.characters, where, limits);
  return value;
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

function copyArray(
  value: readonly unknown[],
  where: Place | string,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget,
  depth: number,
): unknown {
  if (getPrototypeOf(value) !== Array.prototype) return refuse(where, 'an array of a class');
  const length = value.length;
  if (length > budget.values) tooLarge(describe(where), `more than ${limits.values} values`);
  if (ownKeys(value).length !== length + 1) return refuse(where, 'an array with holes or properties');
  const before = { ...budget };
  budget.deepest = depth;
  const out: unknown[] = [];
  for (let at = 0; at < length; at += 1) {
    out.push(member(value, String(at), { above: where, key: at }, context, limits, budget, depth));
  }
  return finished(out, before, budget, depth);
}

function copyRecord(
  value: object,
  where: Place | string,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget,
  depth: number,
): unknown {
  const before = { ...budget };
  budget.deepest = depth;
  const out: Record<string, unknown> = {};
  for (const key of ownKeys(value)) {
    if (typeof key !== 'string') return refuse(where, 'a record with a symbol for a key');
    if (key === '__proto__') return refuse(where, 'a record with the key "__proto__"');
    spend(budget, key.length, where, limits);
    const copied = member(value, key, { above: where, key }, context, limits, budget, depth);
    // Assigning to a name that the frozen Object.prototype has would throw.
    if (key in objectPrototype) defineProperty(out, key, { value: copied, enumerable: true });
    else out[key] = copied;
  }
  return finished(out, before, budget, depth);
}

function member(
  holder: object,
  key: string,
  where: Place,
  context: CrossingContext,
  limits: CrossingLimits,
  budget: Budget,
  depth: number,
): unknown {
  const found = getOwnPropertyDescriptor(holder, key);
  if (found === undefined || !('value' in found)) return refuse(where, 'an accessor');
  if (found.enumerable !== true) return refuse(where, 'a hidden property');
  budget.values -= 1;
  if (budget.values < 0) tooLarge(describe(where), `more than ${limits.values} values`);
  const value: unknown = found.value;
  if (typeof value === 'string') {
    spend(budget, value.length, where, limits);
    return value;
  }
  if (typeof value !== 'object' || value === null) return primitive(value, where, limits);
  if (stateOf(value) !== undefined) return value;
  return copy(value, where, context, limits, budget, depth + 1);
}

function spend(budget: Budget, characters: number, where: Place | string, limits: CrossingLimits): void {
  budget.characters -= characters;
  if (budget.characters < 0) tooLarge(describe(where), `more than ${limits.characters} characters in all`);
}

/**
 * Whether `fresh` holds the same data as `old`, which is a frozen copy. `fresh` is unchecked: a false "same" from a
 * lying accessor only means that its owner's own change is not saved. `isItself` knows an instance that stands for its
 * own capability.
 */
export function sameData(
  fresh: unknown,
  old: unknown,
  isItself: (value: object, old: object) => boolean = () => false,
): boolean {
  if (fresh === old) return true;
  if (typeof fresh !== 'object' || fresh === null || typeof old !== 'object' || old === null) {
    return is(fresh, old);
  }
  if (isArray(old)) {
    if (!isArray(fresh) || fresh.length !== old.length) return false;
    for (let at = 0; at < old.length; at += 1) if (!sameData(fresh[at], old[at], isItself)) return false;
    return true;
  }
  if (stateOf(old) !== undefined) return isItself(fresh, old);
  if (isArray(fresh) || stateOf(fresh) !== undefined) return false;
  // A text that is an object hides its length: to go through it takes a step for each character, without a pause.
  if ('length' in fresh && !apply(propertyIsEnumerable, fresh, ['length'])) return false;
  // Walks without making arrays of keys: this runs for every object that a turn may have changed.
  let keys = 0;
  for (const key in fresh) {
    const value = (fresh as Record<string, unknown>)[key];
    const before = (old as Record<string, unknown>)[key];
    if (value !== before && !sameData(value, before, isItself)) return false;
    if (before === undefined && !hasOwn(old, key)) return false;
    keys += 1;
  }
  for (const _ in old) keys -= 1;
  return keys === 0;
}

function describe(where: Place | string): string {
  if (typeof where === 'string') return where;
  const key = typeof where.key === 'number' ? `[${where.key}]` : `.${where.key.slice(0, 40)}`;
  return describe(where.above) + key;
}

function refuse(where: Place | string, what: string): never {
  return raise('NotPassable', `${describe(where)} is ${what}: only plain data and capabilities may cross.`);
}

function tooLarge(where: string, limit: string): never {
  return raise('TooLarge', `${where} is too large: ${limit}.`);
}
