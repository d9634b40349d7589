import { parseKey, prefixRange, type KeyKind, type ParsedKey, type Prefix } from '../../storage/keys.ts';
import type { Looks } from './capabilities.ts';
import { grantRows, grantTree } from './grants.ts';
import { isDeeper } from '../nesting.ts';
import { instant } from './instant.ts';
import { DEEPEST, safeJson, safeLine, safeName, Special, type Shown, type Stanza } from './shown.ts';
import { storedValue } from './stored-value.ts';

/** The fields of a stored value; which there are is alleged. */
export type Stored = Readonly<Record<string, unknown>>;

type KeyOf<K extends KeyKind> = Extract<ParsedKey, { readonly kind: K }>;

interface Kind<K extends KeyKind> {
  /** The range of its keys. */
  readonly range: { readonly gte: string; readonly lt: string };
  /** The first line, made of nothing but the key and names that are safe to print. */
  readonly title: (key: KeyOf<K>, value: Stored) => string;
  /** What its value says, without tokens. Throws an ordinary Error for a value that cannot be read. */
  readonly fields: (key: KeyOf<K>, value: Stored, looks: Looks, text: string) => Record<string, Shown>;
  /** The value is no JSON object. */
  readonly plain?: true;
  /** The first line says all that there is. */
  readonly brief?: true;
}

const over = (prefix: Prefix) => prefixRange(prefix);

const message = (value: Stored, looks: Looks): Record<string, Shown> => {
  const read = storedValue(value, looks);
  const isRecord =
    typeof read === 'object' && read !== null && !Array.isArray(read) && !(read instanceof Special);
  if (!isRecord) return { message: read };
  const { due, ...rest } = read as Record<string, Shown>;
  return typeof due === 'number' ? { due: instant(due), ...rest } : rest;
};

/** Every kind of key there is, and how it is shown. A kind that has no line here does not compile. */
export const KINDS: { readonly [K in KeyKind]: Kind<K> } = {
  format: {
    range: { gte: 'format', lt: 'format\0' },
    title: () => 'format',
    fields: (_, { format, version, vat }) => some({ format, version, vat }),
  },
  meta: {
    range: over('meta'),
    title: ({ name }) => `meta ${name}`,
    fields: ({ name }, value, looks, text) => ({
      // The name by which backups know the world is a bare text.
      value: name === 'roots' ? storedValue(value, looks) : data(name === 'name' ? text : JSON.parse(text)),
    }),
    plain: true,
  },
  journal: {
    // A view has none: what is in them it shows as if it were at its own keys.
    range: over('j'),
    title: ({ seq }) => `journal entry ${seq}`,
    fields: (_, __, ___, text) => ({ size: Buffer.byteLength(text) }),
    plain: true,
  },
  object: {
    range: over('o'),
    title: ({ id }, value) => `${id} ${safeName(value['class'])}`,
    fields: ({ id }, value, looks, text) => ({
      ...objectFields(id, value, text),
      ...objectInside(value, looks),
    }),
  },
  shape: {
    range: over('shape'),
    title: ({ number }, { className }) => `shape ${number} of ${safeName(className)}`,
    fields: (_, value) => some(value),
  },
  account: {
    range: over('a'),
    title: ({ name }, value) => `account ${safeJson(value['name'] ?? name)}`,
    // What a password is checked with is not for showing.
    fields: (_, { name, capability }, looks) => ({
      name: data(name),
      player: storedValue(JSON.parse(String(capability)), looks),
    }),
  },
  session: {
    range: over('s'),
    title: ({ sid }) => `session ${sid}`,
    fields: (_, { slot, name, keep, in: input, out, acknowledged, unread, closing }, looks) => ({
      of: typeof slot === 'string' ? looks.capability(slot) : null,
      ...some({ name, keep, in: input, out, acknowledged, unread: unread ?? 0, closing }),
    }),
  },
  unread: {
    range: over('u'),
    title: ({ sid, number }) => `unread output ${number} of session ${sid}`,
    fields: (_, __, ___, text) => ({ items: data(JSON.parse(text)) }),
    plain: true,
  },
  send: {
    range: over('m'),
    title: ({ seq }) => `send ${seq}`,
    fields: (_, value, looks) => message(value, looks),
  },
  timer: {
    range: over('t'),
    title: ({ due, seq }) => `timer ${seq}, due ${instant(due)}`,
    fields: (_, value, looks) => message(value, looks),
  },
  dead: {
    range: over('dead'),
    title: ({ seq }) => `dead letter ${seq}`,
    fields: (_, { body, slots, code, text, when, tries, account }, looks) => ({
      ...(code === undefined ? {} : { code: data(code) }),
      ...(text === undefined ? {} : { why: data(text) }),
      ...(when === undefined ? {} : { when: instant(when) }),
      ...some({ tries, account }),
      message: message({ body, slots }, looks),
    }),
  },
  aside: {
    range: over('x'),
    title: ({ id }, { className }) => `${id} ${safeName(className)} is set aside`,
    fields: (_, { className, bank, code, message: why, when }) => ({
      ...some({ class: className, bank, code, why }),
      when: instant(when),
    }),
  },
  source: {
    range: over('src'),
    title: ({ hash }) => `source ${hash}`,
    fields: (_, __, ___, text) => ({
      size: Buffer.byteLength(text),
      text: new Special(
        text
          .split('\n')
          .map((line) => `| ${safeLine(line)}`)
          .join('\n'),
        text,
      ),
    }),
    plain: true,
  },
  safe: {
    range: over('safe'),
    title: ({ hash }) => `approved ${hash}`,
    fields: (_, { className, when }) => ({ class: data(className), when: instant(when) }),
  },
  member: {
    range: over('of'),
    title: ({ of, id }) => `${id} is of the class that ${of} holds`,
    fields: ({ of, id }) => ({ of, id }),
    plain: true,
    brief: true,
  },
  collections: {
    range: over('d'),
    title: ({ id }) => `collections of ${id}`,
    fields: ({ id }, value) => ({ id, collections: data(value) }),
  },
  entry: {
    range: over('e'),
    title: ({ id, name }) => `entry of ${name} of ${id}`,
    fields: ({ id, name }, value, looks) => ({ id, collection: name, ...entryFields(value, looks) }),
  },
  watched: {
    range: over('w'),
    title: ({ id }) => `watches on ${id}`,
    fields: ({ id }, value, looks) => ({ id, watches: storedValue(value, looks) }),
  },
  restart: {
    range: over('r'),
    title: ({ id }) => `restarts of ${id}`,
    fields: ({ id }, value, looks) => ({ id, restarts: storedValue(value, looks) }),
  },
  garbage: {
    range: over('g'),
    title: ({ id }) => `${id} is garbage`,
    fields: ({ id }, { since }) => ({ id, since: instant(since) }),
  },
  reference: {
    range: over('ref'),
    title: ({ to, place }) => `reference to ${to} at ${place}`,
    fields: ({ to, place }) => ({ to, at: place }),
    plain: true,
    brief: true,
  },
};

/** What there is about an object beside its record and its grants. */
export function objectFields(id: string, value: Stored, text: string): Record<string, Shown> {
  const { class: className, of, v, bank, paid, kept } = value;
  return {
    id,
    ...some({
      class: className,
      ...(of === undefined ? {} : { of }),
      version: v ?? 1,
      bank: bank ?? null,
      blocks: paid ?? (bank === null ? 0 : 1),
      ...(kept === undefined ? {} : { kept }),
    }),
    size: Buffer.byteLength(text),
  };
}

function objectInside(value: Stored, looks: Looks): Record<string, Shown> {
  return { record: storedValue(value, looks), grants: grantTree(grantRows(value['grants']), looks) };
}

/** The key and the value of an entry of a collection. */
export function entryFields(value: Stored, looks: Looks): { readonly of: Shown; readonly value: Shown } {
  const pair = storedValue(value['data'], looks);
  if (!Array.isArray(pair)) throw new Error('it is no entry');
  const [of = null, held = null] = pair as readonly Shown[];
  return { of, value: held };
}

const SLOT = /\b((?:[a-z][a-z0-9-]{0,31}:)?o[1-9][0-9]{0,15})\.[A-Za-z0-9_-]{22}(?=\.\d)/g;

/** What stands in the store as JSON and is not of the world's making: as it is, but never a token. Throws an ordinary Error. */
function data(value: unknown): Shown {
  if (isDeeper(value, DEEPEST)) throw new Error('it is nested too deep');
  return value === undefined
    ? null
    : (JSON.parse(JSON.stringify(value).replace(SLOT, '$1.(token)')) as Shown);
}

/** The same for several fields; those that are undefined are left out. */
function some(fields: object): Record<string, Shown> {
  return data(fields) as Record<string, Shown>;
}

/** How one key is shown. What cannot be read is shown as damaged, with the reason and without what it holds. */
export function stanzaOf(key: string, text: string, looks: Looks): Stanza {
  const parsed = parseKey(key);
  if (parsed === undefined) return damaged(key, 'it is no key of this version');
  try {
    const kind = KINDS[parsed.kind] as Kind<KeyKind>;
    const value = valueOf(text, kind.plain === true);
    const fields = kind.fields(parsed, value, looks, text);
    const title = kind.title(parsed, value);
    return { title, kind: parsed.kind, key, fields, ...(kind.brief === true ? { brief: true } : {}) };
  } catch (error) {
    // What a parser says of a text quotes it.
    const told = error instanceof Error && !(error instanceof SyntaxError);
    return damaged(key, told ? error.message : 'it cannot be read');
  }
}

function valueOf(text: string, plain: boolean): Stored {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!plain) throw error;
  }
  if (typeof value === 'object' && value !== null) return value as Stored;
  if (!plain) throw new Error('it is no JSON object');
  return {};
}

/** A key whose value is not what was written; the key is empty where it is not known which keys were lost. */
export function damaged(key: string, reason: string): Stanza {
  return {
    title: key === '' ? 'DAMAGED: a part of the database' : `DAMAGED: ${safeLine(key)}`,
    kind: parseKey(key)?.kind ?? 'unknown',
    key,
    fields: { damaged: reason },
  };
}
