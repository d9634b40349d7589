import type { BankCap, ClassCap } from '../../engine/authoring.ts';
import type { ClassShelf } from '../written-class.ts';

/** What listing a class as safe needs of Storage. */
export interface Approving {
  approve(className: string, hash: string): void;
}

/** What stands in the place of an author: these classes came with the world. Nobody else is called that. */
export const AUTHOR = 'Keystead';

/**
 * The classes that a new world keeps in its own store, made of their sources: open to everybody, and listed as safe. They are
 * made in the order of their names, and each may build on those before it.
 */
export class Stock {
  readonly #classes = new Map<string, ClassCap>();

  constructor(
    bank: BankCap,
    shelf: ClassShelf,
    storage: Approving,
    sources: Readonly<Record<string, string>>,
  ) {
    for (const [name, source] of Object.entries(sources)) {
      const made = shelf.define(bank, AUTHOR, name, source, {});
      made.open(true);
      storage.approve(name, shelf.describe(name).hash);
      this.#classes.set(name, made);
    }
  }

  /** What makes objects of a class. */
  class(name: string): ClassCap {
    const found = this.#classes.get(name);
    if (found === undefined) throw new Error(`The starter world needs the source of the class ${name}.`);
    return found;
  }
}
