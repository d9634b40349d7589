import { open, type FileHandle } from 'node:fs/promises';
import { damagedCheckpoint, parseHeader, type CheckpointHeader } from './checkpoint/header.ts';
import { PACKED_HEAD, PackedSource } from './checkpoint/packed.ts';
import { FileSource, Scanner, type ByteSource } from './checkpoint/scanner.ts';
import { unsealBytes } from './checksum.ts';
import { reasonOf, StoreError, systemCode } from './errors.ts';
import { READ } from './files.ts';
import { isKeyText } from './keys.ts';

/*
 * The bytes of a checkpoint; in its file they are packed (`checkpoint/packed.ts`). SEALED is a value with its checksum
 * (`checksum.ts`), LENGTH its bytes in UTF-8, COUNT the number of entries, SHA256 the hash, in hex, of all bytes before the
 * trailer. Keys go up. A key holds no space, so the trailer's first character tells it from an entry.
 *
 *   bytes   = HEADER "\n" { entry } trailer
 *   HEADER  = {"format":"keystead","version":NUMBER,"vat":"","checkpoint":NUMBER,"when":TEXT,"seq":NUMBER}
 *   entry   = KEY " " LENGTH "\n" SEALED "\n"
 *   trailer = " end " COUNT " " SHA256 "\n"
 */

const VALUE_MAX = 320 * 1024 * 1024; // bytes of one value: more than the journal takes, less than a buffer may have

export interface CheckpointEntry {
  readonly key: string;
  /** The bytes of the value. They are valid until the next entry is asked for. */
  readonly value: Buffer;
  /** Its first line among the bytes of the checkpoint, without the line end. */
  readonly line: string;
  /** The value with its checksum, as it is there. Valid as long as `value`. */
  readonly sealed: Buffer;
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
    return CheckpointReader.from(await openSource(file), file);
  }

  /** Reads from any source, which is the reader's from then on, also when this throws. Throws as `open` does. */
  static async from(source: ByteSource, file: string): Promise<CheckpointReader> {
    try {
      const scanner = new Scanner(source, file);
      const line = await scanner.line();
      if (line === undefined) throw damagedCheckpoint(file, 'it is empty');
      return new CheckpointReader(file, source, scanner, line);
    } catch (error) {
      await source.close();
      throw readProblem(error, file);
    }
  }

  /** How far it has been read, from 0 to 1; to tell progress by. */
  get part(): number {
    return this.#source.part;
  }

  /** The last line without its end: there when `entries()` has come to its end. */
  get tailLine(): string | undefined {
    return this.#tailLine;
  }

  /** How many bytes of the checkpoint have been read. */
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
        const next = this.#scanner.line();
        const line = next instanceof Promise ? await next : next;
        if (line === undefined) throw damagedCheckpoint(this.file, 'it is cut short');
        if (line.startsWith(' ')) {
          await this.#checkTrailer(line, count);
          return;
        }
        const key = this.#entryKey(line, before);
        const found = this.#scanner.value(Number(line.slice(key.length + 1)));
        const sealed = found instanceof Promise ? await found : found;
        const value = unsealBytes(key, sealed);
        if (value === undefined)
          throw damagedCheckpoint(this.file, `the value of key "${key}" does not fit its checksum`);
        before = key;
        yield { key, value, line, sealed };
      }
    } catch (error) {
      throw readProblem(error, this.file);
    }
  }

  #entryKey(line: string, before: string): string {
    const [key = '', length = '', ...more] = line.split(' ');
    if (!isKeyText(key) || more.length > 0 || !/^[1-9]\d{0,8}$/.test(length) || Number(length) > VALUE_MAX) {
      throw damagedCheckpoint(this.file, `there is no entry at byte ${this.bytes}`);
    }
    if (key <= before) throw damagedCheckpoint(this.file, `key "${key}" is out of order`);
    return key;
  }

  async #checkTrailer(line: string, count: number): Promise<void> {
    if (line !== ` end ${count} ${this.#scanner.hashBefore(line.length + 1)}`) {
      throw damagedCheckpoint(this.file, `it is not what its last line says (${count} entries read)`);
    }
    if (!(await this.#scanner.atEnd())) throw damagedCheckpoint(this.file, 'something follows its last line');
    this.#tailLine = line;
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}

/** The bytes of a checkpoint file, packed or not. Throws `Missing` and `Unreadable`. */
async function openSource(file: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, READ);
    const { size } = await handle.stat();
    const head = Buffer.alloc(PACKED_HEAD.length);
    await handle.read(head, 0, head.length, 0);
    return head.equals(PACKED_HEAD) ? new PackedSource(file, handle, size) : new FileSource(handle, size);
  } catch (error) {
    await handle?.close();
    const code = systemCode(error) === 'ENOENT' ? 'Missing' : 'Unreadable';
    throw new StoreError(code, `cannot open the checkpoint "${file}": ${reasonOf(error)}`, error);
  }
}

function readProblem(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('Unreadable', `cannot read the checkpoint "${file}": ${reasonOf(error)}`, error);
}
