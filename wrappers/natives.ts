/*
 * Functions of the language as they were before the engine put its bounds around them, for the code through which every
 * argument passes. The bounds are for what code in the world calls; here they would cost more than the work. Whoever
 * uses these bounds what he does by himself. `engine/lockdown.ts` imports this before anything else.
 */
export const {
  freeze,
  defineProperty,
  getPrototypeOf,
  getOwnPropertyDescriptor,
  hasOwn,
  is,
  keys: keysOf,
} = Object;
export const { apply, ownKeys } = Reflect;
export const { parse, stringify } = JSON;
const { join, slice } = Array.prototype;

/** The texts one after the other, with another one between each two. */
export function joined(texts: readonly string[], between: string): string {
  return apply(join, texts, [between]);
}

/** Those from `at` on. */
export function listFrom<T>(list: readonly T[], at: number): readonly T[] {
  return apply(slice, list, [at]) as T[];
}
