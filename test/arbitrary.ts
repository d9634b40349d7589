/**
 * Arbitraries of fast-check that hold under lockdown: its own `object`, `dictionary`, `json`, `jsonValue` and `anything`
 * assign the names that they make up, and to assign a name such as "toString" is refused where Object.prototype is frozen.
 */

import fc from 'fast-check';

/** Records with such keys, whatever these are. */
export function dictionary<T>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> {
  return fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries));
}

/** Names that objects have without being given them, or that mean something to the language. */
const INHERITED = [...Object.getOwnPropertyNames(Object.prototype), 'then', 'toJSON', 'length'];

/** Any JSON, as text without spaces: also with names that every object inherits, and with those of arrays. */
export function jsonText(): fc.Arbitrary<string> {
  const text = fc.string({ unit: 'binary' });
  const name = fc.oneof(
    { weight: 9, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom(...INHERITED) },
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', maxDepth: 5 },
      fc.oneof(
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        text,
      ),
      fc.array(tie('value'), { maxLength: 10 }),
      dictionary(name, tie('value')),
    ),
  }));
  return value.map((each) => JSON.stringify(each));
}

/** Any value at all, also hostile ones, but for names that every object inherits: add those by hand. */
export function anything(constraints: fc.ObjectConstraints = {}): fc.Arbitrary<unknown> {
  return fc.anything({ ...constraints, key: fc.string().filter((key) => !(key in Object.prototype)) });
}
