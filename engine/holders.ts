import { parseKey, prefixRange, referenceRange, type Prefix } from '../storage/keys.ts';
import type { Reader } from '../storage/store.ts';
import { targetOf } from './references.ts';
import { slotsIn } from './stored-slots.ts';

/** A place in the store that holds capabilities on an object. */
export interface Holder {
  readonly key: string;
  /** The class of the holder, if it is an object. */
  readonly className: string;
  /** The tokens of the grants that it holds, each once. */
  readonly tokens: readonly string[];
}

/** The kinds of keys that hold capabilities and are not in the index of references: there are few of them. */
const OTHERS: readonly Prefix[] = ['w', 'r', 'm', 't', 'dead', 's', 'a', 'meta'];

/**
 * Reads from the store, between turns, all that holds a capability on an object: objects and their collections by the
 * index of references, the rest by reading it. Leaves out what is damaged.
 */
export async function* holdersOf(store: Reader, id: string): AsyncIterable<Holder> {
  for await (const [text] of store.range(referenceRange(id))) {
    const reference = parseKey(text);
    if (reference?.kind !== 'reference') continue;
    const holder = holderAt(reference.place, valueAt(store, reference.place), id);
    if (holder !== null) yield holder;
  }
  for (const kind of OTHERS) {
    for await (const [key, value] of store.range({ ...prefixRange(kind), onDamaged: () => {} })) {
      const holder = holderAt(key, value, id);
      if (holder !== null) yield holder;
    }
  }
}

function valueAt(store: Reader, key: string): string | undefined {
  try {
    return store.get(key);
  } catch {
    return undefined; // damaged: `keystead check` tells of it
  }
}

function holderAt(text: string, value: string | undefined, id: string): Holder | null {
  const key = parseKey(text);
  if (key === undefined || value === undefined) return null;
  const held = slotsIn(key, value).filter((slot) => targetOf(slot) === id);
  if (held.length === 0) return null;
  const tokens = [...new Set(held.map((slot) => slot.split('.')[1] ?? ''))];
  const className = key.kind === 'object' ? (JSON.parse(value) as { class: string }).class : '';
  return { key: text, className, tokens };
}
