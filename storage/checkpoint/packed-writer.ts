import type { FileHandle } from 'node:fs/promises';
import type { SealedEntry } from '../store.ts';
import { FRAME, LENGTH, PACKED_HEAD } from './packed.ts';
import type { Packer } from './packer.ts';

/** Bytes between two syncs: one sync of a large file at its end would hold up the syncs of commits for as long as it takes. */
const SYNC_EVERY = 256 * 1024;

/** Writes the bytes of a checkpoint to a file, packed. Handle and packer stay the caller's. */
export class PackedWriter {
  readonly #handle: FileHandle;
  readonly #packer: Packer;
  readonly #length = Buffer.alloc(LENGTH);
  #filled = 0;
  #unsynced = 0;
  /** Bytes that were packed. */
  bytes = 0;

  constructor(handle: FileHandle, packer: Packer) {
    this.#handle = handle;
    this.#packer = packer;
  }

  async begin(line: string): Promise<void> {
    await this.#packer.begin();
    await this.#handle.writeFile(PACKED_HEAD);
    await this.#put(Buffer.from(line, 'latin1'));
  }

  async add(entries: readonly SealedEntry[]): Promise<void> {
    for (const [key, sealed] of entries) {
      const size = Buffer.byteLength(sealed);
      const text = `${key} ${size}\n${sealed}\n`;
      // Where each character is one byte the shorter way of writing does; there is nearly nothing else.
      const encoding = size === sealed.length ? 'latin1' : 'utf8';
      if (this.#filled + text.length - sealed.length + size <= FRAME) {
        this.#filled += this.#packer.frame.write(text, this.#filled, encoding);
      } else {
        await this.#put(Buffer.from(text, encoding));
      }
    }
  }

  /** Ends with what `line` makes of the hash of all that came before. Gives the hash of all. */
  async end(line: (before: string) => string): Promise<string> {
    await this.#flush();
    await this.#put(Buffer.from(line(await this.#packer.hash()), 'latin1'));
    await this.#flush();
    await this.#handle.sync();
    return this.#packer.hash();
  }

  async #put(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === FRAME) await this.#flush();
      const copied = bytes.copy(this.#packer.frame, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  async #flush(): Promise<void> {
    const { packed } = this.#packer;
    const length = await this.#packer.pack(this.#filled);
    this.bytes += this.#filled;
    this.#filled = 0;
    this.#length.writeUInt32BE(length);
    await this.#handle.writeFile(this.#length);
    await this.#handle.writeFile(packed.subarray(0, length));
    this.#unsynced += length;
    if (this.#unsynced < SYNC_EVERY) return;
    this.#unsynced = 0;
    await this.#handle.datasync();
  }
}
