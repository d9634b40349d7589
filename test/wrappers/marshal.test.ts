import fc from 'fast-check';
import { dictionary } from '../arbitrary.ts';
import { crossing, CROSSING_LIMITS } from '../../wrappers/crossing.ts';
import { Marshal, slotOf } from '../../wrappers/marshal.ts';
import { Capabilities } from '../../wrappers/capability.ts';
import type { ObjectId, Token } from '../../wrappers/names.ts';
import { Shapes } from '../../wrappers/shape.ts';

const shapes = new Shapes(() => undefined);
const capabilities = new Capabilities();
const marshal = new Marshal(({ id, token, shape }) => capabilities.of(id, token, shapes.get(shape)));
const made = ['Lamp', 'Key', 'Lamp', 'Box2'].map((className, at) => {
  const shape = shapes.intern(className, at === 1 ? [] : ['look', `take${at}`]);
  if (shape === undefined) throw new Error('no shape');
  return capabilities.of(`o${at + 1}` as ObjectId, `${'t'.repeat(21)}${at}` as Token, shape);
});

/** What may cross, as a caller would build it: then it is put through `crossing`, as always before marshalling. */
const special = fc.constantFrom(
  '',
  '!',
  '#',
  '$',
  '%',
  '+',
  '-',
  '!x',
  '#undefined',
  '#NaN',
  '#Infinity',
  '#-Infinity',
  '$0',
  '$1.Alleged: Lamp',
  '%sym',
  '+1',
  '-1',
  '"',
  "'",
  '&',
  '(',
  ',',
  '.',
  '/',
  '0',
  '@qclass',
  'constructor',
  'toString',
  '__x__',
  '\ud800',
  'a\udfff',
  '\u2028',
  '\u0000',
  'é',
  '🗝',
);
const text = fc.oneof(special, fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
const key = fc
  .oneof(
    text,
    fc.nat({ max: 99 }).map(String),
    fc.constantFrom('0a', '9', '10', '01', '-1', '#tag', '!a', 'payload'),
  )
  .filter((name) => name !== '__proto__');
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, 1e21, 5e-324),
  fc.constantFrom(...made),
);
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    leaf,
    fc.array(tie('data'), { maxLength: 6 }),
    dictionary(key, tie('data')),
  ),
}));
const context = { isProxy: () => false, publicFacet: () => undefined };
const crossed = data.map((value) => crossing(value, 'x', context, CROSSING_LIMITS));

/** Whether two values are the same data, -0 apart, with capabilities compared by identity. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (made.includes(a) || made.includes(b)) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a).sort();
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  return (
    keys.join('\u0000') === Object.keys(b).sort().join('\u0000') &&
    keys.every((name) => same((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
  );
}

function isFrozenAllThrough(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || made.includes(value)) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenAllThrough);
}

test('encode gives exactly what the library gives', () => {
  fc.assert(
    fc.property(crossed, (value) => {
      const { body, slots } = marshal.encodeByLibrary(value);
      expect(marshal.encode(value)).toEqual({ body, slots: [...slots] });
    }),
    { numRuns: 1_000 },
  );
});

test('write gives the text of that to the character, and whose the slots are', () => {
  fc.assert(
    fc.property(fc.array(crossed, { maxLength: 4 }), (values) => {
      const value = crossing(values, 'x', context, CROSSING_LIMITS);
      const { body, slots } = marshal.encodeByLibrary(value);
      const targets = ['o99'];
      expect(`{${marshal.write(value, targets)}}`).toBe(JSON.stringify({ body, slots }));
      expect(targets).toEqual(['o99', ...slots.map((slot) => slot.split('.')[0])]);
    }),
    { numRuns: 1_000 },
  );
});

test('what was written before, in another place and by other numbers, is written as the library writes it', () => {
  fc.assert(
    fc.property(dictionary(key, leaf), leaf, (record, other) => {
      const part = crossing({ part: record }, 'x', context, CROSSING_LIMITS);
      for (const whole of [part, [part], [other, part, part], { a: other, b: [part], c: part }]) {
        const value = crossing(whole, 'x', context, CROSSING_LIMITS);
        const { body, slots } = marshal.encodeByLibrary(value);
        for (let time = 0; time < 2; time += 1)
          expect(marshal.encode(value)).toEqual({ body, slots: [...slots] });
      }
    }),
    { numRuns: 500 },
  );
});

test('parts that come again, beside others and in other orders, refer to their capabilities as the library writes it', () => {
  const capability = fc.constantFrom(...made);
  const holding = fc.array(capability, { maxLength: 3 });
  fc.assert(
    fc.property(
      holding,
      holding,
      fc.array(fc.array(fc.oneof(fc.nat({ max: 3 }), capability), { maxLength: 5 }), { maxLength: 5 }),
      (first, second, wholes) => {
        // Records, since lists are not kept; the last holds another one between capabilities of its own.
        const [one, two] = [{ first }, { second }].map((part) =>
          crossing(part, 'x', context, CROSSING_LIMITS),
        );
        const around = { a: made[0], b: one, c: made[1] };
        const parts = [one, two, crossing(around, 'x', context, CROSSING_LIMITS), {}];
        for (const whole of wholes) {
          const members = whole.map((member) => (typeof member === 'number' ? parts[member] : member));
          const value = crossing(members, 'x', context, CROSSING_LIMITS);
          const { body, slots } = marshal.encodeByLibrary(value);
          expect(marshal.encode(value)).toEqual({ body, slots: [...slots] });
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('write notes the objects that it refers to, while somebody wants to know, and no others', () => {
  const noting = new Set<string>();
  marshal.noting = noting;
  const targets = ['o99'];
  marshal.write(Object.freeze([made[0], made[2], made[0]]), targets);
  marshal.noting = null;
  marshal.write(made[1], targets);
  expect([...noting]).toEqual(['o1', 'o3']);
  expect(targets).toEqual(['o99', 'o1', 'o3', 'o2']);
});

test('decode gives what the library gives, and what was encoded', () => {
  fc.assert(
    fc.property(crossed, (value) => {
      const capData = marshal.encode(value);
      const back = marshal.decode(capData);
      expect(same(back, value)).toBe(true);
      expect(same(marshal.decodeByLibrary(capData), value)).toBe(true);
      expect(isFrozenAllThrough(back)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('decode reads by itself what was encoded: the library takes ten times as long, at nobody’s cost', () => {
  class Alone extends Marshal {
    override decodeByLibrary(): never {
      throw new Error('The library was asked.');
    }
  }
  const alone = new Alone(({ id, token, shape }) => capabilities.of(id, token, shapes.get(shape)));
  fc.assert(
    fc.property(crossed, (value) => {
      expect(same(alone.decode(marshal.encode(value)), value)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('decode of any text gives data or throws, never something that is neither', () => {
  const body = fc.oneof(
    crossed.map((value) => marshal.encode(value).body),
    text,
    fc.array(fc.oneof(special, fc.string()), { maxLength: 4 }).map((list) => `#${JSON.stringify(list)}`),
    fc.constantFrom(
      '#{"#tag":"copyMap","payload":[]}',
      '#"#error"',
      '#{"#error":"x","name":"Error"}',
      '#"%foo"',
      '#"&0"',
      '#{"__proto__":1}',
      '#["$9"]',
      '#"+x"',
    ),
  );
  fc.assert(
    fc.property(body, (text) => {
      let back: unknown;
      try {
        back = marshal.decode({ body: text, slots: [slotOf(made[0])] });
      } catch {
        return;
      }
      expect(['function', 'undefined'].includes(typeof back) && text !== '#"#undefined"').toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('a capability that comes again is one slot, and reads back as the same value', () => {
  const value = Object.freeze([made[0], made[1], made[0], Object.freeze({ a: made[1], b: made[2] })]);
  const capData = marshal.encode(value);
  expect(capData.slots).toEqual([slotOf(made[0]), slotOf(made[1]), slotOf(made[2])]);
  const back = marshal.decode(capData) as typeof value;
  expect([back[0], back[1], back[2]]).toEqual([made[0], made[1], made[0]]);
  expect(back[2]).toBe(made[0]);
});

test('only capabilities have slots', () => {
  for (const value of [
    {},
    [],
    null,
    'o1',
    Object.create(made[0] as object),
    new Proxy(made[0] as object, {}),
  ]) {
    expect(() => slotOf(value)).toThrow(TypeError);
  }
});

test('the parts of a slot are checked', () => {
  const slot = slotOf(made[0]);
  for (const wrong of [
    '',
    'o1',
    slot.slice(1),
    `${slot}.`,
    ` ${slot}`,
    `${slot}\n`,
    slot.replace('o1', 'o0'),
    slot.replace('o1', 'o01'),
    slot.replace('o1', 'O1'),
    slot.replace('ttt', 'tt'),
    `${slot}x`,
  ]) {
    expect(() => marshal.decode({ body: '#"$0"', slots: [wrong] })).toThrow();
  }
});
