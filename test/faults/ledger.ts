import { unpackEntry } from '../../storage/journal/entry.ts';
import { openJournal } from '../../storage/journal.ts';
import { ALL_KEYS, parseKey } from '../../storage/keys.ts';
import type { Op } from '../../storage/store.ts';
import type { BegunWrite } from '../storage/faulty-store.ts';
import { putValue } from '../storage/put-value.ts';
import type { MemoryStore } from '../storage/memory-store.ts';

/** All keys and values of a world but the journal's own, as they were after an entry of the journal. */
export interface Recovered {
  readonly seq: number;
  readonly contents: ReadonlyMap<string, string>;
}

/** What the next process will find in a store; the store stays as it is. */
export async function recover(store: MemoryStore): Promise<Recovered> {
  const journal = await openJournal(store.reopened());
  const contents = new Map<string, string>();
  for await (const [key, value] of journal.range(ALL_KEYS)) contents.set(key, value);
  contents.delete('meta/settled');
  const { lastSeq: seq } = journal;
  await journal.close();
  return { seq, contents };
}

/**
 * Holds what was recovered after the life of a world against what was there before and all writes that were begun in
 * it: it has to be exactly what some commit left, none before the last one that was acknowledged.
 */
export function compareRecovered(
  before: Recovered,
  begun: readonly BegunWrite[],
  after: Recovered,
  wrong: (what: string) => void,
): void {
  const entries = new Map<number, readonly Op[]>();
  let acknowledged = before.seq;
  for (const write of begun) {
    for (const op of write.ops) {
      const key = 'put' in op ? parseKey(op.put) : undefined;
      if (key?.kind !== 'journal' || !('put' in op)) continue;
      entries.set(key.seq, unpackEntry(putValue(op)));
      if (write.acknowledged) acknowledged = Math.max(acknowledged, key.seq);
    }
  }
  if (after.seq < acknowledged)
    wrong(`commit ${acknowledged} was acknowledged, and ${after.seq} is the last one`);
  const expected = new Map(before.contents);
  for (let seq = before.seq + 1; seq <= after.seq; seq += 1) {
    const ops = entries.get(seq);
    if (ops === undefined) wrong(`commit ${seq} was never begun`);
    for (const op of ops ?? []) {
      if ('put' in op) expected.set(op.put, op.value);
      else expected.delete(op.del);
    }
  }
  for (const what of differences(expected, after.contents)) wrong(`after commit ${after.seq}, ${what}`);
}

/** Where two states differ, told in words. */
export function differences(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  const told: string[] = [];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [one, other] = [expected.get(key), found.get(key)];
    if (one !== other) told.push(`${key} is ${other ?? 'not there'}, and not ${one ?? 'gone'}`);
  }
  return told;
}

/**
 * A state in which two worlds that did the same are equal, however often they were restarted in between: the names of
 * grants are exchanged for numbers, and what counts commits and chunks is left out.
 */
export function comparable({ contents }: Recovered): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const comparable = new Map<string, string>();
  for (const [key, value] of [...contents].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (/^[su]\//.test(key)) continue;
    const renamed = value.replace(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g, (name) => {
      const known = names.get(name) ?? `grant-${names.size + 1}`;
      names.set(name, known);
      return known;
    });
    comparable.set(key, renamed);
  }
  return comparable;
}
