import fc from 'fast-check';
import { types } from 'node:util';
import { anything, dictionary } from '../arbitrary.ts';
import { crossing, CROSSING_LIMITS, weigh, type CrossingLimits } from '../../wrappers/crossing.ts';
import { sameData } from '../../wrappers/same-data.ts';

const context = { isProxy: types.isProxy, publicFacet: () => undefined };
const cross = (value: unknown, limits: CrossingLimits = CROSSING_LIMITS): unknown =>
  crossing(value, 'It', context, limits);

function codeOf(body: () => unknown): string {
  try {
    body();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

describe('limits, each side', () => {
  const { depth, values, characters } = CROSSING_LIMITS;
  const cases: Record<string, [fits: unknown, over: unknown]> = {
    depth: [nested(depth), nested(depth + 1)],
    'values in an array': [new Array(values).fill(0), new Array(values + 1).fill(0)],
    'values in a record': [
      Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`, at])),
      Object.fromEntries(Array.from({ length: values + 1 }, (_, at) => [`k${at}`, at])),
    ],
    'values, nested ones counted': [[new Array(values - 1).fill(0)], [new Array(values).fill(0)]],
    'characters of a text': ['x'.repeat(characters), 'x'.repeat(characters + 1)],
    'characters in all': [
      ['x'.repeat(characters - 3), 'abc'],
      ['x'.repeat(characters - 3), 'abcd'],
    ],
    'characters of keys': [{ ['k'.repeat(characters)]: 1 }, { ['k'.repeat(characters + 1)]: 1 }],
    'a bigint': [2n ** 1023n, 2n ** 1025n],
    'a negative bigint': [-(2n ** 1023n), -(2n ** 1025n)],
    'digits of bigints, without their signs': [
      new Array(characters / 256).fill(-(10n ** 255n)),
      new Array(characters / 256).fill(10n ** 256n),
    ],
  };
  for (const [what, [fits, over]] of Object.entries(cases)) {
    test(what, () => {
      expect(codeOf(() => cross(fits))).toBe('none');
      expect(codeOf(() => cross(over))).toBe('TooLarge');
      expect(codeOf(() => cross([over]))).toBe('TooLarge');
    });
  }

  test('digits count also in what was read from the store, and is a part of something new', () => {
    const kept = Object.freeze(new Array(characters / 256).fill(10n ** 255n));
    const again = (value: unknown): unknown =>
      crossing(value, 'It', context, CROSSING_LIMITS, undefined, { kept });
    expect(codeOf(() => again({ kept }))).toBe('TooLarge'); // by the characters of its name
    expect(codeOf(() => again([kept]))).toBe('none');
    expect(weigh(kept)).toMatchObject({ characters });
  });

  test('own limits', () => {
    const limits = { depth: 1, values: 2, characters: 3 };
    expect(codeOf(() => cross([1, 'abc'], limits))).toBe('none');
    for (const over of [[[1]], [1, 2, 3], ['abcd'], { abcd: 1 }, { ab: 'cd' }, 'abcd']) {
      expect(codeOf(() => cross(over, limits))).toBe('TooLarge');
    }
  });

  test('a shared part counts each time that it is written out', () => {
    const part = cross(new Array(1000).fill(0));
    expect(codeOf(() => cross(new Array(19).fill(part)))).toBe('none');
    expect(codeOf(() => cross(new Array(20).fill(part)))).toBe('TooLarge');
  });

  test('an array that claims to be huge is refused before it is walked', () => {
    expect(codeOf(() => cross(new Array(2 ** 32 - 1)))).toBe('TooLarge');
    expect(codeOf(() => cross(Object.assign([], { length: 2 ** 31 })))).toBe('TooLarge');
  });
});

test('an error says where it stands, and shows no more than a line of hostile keys', () => {
  expect(() => cross({ list: [1, { bad: () => 1 }] })).toThrow(
    /^It\.list\[1\]\.bad is a function|It\.list\[1\]\.bad/,
  );
  const long = 'k'.repeat(10_000);
  try {
    cross({ [long]: { [long]: () => 1 } });
  } catch (error) {
    expect((error as Error).message.length).toBeLessThan(300);
  }
  expect.assertions(2);
});

/** Any value at all, hostile ones among them. */
const hostile = anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

test('whatever comes, what crosses is frozen plain data, equal to what was sent, and crosses again as it is', () => {
  const plain = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) {
      expect(['function', 'symbol']).not.toContain(typeof value);
      expect(Object.is(value, -0)).toBe(false);
      return;
    }
    expect(Object.isFrozen(value)).toBe(true);
    expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
    for (const name of Reflect.ownKeys(value)) {
      expect(typeof name).toBe('string');
      expect(name).not.toBe('__proto__');
      expect('value' in (Object.getOwnPropertyDescriptor(value, name) ?? {})).toBe(true);
      plain((value as Record<string, unknown>)[name as string]);
    }
  };
  fc.assert(
    fc.property(hostile, (value) => {
      let out: unknown;
      try {
        out = cross(value);
      } catch (error) {
        expect(['NotPassable', 'TooLarge']).toContain((error as { code: string }).code);
        return;
      }
      plain(out);
      expect(cross(out)).toBe(out);
      expect(sameData(out, out)).toBe(true);
      if (typeof value === 'object' && value !== null) {
        expect(out).not.toBe(value);
        expect(sameData(cross(value), out)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('sameData tells any change of data', () => {
  const { data } = fc.letrec<{ data: unknown }>((tie) => ({
    data: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('', 'a', 0, 1, -0, NaN, null, undefined, true, 1n, 2n),
      fc.array(tie('data'), { maxLength: 3 }),
      dictionary(fc.constantFrom('a', 'b', '0', 'valueOf'), tie('data')),
    ),
  }));
  fc.assert(
    fc.property(data, data, (a, b) => {
      const [first, second] = [cross(a), cross(b)];
      const equal = text(first) === text(second);
      expect(sameData(a, second)).toBe(equal);
    }),
    { numRuns: 2_000 },
  );
});

/** The same for the same data only. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}:${text(member)}`)
    .sort()
    .join()}}`;
}

test('a text that pretends to be a record is refused before its characters are listed', () => {
  let text = '12';
  while (text.length < 2 ** 26) text += text;
  // To list so many names fails in V8 itself, after seconds.
  for (const prototype of [null, Object.prototype]) {
    const value: unknown = Object.setPrototypeOf(Object(text), prototype);
    expect(() => cross([value])).toThrow('[0].length is a hidden property');
  }
});

test('what inherits names is no record, however many they are: none of them is listed', () => {
  let text = '12';
  while (text.length < 2 ** 26) text += text;
  const above: unknown = Object.setPrototypeOf(Object(text), null);
  const value: unknown = Object.setPrototypeOf({ length: 1 }, above as object);
  expect(sameData(value, { length: 1 })).toBe(false);
  expect(sameData([value], [{ length: 1 }])).toBe(false);
  expect(() => cross([value])).toThrow('[0] is an object that is not plain data');
});

test('a record of more members than may cross is refused before all of its names are listed', () => {
  const record: Record<number, number> = {};
  for (let at = 0; at < 2 ** 20; at += 1) record[at] = at;
  expect(() => cross([record])).toThrow('It[0] is too large: more than');
});

test('no code of the sender runs', () => {
  const ran: PropertyKey[] = [];
  const trap = (target: object): object =>
    new Proxy(target, new Proxy({}, { get: (_, name) => (ran.push(name), undefined) }));
  for (const value of [
    trap({}),
    trap([]),
    [trap({})],
    { x: trap([]) },
    Object.create(trap({})),
    Object.setPrototypeOf([], trap([])),
  ]) {
    expect(codeOf(() => cross(value))).toBe('NotPassable');
  }
  const accessor = {
    get x() {
      ran.push('x');
      return 1;
    },
    toJSON: null,
    valueOf: null,
  };
  expect(codeOf(() => cross(accessor))).toBe('NotPassable');
  expect(ran).toEqual([]);
});

describe('what is passed again because it is as it was', () => {
  const stillSame = (fresh: object, old: object): boolean => sameData(fresh, old);
  const again = (fresh: unknown, old: unknown, limits = CROSSING_LIMITS): unknown =>
    crossing(fresh, 'It', { ...context, stillSame }, limits, undefined, old);
  const list = [{ n: 1 }, { n: 2, deep: { x: [1] } }, { n: 3 }];

  test('parts of a record and of a list, wherever they have moved to', () => {
    const old = cross({ list, rest: { a: 'b' } }) as { list: object[]; rest: object };
    const [one, two, three] = old.list;
    const without = again({ list: [{ n: 1 }, { n: 3 }], rest: { a: 'b' } }, old) as typeof old;
    expect(without.list[0]).toBe(one);
    expect(without.list[1]).toBe(three);
    expect(without.rest).toBe(old.rest);
    const more = again({ list: [{ n: 0 }, ...list], rest: { a: 'c' } }, old) as typeof old;
    expect(more.list.slice(1)).toEqual([one, two, three]);
    expect(more.list[2]).toBe(two);
    expect(more.rest).not.toBe(old.rest);
  });

  test('it gives the same data as a copy, whatever it is compared with, and it weighs as much', () => {
    fc.assert(
      fc.property(anything(), anything(), (value, other) => {
        if (codeOf(() => cross(value)) !== 'none' || codeOf(() => cross(other)) !== 'none') return;
        const both = [value, other, value];
        const copy = cross(both);
        for (const old of [cross([other]), cross([other, value]), copy, cross({ 0: value }), undefined]) {
          const shared = again(both, old);
          expect(sameData(shared, copy)).toBe(true);
          expect(weigh(shared as object)).toEqual(weigh(copy as object));
        }
      }),
    );
  });

  test('it counts against the limits', () => {
    const old = cross([[1, 2, 3]]);
    expect(codeOf(() => again([[1, 2, 3], 4], old, { depth: 2, values: 5, characters: 0 }))).toBe('none');
    expect(codeOf(() => again([[1, 2, 3], 4], old, { depth: 2, values: 4, characters: 0 }))).toBe('TooLarge');
    expect(codeOf(() => again([[1, 2, 3], 4], old, { depth: 1, values: 5, characters: 0 }))).toBe('TooLarge');
  });
});
