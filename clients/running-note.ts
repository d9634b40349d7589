import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Bytes of the note: a job and an object's id, with room. Always written whole, so that no older one shows behind it. */
const LENGTH = 128;

/**
 * A file that says what the world is running, written before it runs. It is not synced: it outlives the process, which is
 * what it is for, and not the machine. Writing it costs about 1 us.
 */
export class RunningNote {
  /** What the last process left; null if it was running nothing. */
  readonly last: string | null;
  readonly #file: number;

  constructor(path: string) {
    this.last = read(path);
    this.#file = openSync(path, 'w', 0o600);
    this.write(null);
  }

  readonly write = (running: string | null): void => {
    writeSync(this.#file, (running ?? '').slice(0, LENGTH).padEnd(LENGTH), 0, 'latin1');
  };

  close(): void {
    closeSync(this.#file);
  }
}

function read(path: string): string | null {
  try {
    const text = readFileSync(path, 'latin1').trim();
    return text === '' ? null : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
