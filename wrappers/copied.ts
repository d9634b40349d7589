import { AsIs } from './as-is.ts';
import type { CapabilityState } from './capability.ts';

/** What a copy holds, everything in it included; counted against the limits wherever it passes again. */
export interface Weight {
  readonly values: number;
  readonly characters: number;
  /** 1 for a record of strings. */
  readonly depth: number;
}

/** How a copy was written down last, as a part of another. */
export interface Written {
  /** How many slots there were before it. */
  readonly place: number;
  readonly text: string;
  /** Its own, as they stand between the first quote and the last. */
  readonly slots: string;
  /** Of the capabilities in it, in the order of the slots: none was written before it. */
  readonly states: readonly CapabilityState[];
}

class Mark extends AsIs {
  readonly #weight: Weight;
  #written: Written | undefined = undefined;
  constructor(copy: object, weight: Weight) {
    super(copy);
    this.#weight = weight;
  }
  static read(value: object): Weight | undefined {
    return #weight in value ? value.#weight : undefined;
  }
  static written(value: object): Written | undefined {
    return #weight in value ? value.#written : undefined;
  }
  static keep(value: object, written: Written): void {
    if (#weight in value) value.#written = written;
  }
}

/** Marks a frozen copy of plain data: it may pass again as it is. */
export function markCopied(copy: object, weight: Weight): void {
  new Mark(copy, weight);
}

/** The weight of a marked copy; undefined for anything else. Runs no code of `value`. */
export const weightOf: (value: object) => Weight | undefined = (value) => Mark.read(value);

/** What `keepWritten` was given for a marked copy. */
export const writtenOf: (value: object) => Written | undefined = (value) => Mark.written(value);

/** Remembers how a marked copy was written; it never changes. */
export function keepWritten(copy: object, written: Written): void {
  Mark.keep(copy, written);
}
