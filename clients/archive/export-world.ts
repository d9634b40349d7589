import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  collectionsKey,
  entryRange,
  FORMAT_KEY,
  parseKey,
  prefixRange,
  type KeyKind,
  type ParsedKey,
  type Prefix,
} from '../../storage/keys.ts';
import { parseFormat } from '../../storage/format.ts';
import type { View } from '../../storage/view.ts';
import type { StoredObject } from '../../engine/stored-forms.ts';
import { grantsIn, GrantIndex } from '../grant-index.ts';
import { shapeIn, type CapabilityWriter } from './capability-text.ts';
import { CollectionsOut } from './collections-out.ts';
import { printStanza } from './stanza.ts';

/*
 * An export: a world as text that can be read and compared, from which an import makes the very same world.
 *
 *   FILE   = "keystead export 1 format " VERSION " vat " STRING " tokens " ("keep" | "new") NL NL
 *            { STANZA NL }
 *            "end " COUNT " " SHA256 NL
 *
 * Stanzas (stanza.ts, collections-out.ts) stand in the order of SECTIONS; in a section in that of their keys, objects
 * by number. COUNT is how many there are, SHA256 the hash, in hex, of all bytes before the last line. UTF-8 without a
 * byte order mark, lines end with "\n"; reading one, `plainBytes` makes it so. What follows from the rest is left
 * out: the lists of objects of a class (of/), references (ref/) and the journal.
 */

const EXPORT_VERSION = 1;

/** The kinds of keys that stand in an export, in their order; "entry" stands for whole collections. */
export const SECTIONS = [
  'meta',
  'shape',
  'safe',
  'account',
  'object',
  'source',
  'entry',
  'aside',
  'watched',
  'restart',
  'garbage',
  'send',
  'timer',
  'dead',
  'session',
  'unread',
] as const satisfies readonly KeyKind[];

const PREFIX = {
  meta: 'meta',
  shape: 'shape',
  safe: 'safe',
  account: 'a',
  object: 'o',
  source: 'src',
  entry: 'e',
  aside: 'x',
  watched: 'w',
  restart: 'r',
  garbage: 'g',
  send: 'm',
  timer: 't',
  dead: 'dead',
  session: 's',
  unread: 'u',
} as const satisfies Readonly<Record<(typeof SECTIONS)[number], Prefix>>;

/** Kinds whose values can hold tokens. */
const WITH_TOKENS: ReadonlySet<KeyKind> = new Set<KeyKind>([
  'meta',
  'account',
  'object',
  'entry',
  'watched',
  'restart',
  'send',
  'timer',
  'dead',
  'session',
]);

/** The journal's own, which no view should show, and every import makes anew. */
const NOT_TOLD = 'settled';

export interface ExportOptions {
  /** `new`: each token becomes another one, the same everywhere. */
  readonly tokens: 'keep' | 'new';
  /** Takes a part of the file; resolves when it can take more. */
  readonly write: (text: string) => Promise<void>;
  /** What cannot be in the file, and why. */
  readonly onLeftOut: (key: string, why: string) => void;
  /** Called every few thousand keys: in words, how far it is. Throw to end it. */
  readonly onProgress?: (what: string) => void;
}

export interface Exported {
  readonly stanzas: number;
  readonly objects: number;
  readonly leftOut: number;
}

const REPORT_EVERY = 4096;
const GATHER = 64 * 1024; // UTF-16 units for one write

/**
 * Writes a world as text. The view stays the caller's. Memory: what `GrantIndex` takes, the shapes, and the largest
 * object or 32 Mi characters of the collections of one.
 */
export async function exportWorld(view: View, options: ExportOptions): Promise<Exported> {
  return new Exporting(view, options).run();
}

class Exporting {
  readonly #view: View;
  readonly #options: ExportOptions;
  readonly #hash = createHash('sha256');
  readonly #grants = new GrantIndex();
  readonly #shapes = new Map<number, NonNullable<ReturnType<typeof shapeIn>>>();
  readonly #writer: CapabilityWriter;
  /** What uses a source, by its hash. */
  readonly #users = new Map<string, string[]>();
  #pending = '';
  #stanzas = 0;
  #leftOut = 0;
  #read = 0;

  constructor(view: View, options: ExportOptions) {
    this.#view = view;
    this.#options = options;
    const secret = options.tokens === 'new' ? randomBytes(32) : undefined;
    this.#writer = {
      shapes: this.#shapes,
      grants: this.#grants,
      token: secret === undefined ? (token) => token : (token) => remade(token, secret),
    };
  }

  async run(): Promise<Exported> {
    const { version, vat } = parseFormat((await this.#view.get(FORMAT_KEY)) ?? '', 'the world');
    await this.#look();
    const { tokens } = this.#options;
    await this.#put(
      `keystead export ${EXPORT_VERSION} format ${version} vat ${JSON.stringify(vat)} tokens ${tokens}\n\n`,
    );
    for (const kind of SECTIONS) {
      if (kind === 'entry') await this.#collections();
      else await this.#section(kind);
    }
    await this.#flush();
    await this.#options.write(`end ${this.#stanzas} ${this.#hash.digest('hex')}\n`);
    return { stanzas: this.#stanzas, objects: this.#grants.objects, leftOut: this.#leftOut };
  }

  /** What has to be known before the first line is written: shapes, and the grants of all objects. */
  async #look(): Promise<void> {
    const quietly = (): void => {}; // told when it comes to be written
    for await (const [text, value] of this.#view.range({ ...prefixRange('shape'), onDamaged: quietly })) {
      const key = parseKey(text);
      const shape = shapeIn(value);
      if (key?.kind === 'shape' && shape !== undefined) this.#shapes.set(key.number, shape);
    }
    for await (const [text, value] of this.#view.range({ ...prefixRange('o'), onDamaged: quietly })) {
      const key = parseKey(text);
      if (key?.kind !== 'object') continue;
      // What stands on one that will be left out has no number there: it is written as what has ended.
      if (!this.#hasOldTokens(key, value)) this.#grants.add(key.id, grantsIn(value));
      this.#progress('looking');
    }
  }

  async #section(kind: Exclude<(typeof SECTIONS)[number], 'entry'>): Promise<void> {
    const range = { ...prefixRange(PREFIX[kind]), onDamaged: this.#damaged };
    const inOrder = kind === 'shape' ? this.#shapeRange(range) : this.#view.range(range);
    for await (const [text, value] of inOrder) {
      const key = parseKey(text);
      if (key === undefined) this.#leave(text, 'Keystead has no such keys');
      else if (key.kind !== 'meta' || key.name !== NOT_TOLD) await this.#stanza(key, text, value);
      if (kind === 'object' && value.startsWith('{"class":"ClassObject"')) this.#noteSources(value);
    }
  }

  /** By number: in the store "10" comes before "2". There are few. */
  async *#shapeRange(range: Parameters<View['range']>[0]): AsyncGenerator<readonly [string, string]> {
    const all: (readonly [string, string])[] = [];
    for await (const entry of this.#view.range(range)) all.push(entry);
    yield* all.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  }

  async #collections(): Promise<void> {
    const out = new CollectionsOut(this.#view, this.#writer);
    for await (const [text, heads] of this.#view.range({ ...prefixRange('d'), onDamaged: this.#damaged })) {
      const key = parseKey(text);
      if (key?.kind !== 'collections') {
        this.#leave(text, 'Keystead has no such keys');
        continue;
      }
      if (await this.#isWhole(out, key.id, heads)) {
        for await (const stanza of out.stanzas(key.id, heads)) await this.#count(stanza);
      } else {
        await this.#stanza(key, text, heads);
        await this.#links(key.id);
      }
    }
    // Entries of objects that have no heads.
    let last: { readonly id: string; readonly lost: boolean } | undefined;
    const damaged: (readonly [string, Error])[] = [];
    const onDamaged = (key: string, error: Error): void => void damaged.push([key, error]);
    for await (const [text, value] of this.#view.range({ ...prefixRange('e'), onDamaged })) {
      const key = parseKey(text);
      if (key?.kind !== 'entry') {
        this.#leave(text, 'Keystead has no such keys');
        continue;
      }
      if (last?.id !== key.id) last = { id: key.id, lost: await this.#hasNoHeads(key.id) };
      if (last.lost) await this.#stanza(key, text, value);
      this.#progress('collections');
    }
    for (const [text, error] of damaged) {
      const key = parseKey(text);
      // Those of objects with heads have been told.
      if (key?.kind !== 'entry' || (await this.#hasNoHeads(key.id))) this.#damaged(text, error);
    }
  }

  async #isWhole(out: CollectionsOut, id: string, heads: string): Promise<boolean> {
    try {
      return await out.isRegular(id, heads);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'Damaged') return false;
      throw error;
    }
  }

  async #hasNoHeads(id: string): Promise<boolean> {
    try {
      return (await this.#view.get(collectionsKey(id))) === undefined;
    } catch {
      return true;
    }
  }

  async #links(id: string): Promise<void> {
    for await (const [text, value] of this.#view.range({ ...entryRange(id), onDamaged: this.#damaged })) {
      const key = parseKey(text);
      if (key?.kind === 'entry') await this.#stanza(key, text, value);
    }
  }

  async #stanza(key: ParsedKey, text: string, value: string): Promise<void> {
    const note = key.kind === 'source' ? (this.#users.get(key.hash)?.join(' ') ?? '') : '';
    const stanza = printStanza(key, value, this.#writer, note);
    if (this.#hasOldTokens(key, value, stanza))
      this.#leave(text, 'it is not as the world writes it, so its tokens cannot be made anew');
    else await this.#count(stanza.text);
  }

  /** Whether tokens are to be made anew and what is written of it would still have those that it has. */
  #hasOldTokens(key: ParsedKey, value: string, stanza?: { readonly raw: boolean }): boolean {
    if (this.#options.tokens === 'keep') return false;
    // Hashes in the links of a collection come of tokens too.
    if (key.kind === 'entry' || key.kind === 'collections') return true;
    // The name by which backups know the world is a bare text, and no token.
    if (!WITH_TOKENS.has(key.kind) || (key.kind === 'meta' && key.name === 'name')) return false;
    return (stanza ?? printStanza(key, value, this.#writer, '')).raw;
  }

  /** Classes that were written in the world name their sources. */
  #noteSources(value: string): void {
    try {
      const { body } = JSON.parse(value) as StoredObject;
      const { name, versions } = JSON.parse(body.slice(1)) as {
        readonly name: string;
        readonly versions: readonly { readonly source: string }[];
      };
      versions.forEach(({ source }, at) => {
        const users = this.#users.get(source) ?? [];
        if (/^[A-Za-z0-9]{1,64}$/.test(name) && users.length < MOST_USERS) users.push(`${name} ${at + 1}`);
        this.#users.set(source, users);
      });
    } catch {
      // Nobody is told what uses the source: that is a note for people only.
    }
  }

  readonly #damaged = (key: string, error: Error): void => {
    this.#leave(key, error.message);
  };

  #leave(key: string, why: string): void {
    this.#leftOut += 1;
    this.#options.onLeftOut(key, why);
  }

  async #count(stanza: string): Promise<void> {
    this.#stanzas += 1;
    this.#progress('writing');
    await this.#put(stanza);
  }

  async #put(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= GATHER) await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#hash.update(this.#pending);
    const text = this.#pending;
    this.#pending = '';
    await this.#options.write(text);
  }

  #progress(what: string): void {
    this.#read += 1;
    if (this.#read % REPORT_EVERY !== 0) return;
    const { stanzas, objects } = { stanzas: this.#stanzas, objects: this.#grants.objects };
    this.#options.onProgress?.(
      what === 'looking' ? `looking: ${objects} objects` : `${what}: ${stanzas} stanzas, ${objects} objects`,
    );
  }
}

/** Versions that are named beside one source. */
const MOST_USERS = 20;

/** Another token, the same for the same one; nobody can go back without the secret, which is forgotten with the export. */
function remade(token: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(token).digest().subarray(0, 16).toString('base64url');
}
