/*
 * The key grammar. Kinds differ by their first part; parts are separated by "/".
 *
 *   key     = "format"                  what this store is, and its version
 *           | "meta/" NAME              counters and roots; "meta/settled" is the journal's own
 *           | "j/" SEQ                  journal entry
 *           | "o/" ID                   object
 *           | "shape/" N                method set
 *           | "a/" ACCOUNT              account
 *           | "s/" SID                  session
 *           | "u/" SID "/" SEQ          unread output chunk of a session
 *           | "m/" SEQ                  pending send
 *           | "t/" SEQ "/" SEQ          timer: due time, then number
 *           | "dead/" SEQ               message that was set aside
 *           | "x/" ID                   why an object is set aside
 *           | "src/" HASH               source text of a class
 *           | "safe/" HASH              class version that an admin has approved
 *           | "of/" ID "/" ID           a class that was written in the world, then an object of it
 *           | "d/" ID                   the collections of an object
 *           | "e/" ID "/" WORD "/" HASH entry of a collection
 *           | "w/" ID                   what an object publishes, and who watches it
 *           | "r/" ID                   what an object wants to be told after a restart
 *           | "g/" ID                   since when nothing that is reachable refers to an object
 *           | "ref/" ID "/" PLACE       a reference: the object that is meant, then the key whose value refers to it;
 *                                       an index, which can be made anew of the values
 *
 *   NAME    = lower-case letter, then up to 63 of: lower-case letter, digit, "-"
 *   WORD    = letter, then up to 39 of: letter, digit
 *   SEQ     = 16 digits: a number padded with zeros, so that byte order is number order
 *   N       = a number without leading zeros
 *   HASH    = 64 hexadecimal digits: SHA-256
 *   ID      = [ VAT ":" ] LENGTH "o" N  the object VAT:oN; without VAT: this vat's own
 *   LENGTH  = "1" to "9", "A" to "G"    how many digits N has, 1 to 16, so that byte order is number order: what was made
 *                                       together lies together, and is read from few places of a disk
 *   VAT     = lower-case letter, then up to 31 of: lower-case letter, digit, "-"
 *   SID     = 1 to 64 of: letter, digit, "-", "_"     (base64url)
 *   PLACE   = a key that begins with "o/" or "e/"
 *   ACCOUNT = the name in lower case and Unicode form NFC, percent-encoded as UTF-8
 *
 * Numbers are 0 to 9007199254740991. No key is longer than 512 characters; all are printable ASCII.
 */

import { StoreError } from './errors.ts';

declare const kind: unique symbol;
/** A key of one kind, made by the functions of this file only. */
export type Key<K extends KeyKind = KeyKind> = string & { readonly [kind]: K };

export type ParsedKey =
  | { readonly kind: 'format' }
  | { readonly kind: 'meta'; readonly name: string }
  | { readonly kind: 'journal'; readonly seq: number }
  | { readonly kind: 'object'; readonly id: string }
  | { readonly kind: 'shape'; readonly number: number }
  | { readonly kind: 'account'; readonly name: string }
  | { readonly kind: 'session'; readonly sid: string }
  | { readonly kind: 'unread'; readonly sid: string; readonly number: number }
  | { readonly kind: 'send'; readonly seq: number }
  | { readonly kind: 'timer'; readonly due: number; readonly seq: number }
  | { readonly kind: 'dead'; readonly seq: number }
  | { readonly kind: 'aside'; readonly id: string }
  | { readonly kind: 'source'; readonly hash: string }
  | { readonly kind: 'safe'; readonly hash: string }
  | { readonly kind: 'member'; readonly of: string; readonly id: string }
  | { readonly kind: 'collections'; readonly id: string }
  | { readonly kind: 'entry'; readonly id: string; readonly name: string; readonly hash: string }
  | { readonly kind: 'watched'; readonly id: string }
  | { readonly kind: 'restart'; readonly id: string }
  | { readonly kind: 'garbage'; readonly id: string }
  | { readonly kind: 'reference'; readonly to: string; readonly place: string };
export type KeyKind = ParsedKey['kind'];

/**
 * Longest key, in characters. 512 holds every kind with room for growth, and keeps a hostile name from becoming a
 * key that is larger than its value.
 */
export const KEY_MAX = 512;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const ID = /^((?:[a-z][a-z0-9-]{0,31}:)?)o(0|[1-9][0-9]{0,15})$/;
const ID_PART = /^((?:[a-z][a-z0-9-]{0,31}:)?)([1-9A-G])o(0|[1-9][0-9]{0,15})$/;
/** Each length of a number has the character that stands for it in a key. */
const LENGTHS = '123456789ABCDEFG';
const SID = /^[A-Za-z0-9_-]{1,64}$/;
const N = /^(?:0|[1-9][0-9]{0,15})$/;
const SEQ = /^[0-9]{16}$/;
const WORD = /^[A-Za-z][A-Za-z0-9]{0,39}$/;
const HASH = /^[0-9a-f]{64}$/;
const ZEROS = '0000000000000000';

/** Whether a text can be a key at all, of whatever kind. Looks at every key that is written: an expression is slower. */
export function isKeyText(alleged: string): boolean {
  if (alleged.length === 0 || alleged.length > KEY_MAX) return false;
  for (let at = 0; at < alleged.length; at += 1) {
    const unit = alleged.charCodeAt(at);
    if (unit < 0x21 || unit > 0x7e) return false;
  }
  return true;
}

/** Gives a key back that is one. Throws `BadKey`. */
export function checkedKey(alleged: string): string {
  if (typeof alleged === 'string' && isKeyText(alleged)) return alleged;
  throw new StoreError('BadKey', `${JSON.stringify(alleged)?.slice(0, 100)} cannot be a key`);
}

/** Whether it is an id without a vat, and with a number of up to 15 digits, as nearly all are: an expression is slower. */
function isPlainId(alleged: string): boolean {
  if (typeof alleged !== 'string' || alleged.length < 2 || alleged.length > 16) return false;
  if (alleged.charCodeAt(0) !== 0x6f) return false;
  const first = alleged.charCodeAt(1);
  if (first < 0x31 || first > 0x39) return false;
  for (let at = 2; at < alleged.length; at += 1) {
    const unit = alleged.charCodeAt(at);
    if (unit < 0x30 || unit > 0x39) return false;
  }
  return true;
}

function bad(what: string, value: unknown, rule: string): never {
  throw new StoreError(
    'BadKey',
    `${what} ${JSON.stringify(value)?.slice(0, 100)} cannot be part of a key: ${rule}`,
  );
}

function checked(what: string, grammar: RegExp, value: string, rule: string): string {
  if (typeof value !== 'string' || !grammar.test(value)) bad(what, value, rule);
  return value;
}

function natural(what: string, n: number): string {
  if (!Number.isSafeInteger(n) || n < 0)
    bad(what, n, 'it has to be a whole number from 0 to 9007199254740991');
  return String(n);
}

function padded(what: string, n: number): string {
  const digits = natural(what, n);
  return ZEROS.slice(digits.length) + digits;
}

const name = (text: string) => checked('name', NAME, text, 'lower-case letters, digits and "-" only');

/** An id as it stands in a key. */
function id(text: string): string {
  if (isPlainId(text)) return LENGTHS.charAt(text.length - 2) + text;
  checked('object id', ID, text, 'like o17 or vat:o17');
  const [, vat = '', n = ''] = ID.exec(text) ?? [];
  if (!Number.isSafeInteger(Number(n))) bad('object id', text, 'its number goes up to 9007199254740991');
  return `${vat}${LENGTHS.charAt(n.length - 1)}o${n}`;
}
const hash = (text: string) => checked('hash', HASH, text, '64 hexadecimal digits');
const word = (text: string) => checked('collection name', WORD, text, 'up to 40 letters and digits');
const sid = (text: string) => checked('session id', SID, text, '1 to 64 base64url characters');

export const FORMAT_KEY = 'format' as Key<'format'>;
export const metaKey = (text: string) => `meta/${name(text)}` as Key<'meta'>;
export const journalKey = (seq: number) => `j/${padded('journal number', seq)}` as Key<'journal'>;
export const objectKey = (text: string) => `o/${id(text)}` as Key<'object'>;
export const shapeKey = (n: number) => `shape/${natural('shape number', n)}` as Key<'shape'>;
export const sessionKey = (text: string) => `s/${sid(text)}` as Key<'session'>;
export const unreadKey = (text: string, n: number) => unreadKeysOf(text)(n);
/** The keys of one session's chunks: its name is looked at once only. */
export const unreadKeysOf = (text: string) => {
  const start = `u/${sid(text)}/`;
  return (n: number) => (start + padded('chunk number', n)) as Key<'unread'>;
};
export const sendKey = (seq: number) => `m/${padded('send number', seq)}` as Key<'send'>;
export const timerKey = (due: number, seq: number) =>
  `t/${padded('due time', due)}/${padded('timer number', seq)}` as Key<'timer'>;
export const deadKey = (seq: number) => `dead/${padded('message number', seq)}` as Key<'dead'>;
export const asideKey = (text: string) => `x/${id(text)}` as Key<'aside'>;
export const sourceKey = (text: string) => `src/${hash(text)}` as Key<'source'>;
export const safeKey = (text: string) => `safe/${hash(text)}` as Key<'safe'>;
export const memberKey = (ofClass: string, text: string) => `of/${id(ofClass)}/${id(text)}` as Key<'member'>;
export const collectionsKey = (text: string) => `d/${id(text)}` as Key<'collections'>;
export const entryKey = (text: string, collection: string, digest: string) =>
  `e/${id(text)}/${word(collection)}/${hash(digest)}` as Key<'entry'>;
export const watchedKey = (text: string) => `w/${id(text)}` as Key<'watched'>;
export const restartKey = (text: string) => `r/${id(text)}` as Key<'restart'>;
export const garbageKey = (text: string) => `g/${id(text)}` as Key<'garbage'>;
export const referenceKey = (to: string, place: Key<'object' | 'entry'>) =>
  `ref/${id(to)}/${place}` as Key<'reference'>;

/** Names that differ only in case, or in how an accent is written, give the same key. */
export function accountKey(text: string): Key<'account'> {
  if (typeof text !== 'string' || text === '') bad('account name', text, 'it may not be empty');
  let encoded: string;
  try {
    encoded = encodeURIComponent(text.toLowerCase().normalize('NFC'));
  } catch {
    bad('account name', text, 'it is not well-formed Unicode');
  }
  if (encoded.length > KEY_MAX - 2) bad('account name', text, 'it is too long');
  return `a/${encoded}` as Key<'account'>;
}

/** The one key that the journal keeps for itself beside its entries: the last entry that needs no replay. */
export const SETTLED_KEY = metaKey('settled');

/** There while a world of an older format is made new: the version that it was of. */
export const OLDER_KEY = metaKey('older');

/** Whether a key is one of the journal's entries: nothing that a reader of the world is shown. */
export const isJournalEntry = (key: string): boolean => key.startsWith('j/');

/** The number in a part; digits that are above the largest number are no number. */
function numberIn(part: string, grammar: RegExp): number | undefined {
  if (!grammar.test(part)) return undefined;
  const n = Number(part);
  return Number.isSafeInteger(n) ? n : undefined;
}

/** Each reads one part of a key; `undefined` where it is none. */
const isText = (grammar: RegExp) => (part: string) => (grammar.test(part) ? part : undefined);
function readId(part: string): string | undefined {
  const plain = part.slice(1);
  if (isPlainId(plain)) return LENGTHS.charAt(plain.length - 2) === part.charAt(0) ? plain : undefined;
  const [, vat = '', length = '', n = ''] = ID_PART.exec(part) ?? [];
  const isId = numberIn(n, N) !== undefined && LENGTHS.charAt(n.length - 1) === length;
  return isId ? `${vat}o${n}` : undefined;
}
const readSeq = (part: string) => numberIn(part, SEQ);
const readHash = isText(HASH);
const readSid = isText(SID);

function readAccount(part: string): string | undefined {
  try {
    const decoded = decodeURIComponent(part);
    return accountKey(decoded) === `a/${part}` ? decoded : undefined;
  } catch {
    return undefined;
  }
}

type Fields<K extends KeyKind> = Omit<Extract<ParsedKey, { kind: K }>, 'kind'>;
/** What the parts of a key behind its prefix are, in order. */
type Parts<K extends KeyKind> = {
  readonly [F in keyof Fields<K>]: (part: string) => Fields<K>[F] | undefined;
};
const form = <K extends KeyKind>(kind: K, parts: Parts<K>) => ({
  kind,
  parts: Object.entries(parts as Record<string, (part: string) => string | number | undefined>),
});

/** The grammar above, but for `format`, and for what of a reference is a key itself. */
const FORMS = {
  meta: form('meta', { name: isText(NAME) }),
  j: form('journal', { seq: readSeq }),
  o: form('object', { id: readId }),
  shape: form('shape', { number: (part) => numberIn(part, N) }),
  a: form('account', { name: readAccount }),
  s: form('session', { sid: readSid }),
  u: form('unread', { sid: readSid, number: readSeq }),
  m: form('send', { seq: readSeq }),
  t: form('timer', { due: readSeq, seq: readSeq }),
  dead: form('dead', { seq: readSeq }),
  x: form('aside', { id: readId }),
  src: form('source', { hash: readHash }),
  safe: form('safe', { hash: readHash }),
  of: form('member', { of: readId, id: readId }),
  d: form('collections', { id: readId }),
  e: form('entry', { id: readId, name: isText(WORD), hash: readHash }),
  w: form('watched', { id: readId }),
  r: form('restart', { id: readId }),
  g: form('garbage', { id: readId }),
  ref: form('reference', {
    to: readId,
    place: (part) => (/^[oe]\//.test(part) && parseKey(part) !== undefined ? part : undefined),
  }),
} as const;

/** The first part of a key. */
export type Prefix = keyof typeof FORMS;

/** Takes a key apart; `undefined` for any text that the functions above cannot make. */
export function parseKey(alleged: string): ParsedKey | undefined {
  if (alleged === FORMAT_KEY) return { kind: 'format' };
  if (!isKeyText(alleged)) return undefined;
  let start = alleged.indexOf('/') + 1;
  const prefix = alleged.slice(0, Math.max(0, start - 1));
  if (!Object.hasOwn(FORMS, prefix)) return undefined;
  const { kind, parts } = FORMS[prefix as Prefix];
  const parsed: Record<string, string | number> = { kind };
  for (let at = 0; at < parts.length; at += 1) {
    const [field, read] = parts[at] as (typeof parts)[number];
    // The last part may go on behind a "/": only the place of a reference has parts of its own.
    const end = at === parts.length - 1 ? alleged.length : alleged.indexOf('/', start);
    if (end < 0) return undefined;
    const value = read(alleged.slice(start, end));
    if (value === undefined) return undefined;
    parsed[field] = value;
    start = end + 1;
  }
  return parsed as ParsedKey;
}

interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

/** All keys that go on behind a "/": "0" is the character behind it. */
const behind = (start: string): KeyRange => ({ gte: `${start}/`, lt: `${start}0` });

/** All keys that begin with this part. */
export const prefixRange = (prefix: Prefix): KeyRange => behind(prefix);
/** All objects of a class that was written in the world. */
export const memberRange = (ofClass: string): KeyRange => behind(`of/${id(ofClass)}`);
/** All entries of the collections of an object. */
export const entryRange = (text: string): KeyRange => behind(`e/${id(text)}`);
/** All references to an object. */
export const referenceRange = (to: string): KeyRange => behind(`ref/${id(to)}`);

/** Every key there can be. */
export const ALL_KEYS: KeyRange = { gte: '!', lt: '\x7f' };

/** The index of references: what follows from the values of all other keys. */
const INDEX = prefixRange('ref');
/** In order, the ranges of the keys that the index follows from. */
export const ALL_BUT_INDEX: readonly KeyRange[] = [
  { gte: ALL_KEYS.gte, lt: INDEX.gte },
  { gte: INDEX.lt, lt: ALL_KEYS.lt },
];
export const isIndexKey = (key: string): boolean => key.startsWith(INDEX.gte);

/** Nearly every key that another program could have put into a database. */
export const ALL_BYTES = { gte: '\0', lt: '\u{10ffff}' } as const;
