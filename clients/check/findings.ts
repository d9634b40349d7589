import type { Op } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';

/** What `--repair` does about a finding. */
export interface Fix {
  /** What it did, for people, like "set o17 aside". */
  readonly said: string;
  /** Written together, or not at all; found out when it is done, where it takes reading. */
  readonly ops: readonly Op[] | ((view: Pick<View, 'get' | 'range'>) => Promise<readonly Op[]>);
  /** Keys whose bytes are put away first, because they are overwritten or go. */
  readonly keep?: readonly string[];
}

/** Something in the store that is not as it should be. */
export interface Finding {
  readonly key: string;
  /** What is wrong. */
  readonly what: string;
  /** What it means for players. */
  readonly means: string;
  /** Left out where nothing can be done but to go back to a checkpoint, or what `means` says. */
  readonly fix?: Fix;
}

/** What is no fault, but worth a number. */
export const NOTES = {
  revoked: 'capabilities that were revoked',
  gone: 'capabilities on objects that are gone',
  aside: 'objects that are set aside',
  nowhere: 'things that are in no place',
  written: 'things whose own class, or that of their place, was written in the world and keeps other lists',
} as const;

export type Note = keyof typeof NOTES;

/** Takes a key out of the world; its bytes are kept. */
export function removal(key: string, more: readonly Op[] = []): Fix {
  return {
    said: `took ${key} out of the world; its bytes are kept`,
    ops: [{ del: key }, ...more],
    keep: [key],
  };
}

/** What another finding's fix does. */
export const DONE_BY_ANOTHER: Fix = { said: '', ops: [] };
