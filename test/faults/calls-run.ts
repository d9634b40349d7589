/**
 * The long run of the calls that fail: `npm run faults:calls`, or by hand
 *
 *     node dist/test/faults/calls-run.js [--trials N] [--commits N] [--seed N] [--way power]
 *
 * So many trials in each way, at calls from the first to the last. Tells each, and ends with 1 if a promise was broken.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import { FailingCalls, WAYS } from './calls.ts';
import { drawFrom } from './chance.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '60' },
    commits: { type: 'string', default: '480' },
    seed: { type: 'string', default: '1' },
    way: { type: 'string' },
  },
});
const [trials, commits, seed] = [Number(values.trials), Number(values.commits), Number(values.seed)];

const disk = await FailingCalls.make();
if (disk === undefined) throw new Error('This needs Linux, and a C compiler under the name cc.');
const draw = drawFrom(seed);
const calls = await disk.count(commits);
process.stdout.write(`${calls} calls, seed ${seed}\n`);
const ways = WAYS.filter((way) => values.way === undefined || way === values.way);
let broken = 0;
for (const way of ways) {
  for (let trial = 0; trial < trials; trial += 1) {
    const at = 1 + Math.floor((calls / trials) * trial) + draw(Math.ceil(calls / trials));
    const { call, wrong } = await disk.try(commits, at, way, draw);
    if (wrong.length > 0) broken += 1;
    process.stdout.write(`${way} ${at} ${call}: ${wrong.length === 0 ? 'well' : wrong.join('; ')}\n`);
  }
}
await disk.remove();
process.stdout.write(`${trials * ways.length} trials, ${broken} broken\n`);
process.exitCode = broken === 0 ? 0 : 1;
