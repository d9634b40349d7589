import type { Command } from 'commander';
import { leaveRoomBeside } from '../../storage/files.ts';
import { makeWorld } from '../../storage/new-world.ts';
import { archiveSource } from '../archive/archive-file.ts';
import { importWorld } from '../archive/import-world.ts';
import { DATA, path, type Cli } from './cli.ts';
import { withProgress } from './progress.ts';

interface Flags {
  readonly data: string;
  readonly edited: boolean;
}

/** `keystead import`: a new world from an export. */
export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('make a world of an export, in a folder that is new or empty')
    .argument('<file>', 'what `keystead export` wrote; -: standard input', path)
    .option(...DATA)
    .option(
      '--edited',
      'the file was changed by hand: its last line, which has its hash, need not fit',
      false,
    )
    .exitOverride()
    .action(async (file: string, flags: Flags) => {
      await withProgress(cli, async (progress) => {
        const { objects, stanzas } = await makeWorld(flags.data, async (store, scratch) => {
          const open = await archiveSource(file, cli.process.stdin, scratch, progress.signal);
          return importWorld(store, {
            open,
            edited: flags.edited,
            onProgress: progress.at,
            onWrite: (characters) => leaveRoomBeside(scratch, characters),
          });
        });
        cli.note(`imported ${objects} objects, ${stanzas} stanzas, into "${flags.data}"`);
      });
    });
}
