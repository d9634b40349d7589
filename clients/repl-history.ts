import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { READ } from '../storage/files.ts';

/** Lines that are kept. */
const MOST_LINES = 1_000;

/** What was typed at consoles of a world, newest first; in the world's folder, for its owner's eyes only. */
export class ReplHistory {
  readonly #file: string;
  /** What was typed and is not written yet, newest first. */
  readonly #typed: string[] = [];
  #writing: Promise<void> | null = null;

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

  /**
   * Puts a line in front of what is there by then: others may type at a console of their own. Resolves when all that was
   * handed over is written. A history that cannot be written is no reason to end.
   */
  add(line: string): Promise<void> {
    this.#typed.unshift(line);
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  /** One after the other: two at the same time would leave something of both. */
  async #writeAll(): Promise<void> {
    while (this.#typed.length > 0) {
      const typed = this.#typed.splice(0);
      await this.#writeOne([...new Set([...typed, ...(await this.read())])]);
    }
    this.#writing = null;
  }

  async #writeOne(lines: readonly string[]): Promise<void> {
    const text = lines.slice(0, MOST_LINES).map((line) => `${line}\n`);
    try {
      await writeFile(this.#file, text.join(''), { mode: 0o600 });
      await chmod(this.#file, 0o600); // it may have been there, open to others
    } catch {
      // Said in the docstring.
    }
  }
}
