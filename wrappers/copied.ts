import { AsIs } from './as-is.ts';

/** What a copy holds, everything in it included; counted against the limits wherever it passes again. */
export interface Weight {
  readonly values: number;
  readonly characters: number;
  /** 1 for a record of strings. */
  readonly depth: number;
}

class Mark extends AsIs {
  readonly #weight: Weight;
  constructor(copy: object, weight: Weight) {
    super(copy);
    this.#weight = weight;
  }
  static read(value: object): Weight | undefined {
    return #weight in value ? value.#weight : undefined;
  }
}

/** Marks a frozen copy of plain data: it may pass again as it is. */
export function markCopied(copy: object, weight: Weight): void {
  new Mark(copy, weight);
}

/** The weight of a marked copy; undefined for anything else. Runs no code of `value`. */
export const weightOf: (value: object) => Weight | undefined = (value) => Mark.read(value);
