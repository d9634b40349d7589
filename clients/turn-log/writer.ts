import { chmod, mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../../storage/errors.ts';
import { leaveRoom } from '../../storage/files.ts';
import { codeOf } from '../errors.ts';
import { listLogFiles, logFile, pruneLogFiles } from './files.ts';
import { TURN_LOG_LIMITS } from './limits.ts';

export interface TurnLogWriterOptions {
  /** The folder of the log; made when it is missing. */
  readonly folder: string;
  /** Hours that files are kept after they were written last. */
  readonly hours: number;
  /** Bytes that all files may have, about. */
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Runs `job` after so many milliseconds; gives what takes that back. */
  readonly later: (milliseconds: number, job: () => void) => () => void;
  /** Called when lines could not be written, and not again before some could. */
  readonly onProblem: (code: string) => void;
}

const { flushMilliseconds, flushCharacters, waitingCharacters, filesKept } = TURN_LOG_LIMITS;

/**
 * Writes the log of turns: lines gather in memory and are appended many at a time, unsynced, while the world goes on. What
 * cannot be written is dropped and counted; the world does not depend on it.
 */
export class TurnLogWriter {
  readonly #options: TurnLogWriterOptions;
  #waiting = '';
  #cancel: (() => void) | null = null;
  #writing: Promise<void> | null = null;
  #file: FileHandle | null = null;
  #number = 0;
  /** Bytes in the current file, and when it was begun. */
  #size = 0;
  #began = 0;
  /** Of all other files. */
  #others = 0;
  #sweep: Promise<void> = Promise.resolve();
  #cancelSweep: () => void = () => {};
  #failing = false;
  #closed = false;
  /** Lines that could not be written. */
  dropped = 0;

  constructor(options: TurnLogWriterOptions) {
    this.#options = options;
    this.#cancel = options.later(0, () => {
      this.#flush();
    });
    this.#sweepLater();
  }

  /** Bytes of the whole log, about. */
  get bytes(): number {
    return this.#others + this.#size;
  }

  /** Adds a line, which has no line end. */
  add(line: string): void {
    if (this.#closed) return;
    if (this.#waiting.length + line.length > waitingCharacters.value) {
      this.dropped += 1;
      this.#tell('Full');
      return;
    }
    this.#waiting += `${line}\n`;
    if (this.#writing !== null) return; // its end sees to the rest
    if (this.#waiting.length >= flushCharacters.value) this.#flush();
    else this.#cancel ??= this.#soon();
  }

  /** Resolves when all that was added so far is written, or dropped. */
  async flushed(): Promise<void> {
    await this.#writing;
    if (!this.#closed) this.#flush();
    await this.#writing;
  }

  /** Writes what has gathered. Adds nothing after that. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSweep();
    await this.#sweep;
    for (;;) {
      this.#flush();
      if (this.#writing === null) break;
      await this.#writing;
      if (this.#waiting === '') break;
    }
    this.#cancel?.();
    await this.#file?.close().catch(() => {}); // nothing is left to write
    this.#file = null;
  }

  #soon(): () => void {
    return this.#options.later(flushMilliseconds.value, () => {
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing !== null) return;
    this.#cancel?.();
    this.#cancel = null;
    const text = this.#waiting;
    this.#waiting = '';
    this.#writing = this.#write(text).then(() => {
      this.#writing = null;
      if (this.#waiting !== '' && !this.#closed) this.#cancel ??= this.#soon();
    });
  }

  /** Never rejects. */
  async #write(text: string): Promise<void> {
    const { folder, hours, bytes, clock } = this.#options;
    try {
      if (this.#number === 0) await this.#begin();
      if (text === '') return;
      const most = Math.max(1, bytes / filesKept.value);
      const age = clock() - this.#began;
      // Below nothing where the clock was put back: the file would grow old only when that time comes again.
      const old = age < 0 || age > (hours * HOUR) / filesKept.value;
      const data = Buffer.from(text);
      if (this.#file === null) await this.#makeFolder();
      await leaveRoom(folder, data.length, this.#file === null ? 1 : 0);
      if (this.#file !== null && (old || this.#size + data.length > most)) await this.#end();
      if (this.#file === null) {
        const since = clock() - hours * HOUR;
        this.#others = await pruneLogFiles(
          folder,
          since,
          Math.max(0, bytes - Math.max(most, data.length)),
          0,
        );
        const file = logFile(folder, this.#number);
        this.#file = await open(file.path, 'ax', 0o600);
        this.#began = clock();
        this.#size = 0;
      }
      const { bytesWritten } = await this.#file.write(data);
      this.#size += bytesWritten;
      if (bytesWritten < data.length) throw new Error('not all could be written');
      this.#failing = false;
    } catch (error) {
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.dropped += 1;
      this.#tell(codeOf(error));
      // A line may be cut now: the next one begins another file.
      await this.#end().catch(() => {});
    }
  }

  /** Files grow old also where nothing is written. */
  #sweepLater(): void {
    const { hours, later } = this.#options;
    this.#cancelSweep = later(Math.min(HOUR, (hours * HOUR) / filesKept.value), () => {
      this.#sweep = this.#pruneOld().then(() => {
        if (!this.#closed) this.#sweepLater();
      });
    });
  }

  async #pruneOld(): Promise<void> {
    const { folder, hours, bytes, clock } = this.#options;
    if (this.#number === 0) return;
    const current = this.#file === null ? 0 : this.#number;
    try {
      const all = await pruneLogFiles(folder, clock() - hours * HOUR, bytes, current);
      this.#others = Math.max(0, all - this.#size);
    } catch (error) {
      this.#tell(codeOf(error));
    }
  }

  /** Finds the number of the first file of this process. */
  async #begin(): Promise<void> {
    const { folder, clock, hours, bytes } = this.#options;
    await this.#makeFolder();
    const number = ((await listLogFiles(folder)).at(-1)?.number ?? 0) + 1;
    this.#others = await pruneLogFiles(folder, clock() - hours * HOUR, bytes, 0);
    this.#number = number;
  }

  /**
   * Somebody who needs room may have removed it. What it lies in is not made: a world whose own folder was moved away while it
   * runs would leave one of its name behind, with a log and nothing else in it, where no world can be made.
   */
  async #makeFolder(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
      if (systemCode(error) !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error;
    });
    await chmod(folder, 0o700);
  }

  async #end(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    this.#others += this.#size;
    this.#size = 0;
    this.#number += 1;
    await file.close();
  }

  #tell(code: string): void {
    if (!this.#failing) this.#options.onProblem(code);
    this.#failing = true;
  }
}

const HOUR = 3_600_000;
