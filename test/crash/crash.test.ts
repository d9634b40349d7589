// Real processes, real SIGKILL. What is checked: README.md. The long run: npm run crash.

import type { FaultKind } from './fault.ts';
import { FAILED_SEEDS } from './failed-seeds.ts';
import { Broken, runRounds, type RoundsOptions, type RoundsReport } from './rounds.ts';

/** Milliseconds for one run; a round takes about one second here. */
const LIMIT = 80_000;

const FAULTS: readonly FaultKind[] = ['world', 'all', 'world', 'torn', 'all', 'portal', 'stop', 'twice'];
const EVICTING_FAULTS: readonly FaultKind[] = ['world', 'all', 'torn', 'world'];

/** Runs the rounds. A broken promise is told with all that was sent and shown in its round, and the seed. */
async function rounds(options: RoundsOptions): Promise<RoundsReport> {
  try {
    return await runRounds(options);
  } catch (error) {
    if (error instanceof Broken) process.stderr.write(`${error.message}\n`);
    throw error;
  }
}

test(
  'four clients act at random while processes are killed: nothing is lost, doubled or half done (seed 20)',
  async () => {
    const report = await rounds({ rounds: FAULTS.length, seed: 20, evictAlways: false, faults: FAULTS });
    expect(report).toMatchObject({ rounds: FAULTS.length });
    expect(report.lines).toBeGreaterThan(report.rounds * 20);
  },
  LIMIT,
);

test(
  'the same while every object is dropped from memory after every turn (seed 21)',
  async () => {
    const report = await rounds({
      rounds: EVICTING_FAULTS.length,
      seed: 21,
      evictAlways: true,
      faults: EVICTING_FAULTS,
    });
    expect(report).toMatchObject({ rounds: EVICTING_FAULTS.length });
  },
  LIMIT,
);

for (const { name, ...options } of FAILED_SEEDS) {
  test(
    name,
    async () => {
      await expect(rounds(options)).resolves.toMatchObject({ rounds: options.rounds });
    },
    LIMIT,
  );
}
