/**
 * The long run of the damage: `npm run damage -- [--seeds N] [--from S]`. Tells every seed with which something is lost
 * in silence, and how often each harm to each kind of file came to what; ends with 1 if there was such a seed.
 */
import '../../engine/lockdown.ts';
import { parseArgs } from 'node:util';
import { makeSpecimen, tryDamage } from './damage.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '4000' }, from: { type: 'string', default: '1' } },
});
const seeds = Number(values.seeds);
const first = Number(values.from);
const counts = new Map<string, number>();
for (const killed of [true, false]) {
  const specimen = await makeSpecimen(killed);
  process.stdout.write(`${killed ? 'killed' : 'closed'}: ${specimen.files.join(' ')}\n`);
  for (let seed = first; seed < first + seeds / 2; seed += 1) {
    const { file, harm, verdict, what } = await tryDamage(specimen, seed);
    const kind = file.replace(/\d{6}/, 'N');
    counts.set(`${kind} ${verdict}`, (counts.get(`${kind} ${verdict}`) ?? 0) + 1);
    if (verdict !== 'silent' && verdict !== 'unclear') continue;
    process.exitCode = 1;
    process.stdout.write(
      `${killed ? 'killed' : 'closed'} seed ${seed}: ${harm} of ${file}: ${verdict}: ${what}\n`,
    );
  }
  await specimen.remove();
}
for (const [what, count] of [...counts].sort()) process.stdout.write(`${what}: ${count}\n`);
