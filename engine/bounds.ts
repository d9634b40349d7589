/**
 * Bounds on what one call of a built-in function may take on while a turn runs.
 *
 * The watchdog can stop a turn where JavaScript is entered, wherever JavaScript loops (not every time:
 * source-rewrite.ts sees to that), and where a built-in that V8 has assembled is entered; never inside of a built-in,
 * nor where one written in C++ is entered. So no built-in that code in the world can reach may take many steps, or
 * steps that are long, between two such places. Those that could are exchanged for functions that refuse what is too
 * large (a RangeError), go in shorter steps, or only see to it that there is such a place. What each does outside of
 * turns is as it ever was: the host's own code is not bounded.
 *
 * This has to be loaded before lockdown freezes the built-ins; see `bounded-language.ts`.
 */

import { types } from 'node:util';

export const { apply, construct, getPrototypeOf, ownKeys } = Reflect;
export const { defineProperty, getOwnPropertyDescriptor, hasOwn } = Object;
export const { isArray } = Array;
const namesOf = Object.keys;
const arrayPrototype: object = Array.prototype;
const textValueOf = getOwnPropertyDescriptor(String.prototype, 'valueOf')?.value as () => string;

/** Any built-in function. */
export type Native = (this: unknown, ...args: unknown[]) => unknown;

/** What a built-in is exchanged for. The method of an object is no constructor and has no prototype, as they are. */
export interface Made {
  readonly method: Native;
}

interface NativeLimits {
  readonly elements: number;
  readonly characters: number;
  readonly arguments: number;
  readonly members: number;
  readonly listMembers: number;
  readonly json: number;
  readonly pattern: number;
  readonly compiling: number;
  readonly normalized: number;
  readonly comparisons: number;
  readonly prototypes: number;
}

/** What one call of a built-in function may take on inside of a turn. `NATIVE_LIMIT_NOTES` has the unit of each and why. */
export const NATIVE_LIMITS: NativeLimits = {
  elements: 2 ** 20,
  characters: 2 ** 20,
  arguments: 2 ** 16,
  members: 2 ** 16,
  listMembers: 2 ** 18,
  json: 2 ** 21,
  pattern: 2 ** 12,
  compiling: 2 ** 20,
  normalized: 2 ** 13,
  comparisons: 2 ** 28,
  prototypes: 64,
};

export const NATIVE_LIMIT_NOTES: Readonly<
  Record<keyof NativeLimits, { readonly unit: string; readonly why: string }>
> = {
  elements: {
    unit: 'elements',
    why: 'a list of what length it likes to have would keep a built-in busy for hours, or use up the memory',
  },
  characters: { unit: 'characters', why: 'as elements, for texts; a text is read to its end in one step' },
  arguments: { unit: 'arguments', why: 'they all lie on the call stack' },
  members: {
    unit: 'characters as properties',
    why: 'a text that is taken apart as if it were an object costs a microsecond or two for each character',
  },
  listMembers: {
    unit: 'elements or names as properties',
    why: 'each is read and copied in one step for all of them, at half a microsecond and more',
  },
  json: {
    unit: 'characters',
    why: 'as characters; twice as many, so that a stored text of the greatest length is read however much of it was escaped',
  },
  pattern: {
    unit: 'characters',
    why: 'a regular expression is compiled in one step, at several microseconds a character',
  },
  compiling: {
    unit: 'steps to compile',
    why: 'the ways that lead into the first characters of a pattern are gone through one by one, and there may be billions of them; this is a tenth of a second',
  },
  normalized: {
    unit: 'characters',
    why: 'accents on one letter are put in order in a time that grows with the square of their number',
  },
  comparisons: {
    unit: 'characters compared',
    why: 'looking for one long text in another takes the product of their lengths; this is a tenth of a second',
  },
  prototypes: {
    unit: 'prototypes above each other',
    why: 'each element that a list does not have is looked for in all of them',
  },
};

interface Bounds {
  /**
   * True while code of the world runs. A field and not a function, so that whoever must be unbounded for a moment can set
   * it again where little of the call stack is left.
   */
  held: boolean;
}

const KEY = Symbol.for('keystead.bounds');

/** Shared by all copies of this module in one realm: the built-ins are exchanged only once. No Compartment can reach it. */
export const bounds: Bounds = ((globalThis as { [KEY]?: Bounds })[KEY] ??= { held: false });

/** Says what is too large. */
export function refuse(what: string, limit: keyof NativeLimits): never {
  throw new RangeError(
    `${what}: in a turn, at most ${NATIVE_LIMITS[limit]} ${NATIVE_LIMIT_NOTES[limit].unit}.`,
  );
}

/**
 * Exchanges a method, or one half of an accessor, for what `make` makes of it, which gets its name and its number of
 * parameters; does nothing if this version of Node has no such property.
 */
export function exchange(
  owner: object,
  key: PropertyKey,
  make: (native: Native) => Made,
  part: 'value' | 'get' | 'set' = 'value',
): void {
  const found = getOwnPropertyDescriptor(owner, key);
  if (found === undefined) return;
  const native = found[part] as Native;
  const { method } = make(native);
  for (const about of ['name', 'length']) {
    defineProperty(method, about, getOwnPropertyDescriptor(native, about) as PropertyDescriptor);
  }
  defineProperty(owner, key, { ...found, [part]: method });
}

/** A function for a built-in to call that does the same by way of JavaScript, where a turn can be stopped. */
export function paced(callback: unknown): unknown {
  if (typeof callback !== 'function') return callback;
  return function call(this: unknown, ...args: unknown[]): unknown {
    return apply(callback, this, args);
  };
}

/**
 * The length of what a built-in is to go through, once it has been found to be short enough. Of a list that is no true
 * array it has to be a plain property of its own: an accessor could give another one the next time. Runs no code of the
 * list's. What is no list at all is left to the built-in to complain of.
 */
export function admitList(list: unknown, limit: 'elements' | 'arguments' = 'elements'): number {
  if (isArray(list)) {
    const { length } = list;
    if (length > NATIVE_LIMITS[limit]) refuse('This list is too long', limit);
    if (getPrototypeOf(list) !== arrayPrototype) admitPrototypes(list);
    return length;
  }
  if (typeof list === 'string' && list.length > NATIVE_LIMITS[limit]) refuse('This text is too long', limit);
  if (!isObject(list)) return typeof list === 'string' ? list.length : 0;
  const length = ownLength(list, limit);
  if (length > NATIVE_LIMITS[limit]) refuse('This list is too long', limit);
  admitPrototypes(list);
  return length;
}

/** ToLength of the language, of a number that is a property of its own. */
function ownLength(list: object, limit: 'elements' | 'arguments'): number {
  const found = getOwnPropertyDescriptor(list, 'length');
  if (found === undefined && !('length' in list)) return 0;
  const length: unknown = found?.value;
  if (typeof length !== 'number') refuse('The length of this list is not a number of its own', limit);
  return Math.max(0, integerOf(length));
}

function admitPrototypes(list: object): void {
  let above = getPrototypeOf(list);
  for (let count = 0; above !== null; count += 1) {
    if (count === NATIVE_LIMITS.prototypes) refuse('This list inherits from too many objects', 'prototypes');
    above = getPrototypeOf(above);
  }
}

/**
 * Checks what is to be taken apart into its properties: each character of a text is one. To count the names of a record takes
 * a part of the time that to take it apart would. Gives `value`.
 */
export function admitMembers<T>(value: T): T {
  admitPlaces(value);
  if (isObject(value) && namesOf(value).length > NATIVE_LIMITS.listMembers) tooManyMembers();
  return value;
}

/** The same for what takes no time for the names of a record. */
export function admitPlaces(value: unknown): void {
  if (typeof value === 'string') admitText(value, 'members');
  else if (isArray(value)) {
    if (value.length > NATIVE_LIMITS.listMembers) tooManyMembers();
  } else if (types.isStringObject(value)) admitText(apply(textValueOf, value, []), 'members');
}

function tooManyMembers(): never {
  refuse('This has too many members', 'listMembers');
}

/** The text that a built-in would make of a value, once it has been found to be short enough. Runs code of the value. */
export function admitText(
  value: unknown,
  limit: 'characters' | 'json' | 'members' | 'pattern' | 'normalized' = 'characters',
): string {
  const text = textOf(value);
  if (text.length > NATIVE_LIMITS[limit]) refuse('This text is too long', limit);
  return text;
}

/** On which no method can be called. */
export function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Checks what has been made inside of a turn, so that no built-in gives a text that another would refuse. */
export function admitResult(text: string): string {
  if (text.length > NATIVE_LIMITS.characters) refuse('This text grows too long', 'characters');
  return text;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' ? value !== null : typeof value === 'function';
}

/** ToString of the language: of a symbol it throws. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `${value as number}`;
}

/** ToIntegerOrInfinity of the language. */
export function integerOf(value: unknown): number {
  return Math.trunc(+(value as string)) || 0;
}
