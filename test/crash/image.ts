import { openJournal } from '../../storage/journal.ts';
import { ALL_KEYS, parseKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { wrongReferences } from '../engine/reference-index.ts';

/** A capability as it stands in a record: which object, through which grant. */
export class Slot {
  readonly id: string;
  readonly token: string;

  constructor(text: string) {
    [this.id = '', this.token = ''] = text.split('.');
  }
}

export interface StoredObject {
  readonly id: string;
  readonly class: string;
  readonly bank: string | null;
  /** Blocks that its bank has paid for it. */
  readonly paid: number;
  /** The class object, if the class was written in the world. */
  readonly of: string | null;
  /** The version of the class that the record is of. */
  readonly version: number;
  /** The record as it is. */
  readonly body: Readonly<Record<string, unknown>>;
  /** All fields of the record; those of a class that it extends stand beside its own, however they are nested. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly grants: ReadonlyMap<string, StoredGrant>;
}

interface StoredGrant {
  readonly label: string;
  readonly standing: string | null;
  readonly methods: readonly string[];
  /** The bank that pays for it, if it is not that of its object. */
  readonly payer: string | null;
}

export interface StoredSession {
  readonly sid: string;
  readonly name: string;
  readonly object: Slot;
  readonly keep: boolean;
  readonly in: number;
  readonly out: number;
  /** The numbers of the unread chunks that are kept. */
  readonly unread: readonly number[];
}

/** A send or a timer that has not had its turn. */
export interface StoredMessage {
  readonly kind: 'send' | 'timer';
  readonly to: Slot;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** All that a world's folder holds, read without the engine: what a crash has left, as an outsider finds it. */
export interface Image {
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly sessions: readonly StoredSession[];
  /** Sessions that have unread output and do not exist. */
  readonly orphans: readonly string[];
  /** In the order in which they are due, sends and timers each. */
  readonly messages: readonly StoredMessage[];
  /** Texts of classes, by the name that a version has for its own. */
  readonly sources: ReadonlyMap<string, string>;
  /** The keys of what was set aside, objects and messages. */
  readonly asides: readonly string[];
  /** The bank that pays for a watch, once for each watch that a bank pays for. */
  readonly watchPayers: readonly string[];
  /** What is wrong with the index of references. */
  readonly wrongReferences: readonly string[];
}

/** Reads a folder that nobody has open. What is replayed from the journal is written to it. */
export async function readImage(folder: string): Promise<Image> {
  const store = await openLevelStore(folder);
  const journal = await openJournal(store);
  const entries: (readonly [string, string])[] = [];
  try {
    for await (const entry of journal.range(ALL_KEYS)) entries.push(entry);
  } finally {
    await journal.close();
  }
  return imageOf(entries);
}

/** The same of all keys and values, without the journal's own entries. */
export function imageOf(entries: Iterable<readonly [string, string]>): Image {
  const shapes = new Map<number, readonly string[]>();
  const texts = new Map<string, string>();
  const sessions = new Map<string, string>();
  const unread = new Map<string, number[]>();
  const messages: StoredMessage[] = [];
  const sources = new Map<string, string>();
  const asides: string[] = [];
  const watchPayers: string[] = [];
  const references: (readonly [string, string])[] = [];
  for (const [text, value] of entries) {
    const key = parseKey(text);
    if (key === undefined) throw new Error(`"${text}" is no key`);
    if (key.kind === 'object' || key.kind === 'entry' || key.kind === 'reference')
      references.push([text, value]);
    if (key.kind === 'object') texts.set(key.id, value);
    if (key.kind === 'session') sessions.set(key.sid, value);
    if (key.kind === 'unread') unread.set(key.sid, [...(unread.get(key.sid) ?? []), key.number]);
    if (key.kind === 'send' || key.kind === 'timer') messages.push(readMessage(key.kind, value));
    if (key.kind === 'source') sources.set(key.hash, value);
    if (key.kind === 'aside' || key.kind === 'dead') asides.push(text);
    if (key.kind === 'watched') watchPayers.push(...payersOf(value));
    if (key.kind === 'shape') shapes.set(key.number, (JSON.parse(value) as { methods: string[] }).methods);
  }
  return {
    objects: new Map([...texts].map(([id, text]) => [id, readObject(id, text, shapes)])),
    sessions: [...sessions].map(([sid, text]) => readSession(sid, text, unread.get(sid) ?? [])),
    orphans: [...unread.keys()].filter((sid) => !sessions.has(sid)),
    messages,
    sources,
    asides,
    watchPayers,
    wrongReferences: wrongReferences(references),
  };
}

type StoredRow = [
  token: string,
  shape: number,
  parent: number,
  label: string,
  standing: string | null,
  expires: number | null,
  uses: number | null,
  payer?: string,
];

function readObject(id: string, text: string, shapes: ReadonlyMap<number, readonly string[]>): StoredObject {
  const envelope = JSON.parse(text) as {
    class: string;
    of?: string;
    v?: number;
    bank: string | null;
    paid?: number;
    grants: StoredRow[];
    body: string;
    slots: string[];
  };
  const slots = envelope.slots.map((slot) => new Slot(slot));
  const body = plain(JSON.parse(envelope.body.slice(1)), slots) as Record<string, unknown>;
  const grants = envelope.grants.map(([token, shape, , label, standing, , , payer = null]) => {
    const methods = shapes.get(shape);
    if (methods === undefined) throw new Error(`${id}: shape ${shape} is not stored`);
    return [token, { label, standing, methods, payer }] as const;
  });
  const { bank, paid = bank === null ? 0 : 1, of = null, v: version = 1 } = envelope;
  const record = flat(body);
  return { id, class: envelope.class, of, version, bank, paid, body, record, grants: new Map(grants) };
}

function readMessage(kind: StoredMessage['kind'], text: string): StoredMessage {
  const { body, slots } = JSON.parse(text) as { body: string; slots: string[] };
  const fields = plain(
    JSON.parse(body.slice(1)),
    slots.map((slot) => new Slot(slot)),
  ) as Omit<StoredMessage, 'kind'>;
  return { kind, to: fields.to, method: fields.method, args: fields.args };
}

function payersOf(text: string): readonly string[] {
  const { body } = JSON.parse(text) as { body: string };
  const watches = JSON.parse(body.slice(1)) as readonly { readonly payer: string | null }[];
  return watches.flatMap(({ payer }) => payer ?? []);
}

function readSession(sid: string, text: string, unread: readonly number[]): StoredSession {
  const { slot, ...rest } = JSON.parse(text) as { slot: string } & Omit<
    StoredSession,
    'object' | 'sid' | 'unread'
  >;
  return { sid, ...rest, object: new Slot(slot), unread: [...unread].sort((a, b) => a - b) };
}

function flat(record: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const nests =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Slot);
    Object.assign(fields, nests ? flat(value as object) : { [key]: value });
  }
  return fields;
}

/** Smallcaps, as far as records need it. */
function plain(tree: unknown, slots: readonly Slot[]): unknown {
  if (Array.isArray(tree)) return tree.map((each) => plain(each, slots));
  if (typeof tree === 'object' && tree !== null) {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, plain(value, slots)]));
  }
  if (typeof tree !== 'string') return tree;
  if (tree.startsWith('$')) return slots[Number(/^\$(\d+)/.exec(tree)?.[1])];
  if (tree.startsWith('!')) return tree.slice(1);
  return tree === '#undefined' ? undefined : tree;
}
