import { memberKey, type ParsedKey } from '../storage/keys.ts';
import { isObjectId } from '../engine/stored-forms.ts';

/** The first format whose worlds keep references. */
export const KEEPS_REFERENCES = 2;

const OF = /^\{"class":"[^"\\]*","of":"([^"\\]*)"/;

/** The object of the class that an object is of, if that was written in the world. */
function classObjectOf(value: string): string | undefined {
  return OF.exec(value)?.[1];
}

/** `of/` for an object of a class that was written in the world. */
export function membershipOf(key: ParsedKey, value: string): string | undefined {
  const of = key.kind === 'object' ? classObjectOf(value) : undefined;
  if (of === undefined || key.kind !== 'object' || !isObjectId(of)) return undefined;
  return memberKey(of, key.id);
}
