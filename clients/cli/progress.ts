import { PortalError } from '../errors.ts';
import type { Cli } from './cli.ts';

/** What a long command tells while it runs, and what stops it. */
export interface Progress {
  /** How far it is, in words. Throws `Interrupted` once somebody has asked for the end. */
  readonly at: (what: string) => void;
  /** Throws `Interrupted` once somebody has asked for the end. */
  readonly check: () => void;
  /** Aborts then, for what waits. */
  readonly signal: AbortSignal;
  /** Takes the line of progress away, before something else is written. */
  readonly clear: () => void;
}

/** Milliseconds between two tellings: a terminal shows no more. */
const EVERY = 200;

/** One line of standard error that says how far something is, where that is a terminal. */
export class ProgressLine {
  readonly #stderr: NodeJS.WriteStream;
  #last = -Infinity;
  #length = 0;

  constructor({ stderr }: Cli['process']) {
    this.#stderr = stderr;
  }

  /** How far it is, in words. */
  at(what: string): void {
    const now = performance.now();
    if (!this.#stderr.isTTY || now - this.#last < EVERY) return;
    this.#last = now;
    this.#stderr.write(`\r${what.padEnd(this.#length)}`);
    this.#length = what.length;
  }

  /** Takes the line away, before something else is written. */
  clear(): void {
    if (this.#length > 0) this.#stderr.write(`\r${' '.repeat(this.#length)}\r`);
    this.#length = 0;
  }
}

/**
 * Runs a command that takes its time: on a terminal its progress stands in one line of standard error, and SIGINT or
 * SIGTERM make the next call of its `Progress` throw, so that it can put away what it has begun. Who asks twice ends the
 * process at once. `left`: what is told to be left then.
 */
export async function withProgress<T>(
  { process }: Cli,
  command: (progress: Progress) => Promise<T>,
  left = 'nothing is left half-made',
): Promise<T> {
  const line = new ProgressLine(process);
  const stopping = new AbortController();
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  };
  const interrupted = (): PortalError =>
    new PortalError('Interrupted', `stopped before it was done; ${left}.`);
  const check = (): void => {
    if (stopping.signal.aborted) throw interrupted();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await command({
      check,
      signal: stopping.signal,
      clear: () => {
        line.clear();
      },
      at: (what) => {
        check();
        line.at(what);
      },
    });
  } catch (error) {
    throw stopping.signal.aborted ? interrupted() : error;
  } finally {
    line.clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
