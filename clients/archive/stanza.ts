import { createHash } from 'node:crypto';
import { parseKey, type ParsedKey } from '../../storage/keys.ts';
import { isValueText } from '../../storage/store.ts';
import { OBJECT_MEMBERS, type CapData, type StoredObject } from '../../engine/stored-forms.ts';
import {
  isIrregular,
  NOT_REGULAR,
  parsed,
  printData,
  readSlot,
  SlotGatherer,
  slotText,
  type CapabilityReader,
  type CapabilityWriter,
} from './capability-text.ts';
import { printGrant, readGrant } from './grant-line.ts';
import { headingOf, type ReadHeading } from './headings.ts';
import { LineError, printTree, quoted, readTree, type Line } from './tree.ts';

/*
 * A stanza of an export: what the store holds under one key. FIELDS are the members of a JSON object in their order.
 *
 *   STANZA = HEADING NL { FIELD NL }
 *   FIELD  = NAME " " TREE                   a member
 *          | NAME " " CAPABILITY             a member that is a slot
 *          | NAME " record " TREE            a member that is marshalled data
 *          | NAME " text " TREE              the same, as a text
 *          | "record " TREE                  the members "body" and "slots"
 *          | GRANT                           of an object: see grant-line.ts
 *          | "= " TREE                       all of a value that is no such object
 *          | "| " TEXT                       of a source: a line of it
 *          | "\ " STRING                     the same, with characters that cannot be shown
 *          | "raw: " STRING                  a value that is not as the world writes it, and is kept as it is
 */

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
/** What stands in the stanza of an object besides its grants. */
const FIELDS: ReadonlySet<string> = new Set([
  ...OBJECT_MEMBERS.slice(0, OBJECT_MEMBERS.indexOf('grants')),
  'record',
]);
const RESERVED: ReadonlySet<string> = new Set(['record', 'raw', 'grant']);
/** What a line of a source may not hold to be shown as it is. */
const HIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

export interface PrintedStanza {
  readonly text: string;
  /** It has no form of its own, so that it shows tokens as they are stored. */
  readonly raw: boolean;
}

/** Writes a value as a stanza, which `readStanza` makes into exactly that value again. `note` stands behind the heading. */
export function printStanza(
  key: ParsedKey,
  value: string,
  writer: CapabilityWriter,
  note = '',
): PrintedStanza {
  const heading = `${headingOf(key)}${note === '' ? '' : ` ${note}`}\n`;
  try {
    return { text: `${heading}${printValue(key, value, writer)}\n`, raw: false };
  } catch (thrown) {
    if (!isIrregular(thrown)) throw thrown;
    return { text: `${heading}  raw: ${quoted(value)}\n\n`, raw: true };
  }
}

function printValue(key: ParsedKey, value: string, writer: CapabilityWriter): string {
  if (key.kind === 'source') {
    // Whoever reads it looks whether it is.
    if (hashOf(value) !== key.hash) throw NOT_REGULAR;
    return printSource(value);
  }
  const tree = parsed(value);
  if (JSON.stringify(tree) !== value) throw NOT_REGULAR;
  if (key.kind === 'object') return printObject(tree as StoredObject, writer);
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree) || Object.keys(tree).length === 0)
    return printTree(tree, '  = ', '  ');
  return printFields(key, tree as Record<string, unknown>, writer);
}

function printFields(key: ParsedKey, tree: Record<string, unknown>, writer: CapabilityWriter): string {
  const names = Object.keys(tree);
  const listed = names.every((name) => NAME.test(name) && !RESERVED.has(name));
  if (!listed) return printTree(tree, '  = ', '  ');
  let out = '';
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? '';
    const value = tree[name];
    if (name === 'body' && names[at + 1] === 'slots') {
      out += printData(tree as unknown as CapData, '  record ', writer);
      at += 1;
    } else if (isData(value)) {
      out += printData(value, `  ${name} record `, writer);
    } else if (key.kind === 'session' && name === 'slot') {
      if (typeof value !== 'string') throw NOT_REGULAR;
      out += `  ${name} ${slotText(value, writer)}\n`;
    } else if (key.kind === 'account' && name === 'capability') {
      const data = typeof value === 'string' ? parsed(value) : undefined;
      if (!isData(data) || JSON.stringify(data) !== value) throw NOT_REGULAR;
      out += printData(data, `  ${name} text `, writer);
    } else {
      out += printTree(value, `  ${name} `, '  ');
    }
  }
  return out;
}

function isData(value: unknown): value is CapData {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'body,slots') return false;
  const { body, slots } = value as Record<string, unknown>;
  return typeof body === 'string' && Array.isArray(slots);
}

function printObject(object: StoredObject, writer: CapabilityWriter): string {
  if (typeof object !== 'object' || object === null) throw NOT_REGULAR;
  const names = Object.keys(object);
  const expected = OBJECT_MEMBERS.filter((name) => Object.hasOwn(object, name));
  if (names.join() !== expected.join() || !Array.isArray(object.grants)) throw NOT_REGULAR;
  // What an import asks of each object that is laid out.
  if (object.class === undefined || object.bank === undefined) throw NOT_REGULAR;
  let out = '';
  for (const name of names.slice(0, names.indexOf('grants')))
    out += printTree(object[name as keyof StoredObject], `  ${name} `, '  ');
  object.grants.forEach((grant, at) => {
    out += printGrant(grant, at, writer);
  });
  return out + printData(object, '  record ', writer);
}

function printSource(text: string): string {
  let out = '';
  for (const line of text.split('\n')) out += HIDDEN.test(line) ? `  \\ ${quoted(line)}\n` : `  | ${line}\n`;
  return out;
}

/** What a stanza says. Throws `LineError`. */
export function readStanza(
  heading: ReadHeading,
  at: number,
  lines: readonly Line[],
  reader: CapabilityReader,
): string {
  if (lines[0]?.text.startsWith('raw: ') === true) return readRaw(lines, lines[0]);
  if (heading.kind === 'source') return readSource(heading, at, lines);
  if (lines.length === 0) throw new LineError(at, 'there is nothing under this heading');
  const rows = new Rows(lines);
  const first = lines[0];
  if (first?.text.startsWith('= ') === true) {
    rows.next();
    const value = readTree({ ...first, text: first.text.slice(2) }, rows.next);
    rows.end();
    return value;
  }
  const members: string[] = [];
  const names = new Set<string>();
  const grants: string[] = [];
  for (let line = rows.next(); line !== undefined; line = rows.next()) {
    if (heading.kind === 'object' && line.text.startsWith('grant ')) {
      if (names.has('record')) throw new LineError(line.number, 'grants stand before the record');
      grants.push(readGrant(line, grants.length, reader));
      continue;
    }
    const space = line.text.indexOf(' ');
    const name = line.text.slice(0, Math.max(space, 0));
    if (!NAME.test(name))
      throw new LineError(line.number, 'expected a field: a name, a space, and its value');
    if (names.has(name)) throw new LineError(line.number, `"${name}" is there twice in this stanza`);
    names.add(name);
    if (heading.kind === 'object' && !FIELDS.has(name))
      throw new LineError(line.number, `an object has no "${name}": expected ${[...FIELDS].join(', ')}`);
    const value: Line = { number: line.number, text: line.text.slice(space + 1) };
    if (name === 'record') {
      if (heading.kind === 'object') members.push(`"grants":[${grants.join()}]`);
      const data = readData(value, rows, reader);
      members.push(`"body":${JSON.stringify(data.body)}`, `"slots":${JSON.stringify(data.slots)}`);
    } else {
      members.push(`"${name}":${readField(value, rows, reader)}`);
    }
  }
  const text = `{${members.join()}}`;
  if (heading.kind === 'object') checkObject(text, at);
  return text;
}

function readField(value: Line, rows: Rows, reader: CapabilityReader): string {
  if (value.text.startsWith('<')) return JSON.stringify(readSlot(value.text, value.number, reader));
  if (value.text.startsWith('record '))
    return JSON.stringify(readData({ ...value, text: value.text.slice(7) }, rows, reader));
  if (value.text.startsWith('text '))
    return JSON.stringify(JSON.stringify(readData({ ...value, text: value.text.slice(5) }, rows, reader)));
  return readTree(value, rows.next);
}

/** Marshalled data, as the marshaller writes it. */
export function readData(first: Line, rows: Rows, reader: CapabilityReader): CapData {
  const gatherer = new SlotGatherer(reader);
  return { body: `#${readTree(first, rows.next, gatherer.take)}`, slots: gatherer.slots };
}

function readRaw(lines: readonly Line[], first: Line): string {
  if (lines[1] !== undefined) throw new LineError(lines[1].number, 'nothing follows "raw:"');
  return readText({ ...first, text: first.text.slice(5) });
}

/** A text in quotes that can be stored. */
function readText(line: Line): string {
  const text: unknown = JSON.parse(readTree(line, () => undefined));
  if (isValueText(text)) return text;
  throw new LineError(line.number, 'expected a text in quotes, without half a surrogate pair');
}

function readSource({ key }: ReadHeading, at: number, lines: readonly Line[]): string {
  const texts = lines.map(({ number, text }) => {
    if (text.startsWith('| ')) return text.slice(2);
    if (text === '|') return ''; // an editor that takes spaces off the ends of lines
    if (text.startsWith('\\ "')) return readText({ number, text: text.slice(2) });
    throw new LineError(number, 'expected a line of source, behind "| "');
  });
  const text = texts.join('\n');
  const hash = hashOf(text);
  const parsedKey = parseKey(key);
  if (parsedKey?.kind === 'source' && parsedKey.hash !== hash)
    throw new LineError(at, `this source is not what its hash names: of the text as it stands it is ${hash}`);
  return text;
}

function hashOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

function checkObject(text: string, at: number): void {
  const object = JSON.parse(text) as Partial<StoredObject>;
  for (const name of ['class', 'bank', 'body'] as const) {
    if (object[name] === undefined)
      throw new LineError(at, `this object has no ${name === 'body' ? 'record' : name}`);
  }
}

/** The lines of a stanza, one after the other. */
export class Rows {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  readonly next = (): Line | undefined => {
    this.#at += 1;
    return this.#lines[this.#at - 1];
  };

  /** Throws `LineError` if there is another one. */
  end(): void {
    const line = this.next();
    if (line !== undefined) throw new LineError(line.number, 'expected the end of the stanza');
  }
}
