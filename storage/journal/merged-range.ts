import { prefixRange } from '../keys.ts';
import type { Change } from './overlay.ts';
import type { Range, Reader } from '../store.ts';

const { gte: JOURNAL_FROM, lt: JOURNAL_TO } = prefixRange('j');

/**
 * The entries of a range with changes laid over it that are not in the store yet, and without journal entries. The
 * changes, in key order, are asked for at the first `next()`, in the same moment in which the store's range is fixed.
 * A damaged entry that one of the changes replaces is no loss and is not reported.
 */
export async function* mergedRange(
  below: Reader,
  changesIn: (gte: string, lt: string) => Change[],
  range: Range,
): AsyncGenerator<readonly [string, string]> {
  const { gte, lt, reverse = false, limit = Infinity, onDamaged } = range;
  const changes = changesIn(gte, lt);
  const changed = new Set(changes.map(([key]) => key));
  if (reverse) changes.reverse();
  let left = limit;
  let next = 0;

  const overJournal = gte < JOURNAL_TO && lt > JOURNAL_FROM;
  const stored = below.range({
    gte,
    lt,
    reverse,
    // Enough even if every change replaces a stored entry or deletes one.
    ...(limit === Infinity || overJournal ? {} : { limit: limit + changes.length }),
    onDamaged: (key, error) => {
      if (changed.has(key) || (key >= JOURNAL_FROM && key < JOURNAL_TO)) return;
      if (onDamaged === undefined) throw error;
      onDamaged(key, error);
      left -= 1;
    },
  });

  for await (const entry of stored) {
    const [key] = entry;
    if (left <= 0) return;
    for (; next < changes.length; next += 1) {
      const [at, value] = changes[next] as Change;
      if (reverse ? at < key : at > key) break;
      if (value === undefined) continue;
      yield [at, value];
      left -= 1;
      if (left <= 0) return;
    }
    if (changed.has(key) || (key >= JOURNAL_FROM && key < JOURNAL_TO)) continue;
    yield entry;
    left -= 1;
    if (left <= 0) return;
  }
  for (; next < changes.length && left > 0; next += 1) {
    const [at, value] = changes[next] as Change;
    if (value === undefined) continue;
    yield [at, value];
    left -= 1;
  }
}
