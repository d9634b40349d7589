import { packEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';

/** The journal entry of a commit as it is stored: one text. */
export function entryText(ops: readonly Op[]): string {
  return packEntry(ops).parts.join('');
}
