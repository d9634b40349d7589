/** The thread of a `Watchdog`: looks at how long the world has been at its run, and stops it. See watchdog.ts. */
import { Script } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { processorTime } from './main-thread.ts';
import { PATIENCE, WATCHED } from './watchdog.ts';

/** Milliseconds between two looks: a run may take twice that longer than it is allowed. */
const LOOK_EVERY = 20;

const shared = workerData as Int32Array;

function watch(): never {
  let seen = 0;
  /** When the run that is under way was seen first, or stopped last, and what the world's thread had used by then. */
  let since = performance.now();
  let before: number | null = null;
  Atomics.add(shared, WATCHED.begun, 1);
  for (;;) {
    Atomics.wait(shared, WATCHED.still, 0, LOOK_EVERY);
    const run = Atomics.load(shared, WATCHED.run);
    const now = performance.now();
    if (run % 2 === 0) continue;
    if (run !== seen) {
      seen = run;
      since = now;
      before = processorTime(process.pid);
      continue;
    }
    const budget = Atomics.load(shared, WATCHED.budget);
    const passed = now - since;
    if (passed <= budget) continue;
    const until = processorTime(process.pid);
    const used = before === null || until === null ? passed : until - before;
    if (used <= budget && passed <= PATIENCE * budget) continue;
    Atomics.store(shared, WATCHED.starved, used <= budget ? 1 : 0);
    since = now;
    before = until;
    process.kill(process.pid, 'SIGINT');
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
