import { unpackEntry } from './entry.ts';
import { reasonOf, StoreError } from '../errors.ts';
import { journalKey, parseKey, prefixRange, SETTLED_KEY } from '../keys.ts';
import type { Op, Store } from '../store.ts';

/** What an earlier run left in the journal. */
export interface Replayed {
  readonly settled: number;
  readonly last: number;
  readonly entries: readonly { readonly seq: number; readonly size: number; readonly ops: readonly Op[] }[];
}

/** An entry that cannot be read may hold what was acknowledged: nothing may be built on a world without it. */
function unreadable(entry: string, cause: unknown): StoreError {
  // What the disk did not give now is not damaged by that.
  if (cause instanceof StoreError && cause.code === 'Unreadable') return cause;
  return new StoreError(
    'Damaged',
    `${entry} is damaged (${reasonOf(cause)}), and with it what was done then: ` +
      'restore the last checkpoint into a new folder',
    cause,
  );
}

/** Reads what is not settled. Throws `Damaged`, naming the entry, when one cannot be read or is missing. */
export async function replay(store: Store): Promise<Replayed> {
  let settled: number;
  try {
    settled = Number(store.get(SETTLED_KEY) ?? '0');
    if (!Number.isSafeInteger(settled) || settled < 0) throw new Error('it is not a number');
  } catch (error) {
    throw unreadable(`the journal's own key "${SETTLED_KEY}"`, error);
  }
  const entries: { seq: number; size: number; ops: Op[] }[] = [];
  let last = settled;
  try {
    // From the first one that counts: before it may lie thousands that were removed, which cost time to skip.
    for await (const [key, text] of store.range({ ...prefixRange('j'), gte: journalKey(settled + 1) })) {
      const parsed = parseKey(key);
      if (parsed?.kind !== 'journal') throw new Error(`"${key}" is no journal key`);
      if (parsed.seq !== last + 1) throw new Error(`after entry ${last} comes entry ${parsed.seq}`);
      entries.push({ seq: parsed.seq, size: text.length, ops: unpackEntry(text) });
      last = parsed.seq;
    }
  } catch (error) {
    throw unreadable(`journal entry ${last + 1}`, error);
  }
  return { settled, last, entries };
}

/** The entries that are settled and still there, because an earlier run was killed before it could remove them. */
export async function findSettled(store: Store, settled: number): Promise<number[]> {
  const found: number[] = [];
  const note = (key: string): void => {
    const parsed = parseKey(key);
    if (parsed?.kind === 'journal') found.push(parsed.seq);
  };
  const range = { ...prefixRange('j'), lt: journalKey(settled + 1), onDamaged: note };
  for await (const [key] of store.range(range)) note(key);
  return found;
}
