import { stateOf } from './capability.ts';
import { apply, getOwnPropertyDescriptor, getPrototypeOf, hasOwn, is } from './natives.ts';

const { isArray } = Array;
const objectPrototype = Object.prototype;
const propertyIsEnumerable = getOwnPropertyDescriptor(Object.prototype, 'propertyIsEnumerable')?.value as (
  key: string,
) => boolean;

/**
 * Whether `fresh` holds the same data as `old`, which is a frozen copy. `fresh` is unchecked: a false "same" from a
 * lying accessor only means that its owner's own change is not saved. `isItself` knows an instance that stands for its
 * own capability.
 */
export function sameData(
  fresh: unknown,
  old: unknown,
  isItself: (value: object, old: object) => boolean = () => false,
): boolean {
  if (fresh === old) return true;
  if (typeof fresh !== 'object' || fresh === null || typeof old !== 'object' || old === null) {
    return is(fresh, old);
  }
  if (isArray(old)) {
    if (!isArray(fresh) || fresh.length !== old.length) return false;
    for (let at = 0; at < old.length; at += 1) if (!sameData(fresh[at], old[at], isItself)) return false;
    return true;
  }
  if (stateOf(old) !== undefined) return isItself(fresh, old);
  // A list and a capability have others. Names that are inherited are listed with its own, however many there are, and nothing can
  // stop that.
  const prototype: unknown = getPrototypeOf(fresh);
  if (prototype !== objectPrototype && prototype !== null) return false;
  // A text that is an object hides its length: to go through it takes a step for each character, without a pause.
  if ('length' in fresh && !apply(propertyIsEnumerable, fresh, ['length'])) return false;
  // Walks without making arrays of keys: this runs for every object that a turn may have changed.
  let keys = 0;
  for (const key in fresh) {
    const value = (fresh as Record<string, unknown>)[key];
    const before = (old as Record<string, unknown>)[key];
    if (value !== before && !sameData(value, before, isItself)) return false;
    if (before === undefined && !hasOwn(old, key)) return false;
    keys += 1;
  }
  for (const _ in old) keys -= 1;
  return keys === 0;
}
