/**
 * The long run of a world that is played in: `npm run week -- [--days D] [--players N] [--seed S] [--rounds R]
 * [--told]`. Tells each day, and ends with 1 if anything was not as promised. `--told` adds what people were told, by
 * its first words.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import { playWeek } from './week.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '7' },
    players: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    rounds: { type: 'string', default: '12' },
    told: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
say(`seed ${seed}`);
const began = performance.now();
const { wrong, restored, collected, lines, judged, lives, told, events } = await playWeek({
  hours: Math.round(Number(values.days) * 24),
  players: Number(values.players),
  seed,
  rounds: Number(values.rounds),
  checkpointEvery: 4,
  judgeEvery: 10,
  say,
});
for (const [text, count] of events) say(`reported ${count} times: ${text}`);
if (values.told) for (const [text, count] of [...told].sort(([, a], [, b]) => b - a)) say(`${count} ${text}`);
say(
  `${lines} lines, ${judged.objects} objects, ${judged.keys} keys, ${judged.bytes} characters of export, ` +
    `${collected} collected, ${restored} restored, lives: ${JSON.stringify(lives)}, ` +
    `${Math.round((performance.now() - began) / 1000)} s, ${wrong.length} wrong`,
);
for (const what of wrong) say(`WRONG ${what}`);
process.exit(wrong.length === 0 ? 0 : 1);
