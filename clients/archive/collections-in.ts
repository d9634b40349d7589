import { createHash } from 'node:crypto';
import { collectionsKey, entryKey, parseKey } from '../../storage/keys.ts';
import { entryName, type CapData, type StoredHeads } from '../../engine/stored-forms.ts';
import type { CapabilityReader } from './capability-text.ts';
import type { FoundStanza } from './read-archive.ts';
import { readData, Rows } from './stanza.ts';
import { LineError } from './tree.ts';

/** An entry whose successor is not known yet. */
interface Waiting {
  readonly key: string;
  readonly hash: string;
  readonly before: string | null;
  readonly data: CapData;
}

const HEADING = /^entry (\S+) (\S+)$/;

/** Makes collections of their entries, which stand in their order: links, hashes and heads follow from it. */
export class CollectionsIn {
  readonly #reader: CapabilityReader;
  readonly #put: (key: string, value: string) => void;
  /** Objects whose collections are through: none may come back. */
  readonly #done = new Set<string>();
  #id = '';
  #name = '';
  /** By the names of the collections: no names of a plain object, which may be any that it inherits. */
  readonly #heads = new Map<string, StoredHeads[string]>();
  #hashes = new Set<string>();
  #first: string | null = null;
  #lastHash: string | null = null;
  #waiting: Waiting | undefined;

  constructor(reader: CapabilityReader, put: (key: string, value: string) => void) {
    this.#reader = reader;
    this.#put = put;
  }

  /** Takes the next entry. Throws `LineError`. */
  take({ heading, at, lines }: FoundStanza): void {
    const [, id = '', name = ''] = HEADING.exec(heading) ?? [];
    const [first, ...rest] = lines;
    if (first?.text.startsWith('data ') !== true) throw new LineError(at, 'expected "data", and the entry');
    const rows = new Rows(rest);
    const data = readData({ ...first, text: first.text.slice(5) }, rows, this.#reader);
    rows.end();
    const named = entryName(JSON.parse(data.body.slice(1)), data.slots);
    if (named === undefined)
      throw new LineError(
        first.number,
        'expected a list of a key, which is a text or a capability, and a value',
      );
    const hash = createHash('sha256').update(named).digest('hex');
    let key: string;
    try {
      key = entryKey(id, name, hash);
    } catch {
      throw new LineError(at, 'expected entry, the object, and the name of its collection');
    }
    this.#turnTo(id, name, at);
    if (this.#hashes.has(hash))
      throw new LineError(at, 'there is an entry of that key in this collection already');
    this.#hashes.add(hash);
    this.#flush(hash);
    this.#first ??= hash;
    this.#waiting = { key, hash, before: this.#lastHash, data };
    this.#lastHash = hash;
  }

  /** The collections of an object that are kept as they are. Throws `LineError` if there were some of it. */
  takeHeads(key: string, at: number): void {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'collections') return;
    if (this.#done.has(parsed.id)) throw new LineError(at, `the collections of ${parsed.id} stand twice`);
    this.#done.add(parsed.id);
  }

  /** What came last is all of its object. */
  end(): void {
    this.#endCollection();
    if (this.#id === '') return;
    this.#done.add(this.#id);
    this.#put(collectionsKey(this.#id), JSON.stringify(Object.fromEntries(this.#heads)));
    this.#id = '';
    this.#heads.clear();
  }

  #turnTo(id: string, name: string, at: number): void {
    if (id === this.#id && name === this.#name) return;
    if (id === this.#id) this.#endCollection();
    else this.end();
    if (this.#done.has(id) || this.#heads.has(name))
      throw new LineError(at, `the entries of ${id} ${name} have to stand together`);
    this.#id = id;
    this.#name = name;
  }

  #endCollection(): void {
    if (this.#first !== null)
      this.#heads.set(this.#name, { size: this.#hashes.size, first: this.#first, last: this.#lastHash });
    this.#flush(null);
    this.#hashes = new Set();
    this.#first = null;
    this.#lastHash = null;
    this.#name = '';
  }

  #flush(after: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    const { key, before, data } = waiting;
    this.#put(key, JSON.stringify({ before, after, data }));
  }
}
