import { collectionsKey, entryRange, parseKey } from '../../storage/keys.ts';
import type { Op } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import type { StoredEntry } from '../../engine/stored-forms.ts';
import { jsonIn } from './surroundings.ts';

/** An entry that can be read, and what it said of its neighbours. */
interface Found {
  readonly key: string;
  readonly entry: StoredEntry;
}

/**
 * What has to be written so that the collections of an object are whole: every entry that there is, in the order that its
 * links still tell; pieces that lost one another follow each other, the one that has the beginning first.
 */
export async function rejoin(view: Pick<View, 'get' | 'range'>, id: string): Promise<readonly Op[]> {
  const byName = new Map<string, Map<string, Found>>();
  const onDamaged = (): void => {}; // told, and taken out, by itself
  for await (const [text, value] of view.range({ ...entryRange(id), onDamaged })) {
    const key = parseKey(text);
    const entry = jsonIn(value) as StoredEntry | undefined;
    if (key?.kind !== 'entry' || typeof entry !== 'object' || entry === null) continue;
    const entries = byName.get(key.name) ?? new Map<string, Found>();
    entries.set(key.hash, { key: text, entry });
    byName.set(key.name, entries);
  }
  const heads = await headsOf(view, id);
  const ops: Op[] = [];
  const joined = new Map<string, object>();
  // In the order in which they were, as far as that is known.
  const names = [...[...heads.keys()].filter((name) => byName.has(name)), ...byName.keys()];
  for (const name of new Set(names)) {
    const entries = byName.get(name);
    if (entries === undefined) continue;
    const order = inOrder(
      entries,
      (heads.get(name) as { readonly first?: unknown } | null | undefined)?.first,
    );
    order.forEach((hash, at) => {
      const found = entries.get(hash);
      if (found === undefined) return;
      const before = order[at - 1] ?? null;
      const after = order[at + 1] ?? null;
      if (found.entry.before === before && found.entry.after === after) return;
      ops.push({ put: found.key, value: JSON.stringify({ before, after, data: found.entry.data }) });
    });
    joined.set(name, { size: order.length, first: order[0] ?? null, last: order.at(-1) ?? null });
  }
  const key = collectionsKey(id);
  ops.push(
    byName.size === 0 ? { del: key } : { put: key, value: JSON.stringify(Object.fromEntries(joined)) },
  );
  return ops;
}

/** The hashes of all entries: from the beginning on, then from each that nobody leads to, then the rest. */
function inOrder(entries: ReadonlyMap<string, Found>, first: unknown): readonly string[] {
  const order = new Set<string>();
  const follow = (from: unknown): void => {
    for (let at = from; typeof at === 'string' && !order.has(at); at = entries.get(at)?.entry.after) {
      if (!entries.has(at)) return;
      order.add(at);
    }
  };
  follow(first);
  for (const [hash, { entry }] of entries)
    if (entry.before === null || !entries.has(entry.before)) follow(hash);
  for (const hash of entries.keys()) follow(hash);
  return [...order];
}

async function headsOf(view: Pick<View, 'get' | 'range'>, id: string): Promise<ReadonlyMap<string, unknown>> {
  let text: string | undefined;
  try {
    text = await view.get(collectionsKey(id));
  } catch {
    // Damaged: which of them came first is lost.
  }
  const heads = text === undefined ? undefined : jsonIn(text);
  return new Map(typeof heads === 'object' && heads !== null ? Object.entries(heads) : []);
}
