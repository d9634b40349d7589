/**
 * A class whose constructor gives the object it is given, so that a class that extends it can put a private field on an
 * object that already exists. No property, symbol or reflection reaches such a field, a proxy does not have it, and
 * reading it costs less than a WeakMap.
 */
export const AsIs = function (made: object): object {
  return made;
} as unknown as new (made: object) => object;
