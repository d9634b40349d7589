/**
 * Classes that are changed while they are used and the world is killed: `npm run crash:classes`, or by hand
 *
 *     node dist/test/crash/classes-run.js [--rounds 100] [--evict-always] [--seed N]
 *                                         [--authors 20] [--classes 50] [--users 30]
 *
 * Tells each round and ends with 1 at the first broken promise, with what was sent and shown before it.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import { runClassRounds, type ClassRoundsOptions } from './class-rounds.ts';
import { Broken } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    authors: { type: 'string', default: '20' },
    classes: { type: 'string', default: '50' },
    users: { type: 'string', default: '30' },
    'count-every': { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'evict-always': { type: 'boolean', default: false },
  },
});

const options: ClassRoundsOptions = {
  rounds: whole('rounds', values.rounds),
  seed: whole('seed', values.seed),
  evictAlways: values['evict-always'],
  authors: whole('authors', values.authors),
  classes: whole('classes', values.classes),
  users: whole('users', values.users),
  countEvery: whole('count-every', values['count-every']),
};
let last = 0;
const onRound = (round: number, what: string): void => {
  last = round;
  process.stdout.write(`round ${round}: ${what}\n`);
};

process.stdout.write(`${JSON.stringify(options)}\n`);
try {
  const report = await runClassRounds({ ...options, onRound });
  process.stdout.write(`all promises kept: ${JSON.stringify(report)}\n`);
} catch (error) {
  if (!(error instanceof Broken)) throw error;
  const entry = JSON.stringify({ name: error.violations[0], ...options, rounds: last + 1 });
  process.stderr.write(
    `${error.message}\n\nto keep it as a test, add to FAILED_CLASS_SEEDS in test/crash/failed-seeds.ts:\n${entry}\n`,
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
