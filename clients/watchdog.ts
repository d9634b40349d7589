import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';

/*
 * Node stops JavaScript from outside in two ways: `timeout` and `breakOnSigint` of `vm`. A timeout makes a thread for
 * each run and waits for its end: 70 us on a quiet machine, 300 us and more when all processors are busy. A signal
 * needs no thread of its own for as long as some other run in this process is waiting for one too. So one thread,
 * which lives as long as the process, is always in such a run, looks at the time, and sends the signal: a guarded run
 * then costs 2 us. Node gives a signal to the run that began last, which is ours: the thread's own began when the
 * process did.
 */

/** Where in the memory that both threads see what stands. */
export const WATCHED = {
  /** Counts up at the beginning and at the end of each run: odd while one is under way. */
  run: 0,
  /** What it is allowed, in milliseconds. */
  budget: 1,
  /** How often the thread has begun to watch, again after each signal; it can stop no run before the first time. */
  begun: 2,
  /** Always 0: for the thread to wait at. */
  still: 3,
  /** 1 if the run that was stopped last had not had the processor for as long as it was allowed. So it stands until the thread knows better. */
  starved: 4,
} as const;

/**
 * By the clock a run may take that many times what it is allowed of the processor: a machine that has other things to do lets it
 * wait, and that is nobody's fault. Three: well before the portal kills a world that says nothing without using a processor
 * (`silentMs`).
 */
export const PATIENCE = 3;

/**
 * The same for as long as nobody looks at the processor. Two: such a run may have used it all the time, and must be stopped
 * before the portal kills the process for that (`busyMs`), with whatever else was going on in it.
 */
export const UNWATCHED_PATIENCE = 2;

/** Where the script below finds what it is to run; no code in the world can see the global object of this realm. */
const PLACE = Symbol.for('keystead.guarded');

const script = new Script(`globalThis[Symbol.for('keystead.guarded')]()`, { filename: 'watchdog' });

/**
 * Runs `body`, and stops it, whatever it is doing, when it takes longer than `milliseconds`. Gives false if it was
 * stopped: then neither its `catch` nor its `finally` has run, so what it was changing may be torn.
 * What it throws is thrown on. Native code that never comes back to the interpreter is not stopped: the sizes that it
 * accepts are bounded (engine/bounds.ts), and the portal kills a process that says nothing.
 */
export function guarded(milliseconds: number, body: () => void): boolean {
  return ran(body, { timeout: Math.max(1, Math.ceil(milliseconds)) });
}

/**
 * Does what `guarded` does, for the one thread of a process that runs a world. What a run is allowed is its time on the
 * processor, where the system says how long that is, and `PATIENCE` times as long by the clock.
 */
export class Watchdog {
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(WATCHED).length));

  /** `onFailed`: its thread has ended. Runs are guarded as before, at a higher price. */
  constructor(onFailed: (error: Error) => void) {
    const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
      workerData: this.#shared,
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
      execArgv: [],
    });
    thread.unref();
    thread.on('error', (error) => {
      Atomics.store(this.#shared, WATCHED.begun, 0);
      onFailed(error);
    });
  }

  /**
   * How often its thread has begun to watch, again after each signal. Until the first time runs are guarded without it, by the
   * clock alone.
   */
  get begun(): number {
    return Atomics.load(this.#shared, WATCHED.begun);
  }

  /**
   * Whether the run that was stopped last had not used the time that it was allowed: it had waited for the processor most of it, or
   * the signal was somebody else's.
   */
  readonly starved = (): boolean => Atomics.load(this.#shared, WATCHED.starved) === 1;

  readonly guard = (milliseconds: number, body: () => void): boolean => {
    const shared = this.#shared;
    const watched = Atomics.load(shared, WATCHED.begun) > 0;
    // A service manager may send SIGINT to all processes of a service: nobody is to blame for that.
    Atomics.store(shared, WATCHED.starved, watched ? 1 : 0);
    if (!watched) return guarded(UNWATCHED_PATIENCE * milliseconds, body);
    Atomics.store(shared, WATCHED.budget, Math.ceil(milliseconds));
    Atomics.add(shared, WATCHED.run, 1);
    try {
      return ran(body, { breakOnSigint: true });
    } finally {
      Atomics.add(shared, WATCHED.run, 1);
    }
  };
}

function ran(
  body: () => void,
  how: { readonly timeout: number } | { readonly breakOnSigint: true },
): boolean {
  const place = globalThis as { [PLACE]?: (() => void) | undefined };
  place[PLACE] = body;
  try {
    script.runInThisContext({ ...how, displayErrors: false });
    return true;
  } catch (thrown) {
    if (isStop(thrown)) return false;
    throw thrown;
  } finally {
    // Not deleted: each look at any global is slow after that.
    place[PLACE] = undefined;
  }
}

function isStop(thrown: unknown): boolean {
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : undefined;
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}
