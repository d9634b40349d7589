import { runInNewContext } from 'node:vm';
import { LANGUAGE } from '../../engine/language.ts';

/**
 * The built-ins that code in the world can reach and that are as V8 has them, by the reason why they may be. A new one, of
 * a later Node or SES, has to be looked at: does it run for long, and is there a place inside where it can be stopped?
 * `node --allow-natives-syntax` and `%DebugPrint` tell how one is made; test/engine/hostile.ts is where to try it.
 */
const LEFT: Readonly<Record<string, string>> = {
  'does little, whatever it is given': `
    Array.isArray Array.of Array.prototype.at Array.prototype.entries Array.prototype.keys Array.prototype.pop Array.prototype.push
    Boolean Boolean.prototype.toString Boolean.prototype.valueOf Function.prototype
    JSON.isRawJSON Map.prototype.entries Map.prototype.keys Map.prototype.values Set.prototype.entries Set.prototype.values
    Math.abs Math.acos Math.acosh Math.asin Math.asinh Math.atan Math.atan2 Math.atanh Math.cbrt Math.ceil Math.clz32 Math.cos Math.cosh
    Math.exp Math.expm1 Math.f16round Math.floor Math.fround Math.imul Math.log Math.log10 Math.log1p Math.log2 Math.pow Math.round Math.sign
    Math.sin Math.sinh Math.sqrt Math.tan Math.tanh Math.trunc
    Number.isFinite Number.isInteger Number.isNaN Number.isSafeInteger Number.prototype.toExponential Number.prototype.toFixed
    Number.prototype.toPrecision Number.prototype.toString Number.prototype.valueOf
    Object.isExtensible Object.prototype.valueOf Reflect.isExtensible RangeError TypeError
    String.prototype.toString String.prototype.valueOf Symbol Symbol.keyFor Symbol.prototype.toString
    Symbol.prototype.valueOf Symbol.prototype[Symbol.toPrimitive]
    %IteratorPrototype%[Symbol.iterator] Array.prototype.values String.prototype[Symbol.iterator] arguments[Symbol.iterator]
    RegExp.prototype[Symbol.matchAll]
    get:arguments.callee get:error.stack set:error.stack get:Array[Symbol.species] get:Map.prototype.size get:Map[Symbol.species]
    get:Object.prototype.__proto__ get:RegExp.prototype.dotAll
    get:RegExp.prototype.global get:RegExp.prototype.hasIndices get:RegExp.prototype.ignoreCase get:RegExp.prototype.multiline
    get:RegExp.prototype.source get:RegExp.prototype.sticky get:RegExp.prototype.unicode get:RegExp.prototype.unicodeSets
    get:RegExp[Symbol.species] get:Set.prototype.size get:Set[Symbol.species] get:Symbol.prototype.description
    get:%IteratorPrototype%.constructor.originalValue`,
  'goes through one text, number or chain of prototypes, once, as the operators of the language do': `
    Function.prototype[Symbol.hasInstance] Map.prototype.delete Map.prototype.get Map.prototype.has
    Map.prototype.set Number Object Object.getOwnPropertyDescriptor Object.getPrototypeOf Object.hasOwn Object.is
    Object.prototype.hasOwnProperty Object.prototype.isPrototypeOf Object.setPrototypeOf Reflect.deleteProperty Reflect.get
    Reflect.getOwnPropertyDescriptor Reflect.getPrototypeOf Reflect.has Reflect.setPrototypeOf get:RegExp.prototype.flags
    Set.prototype.add Set.prototype.delete Set.prototype.has
    String String.prototype.at String.prototype.charAt String.prototype.charCodeAt String.prototype.codePointAt String.prototype.endsWith
    String.prototype.slice String.prototype.startsWith String.prototype.substr String.prototype.substring String.prototype.trim
    String.prototype.trimEnd String.prototype.trimStart
    WeakMap.prototype.delete WeakMap.prototype.get WeakMap.prototype.has WeakMap.prototype.set
    WeakSet.prototype.add WeakSet.prototype.delete WeakSet.prototype.has isFinite isNaN parseFloat parseInt`,
  'calls something that can be stopped, and little more': `
    Array.prototype.toLocaleString Function.prototype.bind Function.prototype.call Object.prototype.toLocaleString
    RegExp.prototype[Symbol.search] %RegExpStringIteratorPrototype%.next`,
  'can be stopped at each element, when it asks an iterator for the next or hands one on': `
    Map Map.groupBy Object.groupBy Set WeakMap WeakSet
    %ArrayIteratorPrototype%.next %MapIteratorPrototype%.next %SetIteratorPrototype%.next %StringIteratorPrototype%.next
    %IteratorPrototype%.drop %IteratorPrototype%.every %IteratorPrototype%.filter %IteratorPrototype%.find %IteratorPrototype%.flatMap
    %IteratorPrototype%.forEach %IteratorPrototype%.map %IteratorPrototype%.reduce %IteratorPrototype%.some %IteratorPrototype%.take
    %IteratorPrototype%.toArray get:%IteratorPrototype%.constructor.originalValue.from
    Set.prototype.difference Set.prototype.intersection Set.prototype.isDisjointFrom Set.prototype.isSubsetOf Set.prototype.isSupersetOf
    Set.prototype.symmetricDifference Set.prototype.union`,
  'removes no more than was put in, in no time': `Map.prototype.clear Set.prototype.clear`,
  'makes at most a quarter of a gigabyte at once, as an assignment to a length does, which no function can keep from it': `Array`,
};

/** Everything that can be had from the names of the language and from what literals make, by a path to it. */
function reachable(): ReadonlyMap<object, string> {
  const all = new Compartment().globalThis as Record<string, unknown>;
  const prototype = (value: unknown): unknown => Object.getPrototypeOf(value);
  const iterators = prototype(prototype([].values()));
  const roots: [string, unknown][] = [
    ...LANGUAGE.map((name): [string, unknown] => [name, all[name]]),
    ['Symbol', (Object(Symbol.iterator) as symbol).constructor],
    ['Object.prototype', Object.prototype],
    ['Function.prototype', Function.prototype],
    ['Array.prototype', Array.prototype],
    ['%IteratorPrototype%', iterators],
    ['%ArrayIteratorPrototype%', prototype([].values())],
    ['%MapIteratorPrototype%', prototype(new Map().keys())],
    ['%SetIteratorPrototype%', prototype(new Set().keys())],
    ['%StringIteratorPrototype%', prototype(''[Symbol.iterator]())],
    ['%RegExpStringIteratorPrototype%', prototype(''.matchAll(/x/g))],
    [
      'arguments',
      (function (): unknown {
        return arguments;
      })(),
    ],
    ['error', new TypeError('an error')],
    ['pattern', /x/],
  ];
  const found = new Map<object, string>();
  const waiting = [...roots];
  for (const [path, value] of waiting) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value))
      continue;
    found.set(value, path);
    for (const key of Reflect.ownKeys(value)) {
      const at = typeof key === 'symbol' ? `${path}[${key.description}]` : `${path}.${key}`;
      const about = Object.getOwnPropertyDescriptor(value, key);
      waiting.push([at, about?.value], [`get:${at}`, about?.get], [`set:${at}`, about?.set]);
    }
    waiting.push([`${path}.__proto__`, prototype(value)]);
  }
  return found;
}

/** Tells the source of a function; the one of this realm says of all that SES knows that they are native. */
const sourceOf = runInNewContext('Function.prototype.toString') as (this: unknown) => string;

test('each built-in within reach of the world is exchanged, or there is a reason why it need not be', () => {
  const known = new Set(Object.values(LEFT).flatMap((names) => names.trim().split(/\s+/)));
  const unknown: string[] = [];
  for (const [value, path] of reachable()) {
    if (typeof value !== 'function') continue;
    const source = Reflect.apply(sourceOf, value, []);
    if (source.endsWith('{ [native code] }') && !known.has(path)) unknown.push(path);
  }
  expect(unknown).toEqual([]);
});
