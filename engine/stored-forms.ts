import { isValueText } from '../storage/store.ts';
import type { CapData } from '../wrappers/marshal.ts';
import { parseObjectId, parseSlot, type SlotParts } from '../wrappers/names.ts';
import type { StoredGrant } from '../wrappers/grant.ts';
import { MAX_SHAPES, type StoredShape } from '../wrappers/shape.ts';

/** What stands in the store, for tools that read it without the objects: see wrappers/wrapper.ts, marshal.ts, grant.ts. */
export type { CapData, StoredGrant, StoredShape };

/** An object as it is stored. */
export interface StoredObject extends CapData {
  readonly class: string;
  readonly of?: string;
  readonly v?: number;
  readonly paid?: number;
  readonly kept?: number;
  readonly bank: string | null;
  readonly grants: readonly StoredGrant[];
}

/** The members of a stored object, in the order in which they are written. */
export const OBJECT_MEMBERS = [
  'class',
  'of',
  'v',
  'paid',
  'kept',
  'bank',
  'grants',
  'body',
  'slots',
] as const;

/** An entry of a collection. */
export interface StoredEntry {
  readonly before: string | null;
  readonly after: string | null;
  readonly data: CapData;
}

/** The collections of an object, by name. */
export type StoredHeads = Readonly<
  Record<string, { readonly size: number; readonly first: string | null; readonly last: string | null }>
>;

const TOKEN = /^[A-Za-z0-9_-]{22}$/;

export function isToken(alleged: unknown): alleged is string {
  return typeof alleged === 'string' && TOKEN.test(alleged);
}

/** When a grant can expire: some worlds have what is later than any number that counts exactly. */
export function isExpiry(alleged: unknown): alleged is number {
  return Number.isInteger(alleged) && Number(alleged) >= 0 && Number(alleged) < 1e16;
}

/** Objects and messages have numbers below this one: far above it they could not be told apart. */
export const COUNTED = 2 ** 52;

/** Whether a text can name an object, be it there or not. */
export function isObjectId(alleged: string): boolean {
  return parseObjectId(alleged) !== undefined;
}

/** Whether a number can be that of a method set. */
export function isShapeNumber(alleged: unknown): alleged is number {
  return Number.isSafeInteger(alleged) && Number(alleged) >= 0 && Number(alleged) < MAX_SHAPES;
}

/** A slot taken apart; undefined for what is none. */
export function partsOfSlot(alleged: string): SlotParts | undefined {
  return parseSlot(alleged);
}

/**
 * What names an entry of a collection, before it is hashed: a text, or a capability whatever its shape. Half a character is no
 * UTF-8, so that all halves would have one name: a text with such is named by its escapes.
 */
export function entryNameOfText(key: string): string {
  return isValueText(key) ? `s${key}` : `u${JSON.stringify(key)}`;
}

function entryNameOfCapability({ id, token }: Pick<SlotParts, 'id' | 'token'>): string {
  return `c${id}.${token}.0`;
}

/**
 * The name of an entry by its data, which is `[key, value]`; undefined if that is not what is stored. `parsed` is the
 * body without its "#" as JSON.
 */
export function entryName(parsed: unknown, slots: readonly string[]): string | undefined {
  const key: unknown = Array.isArray(parsed) && parsed.length === 2 ? parsed[0] : undefined;
  if (typeof key !== 'string') return undefined;
  // Smallcaps: "$0.Alleged: Room" is the capability of that slot, "!x" is a text that begins with a special character.
  if (key.startsWith('$')) {
    const parts = parseSlot(slots[indexOfSlot(key)] ?? '');
    return parts === undefined ? undefined : entryNameOfCapability(parts);
  }
  if (key.startsWith('!')) return entryNameOfText(key.slice(1));
  const first = key.charCodeAt(0);
  return first >= 33 && first <= 45 ? undefined : entryNameOfText(key);
}

/** The index in a smallcaps reference to a capability, "$3" or "$3.Alleged: Room"; -1 for what is none. */
export function indexOfSlot(text: string): number {
  const found = /^\$(0|[1-9][0-9]{0,8})(?:\.|$)/.exec(text);
  return found === null ? -1 : Number(found[1]);
}
