import { admitList, apply, bounds, exchange, isNothing, type Made, type Native } from './bounds.ts';

type List = ArrayLike<unknown>;
type Callback = (each: unknown, at: number, list: List) => unknown;
type Fold = (before: unknown, each: unknown, at: number, list: List) => unknown;

/** What a method does with a list whose length is not too great. */
type Loop = (list: List, length: number, callback: Callback, self: unknown) => unknown;

const LOOPS: Readonly<Record<string, Loop>> = {
  every,
  filter,
  find,
  findIndex,
  findLast,
  findLastIndex,
  forEach,
  map,
  some,
};

/**
 * Exchanges those methods of arrays that hand each element to a function. In a turn they are done here: a loop in JavaScript
 * can be stopped whatever the function is, also one written in C++. What they make is a plain array, whatever
 * `Symbol.species` says.
 */
export function boundCallbacks(): void {
  for (const [name, loop] of Object.entries(LOOPS)) {
    exchange(Array.prototype, name, (native) => inTurn(native, loop));
  }
  exchange(Array.prototype, 'reduce', (native) => folding(native, 1));
  exchange(Array.prototype, 'reduceRight', (native) => folding(native, -1));
}

function inTurn(native: Native, loop: Loop): Made {
  return {
    method(this: unknown, callback?: unknown, self?: unknown): unknown {
      if (!bounds.held || isNothing(this)) return apply(native, this, arguments);
      const length = admitList(this);
      return loop(Object(this) as List, length, callable(callback), self);
    },
  };
}

function callable(callback: unknown): Callback {
  if (typeof callback !== 'function') throw new TypeError('What is to be called is not a function.');
  return callback as Callback;
}

/** Of what has a hole at that place, the element is undefined and not there. */
function isThere(list: List, each: unknown, at: number): boolean {
  return each !== undefined || at in list;
}

function call(callback: Callback, self: unknown, list: List, each: unknown, at: number): unknown {
  return self === undefined ? callback(each, at, list) : apply(callback, self, [each, at, list]);
}

function forEach(list: List, length: number, callback: Callback, self: unknown): void {
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (isThere(list, each, at)) call(callback, self, list, each, at);
  }
}

function map(list: List, length: number, callback: Callback, self: unknown): unknown[] {
  const into: unknown[] = [];
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (isThere(list, each, at)) into.push(call(callback, self, list, each, at));
    else into.length += 1;
  }
  return into;
}

function filter(list: List, length: number, callback: Callback, self: unknown): unknown[] {
  const into: unknown[] = [];
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (isThere(list, each, at) && call(callback, self, list, each, at)) into.push(each);
  }
  return into;
}

function every(list: List, length: number, callback: Callback, self: unknown): boolean {
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (isThere(list, each, at) && !call(callback, self, list, each, at)) return false;
  }
  return true;
}

function some(list: List, length: number, callback: Callback, self: unknown): boolean {
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (isThere(list, each, at) && call(callback, self, list, each, at)) return true;
  }
  return false;
}

function find(list: List, length: number, callback: Callback, self: unknown): unknown {
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (call(callback, self, list, each, at)) return each;
  }
  return undefined;
}

function findIndex(list: List, length: number, callback: Callback, self: unknown): number {
  for (let at = 0; at < length; at += 1) if (call(callback, self, list, list[at], at)) return at;
  return -1;
}

function findLast(list: List, length: number, callback: Callback, self: unknown): unknown {
  for (let at = length - 1; at >= 0; at -= 1) {
    const each = list[at];
    if (call(callback, self, list, each, at)) return each;
  }
  return undefined;
}

function findLastIndex(list: List, length: number, callback: Callback, self: unknown): number {
  for (let at = length - 1; at >= 0; at -= 1) {
    if (call(callback, self, list, list[at], at)) return at;
  }
  return -1;
}

function folding(native: Native, step: 1 | -1): Made {
  return {
    method(this: unknown, callback?: unknown, first?: unknown): unknown {
      if (!bounds.held || isNothing(this)) return apply(native, this, arguments);
      const span = { list: Object(this) as List, length: admitList(this), step };
      const fold = callable(callback) as unknown as Fold;
      // A first value that is undefined is not the same as none.
      return arguments.length > 1 ? foldFrom(span, fold, edge(span), first) : foldAll(span, fold);
    },
  };
}

/** A list, and which way to go through it. */
interface Span {
  readonly list: List;
  readonly length: number;
  readonly step: 1 | -1;
}

function edge({ length, step }: Span): number {
  return step === 1 ? 0 : length - 1;
}

function foldAll(span: Span, fold: Fold): unknown {
  const { list, length, step } = span;
  for (let at = edge(span); at >= 0 && at < length; at += step) {
    const each = list[at];
    if (isThere(list, each, at)) return foldFrom(span, fold, at + step, each);
  }
  throw new TypeError('Reduce of empty array with no initial value');
}

function foldFrom({ list, length, step }: Span, fold: Fold, from: number, first: unknown): unknown {
  let folded = first;
  for (let at = from; at >= 0 && at < length; at += step) {
    const each = list[at];
    if (isThere(list, each, at)) folded = fold(folded, each, at, list);
  }
  return folded;
}
