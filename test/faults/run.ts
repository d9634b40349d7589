/**
 * The long run of the kills: `npm run faults`. For each N, a new world whose process is killed before, and one whose
 * process is killed after its Nth write, and the one that follows it at its third. Tells each, and ends with 1 at the
 * first broken promise.
 */
import '../../engine/lockdown.ts';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runKillTrial } from './kill-trial.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'keystead-kill-'));

const undisturbed = await runKillTrial({ data: await newFolder(), next: () => null });
let points = 0;
let killed = true;
for (let at = 1; killed && process.exitCode === undefined; at += 1) {
  for (const moment of ['before', 'after'] as const) {
    const {
      wrong: told,
      shown,
      kills,
    } = await runKillTrial({
      data: await newFolder(),
      next: (life) => (life === 0 ? `${moment}:${at}` : life === 1 ? `${moment}:3` : null),
    });
    const wrong = [...told];
    killed = kills > 0;
    points += kills;
    if (JSON.stringify(shown) !== JSON.stringify(undisturbed.shown))
      wrong.push('the players saw something else');
    process.stdout.write(`${moment} write ${at}: ${wrong.length === 0 ? 'well' : wrong.join('; ')}\n`);
    if (wrong.length > 0) process.exitCode = 1;
  }
}
process.stdout.write(`${points} kills\n`);
process.exit();
