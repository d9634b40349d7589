import { entryKey, memberKey, objectKey, parseKey, referenceKey, type ParsedKey } from '../storage/keys.ts';
import { targetOf } from '../engine/references.ts';
import { slotsIn } from '../engine/stored-slots.ts';

/** The first format whose worlds keep references. */
export const KEEPS_REFERENCES = 2;

/**
 * The keys that follow from others, so that they can be made anew: `ref/` for each object that an object or an entry of a
 * collection refers to. Throws for a value that is no JSON, or holds a slot that is none.
 */
export function referencesOf(key: ParsedKey, value: string): readonly string[] {
  if (key.kind !== 'object' && key.kind !== 'entry') return [];
  const place = key.kind === 'object' ? objectKey(key.id) : entryKey(key.id, key.name, key.hash);
  const slots = slotsIn(key, value);
  const targets = new Set(slots.map((slot) => targetOf(slot)));
  return [...targets].map((target) => referenceKey(target, place));
}

const OF = /^\{"class":"[^"\\]*","of":"([^"\\]*)"/;

/** The object of the class that an object is of, if that was written in the world. */
function classObjectOf(value: string): string | undefined {
  return OF.exec(value)?.[1];
}

/** `of/` for an object of a class that was written in the world. */
export function membershipOf(key: ParsedKey, value: string): string | undefined {
  const of = key.kind === 'object' ? classObjectOf(value) : undefined;
  if (of === undefined || key.kind !== 'object' || parseKey(`o/${of}`) === undefined) return undefined;
  return memberKey(of, key.id);
}
