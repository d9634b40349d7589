import { parseKey, prefixRange, type Prefix } from '../storage/keys.ts';
import type { Range } from '../storage/store.ts';
import { slotsIn, targetOf } from './stored-slots.ts';

/** A place in the store that holds capabilities on an object. */
export interface Holder {
  readonly key: string;
  /** The class of the holder, if it is an object. */
  readonly className: string;
  /** The tokens of the grants that it holds, each once. */
  readonly tokens: readonly string[];
}

/** The kinds of keys whose values hold capabilities, objects first. */
const KINDS: readonly Prefix[] = ['o', 'e', 'm', 't', 'w', 'r', 's', 'a', 'dead', 'meta'];

/** Reads the store between turns for all that holds a capability on an object. Leaves out what is damaged. */
export async function* holdersOf(
  store: { range(range: Range): AsyncIterable<readonly [key: string, value: string]> },
  id: string,
): AsyncIterable<Holder> {
  for (const kind of KINDS) {
    for await (const [text, value] of store.range({ ...prefixRange(kind), onDamaged: () => {} })) {
      // Most hold nothing of it, and need not be read as JSON.
      if (!value.includes(`"${id}.`)) continue;
      const key = parseKey(text);
      if (key === undefined) continue;
      const held = slotsIn(key, value).filter((slot) => targetOf(slot) === id);
      if (held.length === 0) continue;
      const tokens = new Set(held.map((slot) => slot.split('.')[1] ?? ''));
      const className = key.kind === 'object' ? (JSON.parse(value) as { class: string }).class : '';
      yield { key: text, className, tokens: [...tokens] };
    }
  }
}
