import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { damagedCheckpoint } from './header.ts';

/** Where the bytes of a checkpoint come from. */
export interface ByteSource {
  /** How far it has been read, from 0 to 1; to tell progress by. */
  readonly part: number;
  /** Puts the next bytes at `offset` of a buffer, at most `length`; gives how many, 0 only when there are no more. */
  read(into: Buffer, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}

/** The bytes of a file, which is its own from then on. */
export class FileSource implements ByteSource {
  readonly #handle: FileHandle;
  readonly #size: number;
  #at = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  get part(): number {
    return this.#at / this.#size;
  }

  async read(into: Buffer, offset: number, length: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(into, offset, length, this.#at);
    this.#at += bytesRead;
    return bytesRead;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const READ = 64 * 1024; // bytes per read: checking them takes about 0.3 ms
const LINE_MAX = 1024; // bytes of the longest line outside values; a key has at most 512
const NEWLINE = 10;

/** Takes lines and values off a checkpoint, and hashes what it has taken. */
export class Scanner {
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
    if (this.#buffer.length - this.#at >= size) return true;
    this.#hash.update(this.#buffer.subarray(this.#hashed, this.#at));
    const rest = this.#buffer.subarray(this.#at);
    // Made once: a source gives what it has, and a value may be hundreds of times that.
    const next = Buffer.allocUnsafeSlow(Math.max(READ, size - rest.length) + rest.length);
    let filled = rest.copy(next);
    let read = 0;
    do {
      read = await this.#source.read(next, filled, next.length - filled);
      filled += read;
    } while (filled < size && read > 0);
    this.#buffer = next.subarray(0, filled);
    this.#at = this.#hashed = 0;
    return filled >= size;
  }

  #take(size: number): Buffer {
    const taken = this.#buffer.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.bytes += size;
    return taken;
  }

  /** The next line without its end, `undefined` at the end of the file. Waits only where the file has to be read. */
  line(): string | undefined | Promise<string | undefined> {
    const end = this.#buffer.indexOf(NEWLINE, this.#at);
    return end < 0 ? this.#fill(LINE_MAX).then(() => this.#lineIn()) : this.#lineTo(end);
  }

  #lineIn(): string | undefined {
    if (this.#buffer.length === this.#at) return undefined;
    return this.#lineTo(this.#buffer.indexOf(NEWLINE, this.#at));
  }

  #lineTo(end: number): string {
    if (end < 0 || end - this.#at > LINE_MAX)
      throw damagedCheckpoint(this.#file, `no line ends after byte ${this.bytes}`);
    const length = end - this.#at;
    return this.#take(length + 1).toString('latin1', 0, length);
  }

  /** The next bytes, and the line end behind them. Waits only where the file has to be read. */
  value(size: number): Buffer | Promise<Buffer> {
    if (this.#buffer.length - this.#at > size) return this.#valueOf(size);
    return this.#fill(size + 1).then((there) => {
      if (there) return this.#valueOf(size);
      throw damagedCheckpoint(this.#file, `it ends inside the value at byte ${this.bytes}`);
    });
  }

  #valueOf(size: number): Buffer {
    const value = this.#take(size + 1);
    if (value[size] !== NEWLINE)
      throw damagedCheckpoint(this.#file, `no line ends after the value at byte ${this.bytes}`);
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
