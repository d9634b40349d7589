import { idIn } from '../key-id.ts';

/** What a world in a test has stored, as the invariants look at it: read without the engine. */
export type Contents = readonly (readonly [key: string, value: string])[];

interface Envelope {
  readonly class: string;
  readonly of?: string;
  readonly paid?: number;
  readonly bank: string | null;
  readonly grants: readonly (readonly [token: string, shape: number, parent: number, ...rest: unknown[]])[];
  readonly body: string;
  readonly slots: readonly string[];
}

export interface StoredObject extends Envelope {
  readonly id: string;
  readonly text: string;
}

export function objectsIn(contents: Contents): ReadonlyMap<string, StoredObject> {
  const found = new Map<string, StoredObject>();
  for (const [key, text] of contents) {
    if (!key.startsWith('o/')) continue;
    const id = idIn(key);
    found.set(id, { ...(JSON.parse(text) as Envelope), id, text });
  }
  return found;
}

/** The object and the token of a stored slot. */
export function partsOf(slot: string): { readonly id: string; readonly token: string } {
  const [id = '', token = ''] = slot.split('.');
  return { id, token };
}

/** Every token that the store knows. */
export function tokensIn(contents: Contents): ReadonlySet<string> {
  const tokens = new Set<string>();
  for (const object of objectsIn(contents).values()) for (const [token] of object.grants) tokens.add(token);
  return tokens;
}

/** The tokens of a grant and of all that it was derived from. */
export function lineOf(object: StoredObject, token: string): readonly string[] {
  const line: string[] = [];
  for (let at = object.grants.findIndex(([each]) => each === token); at >= 0;) {
    const grant = object.grants[at];
    if (grant === undefined) break;
    line.push(grant[0]);
    at = grant[2];
  }
  return line;
}

/** Whether an object was paid for by a bank, or by one that was split off from it, however often. */
export function isPaidBy(
  objects: ReadonlyMap<string, StoredObject>,
  object: StoredObject,
  bank: string,
): boolean {
  let at: string | null = object.bank;
  for (let level = 0; at !== null && level < 1000; level += 1) {
    if (at === bank) return true;
    at = objects.get(at)?.bank ?? null;
  }
  return false;
}
