import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';

/** Characters that wait at most while nobody takes them: lines beyond that are dropped. */
const WAITING_MOST = 1024 * 1024;
/** Milliseconds until a reader that has no room is tried again. */
const TRY_AGAIN = 100;

/**
 * Writes lines to a file descriptor, in order, while the process goes on. A log may be on a disk that is full, or go to somebody
 * who reads no more: what it does not take is dropped, and nothing else comes of it.
 */
export class LogLines {
  readonly #descriptor: number;
  #waiting = '';
  #writing = false;
  /** What a reader has no room for; tried again. */
  #late: Buffer = Buffer.alloc(0);

  constructor(descriptor: number) {
    this.#descriptor = unwaiting(descriptor);
  }

  /** A line has its end. */
  add(line: string): void {
    if (this.#waiting.length + line.length > WAITING_MOST) return;
    this.#waiting += line;
    if (!this.#writing) this.#flush();
  }

  /** For the end of the process: tries once to write what waits. What is being written then is written before it ends. */
  end(): void {
    try {
      writeSync(this.#descriptor, Buffer.concat([this.#late, Buffer.from(this.#waiting)]));
    } catch {
      // It is dropped.
    }
    this.#waiting = '';
  }

  #flush(): void {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#writing = true;
    this.#write(bytes, 0);
  }

  #write(bytes: Buffer, from: number): void {
    write(this.#descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#late = bytes.subarray(from);
        setTimeout(() => {
          this.#late = Buffer.alloc(0);
          this.#write(bytes, from);
        }, TRY_AGAIN).unref();
        return;
      }
      if (error === null && from + written < bytes.length) {
        this.#write(bytes, from + written);
        return;
      }
      this.#writing = false;
      // Behind a line that was cut the next one begins anew.
      if (error !== null && from > 0) this.#waiting = `\n${this.#waiting}`;
      if (this.#waiting.trim() !== '') this.#flush();
    });
  }
}

/**
 * A pipe, opened once more so that writing never waits for its reader: a thread that waits holds up the end of the process. Not
 * changed itself, since others write to it as well.
 */
function unwaiting(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor;
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return descriptor; // not every system has such names, nor is every pipe one's own
  }
}
