// Real processes, real SIGKILL, and classes that change while they are used. What is checked: README.md. The long run:
// npm run crash:classes.

import { runClassRounds, type ClassRoundsOptions } from './class-rounds.ts';
import { FAILED_CLASS_SEEDS } from './failed-seeds.ts';
import type { FaultKind } from './fault.ts';
import { Broken } from './rounds.ts';

/** Milliseconds for one run; a round takes about one second here. */
const LIMIT = 120_000;

const FAULTS: readonly FaultKind[] = ['world', 'reload', 'all', 'torn', 'world'];
const EVICTING_FAULTS: readonly FaultKind[] = ['world', 'reload'];
const NUMBERS = { authors: 6, classes: 10, users: 8, most: 800 };

/** Runs the rounds. A broken promise is told with all that was sent and shown before it, and the seed. */
async function rounds(options: ClassRoundsOptions): Promise<Readonly<Record<string, number>>> {
  try {
    return await runClassRounds(options);
  } catch (error) {
    if (error instanceof Broken) process.stderr.write(`${error.message}\n`);
    throw error;
  }
}

test(
  'authors change their classes while users use them and processes are killed: nothing is lost or mixed (seed 30)',
  async () => {
    const report = await rounds({
      ...NUMBERS,
      rounds: FAULTS.length,
      countEvery: FAULTS.length,
      seed: 30,
      evictAlways: false,
      faults: FAULTS,
    });
    expect(report).toMatchObject({ rounds: FAULTS.length, classes: NUMBERS.classes });
    expect(report['stamps']).toBeGreaterThan(100);
    expect(report['saves']).toBeGreaterThan(NUMBERS.classes);
  },
  LIMIT,
);

test(
  'the same while every object is dropped from memory after every turn (seed 31)',
  async () => {
    const report = await rounds({
      ...NUMBERS,
      rounds: EVICTING_FAULTS.length,
      countEvery: EVICTING_FAULTS.length,
      seed: 31,
      evictAlways: true,
      faults: EVICTING_FAULTS,
    });
    expect(report).toMatchObject({ rounds: EVICTING_FAULTS.length, classes: NUMBERS.classes });
  },
  LIMIT,
);

for (const { name, ...options } of FAILED_CLASS_SEEDS) {
  test(
    name,
    async () => {
      await expect(rounds(options)).resolves.toMatchObject({ rounds: options.rounds });
    },
    LIMIT,
  );
}
