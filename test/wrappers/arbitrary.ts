import fc from 'fast-check';

/** Records with such keys. `fc.dictionary` assigns, which names like "toString" refuse under lockdown. */
export function dictionary<T>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> {
  return fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries));
}
