import {
  admitList,
  admitResult,
  apply,
  bounds,
  exchange,
  getPrototypeOf,
  hasOwn,
  integerOf,
  isArray,
  isNothing,
  isObject,
  NATIVE_LIMITS,
  paced,
  refuse,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';

const arrayPrototype: object = Array.prototype;
const { findIndex, findLastIndex } = Array.prototype;
const { iterator, isConcatSpreadable } = Symbol;

/** What is indexed by numbers. */
type List = ArrayLike<unknown>;

/** Methods that go through the elements of `this` and hand them to nobody. */
const WALKING = [
  'copyWithin',
  'fill',
  'reverse',
  'shift',
  'slice',
  'splice',
  'toReversed',
  'toSpliced',
  'unshift',
  'with',
];

/** Two texts of this length or less, or two numbers, are compared in no time. */
const SHORT = 1024;

/** Exchanges those methods of arrays that could go on for long. */
export function boundArrays(): void {
  for (const name of WALKING) exchange(arrayPrototype, name, walking);
  for (const name of ['sort', 'toSorted']) exchange(arrayPrototype, name, sorting);
  exchange(arrayPrototype, 'indexOf', (native) => seeking(native, indexOf));
  exchange(arrayPrototype, 'lastIndexOf', (native) => seeking(native, lastIndexOf));
  exchange(arrayPrototype, 'includes', (native) => seeking(native, (...all) => indexOf(...all) !== -1));
  exchange(arrayPrototype, 'join', joining);
  exchange(arrayPrototype, 'concat', (native) => inTurn(native, concat));
  exchange(arrayPrototype, 'flat', (native) => inTurn(native, flat));
  exchange(arrayPrototype, 'flatMap', (native) => inTurn(native, flatMap));
  exchange(Array, 'from', from);
  // Gives promises, and turns are synchronous.
  Reflect.deleteProperty(Array, 'fromAsync');
}

function walking(native: Native): Made {
  return {
    method(this: unknown): unknown {
      if (bounds.held) admitList(this);
      return apply(native, this, arguments);
    },
  };
}

function joining(native: Native): Made {
  return {
    method(this: unknown, separator?: unknown): unknown {
      if (!bounds.held) return apply(native, this, [separator]);
      admitList(this);
      return admitResult(apply(native, this, [separator]) as string);
    },
  };
}

/** In a turn it compares in JavaScript; without a comparator by texts, which are made anew each time. */
function sorting(native: Native): Made {
  return {
    method(this: unknown, comparator?: unknown): unknown {
      if (!bounds.held) return apply(native, this, [comparator]);
      admitList(this);
      if (typeof comparator !== 'function') {
        return apply(native, this, [comparator === undefined ? byText : comparator]);
      }
      return apply(native, this, [
        (one: unknown, other: unknown): unknown => comparator(one, other) as unknown,
      ]);
    },
  };
}

function byText(one: unknown, other: unknown): number {
  const [a, b] = [textOf(one), textOf(other)];
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** In the place of an argument that is not there; one that is undefined is not the same. */
const NONE = {};

/** `stepwise` looks for what takes long to compare with each of many elements. */
function seeking(
  native: Native,
  stepwise: (list: List, length: number, sought: unknown, from: unknown) => unknown,
): Made {
  return {
    method(this: unknown, sought: unknown, from?: unknown): unknown {
      if (bounds.held) {
        const length = admitList(this);
        const long = typeof sought === 'string' ? sought.length > SHORT : typeof sought === 'bigint';
        if (long && !isNothing(this))
          return stepwise(this as List, length, sought, arguments.length > 1 ? from : NONE);
      }
      return apply(native, this, arguments);
    },
  };
}

function indexOf(list: List, length: number, sought: unknown, from: unknown): number {
  const wanted = from === NONE ? 0 : integerOf(from);
  const first = wanted < 0 ? length + wanted : wanted;
  return apply(findIndex, list, [(each: unknown, at: number) => at >= first && each === sought]);
}

function lastIndexOf(list: List, length: number, sought: unknown, from: unknown): number {
  const wanted = from === NONE ? length - 1 : integerOf(from);
  const last = wanted < 0 ? length + wanted : wanted;
  return apply(findLastIndex, list, [(each: unknown, at: number) => at <= last && each === sought]);
}

/** The built-in, and in a turn `instead`; which is given what has elements, and a plain array for the result. */
function inTurn(native: Native, instead: (list: List, args: unknown[], into: unknown[]) => void): Made {
  return {
    method(this: unknown, ...args: unknown[]): unknown {
      if (!bounds.held || isNothing(this)) return apply(native, this, args);
      const into: unknown[] = [];
      instead(Object(this) as List, args, into);
      return into;
    },
  };
}

function add(into: unknown[], value: unknown): void {
  if (into.length >= NATIVE_LIMITS.elements) refuse('This list grows too long', 'elements');
  into.push(value);
}

/** Item by item in JavaScript: what code of one item does could change the length of the next. */
function concat(list: List, args: unknown[], into: unknown[]): void {
  append(list, into);
  for (let at = 0; at < args.length; at += 1) append(args[at], into);
}

function append(item: unknown, into: unknown[]): void {
  if (!isSpread(item)) {
    add(into, item);
    return;
  }
  const length = admitList(item);
  if (into.length + length > NATIVE_LIMITS.elements) refuse('This list grows too long', 'elements');
  for (let at = 0; at < length; at += 1) {
    const each = item[at];
    if (each !== undefined || at in item) into.push(each);
    else into.length += 1;
  }
}

function isSpread(item: unknown): item is List {
  if (!isObject(item)) return false;
  const wanted = (item as { [isConcatSpreadable]?: unknown })[isConcatSpreadable];
  return wanted === undefined ? isArray(item) : Boolean(wanted);
}

function flat(list: List, args: unknown[], into: unknown[]): void {
  flatten(list, args[0] === undefined ? 1 : integerOf(args[0]), into);
}

function flatten(list: List, depth: number, into: unknown[]): void {
  const length = admitList(list);
  for (let at = 0; at < length; at += 1) {
    if (!(at in list)) continue;
    const each = list[at];
    if (depth > 0 && isArray(each)) flatten(each, depth - 1, into);
    else add(into, each);
  }
}

function flatMap(list: List, args: unknown[], into: unknown[]): void {
  const [mapper, thisArgument] = args;
  const length = admitList(list);
  if (typeof mapper !== 'function') throw new TypeError('What is to be called is not a function.');
  for (let at = 0; at < length; at += 1) {
    if (!(at in list)) continue;
    const each: unknown = apply(mapper, thisArgument, [list[at], at, list]);
    if (isArray(each)) flatten(each, 0, into);
    else add(into, each);
  }
}

function from(native: Native): Made {
  return {
    method(this: unknown, items: unknown, mapper?: unknown, thisArgument?: unknown): unknown {
      if (!bounds.held) return apply(native, this, [items, mapper, thisArgument]);
      return apply(native, this, [finite(items), paced(mapper), thisArgument]);
    },
  };
}

/**
 * What has an iterator can be stopped at each of its steps; of what has none a copy is made. Looks for the iterator only
 * once: what code of `items` does then could change their length.
 */
function finite(items: unknown): unknown {
  if (!isObject(items)) return items;
  if (isArray(items) && getPrototypeOf(items) === arrayPrototype && !hasOwn(items, iterator)) {
    admitList(items);
    return items;
  }
  const iterate = (items as { [iterator]?: unknown })[iterator];
  if (!isNothing(iterate)) {
    return { [iterator]: (): unknown => apply(iterate as Native, items, []) };
  }
  const length = admitList(items);
  const list: unknown[] = [];
  for (let at = 0; at < length; at += 1) list.push((items as List)[at]);
  return list;
}
