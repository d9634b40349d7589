/**
 * The long run: `npm run crash`, or by hand
 *
 *     node dist/test/crash/run.js [--rounds 200] [--evict-always] [--seed N]
 *
 * Tells each round and ends with 1 at the first broken promise, with all that was sent and shown in that round.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import { Broken, runRounds, type RoundsOptions } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'evict-always': { type: 'boolean', default: false },
  },
});

const options: RoundsOptions = {
  rounds: whole('rounds', values.rounds),
  seed: whole('seed', values.seed),
  evictAlways: values['evict-always'],
};
let last = 0;
const onRound = (round: number, what: string): void => {
  last = round;
  process.stdout.write(`round ${round}: ${what}\n`);
};

process.stdout.write(`${JSON.stringify(options)}\n`);
try {
  const report = await runRounds({ ...options, onRound });
  process.stdout.write(`all promises kept: ${JSON.stringify(report)}\n`);
} catch (error) {
  if (!(error instanceof Broken)) throw error;
  const entry = JSON.stringify({ name: error.violations[0], ...options, rounds: last + 1 });
  process.stderr.write(
    `${error.message}\n\nto keep it as a test, add to test/crash/failed-seeds.ts:\n${entry}\n`,
  );
  process.exitCode = 1;
}

function whole(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) {
    process.stderr.write(`--${name} needs a whole number\n`);
    process.exit(2);
  }
  return Number(text);
}
