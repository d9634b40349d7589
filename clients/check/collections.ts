import { createHash } from 'node:crypto';
import { collectionsKey, entryKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import { entryName, type StoredEntry, type StoredHeads } from '../../engine/stored-forms.ts';
import { excessOf } from './amounts.ts';
import { removal } from './findings.ts';
import type { Inspection } from './inspection.ts';
import { rejoin } from './rejoin.ts';
import { jsonIn } from './surroundings.ts';

/** The entries of one collection by the first 52 bits of their hashes, in the order of their keys; -1: none. */
interface Links {
  readonly own: number[];
  readonly before: number[];
  readonly after: number[];
}

const NONE = -1;
const TORN = 'its object fails when it reads the list, or does not see all of it';
const STUCK = 'it can be seen that it is there, and is handed to nobody';
const LOST = 'that entry is not in the list';

/** Judges collections: entries come in the order of their keys, so those of one object together. */
export class Collections {
  readonly #inspection: Inspection;
  readonly #view: View;
  #id = '';
  #links = new Map<string, Links>();
  /** Something of this object was not as it should be: its chains come after that. */
  #broken = false;

  constructor(inspection: Inspection, view: View) {
    this.#inspection = inspection;
    this.#view = view;
  }

  /** The heads of an object's collections. */
  async heads(id: string, text: string, value: string): Promise<void> {
    const { grants } = this.#inspection.around;
    if (!grants.has(id)) {
      this.#inspection.unusable(text, 'their object is not there', 'nothing: nobody can read them');
      return;
    }
    const heads = headsIn(value);
    // Those that have entries are looked at with them.
    for (const [name, { first }] of Object.entries(heads ?? {}))
      if (!(await this.#has(id, name, first))) {
        this.#torn(id, `collection ${name} begins with an entry that is not there`);
        return;
      }
    if (heads === undefined) this.#torn(id, 'they are no heads of collections');
  }

  /** The next entry. */
  async entry(id: string, name: string, hash: string, value: string): Promise<void> {
    if (id !== this.#id) await this.end();
    this.#id = id;
    const text = entryKey(id, name, hash);
    if (!this.#inspection.around.grants.has(id)) {
      this.#broken = true;
      this.#inspection.unusable(text, 'its object is not there', 'nothing: nobody can read it');
      return;
    }
    const problem = this.#problem(hash, value);
    if (problem !== undefined) {
      this.#broken = true;
      this.#inspection.unusable(text, `the entry cannot be read: ${problem}`, LOST, removal(text));
      return;
    }
    const { before, after, data } = JSON.parse(value) as StoredEntry;
    const excess = excessOf(JSON.parse(data.body.slice(1)), WORLD_LIMITS.value);
    if (excess !== undefined)
      this.#inspection.report({ key: text, what: `the entry ${excess}`, means: STUCK });
    let links = this.#links.get(name);
    if (links === undefined) {
      links = { own: [], before: [], after: [] };
      this.#links.set(name, links);
    }
    links.own.push(short(hash));
    links.before.push(short(before));
    links.after.push(short(after));
  }

  /** No more entries of that object come. */
  async end(): Promise<void> {
    const id = this.#id;
    const links = this.#links;
    const broken = this.#broken;
    this.#id = '';
    this.#links = new Map();
    this.#broken = false;
    if (id === '' || broken) return; // after the repair of what was told they are looked at again
    let heads: StoredHeads | undefined;
    try {
      heads = headsIn((await this.#view.get(collectionsKey(id))) ?? '{}');
    } catch {
      return; // it is damaged, and told
    }
    if (heads === undefined) return;
    for (const [name, each] of links) {
      const problem = chainProblem(Object.hasOwn(heads, name) ? heads[name] : undefined, each);
      if (problem === undefined) continue;
      this.#torn(id, `collection ${name} is not whole: ${problem}`);
      return;
    }
  }

  #torn(id: string, what: string): void {
    const said = `joined all entries of the collections of ${id} that there are`;
    const fix = { said, ops: (view: Pick<View, 'get' | 'range'>) => rejoin(view, id) };
    this.#inspection.report({ key: collectionsKey(id), what, means: TORN, fix });
  }

  #problem(hash: string, value: string): string | undefined {
    const entry = jsonIn(value) as Partial<StoredEntry> | undefined;
    if (typeof entry !== 'object' || entry === null) return 'it is no JSON';
    const examined = this.#inspection.examine(entry.data ?? {});
    if ('problem' in examined) return examined.problem;
    for (const other of [entry.before, entry.after])
      if (other !== null && !isEntry('list', other)) return 'what it says of its neighbours is no entry';
    const name = entryName(examined.tree, examined.slots);
    if (name === undefined) return 'it has no key';
    if (createHash('sha256').update(name).digest('hex') !== hash) return 'its key is not what its hash names';
    return undefined;
  }

  async #has(id: string, name: string, first: string | null): Promise<boolean> {
    if (first === null) return false;
    try {
      return (await this.#view.get(entryKey(id, name, first))) !== undefined;
    } catch {
      return true; // damaged, and told where it stands
    }
  }
}

/** The heads of collections; undefined for what is none. */
function headsIn(value: string): StoredHeads | undefined {
  const heads = jsonIn(value);
  if (typeof heads !== 'object' || heads === null || Array.isArray(heads)) return undefined;
  const all = Object.entries(heads as Record<string, unknown>);
  const well = all.every(([name, head]) => {
    const { size, first, last } = (head ?? {}) as Readonly<Record<string, unknown>>;
    return Number.isSafeInteger(size) && isEntry(name, first) && isEntry(name, last);
  });
  return well ? (heads as StoredHeads) : undefined;
}

/** Whether a collection can have that name, and an entry of it that hash. */
function isEntry(name: string, hash: unknown): boolean {
  try {
    return entryKey('o1', name, hash as string) !== '';
  } catch {
    return false;
  }
}

/** A number for a hash; two of one world do not fall together but by a chance of one in 2^52. */
function short(hash: unknown): number {
  return typeof hash === 'string' ? Number.parseInt(hash.slice(0, 13), 16) : NONE;
}

function chainProblem(head: StoredHeads[string] | undefined, links: Links): string | undefined {
  const { own, before, after } = links;
  if (head === undefined) return 'it has entries, and no beginning';
  if (head.size !== own.length) return `it should have ${head.size} entries, and has ${own.length}`;
  let at = short(head.first);
  let previous = NONE;
  for (let met = 0; met < own.length; met += 1) {
    const index = indexIn(own, at);
    if (index < 0) return `only ${met} of its ${own.length} entries follow one another`;
    if (before[index] !== previous) return 'an entry does not lead back to the one before it';
    previous = at;
    at = after[index] ?? NONE;
  }
  if (at !== NONE || previous !== short(head.last)) return 'it does not end where it should';
  return undefined;
}

/** By halves: they go up. */
function indexIn(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = sorted[middle] ?? NONE;
    if (there === wanted) return middle;
    if (there < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
