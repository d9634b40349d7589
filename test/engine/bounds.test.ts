import { runInNewContext } from 'node:vm';
import { bounds, NATIVE_LIMITS, NATIVE_LIMIT_NOTES } from '../../engine/bounds.ts';

type Limit = keyof typeof NATIVE_LIMITS;

/** What `body` gives or throws, as it is while a turn runs. */
function inTurn<T>(body: () => T): T {
  bounds.held = true;
  try {
    return body();
  } finally {
    bounds.held = false;
  }
}

function thrown(body: () => unknown): string {
  try {
    body();
    return 'nothing';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

type Arrays = Record<string, (this: unknown, ...args: unknown[]) => unknown>;

const same = (value: unknown): unknown => value;
const never = (): boolean => false;

/** Methods of arrays, with arguments that let them come to the end. */
const ARRAYS: Record<string, unknown[]> = {
  concat: [],
  copyWithin: [0, 1],
  every: [same],
  fill: [0],
  filter: [never],
  find: [never],
  findIndex: [never],
  findLast: [never],
  findLastIndex: [never],
  flat: [],
  flatMap: [never],
  forEach: [same],
  includes: [1],
  indexOf: [1],
  join: [''],
  lastIndexOf: [1],
  map: [same],
  reduce: [same, 0],
  reduceRight: [same, 0],
  reverse: [],
  shift: [],
  slice: [],
  some: [never],
  sort: [],
  splice: [0, 1],
  toReversed: [],
  toSorted: [],
  toSpliced: [0, 1],
  unshift: [],
  with: [0, 1],
};

/** Methods of texts that give a text no longer than theirs, or none. */
const TEXTS: Record<string, unknown[]> = {
  concat: [],
  includes: ['y'],
  indexOf: ['y'],
  isWellFormed: [],
  lastIndexOf: ['y'],
  match: [/y/],
  matchAll: [/y/g],
  replace: ['y', 'z'],
  replaceAll: ['y', 'z'],
  search: [/y/],
  split: ['y'],
  toLocaleLowerCase: [],
  toLocaleUpperCase: [],
  toLowerCase: [],
  toUpperCase: [],
  toWellFormed: [],
};

const TAGS = ['big', 'blink', 'bold', 'fixed', 'italics', 'small', 'strike', 'sub', 'sup'];
const TAGS_WITH = ['anchor', 'fontcolor', 'fontsize', 'link'];

/** What has no size of exactly the limit is tried with sizes so far from it. */
const STEPS: Partial<Record<Limit, number>> = { characters: 1000, comparisons: 2 ** 20, compiling: 2 ** 16 };

const text = (size: number): string => 'x'.repeat(size);
const array = (size: number): unknown[] => new Array<unknown>(size);
const wide = (size: number): object =>
  Object.fromEntries(Array.from({ length: size }, (_, at) => [`n${at}`, at]));
/** A pattern that takes about so many steps to compile. */
const branching = (size: number): string => 'q?'.repeat(size / 1010);
const arrayMethod = (name: string, list: unknown, args: unknown[]): unknown =>
  (Array.prototype as unknown as Arrays)[name]?.apply(list, args);
const textMethod = (name: string, of: string, args: unknown[]): unknown =>
  (String.prototype as unknown as Arrays)[name]?.apply(of, args);

/** Those that are quick with records, however many names they have. */
const SETTLING: ReadonlySet<string> = new Set([
  'freeze',
  'isFrozen',
  'isSealed',
  'preventExtensions',
  'seal',
]);

const MEMBERS_OF_FIRST: readonly ((value: object) => unknown)[] = [
  Object.entries,
  Object.freeze,
  Object.getOwnPropertyDescriptors,
  Object.getOwnPropertyNames,
  Object.getOwnPropertySymbols,
  Object.isFrozen,
  Object.isSealed,
  Object.keys,
  Object.preventExtensions,
  Object.seal,
  Object.values,
  Reflect.ownKeys,
];
const MEMBERS_OF_SECOND: readonly ((first: object, second: object) => unknown)[] = [
  Object.assign,
  Object.create as (first: object, second: object) => unknown,
  Object.defineProperties as (first: object, second: object) => unknown,
];
const TOO_LONG = 'RangeError: This text is too long: in a turn, at most 65536 characters as properties.';

/** What is bounded: by which limit, under which name, and a call of that size. */
const BOUNDED: readonly (readonly [limit: Limit, what: string, make: (size: number) => () => unknown])[] = [
  ...Object.entries(ARRAYS).flatMap(([name, args]) => [
    [
      'elements',
      `Array.prototype.${name} of an array`,
      holding(array, (list) => arrayMethod(name, list, args)),
    ] as const,
    // Of something that is no array, concat makes one element.
    ...(name === 'concat'
      ? []
      : [
          [
            'elements',
            `Array.prototype.${name} of what has a length`,
            holding(
              (length) => ({ length }),
              (list) => arrayMethod(name, list, args),
            ),
          ] as const,
        ]),
  ]),
  ['elements', 'Array.prototype.map of a text', holding(text, (of) => arrayMethod('map', of, [never]))],
  ['elements', 'concat of what it is given', holding(array, (list) => ([] as unknown[]).concat(list))],
  ['elements', 'concat of several', holding(array, (list) => list.slice(2).concat(1, [2]))],
  [
    'elements',
    'concat of what is spread as if it were an array',
    (length) => () => ([] as unknown[]).concat({ length, [Symbol.isConcatSpreadable]: true } as never),
  ],
  ['elements', 'flat of what lies inside', holding(array, (list) => [[list]].flat(Infinity))],
  [
    'elements',
    'flat of many',
    holding(
      (size) => array(size).fill(0),
      (list) => [list].flat(),
    ),
  ],
  ['elements', 'flatMap of what it is given', holding(array, (list) => [0].flatMap(() => list))],
  ['elements', 'Array.from an array', holding(array, (list) => Array.from(list))],
  ['elements', 'Array.from what has a length', (length) => () => Array.from({ length })],
  [
    'elements',
    'JSON.stringify with a list of names',
    holding(array, (list) => JSON.stringify({}, list as string[])),
  ],
  [
    'elements',
    'String.raw',
    holding(
      (size) => array(size).fill(''),
      (raw) => String.raw({ raw: raw as string[] }),
    ),
  ],
  ['arguments', 'Function.prototype.apply', holding(array, (list) => never.apply(null, list as []))],
  ['arguments', 'Function.prototype.apply, no array', (length) => () => never.apply(null, { length } as [])],
  ['arguments', 'Reflect.apply', holding(array, (list) => Reflect.apply(never, null, list))],
  ['arguments', 'Reflect.construct', holding(array, (list) => Reflect.construct(Object, list))],
  ...Object.entries(TEXTS).map(
    ([name, args]) =>
      ['characters', `String.prototype.${name}`, holding(text, (of) => textMethod(name, of, args))] as const,
  ),
  ...TAGS.map(
    (name) =>
      ['characters', `String.prototype.${name}`, holding(text, (of) => textMethod(name, of, []))] as const,
  ),
  ...TAGS_WITH.map(
    (name) =>
      ['characters', `String.prototype.${name}`, holding(text, (of) => textMethod(name, '', [of]))] as const,
  ),
  ['characters', 'String.prototype.repeat', (size) => () => 'x'.repeat(size)],
  ['characters', 'String.prototype.padEnd', (size) => () => 'x'.padEnd(size)],
  ['characters', 'String.prototype.padStart', (size) => () => 'x'.padStart(size, 'ab')],
  ['characters', 'concat to a text', holding(text, (of) => ''.concat(of.slice(1), 'y'))],
  ['characters', 'what replaceAll makes', (size) => () => text(1000).replaceAll('x', text(size / 1000))],
  [
    'characters',
    'what replace makes',
    (size) => () => 'x'.replace('x', text(size - 5).concat("$`$'$$$&$1y")),
  ],
  ['characters', 'what String.raw makes', holding(text, (of) => String.raw({ raw: [of] }))],
  ['characters', 'exec', holding(text, (of) => /y/.exec(of))],
  ['characters', 'test', holding(text, (of) => /y/.test(of))],
  ['characters', 'RegExp.prototype[Symbol.match]', holding(text, (of) => /y/g[Symbol.match](of))],
  ['characters', 'RegExp.prototype[Symbol.replace]', holding(text, (of) => /y/[Symbol.replace](of, ''))],
  ['characters', 'RegExp.prototype[Symbol.search]', holding(text, (of) => /y/[Symbol.search](of))],
  ['characters', 'RegExp.prototype[Symbol.split]', holding(text, (of) => /y/[Symbol.split](of))],
  [
    'characters',
    'what replacing a pattern makes',
    (size) => () => text(1000).replace(/x/g, text(size / 1000)),
  ],
  [
    'characters',
    'what a replacing function makes',
    (size) => () => text(1000).replace(/x/g, () => text(size / 1000)),
  ],
  ['characters', 'encodeURI', holding(text, (of) => encodeURI(of))],
  ['characters', 'encodeURIComponent', holding(text, (of) => encodeURIComponent(of))],
  ['characters', 'decodeURI', holding(text, (of) => decodeURI(of))],
  ['characters', 'decodeURIComponent', holding(text, (of) => decodeURIComponent(of))],
  [
    'json',
    'JSON.parse',
    holding(
      (size) => ' '.repeat(size - 1).concat('1'),
      (of) => JSON.parse(of),
    ),
  ],
  ['characters', 'names for JSON.stringify', holding(text, (of) => JSON.stringify({}, [of.slice(1), 'y']))],
  ...MEMBERS_OF_FIRST.map(
    (take) => ['listMembers', `${take.name} of a list`, holding(array, (list) => take(list))] as const,
  ),
  ...MEMBERS_OF_SECOND.map(
    (take) => ['listMembers', `${take.name} with a list`, holding(array, (list) => take({}, list))] as const,
  ),
  ...MEMBERS_OF_FIRST.filter(({ name }) => !SETTLING.has(name)).map(
    (take) => ['listMembers', `${take.name} of a record`, holding(wide, (record) => take(record))] as const,
  ),
  ['listMembers', 'harden', holding(array, (list) => harden(list))],
  ['compiling', 'a pattern that begins in many ways', holding(branching, (of) => new RegExp(of))],
  [
    'compiling',
    'a pattern that is given another flag',
    holding(
      (size) => new RegExp(branching(size)),
      (of) => RegExp(of, 'u'),
    ),
  ],
  ['compiling', 'a text to match that begins in many ways', holding(branching, (of) => 'x'.match(of))],
  ['pattern', 'new RegExp', holding(text, (of) => new RegExp(of))],
  ['pattern', 'RegExp', holding(text, (of) => RegExp(of))],
  [
    'pattern',
    'new RegExp of what is like one',
    (size) => () => new RegExp({ [Symbol.match]: true, source: text(size), flags: '' } as unknown as RegExp),
  ],
  ['pattern', 'a text to match', holding(text, (of) => 'x'.match(of))],
  ['pattern', 'a text to match often', holding(text, (of) => 'x'.matchAll(of as unknown as RegExp))],
  ['pattern', 'a text to search', holding(text, (of) => 'x'.search(of))],
  [
    'pattern',
    'a pattern that was there before',
    holding(
      (size) => new RegExp(text(size)),
      (of) => of.test('x'),
    ),
  ],
  ['normalized', 'normalize', holding(text, (of) => of.normalize('NFKD'))],
  [
    'comparisons',
    'a pattern in a long text',
    holding(
      (size) => [new RegExp(text(size / 2 ** 20)), text(2 ** 20)] as const,
      ([pattern, of]) => pattern.exec(of),
    ),
  ],
  ['prototypes', 'a list that inherits', holding(inheriting, (list) => arrayMethod('slice', list, []))],
];

/** Makes what a call is given before the turn begins. */
function holding<T>(make: (size: number) => T, call: (made: T) => unknown): (size: number) => () => unknown {
  return (size) => {
    const made = make(size);
    return () => call(made);
  };
}

/** With so many prototypes above it. */
function inheriting(count: number): object {
  let made: object = Object.create(null) as object;
  for (let above = 1; above < count; above += 1) made = Object.create(made) as object;
  return Object.assign(Object.create(made) as object, { length: 1 });
}

describe('what a built-in may take on in a turn', () => {
  test.each(BOUNDED)('%s: %s', (limit, _, make) => {
    const size = NATIVE_LIMITS[limit];
    const step = STEPS[limit] ?? 1;
    const [fits, exceeds] = [make(size - (size % step)), make(size + step)];
    expect(thrown(() => inTurn(fits))).toBe('nothing');
    expect(thrown(() => inTurn(exceeds))).toMatch(/^RangeError: .*in a turn, at most \d+ /);
    expect(thrown(exceeds)).not.toMatch(/in a turn/);
  });
});

test('every limit has a unit and a reason, and is tried on both sides', () => {
  expect(Object.keys(NATIVE_LIMIT_NOTES)).toEqual(Object.keys(NATIVE_LIMITS));
  expect(new Set(['members', ...BOUNDED.map(([limit]) => limit)])).toEqual(
    new Set(Object.keys(NATIVE_LIMITS)),
  );
});

test('a text that is too long is not taken apart into its characters', () => {
  const [fits, whole] = [text(NATIVE_LIMITS.members), text(NATIVE_LIMITS.members + 1)];
  for (const each of [whole, Object(whole) as object]) {
    for (const take of MEMBERS_OF_FIRST) {
      expect([take.name, thrown(() => inTurn(() => take(each as object)))]).toEqual([take.name, TOO_LONG]);
      expect([take.name, thrown(() => inTurn(() => take(Object(fits) as object)))]).toEqual([
        take.name,
        'nothing',
      ]);
    }
    expect(thrown(() => inTurn(() => harden([Object(whole)])))).toBe(TOO_LONG);
    for (const take of MEMBERS_OF_SECOND) {
      expect([take.name, thrown(() => inTurn(() => take({}, each as object)))]).toEqual([
        take.name,
        TOO_LONG,
      ]);
      expect([take.name, thrown(() => inTurn(() => take({}, {})))]).toEqual([take.name, 'nothing']);
    }
  }
});

test('the length of what is no array must be a number of its own', () => {
  const changing = { length: 3, 0: 'a' };
  const getter = Object.defineProperty<object>({}, 'length', { get: () => 1 });
  const inherited = Object.create(changing) as object;
  const made = { length: { valueOf: () => 2 ** 53 - 1 } };
  for (const list of [getter, inherited, made, { length: '3' }, new Uint8Array(3)]) {
    expect(thrown(() => inTurn(() => arrayMethod('map', list, [same])))).toMatch(/^RangeError: The length/);
    expect(thrown(() => inTurn(() => Reflect.apply(never, null, list as [])))).toMatch(
      /^RangeError: The length/,
    );
  }
  expect(inTurn(() => arrayMethod('map', changing, [same]))).toEqual(['a', undefined, undefined].slice(0, 3));
  expect(inTurn(() => arrayMethod('map', {}, [same]))).toEqual([]);
  expect(
    inTurn(() =>
      (function (..._args: unknown[]) {
        return arrayMethod('slice', arguments, [1]);
      })(1, 2),
    ),
  ).toEqual([2]);
});

test('a length that grows while the list is read is not believed', () => {
  const grow = {
    length: 1,
    get 0() {
      this.length = 2 ** 53 - 1;
      return 'a';
    },
  };
  expect(inTurn(() => arrayMethod('map', grow, [same]))).toEqual(['a']);
  const second: unknown[] = [];
  const first = Object.defineProperty([0], 0, {
    get: () => {
      second.length = 2 ** 32 - 1;
      return 0;
    },
  });
  expect(thrown(() => inTurn(() => (first as unknown[]).concat(second)))).toMatch(/^RangeError/);
  const items = {
    length: 1,
    get [Symbol.iterator]() {
      this.length = 2 ** 53 - 1;
      return undefined;
    },
  };
  expect(thrown(() => inTurn(() => Array.from(items as ArrayLike<unknown>)))).toMatch(/^RangeError/);
});

test('texts that are long are looked for in steps, and found all the same', () => {
  const long = 'ab'.repeat(2 ** 10).concat('c');
  const size = 2 ** 20;
  for (const at of [0, 1, 12_345, 2 ** 17 - 1, 2 ** 17, size - long.length]) {
    const all = 'ab'.repeat(at).slice(0, at).concat(long).padEnd(size, 'ab');
    const again = all.slice(0, at).concat('-'.repeat(long.length), all.slice(at + long.length));
    expect(all.length * long.length).toBeGreaterThan(NATIVE_LIMITS.comparisons);
    const found = inTurn(() => [
      all.indexOf(long),
      all.lastIndexOf(long),
      again.indexOf(long),
      again.lastIndexOf(long),
      all.includes(long),
      again.includes(long),
      all.indexOf(long, at),
      all.indexOf(long, at + 1),
      all.lastIndexOf(long, at),
      all.lastIndexOf(long, at - 1),
      all.replace(long, '') === all.slice(0, at).concat(all.slice(at + long.length)),
      all.replaceAll(long, '-'.repeat(long.length)) === again,
      all.split(long).join('|') === [all.slice(0, at), all.slice(at + long.length)].join('|'),
    ]);
    const before = at === 0 ? 0 : -1; // a place before the first is the first
    expect(found).toEqual([at, at, -1, -1, true, false, at, -1, at, before, true, true, true]);
  }
});

test('what takes long to compare is compared one by one, and found all the same', () => {
  const long = text(2000);
  for (const sought of [long, 2n ** 70n, 'short', 7]) {
    const list = [0, `${long}y`, sought, undefined, sought, 1n];
    expect(
      inTurn(() => [
        list.indexOf(sought),
        list.indexOf(sought, 3),
        list.indexOf(sought, -3),
        list.indexOf(sought, -99),
        list.indexOf(sought, 5),
        list.lastIndexOf(sought),
        list.lastIndexOf(sought, 3),
        list.lastIndexOf(sought, -3),
        list.lastIndexOf(sought, -99),
        list.lastIndexOf(sought, undefined),
        list.includes(sought),
        list.includes(sought, 5),
        list.indexOf(`${long}z`),
      ]),
    ).toEqual([2, 4, 4, 2, -1, 4, 2, 2, -1, -1, true, false, -1]);
  }
});

test('what finds by methods of its own is not asked', () => {
  const odd = Object.assign(/x/g, {});
  Object.defineProperty(odd, 'exec', { value: () => ({ length: 2 ** 53 - 1, index: 0 }) });
  expect(thrown(() => inTurn(() => 'x'.replace(odd, '')))).toMatch(
    /^TypeError: In a turn only a regular expr/,
  );
  expect(thrown(() => inTurn(() => 'x'.split(odd)))).toMatch(/^TypeError: In a turn only a regular expr/);
  expect(thrown(() => inTurn(() => 'x'.match(odd)))).toMatch(/^TypeError: In a turn only a regular expr/);
});

test('a text is split by an expression with the flags that it was made with', () => {
  const says = (pattern: RegExp, flag: string): RegExp =>
    Object.defineProperty(pattern, flag, { value: true });
  expect(inTurn(() => 'aXbx'.split(says(/x/, 'ignoreCase')))).toEqual(['aXb', '']);
  expect(inTurn(() => 'a\u4e00b'.split(says(new RegExp('\\P{Cn}'), 'unicode')))).toEqual(['a\u4e00b']);
  expect(inTurn(() => 'aXb\nc😀d'.split(/x|^c.d/imsu))).toEqual(['a', 'b\n', '']);
});

test('nothing that the language has for promises is within reach', () => {
  expect('fromAsync' in Array).toBe(false);
  expect('toAsync' in Object.getPrototypeOf(Object.getPrototypeOf([].values()))).toBe(false);
});

test('in a turn no symbol gets a name for all, which would be kept for ever', () => {
  const own = Symbol.for('passStyle');
  expect(inTurn(() => Symbol.for('passStyle'))).toBe(own);
  const made = (): unknown => Symbol.for(`keystead.test ${Math.PI}`);
  expect(thrown(() => inTurn(made))).toBe('TypeError: In a turn no new symbol gets a name for all.');
  expect(inTurn(() => thrown(made))).toMatch(/^TypeError/);
});

test('another copy of the program finds the same switch', async () => {
  const copy = (await import(new URL('../../engine/bounds.js?copy', import.meta.url).href)) as {
    bounds: unknown;
    NATIVE_LIMITS: unknown;
  };
  expect(copy.NATIVE_LIMITS).not.toBe(NATIVE_LIMITS);
  expect(copy.bounds).toBe(bounds);
  expect(new Compartment().evaluate('Object.getOwnPropertySymbols(globalThis).length')).toBe(1);
});

test('what is exchanged looks like what it stands for', () => {
  const described = `(function () {
    const found = {};
    const all = { Array, BigInt, Error, JSON, Map, Math, Object, Reflect, RegExp, Set, String, Function, encodeURI, decodeURIComponent };
    for (const [name, owner] of Object.entries(all)) {
      for (const [at, object] of [[name, owner], [name + '.prototype', owner.prototype]]) {
        for (const key of object === undefined ? [] : Reflect.ownKeys(object)) {
          const about = Object.getOwnPropertyDescriptor(object, key);
          for (const part of ['value', 'get', 'set']) {
            if (typeof about[part] !== 'function' || key === 'constructor') continue;
            found[part + ' ' + at + '.' + String(key)] = {
              name: about[part].name,
              length: about[part].length,
              prototype: Object.hasOwn(about[part], 'prototype'),
              enumerable: about.enumerable,
            };
          }
        }
      }
    }
    return JSON.stringify(found);
  })()`;
  type Described = Record<string, unknown>;
  const theirs = JSON.parse(runInNewContext(described) as string) as Described;
  const ours = JSON.parse(new Compartment().evaluate(described) as string) as Described;
  const wrong = Object.keys(ours).filter(
    (name) => JSON.stringify(ours[name]) !== JSON.stringify(theirs[name]),
  );
  // Of SES: it makes these anew, or an accessor of a property.
  const made = /Error|toLocale|localeCompare|toString|Math\.random|get RegExp\[|harden/;
  expect(wrong.filter((name) => !made.test(name))).toEqual([]);
  expect(() => Reflect.construct(Array.prototype.map, [])).toThrow(/not a constructor/);
  expect(Object.keys(ours).length).toBeGreaterThan(200);
});

test('a regular expression is one wherever it was made, and may be extended', () => {
  class Pattern extends RegExp {
    more = 1;
  }
  const own = new Pattern('a+', 'g');
  expect([own instanceof Pattern, own instanceof RegExp, own.source, own.flags, own.more]).toEqual([
    true,
    true,
    'a+',
    'g',
    1,
  ]);
  expect('caat'.replace(own, 'u')).toBe('cut');
  expect(RegExp(/x/g).flags).toBe('g');
  expect(/x/.constructor).toBe(new Compartment().evaluate('RegExp') as RegExpConstructor);
});
