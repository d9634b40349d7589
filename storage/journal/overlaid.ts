import { isJournalEntry } from '../keys.ts';
import type { Range, Reader } from '../store.ts';
import type { Change, Overlay } from './overlay.ts';

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
  const { gte, lt, onDamaged } = range;
  const changes = over.changesIn(gte, lt);
  const changed = new Set(changes.map(([key]) => key));
  const isHidden = (key: string): boolean => changed.has(key) || isJournalEntry(key);
  let next = 0;
  const stored = below.range({
    gte,
    lt,
    onDamaged: (key, error) => {
      if (isHidden(key)) return;
      if (onDamaged === undefined) throw error;
      onDamaged(key, error);
    },
  });
  for await (const entry of stored) {
    const [key] = entry;
    for (; next < changes.length; next += 1) {
      const [at, value] = changes[next] as Change;
      if (at > key) break;
      if (value !== undefined) yield [at, value];
    }
    if (!isHidden(key)) yield entry;
  }
  for (const [at, value] of changes.slice(next)) if (value !== undefined) yield [at, value];
}
