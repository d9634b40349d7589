import { ofNumbers } from './bounded-strings.ts';
import {
  admitList,
  admitMembers,
  admitPlaces,
  admitText,
  apply,
  bounds,
  construct,
  defineProperty,
  exchange,
  getPrototypeOf,
  isNothing,
  isObject,
  paced,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';

type Group = readonly (readonly [owner: object, names: readonly PropertyKey[]])[];

/** As long as the object, text or chain of prototypes that they are given; some are written in C++. */
const PAUSING: Group = [
  [Object, ['defineProperty']],
  [Reflect, ['defineProperty', 'set']],
  [BigInt.prototype, ['toString']],
  [Error.prototype, ['toString']],
  [RegExp.prototype, ['toString']],
  [
    Object.prototype,
    ['__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__', 'propertyIsEnumerable'],
  ],
];

/** The same, and they go through all properties. */
const TAKING_APART: Group = [
  [
    Object,
    [
      'assign',
      'create',
      'defineProperties',
      'entries',
      'getOwnPropertyDescriptors',
      'getOwnPropertyNames',
      'getOwnPropertySymbols',
      'keys',
      'values',
    ],
  ],
  [Reflect, ['ownKeys']],
];

/** The same, but with a record they are quick. */
const SETTLING: Group = [
  [Object, ['freeze', 'isFrozen', 'isSealed', 'preventExtensions', 'seal']],
  [Reflect, ['preventExtensions']],
];

/** Exchanges what could go on for long among the functions that deal with objects, calls and numbers. */
export function boundObjects(): void {
  for (const [owner, names] of PAUSING) for (const name of names) exchange(owner, name, pausing);
  for (const [owner, names] of TAKING_APART) for (const name of names) exchange(owner, name, takingApart);
  for (const [owner, names] of SETTLING) for (const name of names) exchange(owner, name, settling);
  // Sets a prototype only after a look at all that are above it.
  exchange(Object.prototype, '__proto__', pausing, 'set');
  exchange(Symbol, 'for', naming);
  exchange(Function.prototype, 'apply', applying);
  exchange(Reflect, 'apply', reflectApplying);
  exchange(Reflect, 'construct', constructing);
  for (const name of ['max', 'min', 'hypot']) exchange(Math, name, ofNumbers);
  exchange(Object, 'fromEntries', gathering);
  for (const owner of [Object, Map]) exchange(owner, 'groupBy', pacing);
  for (const owner of [Map, Set]) exchange(owner.prototype, 'forEach', pacingFirst);
  // Gives promises, and turns are synchronous.
  Reflect.deleteProperty(getPrototypeOf(getPrototypeOf([].values()) as object) as object, 'toAsync');
}

/** The same as `native`, but the watchdog can stop a turn where it is entered. */
function pausing(native: Native): Made {
  return {
    method(this: unknown): unknown {
      return apply(native, this, arguments);
    },
  };
}

/**
 * V8 never lets go of a symbol that has a name for all, nor of the name, whatever becomes of the turn: code in the world gets
 * those that the program has.
 */
function naming(native: Native): Made {
  const known = new Set<string>();
  return {
    method(key: unknown): unknown {
      const name = bounds.held ? admitText(key) : textOf(key);
      if (!bounds.held) known.add(name);
      else if (!known.has(name)) throw new TypeError('In a turn no new symbol gets a name for all.');
      return apply(native, Symbol, [name]);
    },
  };
}

function takingApart(native: Native): Made {
  return {
    method(this: unknown): unknown {
      if (bounds.held) for (let at = 0; at < arguments.length; at += 1) admitMembers(arguments[at]);
      return apply(native, this, arguments);
    },
  };
}

function settling(native: Native): Made {
  return {
    method(this: unknown, value: unknown): unknown {
      if (bounds.held) admitPlaces(value);
      return apply(native, this, [value]);
    },
  };
}

const NONE: readonly unknown[] = [];

function applying(): Made {
  return {
    method(this: unknown, thisArgument: unknown, list: unknown): unknown {
      if (bounds.held) admitList(list, 'arguments');
      return apply(this as Native, thisArgument, (list ?? NONE) as unknown[]);
    },
  };
}

function reflectApplying(): Made {
  return {
    method(target: unknown, thisArgument: unknown, list: unknown): unknown {
      if (bounds.held) admitList(list, 'arguments');
      return apply(target as Native, thisArgument, list as unknown[]);
    },
  };
}

function constructing(native: Native): Made {
  return {
    method(target: unknown, list: unknown, newTarget?: unknown): unknown {
      if (bounds.held) admitList(list, 'arguments');
      // A new target that is undefined is not the same as none.
      return arguments.length > 2
        ? apply(native, Reflect, [target, list, newTarget])
        : construct(target as new () => object, list as unknown[]);
    },
  };
}

/** Entry by entry in JavaScript: the built-in takes the names, which may be long, one after the other. */
function gathering(native: Native): Made {
  return {
    method(entries: unknown): unknown {
      if (!bounds.held || isNothing(entries)) return apply(native, Object, [entries]);
      const made = {};
      for (const entry of entries as Iterable<Readonly<Record<number, unknown>>>) {
        if (!isObject(entry))
          throw new TypeError('What is gathered is not an entry with a name and a value.');
        const { 0: name, 1: value } = entry;
        defineProperty(made, name as string, { value, writable: true, enumerable: true, configurable: true });
      }
      return made;
    },
  };
}

/** The function that it calls is its first argument. */
function pacingFirst(native: Native): Made {
  return {
    method(this: unknown, callback: unknown, self?: unknown): unknown {
      return apply(native, this, [bounds.held ? paced(callback) : callback, self]);
    },
  };
}

/** The function that it calls is its second argument. */
function pacing(native: Native): Made {
  return {
    method(this: unknown, items: unknown, callback: unknown): unknown {
      return apply(native, this, [items, bounds.held ? paced(callback) : callback]);
    },
  };
}
