import { Script } from 'node:vm';

/** Where the script below finds what it is to run; no code in the world can see the global object of this realm. */
const PLACE = Symbol.for('keystead.guarded');

const script = new Script(`globalThis[Symbol.for('keystead.guarded')]()`, { filename: 'watchdog' });

/**
 * Runs `body`, and stops it, whatever it is doing, when it takes longer than `milliseconds`. Gives false if it was
 * stopped: then neither its `catch` nor its `finally` has run, so what it was changing may be torn.
 * What it throws is thrown on. Native code that never comes back to the interpreter is not stopped: the sizes that it
 * accepts are bounded (engine/bounds.ts), and the portal kills a process that says nothing.
 *
 * Setting it costs about 70 us (Node 20, the timer is a thread of its own): guard many turns at once.
 */
export function guarded(milliseconds: number, body: () => void): boolean {
  const place = globalThis as { [PLACE]?: () => void };
  place[PLACE] = body;
  try {
    script.runInThisContext({ timeout: Math.max(1, Math.ceil(milliseconds)), displayErrors: false });
    return true;
  } catch (thrown) {
    if (isTimeout(thrown)) return false;
    throw thrown;
  } finally {
    delete place[PLACE];
  }
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
