import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { bounds } from '../../engine/bounds.ts';

/** Calls of everything that bounds exchange, with what one may give them. */
const ON_LISTS = [
  'l.concat()',
  'l.concat(m)',
  'l.concat(m, x, [m])',
  'l.flat()',
  'l.concat([m, [l, [x]]]).flat(n)',
  'l.concat([m, [l, [x]]]).flat(Infinity)',
  'l.flatMap((e) => [e, [e]])',
  'l.flatMap((e, i, all) => i + all.length)',
  'l.flatMap(x)',
  'l.indexOf(x)',
  'l.indexOf(x, n)',
  'l.lastIndexOf(x)',
  'l.lastIndexOf(x, n)',
  'l.lastIndexOf(x, undefined)',
  'l.includes(x)',
  'l.includes(x, n)',
  'l.map((e, i) => [e, i])',
  'l.filter((e, i) => i % 2)',
  'l.find((e) => e === x)',
  'l.some((e) => e === x)',
  'l.every((e) => e !== x)',
  'l.findIndex((e) => e === x)',
  'l.findLast((e, i) => i < k)',
  'l.findLastIndex((e) => e === x)',
  'l.map(function () { return this; }, x)',
  'l.map(x)',
  'l.forEach((e, i, all) => all === l || m.pop())',
  'Array.prototype.map.call("ab", (e, i, all) => [e, i, typeof all])',
  'Array.prototype.filter.call({ length: +k, 1: x }, () => true)',
  'l.reduce((a, e, i, all) => [...a, i, all.length], [])',
  'l.reduceRight((a, e, i) => [...a, i, e], [])',
  'l.toSorted((a, b) => 0)',
  'Object.fromEntries(l)',
  'Object.fromEntries(l.map((e, i) => [i % 2, e]))',
  'Object.fromEntries([["__proto__", x], [x, 1]])',
  'Object.fromEntries(x)',
  '(() => { const all = []; new Set(l).forEach(function (...args) { all.push(args.length, this); }, x); return all; })()',
  'new Map().forEach(x)',
  'l.reduce((a, e) => a + 1, 0)',
  'l.reduce((a, e) => e)',
  'l.reduceRight((a, e) => e)',
  'l.reduce((a, e) => a, undefined)',
  'l.slice(n)',
  'l.slice(n, k)',
  'l.slice().splice()',
  'l.slice().splice(n)',
  'l.slice().splice(n, undefined)',
  'l.slice().splice(n, k, x)',
  'l.slice().sort()',
  'l.slice().sort(undefined)',
  'l.slice().sort(x)',
  'l.slice().sort((a, b) => (a > b) - (a < b))',
  'l.toSorted()',
  'l.toReversed()',
  'l.toSpliced(n, 1)',
  'l.with(n, x)',
  'l.slice().reverse()',
  'l.slice().fill(x, n, k)',
  'l.slice().copyWithin(n, k)',
  'l.slice().shift()',
  'l.slice().unshift(x, x)',
  'l.join()',
  'l.join(x)',
  'String(l)',
  'Array.from(l)',
  'Array.from(l, (e, i) => [e, i])',
  'Array.from(l.values())',
  'Array.from({ length: +n, 0: x })',
  'Array.from(x)',
  'Array.from(l, x)',
  'Array.from.call(Object, l)',
  'Array.prototype.slice.call(x, 1)',
  'Array.prototype.map.call({ length: +k, 0: x }, (e) => e)',
  'Array.prototype.concat.call(x, m)',
  'Array.prototype.indexOf.call("xyz", "y")',
  'Math.max(...l)',
  'Math.min(n, k)',
  'Math.max(n, k, "7", n)',
  'Math.hypot(n, k, 2)',
  'Math.max(1n, 2, 3)',
  '((...args) => args).apply(null, l)',
  '((...args) => args).apply(null)',
  '((...args) => args).apply(null, undefined)',
  '((...args) => args).apply(null, x)',
  'Reflect.apply((...args) => args, null, l)',
  'Reflect.apply((...args) => args, null)',
  'Reflect.apply(x, null, [])',
  'Reflect.construct(Array, l)',
  'Reflect.construct(Set, [l], Map) instanceof Map',
  'Reflect.construct(Array, [], undefined)',
  'JSON.stringify(l)',
  'JSON.stringify({ a: l, b: x }, ["b"], n)',
  'JSON.stringify({ 2: x, b: l, undefined: 1, 10: [{ b: 1, c: 2 }] }, l)',
  'JSON.stringify({ 1: x, b: l }, [Object("b"), Object(1), 1, "b", null, x, { toString: () => "1" }])',
  'JSON.stringify(l, (key, value) => value, 2)',
  'Object.entries(l)',
  'Object.keys(x)',
  'Object.assign({ __proto__: null }, l, x)',
  'Object.getOwnPropertyDescriptors(l)',
  'Object.defineProperty({}, "a", { value: x, enumerable: true })',
  'Object.isFrozen(Object.freeze(l.slice()))',
  'Reflect.ownKeys(l)',
  'Reflect.ownKeys(x)',
  'Reflect.set({}, "a", x)',
  '({ __proto__: l }).__lookupGetter__("length")',
];

const ON_TEXTS = [
  's.concat(t, x)',
  's.concat()',
  's.includes(t)',
  's.includes(t, n)',
  's.includes(p)',
  's.indexOf(t)',
  's.indexOf(t, n)',
  's.lastIndexOf(t)',
  's.lastIndexOf(t, n)',
  's.lastIndexOf(t, undefined)',
  's.indexOf()',
  's.repeat(n)',
  's.repeat(x)',
  's.padEnd(n)',
  's.padStart(k, t)',
  's.padStart(k, "")',
  's.split()',
  's.split(t)',
  's.split(t, n)',
  's.split(undefined, n)',
  's.split(p)',
  's.split(p, k)',
  's.replace(t, u)',
  's.replace(t, (...all) => JSON.stringify(all))',
  's.replace(x, x)',
  's.replaceAll(t, u)',
  's.replaceAll("", u)',
  's.replaceAll(t, (...all) => all.length)',
  's.replaceAll(p, u)',
  's.replace(p, u)',
  's.replace(p)',
  's.replace(p, (...all) => JSON.stringify(all))',
  's.replace(p, () => undefined)',
  's.match(p)',
  's.match(t)',
  's.match()',
  's.match(x)',
  '[...s.matchAll(p)]',
  '[...s.matchAll(t)]',
  's.search(p)',
  's.search(t)',
  'p.exec(s)',
  '[p.exec(s), p.lastIndex, p.exec(s), p.lastIndex]',
  '[p.test(s), p.lastIndex, p.test(s)]',
  'p.test()',
  '(p.lastIndex = n, [s.replace(p, u), p.lastIndex])',
  '(p.lastIndex = n, [s.match(p), p.lastIndex])',
  '(p.lastIndex = n, [s.split(p), p.lastIndex])',
  '(p.lastIndex = n, [s.search(p), p.lastIndex])',
  'Object.freeze(p).test(s)',
  's.replace(Object.freeze(p), u)',
  'new RegExp(p).flags',
  'new RegExp(p, "g").source',
  'RegExp(t).source',
  'new RegExp().source',
  'new RegExp(x, x)',
  'RegExp.prototype.exec.call(x, s)',
  'RegExp.prototype.test.call(x, s)',
  'RegExp.prototype.test.call({ exec: () => ({}) }, s)',
  'RegExp.prototype[Symbol.replace].call(x, s, t)',
  'String(p)',
  's.normalize()',
  's.normalize(undefined)',
  's.normalize(x)',
  's.toUpperCase()',
  's.toLowerCase()',
  's.isWellFormed()',
  's.toWellFormed()',
  's.anchor(t)',
  's.anchor()',
  's.big()',
  'String.prototype.at.call(x, 0)',
  'String.prototype.replace.call(x, t, u)',
  'String.prototype.split.call(undefined, t)',
  'String.prototype.repeat.call(null, 2)',
  'String.raw({ raw: [s, t, u] }, x, n)',
  'String.raw({ raw: s }, 1, 2, 3)',
  'String.raw()',
  'String.fromCharCode(n, k, 65.5, "66")',
  'String.fromCodePoint(k, "66", 67)',
  'String.fromCodePoint(n, 1.5, 3)',
  'encodeURIComponent(s)',
  'encodeURI(s)',
  'decodeURIComponent(s)',
  'decodeURIComponent(encodeURIComponent(t))',
  'JSON.parse(s)',
  'JSON.parse(JSON.stringify([s, t]), (key, value) => [key, value])',
  'JSON.parse(x)',
  'Object.keys(s)',
  'Object.assign({}, s)',
  'Error.prototype.toString.call({ name: s, message: t })',
  'RegExp.prototype.toString.call({ source: s, flags: t })',
  'BigInt(k).toString(16)',
];

const PATTERNS = [
  '/a/',
  '/b/g',
  '/(?:)/',
  '/(?:)/g',
  '/(?:)/gu',
  '/a*/',
  '/a*/g',
  '/(a)|(b)/',
  '/(a)|(b)/g',
  '/(?<x>a)(?<y>b)?/g',
  '/(?<x>a)/',
  '/^/gm',
  '/$/g',
  '/\\b/g',
  '/a/y',
  '/a/gy',
  '/(a)/y',
  '/./gu',
  '/./gs',
  '/[^]/gu',
  '/\\ud83d/g',
  '/\\ud83d/gu',
  '/(?=(b))/g',
  '/(?<=a)/g',
  '/(b+)(a*)/gi',
  '/x|/g',
  '/(.)(.)?/dg',
  '/\\p{Emoji}/gu',
  '/-/',
  '/\\s+/',
  '/a|ab/y',
];

const anyText = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'a',
    'b',
    '-',
    ' ',
    '\n',
    '😀',
    '\ud83d',
    '\u0301',
    'É',
    'ß',
    '"',
    '%',
    '7',
  ),
  maxLength: 12,
});
const anyTemplate = fc.string({
  unit: fc.constantFrom('$', '$', '$', '1', '2', '0', '&', '`', "'", '<', 'x', '>', 'y', 'a'),
  maxLength: 10,
});
const anyNumber = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '5',
  '-1',
  '-2',
  '-9',
  '99',
  '1.5',
  'NaN',
  '"2"',
  'undefined',
  '-0',
);
const anyValue = fc.constantFrom(
  'undefined',
  'null',
  '1',
  '"ab"',
  '""',
  'NaN',
  '-0',
  'true',
  '1n',
  '{}',
  '[]',
  '[1, [2]]',
  '() => 1',
  'Symbol.iterator',
  '({ toString: () => "b" })',
  '({ length: 2, 0: "a" })',
  '({ valueOf() { throw new SyntaxError(); } })',
);
const anyList = fc
  .array(
    fc.constantFrom(
      '1',
      '2',
      '10',
      '"b"',
      '"a"',
      '',
      '',
      'undefined',
      'null',
      'NaN',
      '[1, , [3]]',
      '1n',
      '-0',
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => `[${parts.map((part) => `${part},`).join('')}]`);

/** Gives what a call gave, as text, whatever realm it is of. */
const SHOW = `(function show(value) {
  switch (typeof value) {
    case 'string': return JSON.stringify(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint': return value + 'n';
    case 'symbol': return 'symbol';
    case 'function': return 'function';
    case 'object': {
      if (value === null) return 'null';
      if (value instanceof RegExp) return value.source + '/' + value.flags;
      let text = Array.isArray(value) ? 'array ' + value.length + ' {' : '{';
      for (const key of Reflect.ownKeys(value)) if (key !== 'length') text += String(key) + ': ' + show(value[key]) + ', ';
      return text + '}';
    }
    default: return String(value);
  }
})`;

/** Tries each call, and gives what came of it. */
const RUN = `(function (names, calls) {
  const show = ${SHOW};
  return function (values) {
    const made = [];
    for (let at = 0; at < calls.length; at += 1) {
      try {
        // Anew for each: calls change what they are given.
        made[made.length] = calls[at] + ' is ' + show(make(names.map((name, n) => '(' + values[n] + ')'), names, calls[at]));
      } catch (error) {
        made[made.length] = calls[at] + ' throws ' + (error instanceof Error ? error.name : 'something');
      }
    }
    return made;
  };
  function make(values, names, call) {
    return (0, eval)('(function (' + names + ') { "use strict"; return ' + call + '; })(' + values + ')');
  }
})`;

type Run = (values: readonly string[]) => string[];

type MakeRun = (names: readonly string[], calls: readonly string[]) => Run;

/** As the language is, and as it is here: the same code in another realm, and in a Compartment. */
function runs(names: readonly string[], calls: readonly string[]): readonly [theirs: Run, ours: Run] {
  const theirs = runInNewContext(RUN) as MakeRun;
  const ours = new Compartment().evaluate(RUN) as MakeRun;
  return [theirs(names, calls), ours(names, calls)];
}

function expectLike([theirs, ours]: readonly [Run, Run], values: readonly string[]): void {
  const wanted = [...theirs(values)];
  const outside = ours(values);
  bounds.held = true;
  let inside: string[];
  try {
    inside = ours(values);
  } finally {
    bounds.held = false;
  }
  expect(outside).toEqual(wanted);
  expect(inside).toEqual(wanted);
}

describe('what is exchanged does as the language says, in a turn and outside', () => {
  test('with lists', () => {
    const both = runs(['l', 'm', 'x', 'n', 'k'], ON_LISTS);
    const five = fc.tuple(anyList, anyList, anyValue, anyNumber, anyNumber);
    fc.assert(
      fc.property(five, (values) => expectLike(both, values)),
      { numRuns: 60 },
    );
  });

  test('with texts and patterns', () => {
    const both = runs(['s', 't', 'u', 'p', 'x', 'n', 'k'], ON_TEXTS);
    const texts = [anyText, anyText, anyTemplate].map((each) => each.map((one) => JSON.stringify(one)));
    const [s, t, u] = texts as [fc.Arbitrary<string>, fc.Arbitrary<string>, fc.Arbitrary<string>];
    const seven = fc.tuple(s, t, u, fc.constantFrom(...PATTERNS), anyValue, anyNumber, anyNumber);
    fc.assert(
      fc.property(seven, (values) => expectLike(both, values)),
      { numRuns: 60 },
    );
  });
});
