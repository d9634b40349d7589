import { closeSync, fstatSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { reasonOf, StoreError, wayOutOfFile, type StoreErrorCode } from '../storage/errors.ts';

/** Bytes of the note: a job and an object's id, with room. Always written whole, so that no older one shows behind it. */
const LENGTH = 128;

/**
 * A file that says what the world is running, written before it runs. It is not synced: it outlives the process, which is
 * what it is for, and not the machine. Writing it costs about 1 us.
 */
export class RunningNote {
  /** What the last process noted last, '' if it was running nothing; null if it ended cleanly. */
  readonly last: string | null;
  readonly #path: string;
  readonly #file: number;
  readonly #onFailed: (error: StoreError) => void;

  /**
   * `onFailed` is told, and has to stop the world, when something could not be noted: an older note would be blamed for what
   * comes after it. Throws `Unreadable` or `Unwritable`, naming the file, with what to do.
   */
  constructor(path: string, onFailed: (error: StoreError) => void) {
    this.#path = path;
    this.#onFailed = onFailed;
    this.last = read(path);
    try {
      this.#file = openSync(path, 'w', 0o600);
      this.#write('');
    } catch (error) {
      throw refused('Unwritable', `write "${path}"`, error);
    }
  }

  /** It does not throw: it is called where a turn is no turn yet, or not any more. */
  readonly write = (running: string | null): void => {
    try {
      this.#write(running ?? '');
    } catch (error) {
      this.#onFailed(refused('Unwritable', `write "${this.#path}"`, error));
    }
  };

  #write(text: string): void {
    writeSync(this.#file, text.slice(0, LENGTH).padEnd(LENGTH), 0, 'latin1');
  }

  /** The world was closed: nothing is left that could have killed anything. The note of another world in its place stays. */
  close(): void {
    try {
      if (statSync(this.#path).ino === fstatSync(this.#file).ino) unlinkSync(this.#path);
    } catch {
      // It is gone, or the disk takes nothing any more: it says that nothing was running.
    }
    closeSync(this.#file);
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw refused('Unreadable', `read "${path}"`, error);
  }
}

function refused(code: StoreErrorCode, what: string, error: unknown): StoreError {
  return new StoreError(code, `cannot ${what}: ${reasonOf(error)}; ${wayOutOfFile(error)}`, error);
}
