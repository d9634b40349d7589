import { dirname, join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { damagedCheckpoint } from '../checkpoint/header.ts';
import type { ByteSource } from '../checkpoint/scanner.ts';
import { reasonOf, StoreError } from '../errors.ts';
import { sizeOf } from '../files.ts';
import { PartFolder } from './part-folder.ts';

/** Where the parts of the backups in a folder are. */
export const PARTS = 'parts';

/** The bytes of a backup: those of the checkpoint file that it was made from. Each part is checked by its hash. */
export class BackupSource implements ByteSource {
  readonly #file: string;
  readonly #manifest: Manifest;
  readonly #parts: PartFolder;
  #next = -1; // the part to read next; -1 before the first line, as many as there are parts before the last
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: string, manifest: Manifest) {
    this.#file = file;
    this.#manifest = manifest;
    this.#parts = new PartFolder(join(dirname(file), PARTS));
  }

  get part(): number {
    return Math.max(0, this.#next) / (this.#manifest.parts.length + 1);
  }

  async read(into: Buffer, offset: number, length: number): Promise<number> {
    while (this.#bytes.length === 0) {
      if (this.#next > this.#manifest.parts.length) return 0;
      this.#bytes = await this.#load(this.#next);
      this.#next += 1;
    }
    const read = this.#bytes.copy(into, offset, 0, length);
    this.#bytes = this.#bytes.subarray(read);
    return read;
  }

  async #load(at: number): Promise<Buffer> {
    const { first, last, parts } = this.#manifest;
    if (at < 0) return Buffer.from(`${first}\n`, 'latin1');
    const part = parts[at];
    if (part === undefined) return Buffer.from(`${last}\n`, 'latin1');
    let bytes: Buffer | undefined;
    try {
      bytes = await this.#parts.read(part);
    } catch (error) {
      throw new StoreError(
        'Unreadable',
        `cannot read a part of the backup "${this.#file}": ${reasonOf(error)}`,
        error,
      );
    }
    if (bytes !== undefined) return bytes;
    // A world that runs removes old ones, and then their parts.
    if ((await sizeOf(this.#file)) === undefined)
      throw new StoreError(
        'Missing',
        `the backup "${this.#file}" was removed while it was read: take a newer one`,
      );
    throw damagedCheckpoint(this.#file, `its part ${part.hash} is missing or not what was written`);
  }

  async close(): Promise<void> {}
}
