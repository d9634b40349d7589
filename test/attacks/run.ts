/**
 * The long run: `npm run attacks`, or by hand
 *
 *     node dist/test/attacks/run.js [--only FAMILY] [--seed N] [--no-kill]
 *
 * Tries every attack in real processes: in memory, with everything evicted after every turn, and in a world on disk whose
 * process is killed in the middle of the attack, after which the attacker does everything again. Tells each attack that
 * did any harm, how long anybody else waited at most, and ends with 1 if any did.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runAll, runChild } from './children.ts';
import { corpus } from './corpus.ts';
import type { Verdict } from './trial.ts';

/** Longest that anybody else may wait for an answer, in milliseconds. */
const ANSWERED_WITHIN = 1_000;
/** How long after the attack begins the process is killed at most, in milliseconds. */
const KILLED_WITHIN = 60;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'no-kill': { type: 'boolean', default: false },
  },
});

let seed = Number(values.seed);
/** From 0 to 1, the same for the same seed. */
function chance(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

const chosen = corpus.flatMap(({ family, attacks }, at) =>
  family.includes(values.only) ? attacks.map((attack, n) => ({ at: `${at}:${n}`, family, attack })) : [],
);

let harmful = 0;
let slowest = { milliseconds: 0, what: 'nobody' };

function judge(
  mode: string,
  { family, attack }: (typeof chosen)[number],
  verdict: Verdict | undefined,
): void {
  const wrong = [...(verdict?.wrong ?? ['it was not tried'])];
  const waited = verdict?.slowest ?? 0;
  if (waited > slowest.milliseconds)
    slowest = { milliseconds: waited, what: `${mode}: ${family}: ${attack.name}` };
  if (waited > ANSWERED_WITHIN) wrong.push(`somebody else waited for ${Math.round(waited)} ms`);
  if (wrong.length === 0) return;
  harmful += 1;
  process.stdout.write(
    `${mode}: ${family}: ${attack.name}\n${wrong.map((each) => `    ${each}\n`).join('')}`,
  );
}

/** The process is killed while the attacker is at it; another one goes on with the world that it left. */
async function killed(at: string): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'attack-'));
  try {
    const first = await runChild({ attacks: [at], evictAlways: false, folder }, (child) => {
      setTimeout(() => child.kill('SIGKILL'), chance() * KILLED_WITHIN);
    });
    const whole = first.verdicts.get(at);
    // It was over before it could be killed, or was refused.
    if (whole !== undefined) return whole;
    const second = await runChild({ attacks: [at], evictAlways: false, folder, goOn: 'again' });
    const verdict = second.verdicts.get(at);
    if (verdict !== undefined) return verdict;
    // The attack kills the process by itself: it may do that once more, and then it has to be known.
    const third = await runChild({ attacks: [at], evictAlways: false, folder, goOn: 'judge' });
    return (
      third.verdicts.get(at) ?? {
        wrong: [`the world does not come back: ${third.how}`],
        told: [],
        slowest: 0,
      }
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.stdout.write(`${chosen.length} attacks in ${corpus.length} families, seed ${seed}\n`);
for (const evictAlways of [false, true]) {
  const mode = evictAlways ? 'evicted' : 'in memory';
  const list = chosen.filter(({ attack }) => attack.kills !== true);
  const verdicts = await runAll(
    list.map(({ at }) => at),
    evictAlways,
  );
  for (const each of list) judge(mode, each, verdicts.get(each.at));
  process.stdout.write(`${mode}: ${list.length} tried\n`);
}
if (!values['no-kill']) {
  for (const each of chosen) judge('killed', each, await killed(each.at));
  process.stdout.write(`killed: ${chosen.length} tried\n`);
}
process.stdout.write(
  `${harmful} did harm; somebody else waited ${Math.round(slowest.milliseconds)} ms at most (${slowest.what})\n`,
);
process.exitCode = harmful === 0 ? 0 : 1;
