import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { reasonOf, StoreError, systemCode } from './errors.ts';
import { foreign, formatText, parseFormat, type Format } from './format.ts';
import { isKeyText } from './keys.ts';

/*
 * A checkpoint file. SEALED is a value with its checksum (`checksum.ts`), LENGTH its bytes in UTF-8, COUNT the number
 * of entries, SHA256 the hash, in hex, of all bytes before the trailer. Keys go up. A key holds no space, so the
 * trailer's first character tells it from an entry.
 *
 *   file    = HEADER "\n" { entry } trailer
 *   HEADER  = {"format":"keystead","version":1,"vat":"","checkpoint":NUMBER,"when":TEXT,"seq":NUMBER}
 *   entry   = KEY " " LENGTH "\n" SEALED "\n"
 *   trailer = " end " COUNT " " SHA256 "\n"
 */

/** What the first line of a checkpoint says. */
export interface CheckpointHeader extends Format {
  /** Its number among the checkpoints of its world. */
  readonly checkpoint: number;
  /** When it was taken, as its writer put it. */
  readonly when: string;
  /** The last journal entry in it. */
  readonly seq: number;
}

export interface CheckpointEntry {
  readonly key: string;
  /** The bytes of the value. They are valid until the next entry is asked for. */
  readonly value: Buffer;
  /** Its first line in the file, without the line end. */
  readonly line: string;
  /** The value with its checksum, as it is in the file. Valid as long as `value`. */
  readonly sealed: Buffer;
}

/** Where the bytes of a checkpoint come from. */
export interface ByteSource {
  /** How many there are; a number to tell progress by, and no promise. */
  readonly size: number;
  /** Puts the next bytes at `offset` of a buffer, at most `length`; gives how many, 0 only when there are no more. */
  read(into: Buffer, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}

class FileSource implements ByteSource {
  readonly size: number;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  async read(into: Buffer, offset: number, length: number): Promise<number> {
    return (await this.#handle.read(into, offset, length)).bytesRead;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const READ = 64 * 1024; // bytes per read: checking them takes about 0.3 ms
const LINE_MAX = 1024; // bytes of the longest line outside values; a key has at most 512
const VALUE_MAX = 256 * 1024 * 1024; // bytes of one value: more than the journal takes, less than a buffer may have
const NEWLINE = 10;

export function headerText(header: CheckpointHeader): string {
  const { checkpoint, when, seq } = header;
  const rest = JSON.stringify({ checkpoint, when, seq });
  return `${formatText({ format: header.format, version: header.version, vat: header.vat }).slice(0, -1)},${rest.slice(1)}\n`;
}

/** What a checkpoint is refused with that is not what was written. */
export function damagedFile(file: string, why: string): StoreError {
  return new StoreError(
    'CheckpointDamaged',
    `the checkpoint "${file}" is damaged: ${why}; use the one before it, or a copy of this one`,
  );
}

/** Reads the first line of a checkpoint. Throws `FormatForeign` and `FormatNewer`. */
export function parseHeader(line: string, file: string): CheckpointHeader {
  const format = parseFormat(line, file);
  const { checkpoint, when, seq } = JSON.parse(line) as Record<string, unknown>;
  const natural = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!natural(checkpoint) || typeof when !== 'string' || !natural(seq)) {
    throw foreign(file, 'its first line is not that of a checkpoint');
  }
  return { ...format, checkpoint, when, seq };
}

/** Takes lines and values off a checkpoint, and hashes what it has taken. */
class Scanner {
  readonly #source: ByteSource;
  readonly #file: string;
  readonly #hash = createHash('sha256');
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #hashed = 0; // up to where the buffer is in the hash
  bytes = 0; // taken so far

  constructor(source: ByteSource, file: string) {
    this.#source = source;
    this.#file = file;
  }

  /** Makes at least `size` bytes available where the file has them; false at its end. */
  async #fill(size: number): Promise<boolean> {
    while (this.#buffer.length - this.#at < size) {
      this.#hash.update(this.#buffer.subarray(this.#hashed, this.#at));
      const rest = this.#buffer.subarray(this.#at);
      const next = Buffer.allocUnsafeSlow(Math.max(READ, size - rest.length) + rest.length);
      rest.copy(next);
      const read = await this.#source.read(next, rest.length, next.length - rest.length);
      this.#buffer = next.subarray(0, rest.length + read);
      this.#at = this.#hashed = 0;
      if (read === 0) return false;
    }
    return true;
  }

  #take(size: number): Buffer {
    const taken = this.#buffer.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.bytes += size;
    return taken;
  }

  /** The next line without its end, `undefined` at the end of the file. */
  async line(): Promise<string | undefined> {
    let end = this.#buffer.indexOf(NEWLINE, this.#at);
    if (end < 0) {
      await this.#fill(LINE_MAX);
      end = this.#buffer.indexOf(NEWLINE, this.#at);
      if (this.#buffer.length === this.#at) return undefined;
    }
    if (end < 0 || end - this.#at > LINE_MAX)
      throw damagedFile(this.#file, `no line ends after byte ${this.bytes}`);
    const length = end - this.#at;
    return this.#take(length + 1).toString('latin1', 0, length);
  }

  /** The next bytes, and the line end behind them. */
  async value(size: number): Promise<Buffer> {
    if (!(await this.#fill(size + 1)))
      throw damagedFile(this.#file, `it ends inside the value at byte ${this.bytes}`);
    const value = this.#take(size + 1);
    if (value[size] !== NEWLINE)
      throw damagedFile(this.#file, `no line ends after the value at byte ${this.bytes}`);
    return value.subarray(0, size);
  }

  /** The hash of all that was taken before the last `taken` bytes. */
  hashBefore(taken: number): string {
    this.#hash.update(this.#buffer.subarray(this.#hashed, this.#at - taken));
    this.#hashed = this.#at - taken;
    return this.#hash.copy().digest('hex');
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill(1));
  }
}

/** A checkpoint that is open for reading, from a file or from the parts of a backup. */
export class CheckpointReader {
  readonly header: CheckpointHeader;
  /** Its first line as it is, without the line end. */
  readonly headLine: string;
  /** The file that it is named by. */
  readonly file: string;
  readonly #source: ByteSource;
  readonly #scanner: Scanner;
  #tailLine: string | undefined;

  private constructor(file: string, source: ByteSource, scanner: Scanner, headLine: string) {
    this.file = file;
    this.#source = source;
    this.#scanner = scanner;
    this.headLine = headLine;
    this.header = parseHeader(headLine, file);
  }

  /** Throws `Missing`, `Unreadable`, `FormatForeign`, `FormatNewer` or `CheckpointDamaged`. */
  static async open(file: string): Promise<CheckpointReader> {
    let handle: FileHandle | undefined;
    let size: number;
    try {
      handle = await open(file, 'r');
      size = (await handle.stat()).size;
    } catch (error) {
      await handle?.close();
      const code = systemCode(error) === 'ENOENT' ? 'Missing' : 'Unreadable';
      throw new StoreError(code, `cannot open the checkpoint "${file}": ${reasonOf(error)}`, error);
    }
    return CheckpointReader.from(new FileSource(handle, size), file);
  }

  /** Reads from any source, which is the reader's from then on, also when this throws. Throws as `open` does. */
  static async from(source: ByteSource, file: string): Promise<CheckpointReader> {
    try {
      const scanner = new Scanner(source, file);
      const line = await scanner.line();
      if (line === undefined) throw damagedFile(file, 'it is empty');
      return new CheckpointReader(file, source, scanner, line);
    } catch (error) {
      await source.close();
      throw readProblem(error, file);
    }
  }

  /** How many bytes there are; to tell progress by. */
  get size(): number {
    return this.#source.size;
  }

  /** The last line without its end: there when `entries()` has come to its end. */
  get tailLine(): string | undefined {
    return this.#tailLine;
  }

  /** How many bytes have been read. */
  get bytes(): number {
    return this.#scanner.bytes;
  }

  /**
   * All entries, each checked before it is given. Throws `CheckpointDamaged` where the file is not what was written,
   * at the latest at its end: only then is the whole of it known to be good. Can be run once.
   */
  async *entries(): AsyncGenerator<CheckpointEntry> {
    try {
      let before = '';
      for (let count = 0; ; count += 1) {
        const line = await this.#scanner.line();
        if (line === undefined) throw damagedFile(this.file, 'it is cut short');
        if (line.startsWith(' ')) {
          await this.#checkTrailer(line, count);
          return;
        }
        const key = this.#entryKey(line, before);
        const sealed = await this.#scanner.value(Number(line.slice(key.length + 1)));
        before = key;
        yield { key, value: this.#checkedValue(key, sealed), line, sealed };
      }
    } catch (error) {
      throw readProblem(error, this.file);
    }
  }

  #entryKey(line: string, before: string): string {
    const [key = '', length = '', ...more] = line.split(' ');
    if (!isKeyText(key) || more.length > 0 || !/^[1-9]\d{0,8}$/.test(length) || Number(length) > VALUE_MAX) {
      throw damagedFile(this.file, `there is no entry at byte ${this.bytes}`);
    }
    if (key <= before) throw damagedFile(this.file, `key "${key}" is out of order`);
    return key;
  }

  /** As `unseal`, but on bytes: a check of the whole file need not decode it. */
  #checkedValue(key: string, sealed: Buffer): Buffer {
    const colon = sealed.subarray(0, 8).indexOf(':');
    const value = sealed.subarray(colon + 1);
    if (colon < 1 || crc32(value, crc32(key)).toString(36) !== sealed.toString('latin1', 0, colon)) {
      throw damagedFile(this.file, `the value of key "${key}" does not fit its checksum`);
    }
    return value;
  }

  async #checkTrailer(line: string, count: number): Promise<void> {
    if (line !== ` end ${count} ${this.#scanner.hashBefore(line.length + 1)}`) {
      throw damagedFile(this.file, `it is not what its last line says (${count} entries read)`);
    }
    if (!(await this.#scanner.atEnd())) throw damagedFile(this.file, 'something follows its last line');
    this.#tailLine = line;
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}

function readProblem(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('Unreadable', `cannot read the checkpoint "${file}": ${reasonOf(error)}`, error);
}
