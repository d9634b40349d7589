import { closeSync, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../errors.ts';

/** The folder that a database was opened in, as long as it is open. */
export class Place {
  readonly #folder: string;
  /** Its first file, which LevelDB leaves alone while it is open. */
  readonly #path: string;
  #file: number | undefined;

  /** Of a database that is open. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'CURRENT');
    this.#file = openSync(this.#path, 'r');
  }

  /**
   * Throws `Unwritable` where the folder was removed, or something else stands in its place. LevelDB notices neither: it goes on
   * writing to files that nobody will find any more, and begins its next ones in a folder that may be another world's. A folder
   * that was moved, with nothing in its place, has all that is written until LevelDB needs another file. Costs 3 us.
   */
  check(): void {
    if (this.#file === undefined) return;
    const opened = fstatSync(this.#file);
    const there = this.#there();
    const isSame = there?.ino === opened.ino && there.dev === opened.dev;
    if (isSame || (there === undefined && opened.nlink > 0)) return;
    throw new StoreError(
      'Unwritable',
      `"${this.#folder}" was removed, or replaced by something else, while it was in use: put back what was there, and ` +
        'start the world again; else restore the last checkpoint, or backup',
    );
  }

  #there(): Stats | undefined {
    try {
      return statSync(this.#path, { throwIfNoEntry: false });
    } catch {
      return undefined; // who may not look there any more has the files still that are open
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
