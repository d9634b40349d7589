/** The thread of a `Watchdog`: looks at how long the world has been at its run, and stops it. See watchdog.ts. */
import { Script } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { WATCHED } from './watchdog.ts';

/** Milliseconds between two looks: what a run may take longer than it is allowed. */
const LOOK_EVERY = 20;

const shared = workerData as Int32Array;

function watch(): never {
  let seen = 0;
  let since = performance.now();
  Atomics.add(shared, WATCHED.begun, 1);
  for (;;) {
    Atomics.wait(shared, WATCHED.still, 0, LOOK_EVERY);
    const run = Atomics.load(shared, WATCHED.run);
    const now = performance.now();
    if (run !== seen) {
      seen = run;
      since = now;
    } else if (run % 2 !== 0 && now - since > Atomics.load(shared, WATCHED.budget)) {
      since = now;
      process.kill(process.pid, 'SIGINT');
    }
  }
}

Object.defineProperty(globalThis, 'watch', { value: watch });
const script = new Script('watch()', { filename: 'watchdog-thread' });
for (;;) {
  try {
    script.runInThisContext({ breakOnSigint: true });
  } catch {
    // The run that was to be stopped had just ended, or the signal came from outside: it found this one. Nothing is lost.
  }
}
