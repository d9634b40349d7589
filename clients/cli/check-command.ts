import type { Command } from 'commander';
import { join } from 'node:path';
import { StoreError } from '../../storage/errors.ts';
import { WORLD_FOLDER } from '../../storage/world-folder.ts';
import { checkWorld, type Checked } from '../check/check-world.ts';
import { NOTES, type Finding, type Note } from '../check/findings.ts';
import { repairWorld } from '../check/repair.ts';
import { isServed, socketPath } from '../control-socket.ts';
import { escapedText } from '../terminal-text.ts';
import { openView } from '../view.ts';
import { DATA, EXIT, type Cli } from './cli.ts';
import { withProgress } from './progress.ts';

interface Flags {
  readonly data: string;
  readonly repair: boolean;
}

/** `keystead check`: whether all of a world is as it should be. */
export function addCheck(program: Command, cli: Cli): void {
  program
    .command('check')
    .description('look at everything that a world stores, whether it runs or not; 1: something is wrong')
    .option(...DATA)
    .option('--repair', 'mend what can be mended; the world has to be stopped', false)
    .exitOverride()
    .action(async ({ data, repair }: Flags) => {
      // Whoever removed the lock of the store let in a second owner, also for a repair.
      const socket = join(data, WORLD_FOLDER.control);
      if (repair && (await isServed(socketPath(socket, cli.workingFolder))))
        throw new StoreError('InUse', `a world runs in "${data}": stop it before it is repaired`);
      const checked = await withProgress(cli, async (progress) => {
        const onFinding = (finding: Finding): void => {
          progress.clear();
          cli.say(lineOf(finding));
        };
        if (repair) {
          const onDone = (said: string): void => {
            progress.clear();
            cli.say(`repaired: ${escapedText(said)}`);
          };
          return repairWorld(data, { onFinding, onDone, onProgress: progress.at });
        }
        const view = await openView(data, cli.workingFolder, {
          signal: progress.signal,
          onWait: () => {
            cli.note(`waiting for "${data}"`);
          },
        });
        try {
          return await checkWorld(view, { onFinding, onProgress: progress.at });
        } finally {
          await view.close();
        }
      });
      cli.say(summaryOf(checked, repair));
      if (checked.findings > 0) cli.endWith(EXIT.failed);
    });
}

function lineOf({ key, what, means, fix }: Finding): string {
  const way = fix === undefined ? ' [not by --repair]' : '';
  return escapedText(`${key}: ${what}. For players: ${means}.${way}`);
}

function summaryOf({ keys, objects, findings, notes }: Checked, repair: boolean): string {
  const told = (Object.keys(NOTES) as Note[])
    .filter((note) => notes.has(note))
    .map((note) => `${NOTES[note]}: ${notes.get(note)}`);
  const wrong =
    findings === 0 ? 'nothing is wrong' : `${findings} ${findings === 1 ? 'finding' : 'findings'}`;
  const left = repair && findings > 0 ? ' left that cannot be repaired' : '';
  return [`${keys} keys, ${objects} objects: ${wrong}${left}`, ...told].join('\n');
}
