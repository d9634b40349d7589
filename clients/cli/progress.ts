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
  const { stderr } = process;
  const shown = stderr.isTTY;
  const stopping = new AbortController();
  let last = 0;
  let length = 0;
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  };
  const interrupted = (): PortalError =>
    new PortalError('Interrupted', `stopped before it was done; ${left}.`);
  const check = (): void => {
    if (stopping.signal.aborted) throw interrupted();
  };
  const clear = (): void => {
    if (length > 0) stderr.write(`\r${' '.repeat(length)}\r`);
    length = 0;
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await command({
      check,
      signal: stopping.signal,
      clear,
      at: (what) => {
        check();
        const now = performance.now();
        if (!shown || now - last < EVERY) return;
        last = now;
        stderr.write(`\r${what.padEnd(length)}`);
        length = what.length;
      },
    });
  } catch (error) {
    throw stopping.signal.aborted ? interrupted() : error;
  } finally {
    clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
