import {
  accountKey,
  asideKey,
  collectionsKey,
  deadKey,
  entryKey,
  garbageKey,
  metaKey,
  objectKey,
  parseKey,
  restartKey,
  safeKey,
  sendKey,
  sessionKey,
  shapeKey,
  sourceKey,
  timerKey,
  unreadKey,
  watchedKey,
  type KeyKind,
  type ParsedKey,
} from '../../storage/keys.ts';

/*
 * The first line of a stanza says what it is of. One row for each kind of key; null for those that an export leaves out,
 * because an import makes them itself.
 */

interface Heading {
  readonly word: string;
  /** What stands behind the word, and the key that it names. Making a key throws `BadKey` for parts that cannot be. */
  readonly parts: number;
  readonly of: (key: ParsedKey) => readonly (string | number)[];
  readonly key: (parts: readonly string[]) => string;
}

type Of<K extends KeyKind> = Extract<ParsedKey, { readonly kind: K }>;

function heading<K extends KeyKind>(
  _kind: K,
  word: string,
  parts: number,
  of: (key: Of<K>) => readonly (string | number)[],
  key: (...parts: readonly string[]) => string,
): Heading {
  return { word, parts, of: (parsed) => of(parsed as Of<K>), key: (given) => key(...given) };
}

/** A whole number as headings have it. */
function whole(text = ''): number {
  return /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : -1;
}

const HEADINGS: Readonly<Record<KeyKind, Heading | null>> = {
  format: null, // the file's first line
  journal: null,
  member: null, // by what objects say
  reference: null, // by what refers
  meta: heading(
    'meta',
    'meta',
    1,
    ({ name }) => [name],
    (name = '') => metaKey(name),
  ),
  shape: heading(
    'shape',
    'shape',
    1,
    ({ number }) => [number],
    (number) => shapeKey(whole(number)),
  ),
  safe: heading(
    'safe',
    'approved',
    1,
    ({ hash }) => [hash],
    (hash = '') => safeKey(hash),
  ),
  account: heading('account', 'account', 1, ({ name }) => [accountKey(name).slice(2)], accountByPart),
  object: heading(
    'object',
    'object',
    1,
    ({ id }) => [id],
    (id = '') => objectKey(id),
  ),
  source: heading(
    'source',
    'source',
    1,
    ({ hash }) => [hash],
    (hash = '') => sourceKey(hash),
  ),
  // Both only where a collection is not whole: else its entries stand in their order, by `entry`.
  collections: heading(
    'collections',
    'heads',
    1,
    ({ id }) => [id],
    (id = '') => collectionsKey(id),
  ),
  entry: heading(
    'entry',
    'link',
    3,
    ({ id, name, hash }) => [id, name, hash],
    (id = '', name = '', hash = '') => entryKey(id, name, hash),
  ),
  aside: heading(
    'aside',
    'aside',
    1,
    ({ id }) => [id],
    (id = '') => asideKey(id),
  ),
  watched: heading(
    'watched',
    'published',
    1,
    ({ id }) => [id],
    (id = '') => watchedKey(id),
  ),
  restart: heading(
    'restart',
    'restart',
    1,
    ({ id }) => [id],
    (id = '') => restartKey(id),
  ),
  garbage: heading(
    'garbage',
    'unreachable',
    1,
    ({ id }) => [id],
    (id = '') => garbageKey(id),
  ),
  send: heading(
    'send',
    'send',
    1,
    ({ seq }) => [seq],
    (seq) => sendKey(whole(seq)),
  ),
  timer: heading('timer', 'timer', 2, ({ due, seq }) => [due, seq], timerByParts),
  dead: heading(
    'dead',
    'dead',
    1,
    ({ seq }) => [seq],
    (seq) => deadKey(whole(seq)),
  ),
  session: heading(
    'session',
    'session',
    1,
    ({ sid }) => [sid],
    (sid = '') => sessionKey(sid),
  ),
  unread: heading('unread', 'unread', 2, ({ sid, number }) => [sid, number], unreadByParts),
};

function accountByPart(part = ''): string {
  const key = parseKey(`a/${part}`);
  return key?.kind === 'account' ? `a/${part}` : accountKey('');
}

function timerByParts(due?: string, seq?: string): string {
  return timerKey(whole(due), whole(seq));
}

function unreadByParts(sid = '', number?: string): string {
  return unreadKey(sid, whole(number));
}

/** The first line for a key; undefined for those that are left out. */
export function headingOf(key: ParsedKey): string | undefined {
  const found = HEADINGS[key.kind];
  return found === null ? undefined : [found.word, ...found.of(key)].join(' ');
}

export interface ReadHeading {
  readonly kind: KeyKind;
  readonly key: string;
  /** What stands behind it for people. */
  readonly rest: string;
}

/** Takes such a line apart; undefined for what is none. */
export function readHeading(line: string): ReadHeading | undefined {
  const [word, ...parts] = line.split(' ');
  for (const kind of Object.keys(HEADINGS) as KeyKind[]) {
    const found = HEADINGS[kind];
    if (found === null || found.word !== word) continue;
    const rest = parts.slice(found.parts);
    if (parts.length < found.parts || (rest.length > 0 && kind !== 'source')) return undefined;
    try {
      return { kind, key: found.key(parts.slice(0, found.parts)), rest: rest.join(' ') };
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** What headings there are, for whoever wrote none of them. */
export const HEADING_WORDS: readonly string[] = [
  ...Object.values(HEADINGS).flatMap((found) => (found === null ? [] : [found.word])),
  'entry',
];
