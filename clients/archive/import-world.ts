import { FORMAT_KEY, OLDER_KEY, parseKey, type KeyKind, type ParsedKey } from '../../storage/keys.ts';
import { FORMAT, FORMAT_VERSION, formatText } from '../../storage/format.ts';
import type { Op, Store } from '../../storage/store.ts';
import { referencesOf } from '../../engine/references.ts';
import { membershipOf } from '../derived-keys.ts';
import { GrantIndex, grantsIn } from '../grant-index.ts';
import { PortalError } from '../errors.ts';
import { shapeIn } from './capability-text.ts';
import { CollectionsIn } from './collections-in.ts';
import { SECTIONS } from './export-world.ts';
import { readGrantName } from './grant-line.ts';
import { faultsIn } from './faults.ts';
import { HEADING_WORDS, readHeading, type ReadHeading } from './headings.ts';
import { ArchiveReader, type FoundStanza, type ReadOptions } from './read-archive.ts';
import { readStanza } from './stanza.ts';
import { LineError, readTree } from './tree.ts';

export interface ImportOptions extends ReadOptions {
  /** Opens the file; it is read twice. */
  readonly open: () => AsyncIterable<Uint8Array>;
  readonly onProgress?: (what: string) => void;
  /** Called before so many characters are written: whether there is room for them. What it throws ends the import. */
  readonly onWrite?: (characters: number) => Promise<void>;
}

export interface Imported {
  readonly stanzas: number;
  readonly objects: number;
}

/** Mistakes that are told at once: one that is made everywhere need not be told more often. */
const MOST_TOLD = 20;
const BATCH = 1024 * 1024; // characters of values in one synced write
const REPORT_EVERY = 4096;

/** The first format in whose exports all objects stand in the order of their numbers, whatever is told of them. */
const BY_NUMBER = 4;
/** What stood otherwise before. */
const BY_TEXT = ['aside', 'watched', 'restart', 'garbage'] as const satisfies readonly KeyKind[];

/**
 * Makes the world of an export in a new store. The file is read as a whole first, so that nothing is written for one
 * that is cut off; the second time it is written down. What the world of an edited file would choke on is looked for
 * in what was written, as `keystead check` does; a file that is as an export wrote it makes what was there, with all
 * its faults. Throws `BadArchive`, which names lines and what was expected there; the store is then of no use.
 * Memory: what `GrantIndex` takes with its tokens, and the largest stanza.
 */
export async function importWorld(store: Store, options: ImportOptions): Promise<Imported> {
  const importing = new Importing(store, options);
  try {
    return await importing.run();
  } catch (error) {
    throw error instanceof LineError ? badArchive([error]) : error;
  }
}

class Importing {
  readonly #store: Store;
  readonly #options: ImportOptions;
  readonly #grants = new GrantIndex({ tokens: true });
  readonly #shapes = new Map<number, NonNullable<ReturnType<typeof shapeIn>>>();
  readonly #mistakes: LineError[] = [];
  readonly #collections: CollectionsIn;
  #ops: Op[] = [];
  #size = 0;
  #stanzas = 0;
  /** The format of the world that the file is of. */
  #format = FORMAT_VERSION;
  /** Where the last stanza stood in the order of the file. */
  #section = 0;
  #last = '';
  /** What stands in no order so far. */
  readonly #seen = new Set<string>();

  constructor(store: Store, options: ImportOptions) {
    this.#store = store;
    this.#options = options;
    this.#collections = new CollectionsIn({ shapes: this.#shapes, grants: this.#grants }, (key, value) => {
      this.#put(key, value);
    });
  }

  async run(): Promise<Imported> {
    await this.#look();
    const reader = new ArchiveReader(this.#options.open(), this.#options);
    for await (const stanza of reader.read()) {
      this.#trying(() => {
        this.#take(stanza);
      });
      if (this.#size >= BATCH) await this.#write();
      this.#progress('importing');
    }
    this.#trying(() => {
      this.#collections.end();
    });
    if (this.#mistakes.length > 0) throw badArchive(this.#mistakes);
    await this.#write();
    if (this.#options.edited) {
      const faults = await faultsIn(this.#store, this.#options, MOST_TOLD);
      if (faults !== '')
        throw new PortalError('BadArchive', `the world of this file is not whole.\n${faults}`);
    }
    return { stanzas: reader.stanzas, objects: this.#grants.objects };
  }

  /** What has to be known before the first stanza is written: shapes, and the grants of all objects. */
  async #look(): Promise<void> {
    const reader = new ArchiveReader(this.#options.open(), this.#options);
    for await (const { heading, at, lines } of reader.read()) {
      if (this.#stanzas === 0) checkFormat(reader.header);
      this.#progress('looking');
      const [word, id = ''] = heading.split(' ');
      if (word !== 'object' && word !== 'shape') continue;
      const read = readHeading(heading);
      if (read === undefined) continue; // told when it is taken
      try {
        const shape = read.kind === 'shape' ? shapeIn(readStanza(read, at, lines, this.#reader)) : undefined;
        if (shape !== undefined) this.#shapes.set(Number(id), shape);
        else if (read.kind === 'shape') continue;
        else if (!this.#grants.has(id)) this.#grants.add(id, grantNames(lines));
      } catch (error) {
        if (!(error instanceof LineError)) throw error; // told when it is taken
      }
    }
    checkFormat(reader.header);
    this.#stanzas = 0;
    this.#format = reader.header.format;
    // Whatever the file is of: its keys are those of today, and an older Keystead would take all objects for lost.
    this.#ops.push({ put: FORMAT_KEY, value: formatText(FORMAT) });
    // The first worlds had no versions of classes, which a start makes where it is told so.
    if (this.#format === 1) this.#ops.push({ put: OLDER_KEY, value: '1' });
  }

  get #reader() {
    return { shapes: this.#shapes, grants: this.#grants };
  }

  #take(stanza: FoundStanza): void {
    const { heading, at, lines } = stanza;
    const read = readHeading(heading);
    if (read === undefined && !heading.startsWith('entry ')) throw unknownHeading(heading, at);
    this.#inOrder(read, at);
    if (read === undefined) {
      this.#collections.take(stanza);
      return;
    }
    this.#collections.end();
    const value = readStanza(read, at, lines, this.#reader);
    if (read.kind === 'collections') this.#collections.takeHeads(read.key, at);
    this.#put(read.key, value);
  }

  /** Each key stands once, where it belongs. */
  #inOrder(read: ReadHeading | undefined, at: number): void {
    const kind: KeyKind = read === undefined || read.kind === 'collections' ? 'entry' : read.kind;
    const section = (SECTIONS as readonly KeyKind[]).indexOf(kind);
    if (section < this.#section)
      throw new LineError(at, `this stanza stands too late: the sections are ${SECTION_ORDER}`);
    const key = read?.key ?? '';
    const before = section === this.#section ? this.#last : '';
    this.#section = section;
    this.#last = key;
    // Collections look to their order themselves, but for what is kept of them as it is.
    if (this.#standsAnywhere(kind)) {
      if (this.#seen.has(key))
        throw new LineError(
          at,
          kind === 'source' ? 'this source is there twice' : 'this stanza is there twice',
        );
      this.#seen.add(key);
      return;
    }
    if (before === '' || key === '' || (kind === 'entry' && !isOfOne(before, key))) return;
    if (isBehind(parseKey(before), parseKey(key), before, key)) return;
    throw new LineError(at, 'this stanza is there twice, or not in the order of its section');
  }

  #standsAnywhere(kind: KeyKind): boolean {
    // Its place is by its hash: whoever changes a line of it need not look for the new one.
    if (kind === 'source') return this.#options.edited;
    // Before their keys were in the order of their numbers, all but objects stood as texts do.
    return this.#format < BY_NUMBER && (BY_TEXT as readonly KeyKind[]).includes(kind);
  }

  #put(key: string, value: string): void {
    if (this.#mistakes.length > 0) return; // nobody will see it
    this.#ops.push({ put: key, value });
    this.#size += key.length + value.length;
    const parsed = parseKey(key);
    if (parsed === undefined) return;
    const member = membershipOf(parsed, value);
    if (member !== undefined) this.#ops.push({ put: member, value: '' });
    try {
      for (const reference of referencesOf(parsed, value)) this.#ops.push({ put: reference, value: '' });
    } catch {
      // A value that was kept as it is: nobody can say what it refers to.
    }
  }

  async #write(): Promise<void> {
    const ops = this.#ops;
    await this.#options.onWrite?.(this.#size);
    this.#ops = [];
    this.#size = 0;
    await this.#store.batch(ops, { sync: true });
  }

  #trying(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      this.#mistakes.push(error);
      this.#ops = [];
      this.#size = 0;
      if (this.#mistakes.length >= MOST_TOLD) throw badArchive(this.#mistakes);
    }
  }

  #progress(what: string): void {
    this.#stanzas += 1;
    if (this.#stanzas % REPORT_EVERY === 0) this.#options.onProgress?.(`${what}: ${this.#stanzas} stanzas`);
  }
}

const SECTION_ORDER = SECTIONS.join(', ');

/** The grants of an object, as far as the lines name any. */
function grantNames(lines: FoundStanza['lines']): readonly (readonly [string, number])[] {
  const [first] = lines;
  if (first?.text.startsWith('raw: ') === true)
    return grantsIn(
      JSON.parse(readTree({ ...first, text: first.text.slice(5) }, () => undefined)) as string,
    ).map(([token, shape]) => [token, shape]);
  const found: (readonly [string, number])[] = [];
  for (const line of lines) {
    if (!line.text.startsWith('grant ')) {
      if (found.length > 0) break;
      continue;
    }
    const { token, shape } = readGrantName(line, found.length);
    found.push([token, shape]);
  }
  return found;
}

/** Whether two keys are of entries of one object. */
function isOfOne(before: string, key: string): boolean {
  const [a, b] = [parseKey(before), parseKey(key)];
  return a?.kind === 'entry' && b?.kind === 'entry' && a.id === b.id;
}

/** Whether a key stands behind another one of its kind. */
function isBehind(
  before: ParsedKey | undefined,
  parsed: ParsedKey | undefined,
  textBefore: string,
  text: string,
): boolean {
  if (before?.kind === 'shape' && parsed?.kind === 'shape') return parsed.number > before.number;
  return text > textBefore;
}

function checkFormat({ format, vat }: ArchiveReader['header']): void {
  if (format > FORMAT_VERSION)
    throw new LineError(
      1,
      `this export is of a newer Keystead (format ${format}; this one reads up to ${FORMAT_VERSION})`,
    );
  if (vat !== '') throw new LineError(1, `this export is of the part "${vat}" of a larger world`);
}

function unknownHeading(heading: string, at: number): LineError {
  const word = heading.split(' ', 1)[0] ?? '';
  return HEADING_WORDS.includes(word)
    ? new LineError(at, `what stands behind "${word}" is not what it needs`)
    : new LineError(at, `expected a heading: ${HEADING_WORDS.join(', ')}, end`);
}

function badArchive(mistakes: readonly LineError[]): PortalError {
  const told = mistakes.map(({ line, message }) => `line ${line}: ${message}`);
  return new PortalError('BadArchive', `the file cannot be imported.\n${told.join('\n')}\n`);
}
