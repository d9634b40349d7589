/**
 * Commits to the journal of a folder, for a trial in which a call of the file system fails: two thousand characters and more
 * in each, so that LevelDB makes tables, and now and then a checkpoint. Says which are durable, and what went wrong.
 *
 *     node calls-child.js FOLDER COMMITS
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { reasonOf, systemCode } from '../../storage/errors.ts';
import { openJournal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { NUMBER_KEY, opsOf } from './calls-ledger.ts';

/** Commits between two checkpoints. */
const CHECKPOINT_EVERY = 60;

const [folder = '', commits = '0'] = process.argv.slice(2);

/** At once: what was said before a SIGKILL has been said. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}

try {
  const journal = await openJournal(await openLevelStore(folder, { create: true }), {
    onProblem: ({ message }) => {
      say(`problem ${message}`);
    },
  });
  let number = Number(journal.get(NUMBER_KEY) ?? 0);
  const last = number + Number(commits);
  while (number < last) {
    const together: Promise<void>[] = [];
    for (let some = number % 3; some >= 0; some -= 1) {
      number += 1;
      const mine = number;
      const text = randomBytes(9_000).toString('base64');
      together.push(
        journal.commit(opsOf(mine, text)).then(() => {
          say(`durable ${mine}`);
        }),
      );
    }
    await Promise.all(together);
    if (number % CHECKPOINT_EVERY < 3) {
      const snapshot = await journal.snapshot();
      const file = join(folder, 'checkpoints', `${String(number).padStart(6, '0')}.checkpoint`);
      await writeCheckpoint(snapshot, file, { number, when: '', seq: snapshot.seq }).catch(
        (error: unknown) => {
          say(`checkpoint ${reasonOf(error)}`);
        },
      );
      await snapshot.close();
    }
  }
  await journal.close();
  say('closed');
} catch (error) {
  say(`refused ${systemCode(error)} ${reasonOf(error)}`);
  process.exitCode = 1;
}
