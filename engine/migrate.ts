import { FORMAT_VERSION, formatText, parseFormat } from '../storage/format.ts';
import type { Journal } from '../storage/journal.ts';
import { FORMAT_KEY, prefixRange } from '../storage/keys.ts';
import type { Op } from '../storage/store.ts';
import { indexKeys } from './references.ts';

/** References that are written in one commit. */
const AT_ONCE = 2_000;

/**
 * Makes a world of an older format one of today's, before anything else reads it. Killed in the middle, it begins anew the
 * next time: the format is written last. Gives the version that the world was of, and null if there was nothing to do.
 * Values that are damaged are passed over; the world reports them when they are needed.
 */
export async function migrate(journal: Journal): Promise<number | null> {
  const text = journal.get(FORMAT_KEY);
  if (text === undefined) return null; // a store of no folder
  const format = parseFormat(text, 'the store');
  if (format.version >= FORMAT_VERSION) return null;
  if (format.version < 2) await addReferences(journal);
  await journal.commit([{ put: FORMAT_KEY, value: formatText({ ...format, version: FORMAT_VERSION }) }]);
  await journal.settle();
  return format.version;
}

/** From format 1 to 2. (From 2 to 3 nothing has to be done to a world.) */
async function addReferences(journal: Journal): Promise<void> {
  let ops: Op[] = [];
  for (const prefix of ['o', 'e'] as const) {
    const onDamaged = (): void => {};
    for await (const [place, value] of journal.range({ ...prefixRange(prefix), onDamaged })) {
      for (const reference of indexKeys(place, value)) ops.push({ put: reference, value: '' });
      if (ops.length < AT_ONCE) continue;
      await journal.commit(ops);
      ops = [];
    }
  }
  await journal.commit(ops);
}
