import { createHash } from 'node:crypto';
import { entryKey, entryRange, parseKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { entryName, type StoredEntry, type StoredHeads } from '../../engine/stored-forms.ts';
import { isIrregular, NOT_REGULAR, parsed, printData, type CapabilityWriter } from './capability-text.ts';

/**
 * Characters of the entries of one object that are held in memory while they are put in order; of what is beyond, each is
 * read by itself.
 */
const HELD = 32 * 1024 * 1024;

/**
 * The entries of an object's collections as stanzas in the order of the collections, which is how they are linked; the
 * links follow from it, and so do the hashes that name the entries. Gives undefined if they are not whole: then they
 * have to be written one by one as they are.
 *
 *   STANZA = "entry " ID " " WORD NL "  data " TREE NL
 */
export class CollectionsOut {
  readonly #view: View;
  readonly #writer: CapabilityWriter;
  readonly #held = new Map<string, string>();

  constructor(view: View, writer: CapabilityWriter) {
    this.#view = view;
    this.#writer = writer;
  }

  /** Whether the collections of an object are whole and as the world writes them. Rejects with `Damaged`. */
  async isRegular(id: string, headsText: string): Promise<boolean> {
    try {
      const counted = await this.#hold(id);
      let met = 0;
      for await (const _ of this.stanzas(id, headsText)) met += 1;
      return met === counted;
    } catch (thrown) {
      if (isIrregular(thrown)) return false;
      throw thrown;
    }
  }

  /** Throws `NOT_REGULAR`, at the latest at the end. */
  async *stanzas(id: string, headsText: string): AsyncGenerator<string> {
    const heads = parsed(headsText) as StoredHeads;
    if (typeof heads !== 'object' || heads === null || JSON.stringify(heads) !== headsText) throw NOT_REGULAR;
    if (Object.keys(heads).length === 0) throw NOT_REGULAR;
    for (const [name, head] of Object.entries(heads)) {
      if (Object.keys(head ?? {}).join() !== 'size,first,last' || head.first === null) throw NOT_REGULAR;
      let size = 0;
      let before: string | null = null;
      for (let at: string | null = head.first; at !== null;) {
        const text = await this.#entry(id, name, at);
        const entry = parsed(text) as StoredEntry | null;
        if (entry === null || entry.before !== before || hashOf(entry) !== at || !isWritten(entry, text))
          throw NOT_REGULAR;
        size += 1;
        if (size > head.size) throw NOT_REGULAR; // a ring has no end
        yield `entry ${id} ${name}\n${printData(entry.data, '  data ', this.#writer)}\n`;
        before = at;
        at = entry.after;
      }
      if (size !== head.size || head.last !== before) throw NOT_REGULAR;
    }
  }

  /** Reads all entries, keeps what there is room for, and gives how many there are. */
  async #hold(id: string): Promise<number> {
    this.#held.clear();
    let count = 0;
    let characters = 0;
    for await (const [key, value] of this.#view.range(entryRange(id))) {
      if (parseKey(key)?.kind !== 'entry') continue;
      count += 1;
      characters += value.length;
      if (characters <= HELD) this.#held.set(key, value);
    }
    return count;
  }

  async #entry(id: string, name: string, hash: string): Promise<string> {
    let key: string;
    try {
      key = entryKey(id, name, hash);
    } catch {
      throw NOT_REGULAR;
    }
    const text = this.#held.get(key) ?? (await this.#view.get(key));
    if (text === undefined) throw NOT_REGULAR;
    return text;
  }
}

function isWritten(entry: StoredEntry, text: string): boolean {
  return Object.keys(entry).join() === 'before,after,data' && JSON.stringify(entry) === text;
}

function hashOf({ data }: StoredEntry): string {
  if (typeof data?.body !== 'string' || !Array.isArray(data.slots)) throw NOT_REGULAR;
  if (Object.keys(data).join() !== 'body,slots') throw NOT_REGULAR;
  const name = entryName(parsed(data.body.slice(1)), data.slots);
  return name === undefined ? '' : createHash('sha256').update(name).digest('hex');
}
