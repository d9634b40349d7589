import { parseKey } from '../storage/keys.ts';

/** The object that a key is of; `nothing` where it is of none. */
export function idIn(key: string): string {
  const parsed = parseKey(key);
  return parsed !== undefined && 'id' in parsed ? parsed.id : 'nothing';
}
