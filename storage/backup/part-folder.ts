import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { leaveRoom, READ, syncFolder, UNFINISHED, writeDurably } from '../files.ts';
import { systemCode } from '../errors.ts';

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

/** 1 of 9: on a world of a million records it leaves 29 %; the default of 6 leaves 28 % for more of the processor. */
const LEVEL = 1;

/** A part of a backup. */
export interface Part {
  /** SHA-256 of its bytes, in hex. */
  readonly hash: string;
  readonly bytes: number;
  /** Bytes of its file, in which it is compressed. */
  readonly stored: number;
}

const SHELF = /^[0-9a-f]{2}$/;
const NAME = /^[0-9a-f]{64}$/;

/**
 * A folder of parts, each in a file that is named by its hash, `HH/HASH`, HH being the first two digits: so no folder
 * has too many names in it. What is in the file is the part, compressed (raw deflate).
 */
export class PartFolder {
  readonly #folder: string;
  readonly #unsynced = new Set<string>(); // folders with new names

  constructor(folder: string) {
    this.#folder = folder;
  }

  #shelf(hash: string): string {
    return join(this.#folder, hash.slice(0, 2));
  }

  #file(hash: string): string {
    return join(this.#shelf(hash), hash);
  }

  /**
   * Sees to it that a part is there. `known`: bytes of its file as an earlier backup noted them; a file of that size is
   * taken for what it was, and read through only with `look`. The name is durable after `sync()`. The bytes may not
   * change before this resolves.
   */
  async put(
    bytes: Buffer,
    known: (hash: string) => number | undefined,
    look: (hash: string) => boolean,
  ): Promise<{ readonly part: Part; readonly written: boolean }> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const before = known(hash);
    if (before !== undefined && (await this.#sizeOf(hash)) === before) {
      const part = { hash, bytes: bytes.length, stored: before };
      // One that cannot be read is written anew too, where the disk has good blocks for it.
      const isWhole = async (): Promise<boolean> =>
        (await this.read(part).catch(() => undefined)) !== undefined;
      if (!look(hash) || (await isWhole())) return { part, written: false };
    }
    const compressed = await compress(bytes, { level: LEVEL });
    // It may be the disk of the world.
    await leaveRoom(this.#folder, compressed.length);
    const file = this.#file(hash);
    try {
      await writeDurably(file, compressed);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      await mkdir(this.#shelf(hash), { mode: 0o700 });
      await writeDurably(file, compressed);
    }
    // The shelf may have been made by somebody who died before its name was durable.
    this.#unsynced.add(this.#shelf(hash)).add(this.#folder);
    if (!compressed.equals(await readFile(file))) {
      throw new Error(`the disk did not keep what was written to "${file}"`);
    }
    return { part: { hash, bytes: bytes.length, stored: compressed.length }, written: true };
  }

  async #sizeOf(hash: string): Promise<number | undefined> {
    try {
      return (await stat(this.#file(hash))).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The bytes of a part; `undefined` when it is missing or not what was written. Throws when it cannot be read. */
  async read({ hash, bytes }: Part): Promise<Buffer | undefined> {
    let content: Buffer;
    try {
      const compressed = await readFile(this.#file(hash), { flag: READ });
      content = await decompress(compressed, { maxOutputLength: Math.max(1, bytes) });
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw error;
    }
    const found = createHash('sha256').update(content).digest('hex');
    return content.length === bytes && found === hash ? content : undefined;
  }

  /** Makes the names of all new parts durable. */
  async sync(): Promise<void> {
    for (const folder of this.#unsynced) await syncFolder(folder);
    this.#unsynced.clear();
  }

  /** Removes the parts that `keep` does not want, and what was never finished. Gives how many parts went. */
  async sweep(keep: (hash: string) => boolean, beforeShelf: () => Promise<void>): Promise<number> {
    let gone = 0;
    for (const shelf of await readdir(this.#folder)) {
      if (!SHELF.test(shelf)) continue;
      await beforeShelf();
      for (const name of await readdir(join(this.#folder, shelf))) {
        const hash = name.endsWith(UNFINISHED) ? name.slice(0, -UNFINISHED.length) : name;
        if (!NAME.test(hash) || (hash === name && keep(hash))) continue;
        await rm(join(this.#folder, shelf, name), { force: true });
        if (hash === name) gone += 1;
      }
    }
    return gone;
  }
}
