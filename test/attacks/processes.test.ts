import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAll, runChild } from './children.ts';
import { corpus } from './corpus.ts';

/** Milliseconds for one run of several processes. */
const LIMIT = 120_000;

/** A few of those that need a process of their own; all of them: npm run attacks. */
const IN_PROCESSES = [
  'catches whatever stops it, and runs on',
  'loops when the hall speaks to it, so that nobody can speak there any more',
  'loops while it is written down',
  'nests templates',
  'uses expressions at the end of the stack that were used once before',
  'has the class of somebody else compiled at the end of the stack',
  'hides in a pattern that it is nested deeper than any may be, and uses it near the end of the stack',
  'matches a pattern that never comes to an end',
  'creates objects at the end of the stack',
  'writes collections at the end of the stack',
  'attempts at the end of the stack',
  'keeps ever more in an array',
  'makes an array of 2^27 and fills it',
  'calls reverse on what says that it is 2^53 long',
  'sends so much in one turn that no commit can hold it',
  'has an honest object set aside by calling it when its own time is nearly over',
];

/** A few that are killed in the middle. */
const KILLED = [
  'takes money out of a purse while the purse is taking money in',
  'creates more than its bank pays for',
  'sends two messages for each that it gets',
  'calls and does things while it is upgraded',
];

function placeOf(name: string): string {
  for (const [family, { attacks }] of corpus.entries()) {
    const at = attacks.findIndex((attack) => attack.name === name);
    if (at >= 0) return `${family}:${at}`;
  }
  throw new Error(`There is no attack "${name}".`);
}

test(
  'what hangs, and what exhausts the stack or the memory, is stopped and does no harm',
  async () => {
    const verdicts = await runAll(IN_PROCESSES.map(placeOf), false);
    expect(IN_PROCESSES.map((name) => [name, verdicts.get(placeOf(name))?.wrong])).toEqual(
      IN_PROCESSES.map((name) => [name, []]),
    );
  },
  LIMIT,
);

for (const name of KILLED) {
  test(
    `${name}, and is killed as soon as it has begun`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'attack-'));
      const attacks = [placeOf(name)];
      const began = await runChild({ attacks, evictAlways: false, folder }, (child) => child.kill('SIGKILL'));
      expect([...began.verdicts]).toEqual([]);
      const { verdicts, how } = await runChild({ attacks, evictAlways: false, folder, goOn: 'again' });
      expect([how, verdicts.get(attacks[0] as string)?.wrong]).toEqual(['', []]);
      await rm(folder, { recursive: true, force: true });
    },
    LIMIT,
  );
}
