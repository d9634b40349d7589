import fc from 'fast-check';
import { M, matches } from '@endo/patterns';
import { compileGuard, compilePattern } from '../../wrappers/guard.ts';
import { dictionary } from '../arbitrary.ts';
import { crossing, CROSSING_LIMITS } from '../../wrappers/crossing.ts';
import { Capabilities } from '../../wrappers/capability.ts';
import type { ObjectId, Token } from '../../wrappers/names.ts';
import { Shapes } from '../../wrappers/shape.ts';

type Pattern = Parameters<typeof compilePattern>[0];

const shapes = new Shapes(() => undefined);
const shape = shapes.intern('Lamp', ['look']);
if (shape === undefined) throw new Error('no shape');
const capability = new Capabilities().of('o1' as ObjectId, 't'.repeat(22) as Token, shape);
const context = { isProxy: () => false, publicFacet: () => undefined };
const cross = (value: unknown): unknown => crossing(value, 'x', context, CROSSING_LIMITS);

const leaves: Pattern[] = [
  M.any(),
  M.string(),
  M.number(),
  M.boolean(),
  M.undefined(),
  M.null(),
  M.bigint(),
  M.nat(),
  M.remotable(),
  M.remotable('Lamp'),
  M.scalar(),
  M.key(),
  M.pattern(),
  M.record(),
  M.array(),
  M.symbol(),
  M.error(),
  M.promise(),
  M.string({ stringLengthLimit: 3 }),
  M.array({ arrayLengthLimit: 2 }),
  M.record({ numPropertiesLimit: 1 }),
  M.gte(3),
  M.lt('b'),
  M.neq(1),
  M.eq('a'),
  M.or(),
  M.and(),
  'a',
  '',
  0,
  1,
  true,
  null,
  undefined,
  5n,
];
const { pattern } = fc.letrec<{ pattern: Pattern }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...leaves),
    fc.array(tie('pattern'), { maxLength: 3 }).map((all) => M.or(...all) as Pattern),
    fc.array(tie('pattern'), { maxLength: 3 }).map((all) => M.and(...all) as Pattern),
    tie('pattern').map((each) => M.arrayOf(each) as Pattern),
    tie('pattern').map((each) => M.arrayOf(each, { arrayLengthLimit: 2 }) as Pattern),
    tie('pattern').map((each) => M.not(each) as Pattern),
    tie('pattern').map((each) => M.opt(each) as Pattern),
    tie('pattern').map((each) => M.eref(each) as Pattern),
    tie('pattern').map((each) => M.recordOf(M.string(), each) as Pattern),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => M.splitRecord({ a }, { b }) as Pattern),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => harden([a, b]) as Pattern),
    tie('pattern').map((a) => harden({ a }) as Pattern),
  ),
}));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '',
      'a',
      'b',
      'abc',
      'abcd',
      0,
      1,
      3,
      -1,
      0.5,
      NaN,
      Infinity,
      true,
      false,
      null,
      undefined,
      0n,
      5n,
      100n,
      -1n,
      '\ud800',
      capability,
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    dictionary(fc.constantFrom('a', 'b', 'c', '0', 'then', 'toString'), tie('value')),
  ),
}));

/** What the library says; it throws where a pattern cannot be applied at all. */
function oracle(value: unknown, pattern: Pattern): boolean | 'throws' {
  try {
    return matches(value as never, pattern);
  } catch {
    return 'throws';
  }
}

function ours(value: unknown, pattern: Pattern): boolean | 'throws' {
  try {
    return compilePattern(pattern)(value);
  } catch {
    return 'throws';
  }
}

test('a compiled pattern admits exactly what the library admits', () => {
  fc.assert(
    fc.property(pattern, value.map(cross), (pattern, value) => {
      expect(ours(value, pattern)).toBe(oracle(value, pattern));
    }),
    { numRuns: 3_000 },
  );
});

test('every leaf against every kind of value', () => {
  const values = [
    '',
    'a',
    'abcd',
    0,
    -1,
    0.5,
    NaN,
    true,
    null,
    undefined,
    5n,
    capability,
    [],
    [1, 'a'],
    {},
    { a: 1 },
    { a: capability },
  ].map(cross);
  for (const leaf of leaves)
    for (const each of values)
      expect([leaf, each, ours(each, leaf)]).toEqual([leaf, each, oracle(each, leaf)]);
});

test('the limits that the library has by default are ours, on both sides', () => {
  const cases: [Pattern, unknown, unknown][] = [
    [M.string(), 'x'.repeat(100_000), 'x'.repeat(100_001)],
    [M.or(M.string(), M.null()) as Pattern, 'x'.repeat(100_000), 'x'.repeat(100_001)],
    [M.arrayOf(M.number()) as Pattern, new Array(10_000).fill(1), new Array(10_001).fill(1)],
    [M.arrayOf(M.any()) as Pattern, new Array(10_000).fill(1), new Array(10_001).fill(1)],
    [M.array(), new Array(10_000).fill(1), new Array(10_001).fill(1)],
  ];
  for (const [pattern, fits, over] of cases) {
    expect([ours(cross(fits), pattern), ours(cross(over), pattern)]).toEqual([true, false]);
    expect([oracle(cross(fits), pattern), oracle(cross(over), pattern)]).toEqual([true, false]);
  }
});

describe('a method guard', () => {
  const codeOf = (body: () => void): string => {
    try {
      body();
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const guard = compileGuard(
    M.call(M.string()).optional(M.number()).rest(M.arrayOf(M.boolean())).returns(M.string()),
  );

  test('takes required, optional and further arguments', () => {
    const fits = [['a'], ['a', 1], ['a', undefined], ['a', 1, true], ['a', 1, true, false]];
    const wrong = [
      [],
      [1],
      [undefined],
      ['a', 'b'],
      ['a', null],
      ['a', 1, 2],
      ['a', 1, true, 'x'],
      ['a', 1, undefined],
    ];
    for (const args of fits) expect(codeOf(() => guard.arguments(args, 'Lamp.light'))).toBe('none');
    for (const args of wrong) expect(codeOf(() => guard.arguments(args, 'Lamp.light'))).toBe('BadArgument');
  });

  test('refuses too many', () => {
    const two = compileGuard(M.call(M.any(), M.any()).returns());
    expect(codeOf(() => two.arguments([1, 2], 'x'))).toBe('none');
    expect(codeOf(() => two.arguments([1], 'x'))).toBe('BadArgument');
    expect(codeOf(() => two.arguments([1, 2, 3], 'x'))).toBe('BadArgument');
    expect(codeOf(() => two.arguments([1, 2, undefined], 'x'))).toBe('BadArgument');
  });

  test('checks the result', () => {
    expect(codeOf(() => guard.result('x', 'Lamp.light'))).toBe('none');
    for (const result of [1, undefined, null, capability])
      expect(codeOf(() => guard.result(result, 'x'))).toBe('BadResult');
    const none = compileGuard(M.call().returns());
    expect(codeOf(() => none.result(undefined, 'x'))).toBe('none');
    expect(codeOf(() => none.result(null, 'x'))).toBe('BadResult');
  });

  test('of an asynchronous call is refused', () => {
    expect(() => compileGuard(M.callWhen(M.string()).returns(M.string()))).toThrow(TypeError);
    expect(() => compileGuard(M.string() as never)).toThrow();
    expect(() => compileGuard(undefined as never)).toThrow();
  });
});
