import { crossing, CROSSING_LIMITS } from '../../wrappers/crossing.ts';
import { Capabilities } from '../../wrappers/capability.ts';
import type { ObjectId, Token } from '../../wrappers/names.ts';
import { sameData } from '../../wrappers/same-data.ts';
import { Shapes } from '../../wrappers/shape.ts';

const shape = new Shapes(() => undefined).intern('Lamp', ['look']);
if (shape === undefined) throw new Error('no shape');
const capabilities = new Capabilities();
const [lamp, other] = ['o1', 'o2'].map((id) =>
  capabilities.of(id as ObjectId, 't'.repeat(22) as Token, shape),
) as [object, object];

const context = { isProxy: () => false, publicFacet: () => undefined };
const copyOf = (data: unknown): unknown => crossing(data, 'x', context, CROSSING_LIMITS);
const instance = {};
const isItself = (value: object, old: object): boolean => value === instance && old === lamp;

test.each([
  ['not a number', NaN],
  ['nothing', [undefined, null]],
  ['a capability', { lamp, in: [lamp] }],
  ['names in another order', { b: 2, a: 1 }, { a: 1, b: 2 }],
  ['a record without a prototype', Object.assign(Object.create(null) as object, { a: [1] }), { a: [1] }],
  ['a name that arrays have', { length: 1 }],
  ['an instance for its own capability', { deep: [instance] }, { deep: [lamp] }],
])('the same: %s', (_, fresh: unknown, old: unknown = fresh) => {
  expect(sameData(fresh, copyOf(old), isItself)).toBe(true);
});

const boxed = (text: string): unknown => Object.setPrototypeOf(Object(text), Object.prototype) as unknown;

test.each([
  ['another value', { a: [1] }, { a: [2] }],
  ['a value of another kind', { a: 1 }, { a: '1' }],
  ['a shorter list', [1], [1, 2]],
  ['a longer list', [1, 2], [1]],
  ['a record for a list', { 0: 'a', length: 1 }, ['a']],
  ['a list for a record', ['a'], { 0: 'a' }],
  ['a name less', { a: 1 }, { a: 1, b: undefined }],
  ['a name more', { a: 1, b: undefined }, { a: 1 }],
  ['another name', { a: undefined }, { b: undefined }],
  ['nothing for a record', null, {}],
  ['a record for nothing', {}, null],
  ['another capability', [other], [lamp]],
  ['a record for a capability', [{}], [lamp]],
  ['a capability for a record', [lamp], [{}]],
  ['an instance for the capability of another', [instance], [other]],
  ['what inherits a name', Object.create({ a: 1 }), {}],
  [
    'what has a class',
    new (class {
      a = 1;
    })(),
    { a: 1 },
  ],
  ['a list without a prototype', Object.setPrototypeOf(['a'], null), { 0: 'a' }],
  ['a text that is an object', boxed('ab'), { 0: 'a', 1: 'b' }],
])('not the same: %s', (_, fresh: unknown, old: unknown) => {
  expect(sameData(fresh, copyOf(old), isItself)).toBe(false);
});
