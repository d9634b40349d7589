/**
 * A process of its own, because a signal goes to all of one: does with a `Watchdog` what its argument says, and prints it as
 * JSON. The thread is ready when a run is stopped: until then runs are guarded without it.
 */
import '../../engine/lockdown.ts';
import { Watchdog } from '../../clients/watchdog.ts';

const LOOPS: Readonly<Record<string, () => void>> = {
  plain: () => {
    for (;;);
  },
  caught: () => {
    for (;;) {
      try {
        for (;;);
      } catch {
        continue;
      } finally {
        for (;;);
      }
    }
  },
  pattern: () => void /^(a+)+$/.test(`${'a'.repeat(40)}b`),
  recursion: () => {
    const go = (): void => {
      try {
        go();
      } finally {
        go();
      }
    };
    go();
  },
};

const failures: string[] = [];
const watchdog = new Watchdog((error) => failures.push(error.message));
const { guard } = watchdog;
/** Until the thread is watching, that often. */
async function watching(times = 1): Promise<void> {
  while (watchdog.begun < times) await new Promise((resolve) => setImmediate(resolve));
}

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  async stops() {
    await watching();
    return Object.fromEntries(Object.entries(LOOPS).map(([name, loop]) => [name, guard(50, loop)]));
  },
  async stopsBeforeTheThreadIsReady() {
    return guard(50, LOOPS['plain'] as () => void);
  },
  /** Waits, as for a processor that has other things to do. */
  async isPatient() {
    await watching();
    const wait = (milliseconds: number) => () =>
      void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    const told = [guard(500, wait(1_000))];
    told.push(guard(500, wait(30_000)), watchdog.starved());
    // Where the machine has much else to do, it may be starved really, once or twice.
    let stopped = guard(500, LOOPS['plain'] as () => void);
    while (watchdog.starved()) stopped = guard(500, LOOPS['plain'] as () => void);
    return [...told, stopped, watchdog.starved()];
  },
  async leavesAlone() {
    await watching();
    let ended = 0;
    for (let n = 0; n < 20_000; n += 1) guard(10_000, () => (ended += 1));
    return ended;
  },
  async throwsOn() {
    await watching();
    try {
      guard(1_000, () => {
        throw new Error('of its own');
      });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  },
  /** First one is stopped that used its time. */
  async blamesNobody() {
    await watching();
    let stopped = guard(50, LOOPS['plain'] as () => void);
    while (watchdog.starved()) stopped = guard(50, LOOPS['plain'] as () => void);
    const told = [stopped, watchdog.starved()];
    const interrupted = guard(60_000, () => {
      process.kill(process.pid, 'SIGINT');
      for (;;);
    });
    return [...told, interrupted, watchdog.starved()];
  },
  /** Signals that somebody else sends, between runs. */
  async outlivesSignals() {
    await watching();
    for (let n = 0; n < 5; n += 1) {
      process.kill(process.pid, 'SIGINT');
      await watching(n + 2);
    }
    return [guard(50, LOOPS['plain'] as () => void), guard(5_000, () => {}), failures];
  },
};

const [way = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await ways[way]?.()));
