import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';

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

  constructor(path: string) {
    this.#path = path;
    this.last = read(path);
    this.#file = openSync(path, 'w', 0o600);
    this.write(null);
  }

  readonly write = (running: string | null): void => {
    writeSync(this.#file, (running ?? '').slice(0, LENGTH).padEnd(LENGTH), 0, 'latin1');
  };

  /** The world was closed: nothing is left that could have killed anything. */
  close(): void {
    closeSync(this.#file);
    try {
      unlinkSync(this.#path);
    } catch {
      // It is gone, or the disk takes nothing any more: it says that nothing was running.
    }
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
