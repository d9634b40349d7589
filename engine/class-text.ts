/** The code of built-in classes as their own modules have it. */

const kept = new WeakMap<object, string>();

/**
 * Says what the code of a class is where it runs from a text that was made of it: a bundle (scripts/bundle.js) writes all code
 * anew, and what it calls things depends on all else that is in it. Called before anybody asks for it.
 */
export function keepText(objectClass: object, text: string): void {
  kept.set(objectClass, text);
}

/** The code of a class. It is what its versions are told apart by, and what people are shown. */
export function textOf(objectClass: object): string {
  return kept.get(objectClass) ?? Function.prototype.toString.call(objectClass);
}
