// A process that attacks are tried in, one after the other: children.ts starts it. Its arguments are one JSON record.
import '../../engine/lockdown.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackOf } from '../../engine/stack.ts';
import { corpus } from './corpus.ts';
import { inMemory, onDisk } from './journals.ts';
import { Trial, type Verdict } from './trial.ts';

/** What the process is told. */
export interface Task {
  /** Positions in the corpus, as `FAMILY:ATTACK`. */
  readonly attacks: readonly string[];
  readonly evictAlways: boolean;
  /** A folder for the world of the one attack there is; without one the worlds are in memory. */
  readonly folder?: string;
  /** Go on with the world that is in the folder, and do everything again if it says `again`. */
  readonly goOn?: 'judge' | 'again';
}

/** What it says, a line each. `began` comes when the attacker is about to act. */
export type Said =
  | { readonly at: string; readonly what: 'tries' | 'began' }
  | { readonly at: string; readonly what: 'ended'; readonly verdict: Verdict };

const task = JSON.parse(process.argv[2] ?? '') as Task;

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

for (const at of task.attacks) {
  const [family, number] = at.split(':').map(Number);
  const attack = corpus[family ?? -1]?.attacks[number ?? -1];
  if (attack === undefined) throw new Error(`There is no attack ${at}.`);
  say({ at, what: 'tries' });
  const { folder, evictAlways } = task;
  const memory = join(folder ?? '', 'trial.json');
  const place = folder === undefined ? inMemory() : await onDisk(folder);
  const options = {
    ...place,
    evictAlways,
    remember: (text: string) => {
      if (folder !== undefined) writeFileSync(memory, text);
      say({ at, what: 'began' });
    },
  };
  let verdict: Verdict;
  try {
    verdict =
      task.goOn === undefined
        ? await Trial.run(attack, options)
        : await Trial.goOn(attack, options, readFileSync(memory, 'utf8'), task.goOn === 'again');
  } catch (error) {
    verdict = { wrong: [stackOf(error)], told: [], slowest: 0 };
  }
  say({ at, what: 'ended', verdict });
}
process.exit(0);
