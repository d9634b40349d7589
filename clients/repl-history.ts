import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { READ } from '../storage/files.ts';

/** Lines that are kept. */
const MOST_LINES = 1_000;

/** What was typed at consoles of a world, newest first; in the world's folder, for its owner's eyes only. */
export class ReplHistory {
  readonly #file: string;

  constructor(data: string) {
    this.#file = join(data, 'repl-history');
  }

  /** None where there is no such file. */
  async read(): Promise<string[]> {
    const text = await readFile(this.#file, { encoding: 'utf8', flag: READ }).catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, MOST_LINES);
  }

  /** A history that cannot be written is no reason to end. */
  async write(lines: readonly string[]): Promise<void> {
    const text = lines.slice(0, MOST_LINES).map((line) => `${line}\n`);
    try {
      await writeFile(this.#file, text.join(''), { mode: 0o600 });
      await chmod(this.#file, 0o600); // it may have been there, open to others
    } catch {
      // Said in the docstring.
    }
  }
}
