/**
 * The long run of the model: `npm run model -- [--minutes M] [--seed S]`. Ends with 1 at the first script for which the
 * world is not what the model says, shrunk, to be kept in `failed-scripts.ts`.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { acts, runActs } from './cell-script.ts';

/** Scripts between two lines of what has been tried. */
const RUNS = 200;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const until = performance.now() + Number(values.minutes) * 60_000;
let scripts = 0;
for (let seed = Number(values.seed); performance.now() < until; seed += 1) {
  const result = await fc.check(fc.asyncProperty(acts, runActs), { numRuns: RUNS, seed });
  scripts += result.numRuns;
  process.stdout.write(`seed ${seed}: ${scripts} scripts\n`);
  if (!result.failed) continue;
  process.stdout.write(
    `${fc.defaultReportMessage(result)}\n\n${JSON.stringify(result.counterexample?.[0])}\n`,
  );
  process.exitCode = 1;
  break;
}
