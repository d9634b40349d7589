import fc from 'fast-check';
import { M } from '@endo/patterns';
import { evaluateClass } from '../../engine/compartment.ts';
import { checkSource, type CheckedSource } from '../../engine/source-check.ts';
import { SourceError } from '../../engine/source-problem.ts';

/** Called by whatever runs while a class is made. Nothing of the source's may. */
let calls = 0;
const spy = harden(() => {
  calls += 1;
  return 'x';
});

/** What a class is built on may have accessors, and functions that somebody would like to have called. */
class Base {
  static readonly facets = { x: { y: 1 }, f: spy };
  static x(): string {
    return spy();
  }
  get x(): string {
    return spy();
  }
  toString(): string {
    return spy();
  }
}

const GIVEN = { Base, M, spy, words: harden({ x: spy, y: 'y' }) };

/** Expressions that would run `spy` if anything in them ran: some pass the check, most do not. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const one = tie('expression');
  const two = fc.tuple(one, one);
  const key = fc.constantFrom(
    'x',
    'y',
    'f',
    'prototype',
    'constructor',
    '__proto__',
    'facets',
    'toString',
    'length',
  );
  const operator = fc.constantFrom(
    '+',
    '-',
    '*',
    '**',
    '==',
    '===',
    '<',
    '&&',
    '||',
    '??',
    'in',
    'instanceof',
    '%',
    '>>>',
  );
  const safe = fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(
      '1',
      "'x'",
      'true',
      'null',
      'undefined',
      '-1',
      '9.5',
      '/x/',
      'Math.PI',
      'A',
      'B',
      'C',
      'f',
      'Base',
      'Dog',
      'words',
    ),
    fc.constantFrom(
      '() => spy()',
      'function () { return spy(); }',
      'function own() { own.x = spy(); }',
      'M.string()',
      'M.call(M.any())',
    ),
    fc.constantFrom(
      '{ toString() { return spy(); } }',
      '{ valueOf: spy, x: spy }',
      '{ then: spy, toJSON: spy }',
    ),
    one.map((each) => `{ x: ${each} }`),
    one.map((each) => `{ ...(${each}), y: 1 }`),
    two.map(([a, b]) => `[(${a}), (${b})]`),
    one.map((each) => `[...[(${each})]]`),
    fc.tuple(one, key).map(([each, at]) => `(${each})?.${at}`),
    two.map(([a, b]) => `(${a}) === (${b})`),
    fc.tuple(one, one, one).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    one.map((each) => `typeof (${each})`),
    one.map((each) => `!(${each})`),
    one.map((each) => `harden(${each})`),
    one.map((each) => `Object.freeze(${each})`),
    two.map(([a, b]) => `M.or((${a}), (${b}))`),
    one.map((each) => `M.splitRecord({ x: (${each}) })`),
  );
  const risky = fc.oneof(
    { depthSize: 'medium' },
    one.map((each) => `\`\${(${each})}\``),
    one.map((each) => `{ [(${each})]: 1 }`),
    one.map((each) => `{ get x() { return spy(); }, y: (${each}) }`),
    one.map((each) => `{ __proto__: (${each}) }`),
    one.map((each) => `{ '__proto__': (${each}) }`),
    one.map((each) => `[...(${each})]`),
    fc.tuple(one, operator, one).map(([a, by, b]) => `(${a}) ${by} (${b})`),
    fc.tuple(one, one).map(([a, b]) => `(${a})[(${b})]`),
    fc.tuple(one, key).map(([each, at]) => `(${each})['${at}']`),
    one.map((each) => `-(${each})`),
    one.map((each) => `(${each})()`),
    one.map((each) => `(${each})\`\``),
    two.map(([a, b]) => `(${a})(${b})`),
    fc.tuple(one, key, one).map(([a, at, b]) => `(${a}).${at}(${b})`),
    one.map((each) => `new (${each})()`),
    two.map(([a, b]) => `((${a}), (${b}))`),
    fc.tuple(one, key, one).map(([a, at, b]) => `(${a}).${at} = (${b})`),
    one.map((each) => `class { static x = (${each}) }`),
    fc.tuple(fc.constantFrom(...Object.keys(M)), one).map(([name, each]) => `M.${name}(${each})`),
    fc.tuple(fc.constantFrom(...Object.keys(M)), one, one).map(([name, a, b]) => `M.${name}(${a}, ${b})`),
  );
  return { expression: fc.oneof({ weight: 12, arbitrary: safe }, { weight: 1, arbitrary: risky }) };
});

const target = fc.oneof(
  { weight: 4, arbitrary: fc.constant('A') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{ x: A }',
      '{ x: { y: A } = {}, ...rest }',
      '[A, ...rest]',
      '{ prototype: A }',
      '{ x: A = spy() }',
      '{ [spy()]: A }',
    ),
  },
);

function checked(source: string): CheckedSource | null {
  try {
    return checkSource('Dog', source);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

/** What can be reached from a value and is not frozen. */
function loose(value: unknown, seen = new Set<unknown>()): unknown[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
    return [];
  seen.add(value);
  const found: unknown[] = Object.isFrozen(value) ? [] : [value];
  for (const key of Reflect.ownKeys(value)) {
    const { value: held, get, set }: PropertyDescriptor = Object.getOwnPropertyDescriptor(value, key) ?? {};
    for (const each of [held, get, set]) found.push(...loose(each, seen));
  }
  return [...found, ...loose(Object.getPrototypeOf(value), seen)];
}

test('of what passes the check nothing runs while the class is made, and all of it is frozen then', () => {
  let passed = 0;
  let made = 0;
  fc.assert(
    fc.property(target, expression, expression, expression, expression, (to, a, b, c, d) => {
      const source = `
function f() { return spy(); }
const ${to} = (${a});
const B = (${b}), C = (${c});
class Dog extends Base { static d = (${d}); static all = [typeof A, B, C]; all() { return [f, A, B, C]; } }`;
      const one = checked(source);
      if (one === null) return;
      passed += 1;
      calls = 0;
      let Dog: new () => { all(): unknown[] };
      try {
        Dog = evaluateClass(one, GIVEN) as typeof Dog;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        expect(calls).toBe(0);
        return;
      }
      made += 1;
      expect(calls).toBe(0);
      for (const each of [Dog, ...new Dog().all()]) expect(loose(each)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
  expect(passed).toBeGreaterThan(150);
  expect(made).toBeGreaterThan(40);
});
