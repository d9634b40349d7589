import { Option, type Command } from 'commander';
import { exportWorld } from '../archive/export-world.ts';
import { archiveWriter } from '../archive/archive-file.ts';
import { escapedText } from '../terminal-text.ts';
import { openView } from '../view.ts';
import { DATA, EXIT, path, type Cli } from './cli.ts';
import { withProgress, type Progress } from './progress.ts';

interface Flags {
  readonly data: string;
  readonly tokens: 'keep' | 'new';
}

/** `keystead export`: a world as text. */
export function addExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('write a world as text that can be read, compared and imported, whether it runs or not')
    .argument('<file>', 'where to; -: standard output', path)
    .option(...DATA)
    .addOption(
      new Option('--tokens <how>', 'the names of grants: as they are, or all made anew')
        .choices(['keep', 'new'])
        .default('keep'),
    )
    .exitOverride()
    .action(async (file: string, flags: Flags) => {
      const left = file === '-' ? 'what standard output got of it is not whole' : undefined;
      const run = async (progress: Progress): Promise<void> => {
        const view = await openView(flags.data, cli.workingFolder, {
          signal: progress.signal,
          onWait: () => {
            cli.note(`waiting for "${flags.data}"`);
          },
        });
        try {
          const out = await archiveWriter(file, cli.process.stdout, flags.data, progress.signal);
          try {
            const { objects, stanzas, leftOut } = await exportWorld(view, {
              tokens: flags.tokens,
              write: async (text) => {
                progress.check();
                await out.write(text);
              },
              onLeftOut: (key, why) => {
                cli.note(escapedText(`left out: ${key === '' ? 'a part of the database' : key}: ${why}`));
              },
              onProgress: progress.at,
            });
            await out.end();
            cli.note(`exported ${objects} objects, ${stanzas} stanzas`);
            if (leftOut === 0) return;
            cli.note(`${leftOut} values are not in it: "keystead check" says what they are`);
            cli.endWith(EXIT.failed);
          } catch (error) {
            await out.drop();
            throw error;
          }
        } finally {
          await view.close();
        }
      };
      await withProgress(cli, run, left);
    });
}
