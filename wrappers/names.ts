/**
 * The names that leave memory. The grammar, once:
 *
 *   object id   id    := "o" digits              in this vat
 *                      | vat ":" "o" digits      in another (not produced yet; the format has room for it)
 *                                                the digits are a number up to 9007199254740991
 *   token       token := 22 characters of base64url: 128 random bits
 *   slot        slot  := id "." token "." shape  what a capability becomes when it is written down
 *   shape       shape := digits                  which method names the grant admits; see shape.ts
 */
import { parse } from './natives.ts';

declare const brand: unique symbol;
export type ObjectId = string & { readonly [brand]: 'ObjectId' };
export type Token = string & { readonly [brand]: 'Token' };
export type Slot = string & { readonly [brand]: 'Slot' };

export interface SlotParts {
  readonly id: ObjectId;
  readonly token: Token;
  readonly shape: number;
}

const ID = /^(?:[a-z][a-z0-9-]{0,31}:)?o[1-9][0-9]{0,15}$/;
const SLOT = /^((?:[a-z][a-z0-9-]{0,31}:)?o[1-9][0-9]{0,15})\.([A-Za-z0-9_-]{22})\.(0|[1-9][0-9]{0,8})$/;

/** Whether the number of an id is one that there can be: two larger ones may be the same to whoever counts. */
function isNumbered(id: string): boolean {
  return id.length < 17 || Number.isSafeInteger(Number(id.slice(id.lastIndexOf('o') + 1)));
}

export function objectId(number: number): ObjectId {
  return `o${number}` as ObjectId;
}

export function parseObjectId(alleged: string): ObjectId | undefined {
  return ID.test(alleged) && isNumbered(alleged) ? (alleged as ObjectId) : undefined;
}

/** `random` must give 22 characters of base64url from a cryptographic source. */
export function mintToken(random: () => string): Token {
  return random() as Token;
}

export function storedToken(text: string): Token {
  return text as Token;
}

export function formatSlot(parts: SlotParts): Slot {
  return `${parts.id}.${parts.token}.${parts.shape}` as Slot;
}

export function parseSlot(alleged: string): SlotParts | undefined {
  const found = SLOT.exec(alleged);
  if (found === null || !isNumbered(found[1] as string)) return undefined;
  return { id: found[1] as ObjectId, token: copied(found[2] as string) as Token, shape: Number(found[3]) };
}

/** The same text by itself: one that was found in another keeps all of that in memory. It holds nothing that JSON escapes. */
function copied(text: string): string {
  return parse(`"${text}"`) as string;
}
