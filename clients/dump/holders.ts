import { partsOf, slotsIn } from '../../engine/stored-slots.ts';
import {
  metaKey,
  parseKey,
  prefixRange,
  referenceRange,
  type ParsedKey,
  type Prefix,
} from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { safeJson, safeName } from './shown.ts';

/** A value that refers to an object. */
export interface Holder {
  readonly key: string;
  /** In words, safe to print. */
  readonly name: string;
  /** The tokens of the grants that it holds, each once. Never to be shown. */
  readonly tokens: readonly string[];
  /** Why it cannot be said what it holds: it is damaged, or not what the index says. */
  readonly problem?: string;
}

/** What holds capabilities and is not in the index: it is little, and read whole. */
const NOT_INDEXED = ['m', 't', 's', 'a', 'w', 'r', 'dead'] as const satisfies readonly Prefix[];

/**
 * All that holds a capability on an object, by the index of references. Values elsewhere that are damaged are passed over:
 * where the store is listed they are told.
 */
export async function* holdersOf(view: View, id: string): AsyncGenerator<Holder> {
  for await (const [key] of view.range({ ...referenceRange(id), onDamaged: () => {} })) {
    const parsed = parseKey(key);
    if (parsed?.kind === 'reference') yield await holderAt(view, parsed.place, id);
  }
  for (const prefix of NOT_INDEXED) {
    for await (const [key, value] of view.range({ ...prefixRange(prefix), onDamaged: () => {} })) {
      // Nearly all of them do not refer to it.
      if (!value.includes(`${id}.`)) continue;
      const holder = holderOf(key, value, id);
      if (holder.tokens.length > 0) yield holder;
    }
  }
  const roots = await holderAt(view, metaKey('roots'), id);
  if (roots.tokens.length > 0) yield roots;
}

async function holderAt(view: View, key: string, id: string): Promise<Holder> {
  let value: string | undefined;
  try {
    value = await view.get(key);
  } catch {
    return { key, name: nameOf(key, ''), tokens: [], problem: 'it is damaged' };
  }
  if (value === undefined) return { key, name: nameOf(key, ''), tokens: [], problem: 'it is not there' };
  const holder = holderOf(key, value, id);
  return holder.tokens.length > 0
    ? holder
    : { ...holder, problem: holder.problem ?? 'it holds none any more' };
}

function holderOf(key: string, value: string, id: string): Holder {
  const parsed = parseKey(key);
  const name = nameOf(key, value);
  if (parsed === undefined) return { key, name, tokens: [], problem: 'it is no key of this version' };
  try {
    const tokens = new Set<string>();
    for (const slot of slotsIn(parsed, value)) {
      const parts = partsOf(slot);
      if (parts?.id === id) tokens.add(parts.token);
    }
    return { key, name, tokens: [...tokens] };
  } catch {
    return { key, name, tokens: [], problem: 'it cannot be read' };
  }
}

function nameOf(key: string, value: string): string {
  const parsed = parseKey(key);
  return parsed === undefined ? safeJson(key) : placeName(parsed, value);
}

function placeName(key: ParsedKey, value: string): string {
  if (key.kind === 'object') return `${key.id} ${safeName(classIn(value))}`;
  if (key.kind === 'entry') return `${key.id}, in ${key.name}`;
  if (key.kind === 'send' || key.kind === 'timer') return `${key.kind} ${key.seq}`;
  if (key.kind === 'dead') return `dead letter ${key.seq}`;
  if (key.kind === 'session') return `session ${key.sid}`;
  if (key.kind === 'account') return `account ${safeJson(key.name)}`;
  if (key.kind === 'watched') return `a watch on ${key.id}`;
  if (key.kind === 'restart') return `the restarts of ${key.id}`;
  return 'the world itself';
}

function classIn(value: string): string {
  return /^\{"class":"([A-Za-z0-9_$]+)"/.exec(value)?.[1] ?? 'object';
}
