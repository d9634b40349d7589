import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { damagedCheckpoint } from './header.ts';
import type { ByteSource } from './scanner.ts';

/*
 * How the bytes of a checkpoint are kept in its file. So it takes about a fifth of the room, and of the disk's time: a
 * disk that is written to at length makes each commit wait now and then, for hundreds of milliseconds.
 *
 *   file  = "keystead packed\n" { frame }
 *   frame = LENGTH PACKED
 *
 * LENGTH is the number of bytes of PACKED, in 4 bytes, the highest first; PACKED is the next 1 to 524,288 bytes of the
 * checkpoint, as Brotli (RFC 7932). A file without the first line is a checkpoint that was never packed.
 */

export const PACKED_HEAD = Buffer.from('keystead packed\n', 'latin1');

/** Bytes that are packed together: enough to find what is alike, and packed within about 1.5 ms. */
export const FRAME = 512 * 1024;

/** Bytes of the longest PACKED: what cannot be packed grows by some. */
export const PACKED_MOST = FRAME + 1024;

/** Bytes of LENGTH. */
export const LENGTH = 4;

const unpack = promisify(brotliDecompress);

/** The frames of a packed file, one after the other. */
export class PackedFrames {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #length = Buffer.alloc(LENGTH);
  /** Where the last frame began that was read, and where the next one begins. */
  #from = 0;
  #at = PACKED_HEAD.length;

  /** The handle stays the caller's. */
  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** How many bytes of the file have been read. */
  get bytes(): number {
    return this.#at;
  }

  /** Reads what is PACKED in the next frame into a buffer of `PACKED_MOST`; gives its length, 0 at the end of the file. */
  async next(into: Buffer): Promise<number> {
    this.#from = this.#at;
    const head = await this.#read(this.#length, LENGTH, this.#at);
    if (head === 0) return 0;
    const length = head < LENGTH ? 0 : this.#length.readUInt32BE();
    if (length === 0 || length > PACKED_MOST) throw this.damaged();
    if ((await this.#read(into, length, this.#at + LENGTH)) < length) throw this.damaged();
    this.#at += LENGTH + length;
    return length;
  }

  /** Gives how many bytes there were, fewer only at the end of the file; some file systems give fewer at a time. */
  async #read(into: Buffer, length: number, at: number): Promise<number> {
    let read = 0;
    while (read < length) {
      const { bytesRead } = await this.#handle.read(into, read, length - read, at + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return read;
  }

  /** What the file is refused with when the frame that was read last is none. */
  damaged(): Error {
    return damagedCheckpoint(
      this.#file,
      `what is packed at byte ${this.#from} of the file cannot be unpacked`,
    );
  }
}

/** The bytes of a checkpoint whose file is packed. `read` throws `CheckpointDamaged` as well. */
export class PackedSource implements ByteSource {
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #frames: PackedFrames;
  readonly #packed = Buffer.allocUnsafeSlow(PACKED_MOST);
  #bytes: Buffer = Buffer.alloc(0);

  /** The handle is its own from then on. */
  constructor(file: string, handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
    this.#frames = new PackedFrames(file, handle);
  }

  get part(): number {
    return this.#frames.bytes / this.#size;
  }

  async read(into: Buffer, offset: number, length: number): Promise<number> {
    if (this.#bytes.length === 0) this.#bytes = await this.#next();
    const read = this.#bytes.copy(into, offset, 0, length);
    this.#bytes = this.#bytes.subarray(read);
    return read;
  }

  async #next(): Promise<Buffer> {
    const length = await this.#frames.next(this.#packed);
    const packed = this.#packed.subarray(0, length);
    if (length === 0) return packed;
    const how = { chunkSize: FRAME, maxOutputLength: FRAME };
    const bytes = await unpack(packed, how).catch(() => undefined);
    if (bytes === undefined || bytes.length === 0) throw this.#frames.damaged();
    return bytes;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
