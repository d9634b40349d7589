import { isJournalEntry, prefixRange } from '../keys.ts';
import type { Range, Reader } from '../store.ts';
import type { Change, Overlay } from './overlay.ts';

const JOURNAL = prefixRange('j');

/** A reader with changes laid over it that are not in it yet, and without the journal's entries. */
export class Overlaid implements Reader {
  readonly #below: Reader;
  readonly #changes: Overlay;

  constructor(below: Reader, changes: Overlay) {
    this.#below = below;
    this.#changes = changes;
  }

  get(key: string): string | undefined {
    const change = this.#changes.get(key);
    if (change !== undefined) return change.value;
    return isJournalEntry(key) ? undefined : this.#below.get(key);
  }

  range(range: Range): AsyncIterable<readonly [string, string]> {
    return mergedRange(this.#below, this.#changes, range);
  }
}

/**
 * The changes are asked for at the first `next()`, in the same moment in which the range below is fixed. A damaged entry
 * that one of the changes replaces is no loss and is not reported.
 */
async function* mergedRange(
  below: Reader,
  over: Overlay,
  range: Range,
): AsyncGenerator<readonly [string, string]> {
  const { gte, lt, reverse = false, limit = Infinity, onDamaged } = range;
  const changes = over.changesIn(gte, lt);
  const changed = new Set(changes.map(([key]) => key));
  if (reverse) changes.reverse();
  let left = limit;
  let next = 0;

  const overJournal = gte < JOURNAL.lt && lt > JOURNAL.gte;
  const stored = below.range({
    gte,
    lt,
    reverse,
    // Enough even if every change replaces a stored entry or deletes one.
    ...(limit === Infinity || overJournal ? {} : { limit: limit + changes.length }),
    onDamaged: (key, error) => {
      if (changed.has(key) || isJournalEntry(key)) return;
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
    if (changed.has(key) || isJournalEntry(key)) continue;
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
