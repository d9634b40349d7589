/** Everything that reflection finds on a value and on all it inherits from, functions and their properties included. */
export function reached(root: unknown): Set<unknown> {
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return;
    if (value === Object.prototype || value === Function.prototype) return;
    seen.add(value);
    visit(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      for (const part of [found?.value, found?.get, found?.set] as unknown[]) {
        if (typeof part === 'string') seen.add(part);
        visit(part);
      }
    }
  };
  visit(root);
  return seen;
}
