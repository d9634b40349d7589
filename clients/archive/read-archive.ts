import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { plainBytes } from './plain-bytes.ts';
import { LineError, type Line } from './tree.ts';

/** A stanza as it stands in the file. */
export interface FoundStanza {
  /** The number of its first line, from 1. */
  readonly at: number;
  readonly heading: string;
  readonly lines: readonly Line[];
}

export interface ArchiveHeader {
  readonly format: number;
  readonly vat: string;
}

const HEADER = /^keystead export ([0-9]+) format ([1-9][0-9]{0,8}) vat "([a-z0-9-]*)" tokens (?:keep|new)$/;
const END = /^end ([0-9]{1,16}) ([0-9a-f]{64})$/;
/** Bytes that the last line has at most. */
const END_LENGTH = 128;
/** UTF-16 units of one line: more than any value of the store has, written out. */
const LINE_MOST = 400 * 1024 * 1024;

/** What an edited file may have otherwise than its last line says. */
export interface ReadOptions {
  /** The file was changed by hand: what its last line says of it need not be true, but it has to be there. */
  readonly edited: boolean;
}

/**
 * Reads an export stanza by stanza. Throws `LineError` for a first or last line that is none, at the end also for a file
 * that is not what its last line says; what the stanzas say is not looked at.
 */
export class ArchiveReader {
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #options: ReadOptions;
  readonly #hash = createHash('sha256');
  /** The last bytes, which are not in the hash yet: the last line may be among them. */
  #tail: Uint8Array = new Uint8Array(0);
  header: ArchiveHeader = { format: 0, vat: '' };
  stanzas = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, options: ReadOptions) {
    this.#chunks = plainBytes(chunks);
    this.#options = options;
  }

  async *read(): AsyncGenerator<FoundStanza> {
    let at = 0;
    let heading = '';
    let headingAt = 0;
    let lines: Line[] = [];
    let end: { readonly count: number; readonly hash: string } | undefined;
    for await (const text of this.#lines()) {
      at += 1;
      if (at === 1) {
        this.header = readHeader(text);
        continue;
      }
      if (text === '') continue;
      if (end !== undefined)
        throw new LineError(at, 'nothing follows the last line, which begins with "end"');
      if (text.startsWith(' ')) {
        if (heading === '') throw new LineError(at, 'expected the heading of a stanza, at the margin');
        lines.push({ number: at, text: text.trimStart() });
        continue;
      }
      if (heading !== '') {
        this.stanzas += 1;
        yield { at: headingAt, heading, lines };
      }
      heading = text;
      headingAt = at;
      lines = [];
      const found = END.exec(text);
      if (found === null) continue;
      end = { count: Number(found[1]), hash: found[2] ?? '' };
      heading = '';
    }
    if (at === 0) throw new LineError(1, 'the file is empty');
    if (end === undefined)
      throw new LineError(at, 'the file is cut off: expected a last line "end COUNT HASH" behind this one');
    if (this.#options.edited) return;
    if (end.count !== this.stanzas || end.hash !== this.#digest()) {
      const stanzas = `${end.count} stanzas; it has ${this.stanzas}`;
      const what = end.count === this.stanzas ? 'its hash is another one' : stanzas;
      const changed = `the file is not what this line says (${what}): it is damaged`;
      throw new LineError(at, `${changed}, or was edited; --edited imports it all the same`);
    }
  }

  /** Of all bytes before the last line. */
  #digest(): string {
    const tail = Buffer.from(this.#tail);
    const end = tail.lastIndexOf('end ');
    return this.#hash.update(tail.subarray(0, Math.max(end, 0))).digest('hex');
  }

  async *#lines(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const parts: string[] = [];
    let size = 0;
    let lines = 1;
    const decoded = (chunk?: Uint8Array): string => {
      try {
        return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
      } catch {
        throw new LineError(lines, 'behind the beginning of this line the file is no UTF-8');
      }
    };
    for await (const chunk of this.#chunks) {
      this.#take(chunk);
      const text = decoded(chunk);
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        parts.push(text.slice(from, end));
        yield parts.length === 1 ? (parts[0] ?? '') : parts.join('');
        parts.length = 0;
        size = 0;
        lines += 1;
        from = end + 1;
      }
      parts.push(text.slice(from));
      size += text.length - from;
      if (size > LINE_MOST)
        throw new LineError(lines, 'a line of the file is longer than any line of an export');
    }
    const rest = parts.join('') + decoded();
    if (rest !== '') yield rest;
  }

  #take(chunk: Uint8Array): void {
    const all = Buffer.concat([this.#tail, chunk]);
    const keep = Math.max(0, all.length - END_LENGTH);
    this.#hash.update(all.subarray(0, keep));
    this.#tail = all.subarray(keep);
  }
}

function readHeader(text: string): ArchiveHeader {
  const [, version, format, vat = ''] = HEADER.exec(text) ?? [];
  if (version === undefined)
    throw new LineError(1, 'this is no export of a Keystead world: expected "keystead export 1 format …"');
  if (version !== '1')
    throw new LineError(1, `this export is of version ${version}, and this Keystead reads version 1`);
  return { format: Number(format), vat };
}
