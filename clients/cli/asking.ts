import type { Command } from 'commander';
import { askWorld } from '../control.ts';
import { DATA, type Cli } from './cli.ts';

/** `keystead checkpoint`, `collect`, `admin` and `reload`: what a running world is asked through its socket. */
export function addAsking(program: Command, { say, workingFolder }: Cli): void {
  program
    .command('checkpoint')
    .description('have the running world write a checkpoint now')
    .option(...DATA)
    .exitOverride()
    .action(async ({ data }: { data: string }) => {
      say(await askWorld(data, workingFolder, { t: 'checkpoint' }));
    });

  program
    .command('collect')
    .description('have the running world look for garbage now, and remove what has been such for long enough')
    .option(...DATA)
    .exitOverride()
    .action(async ({ data }: { data: string }) => {
      const partly =
        'what it had removed by then is gone. Ask again, and the rest goes when it has had its time';
      say(await askWorld(data, workingFolder, { t: 'collect' }, partly));
    });

  program
    .command('admin')
    .description("put Storage's full facet, which is wizardry, on a player's keyring")
    .argument('<name>', 'the player')
    .option(...DATA)
    .exitOverride()
    .action(async (name: string, { data }: { data: string }) => {
      say(await askWorld(data, workingFolder, { t: 'admin', name }));
    });

  program
    .command('reload')
    .description('load all code of the running world anew, with everybody connected')
    .option(...DATA)
    .exitOverride()
    .action(async ({ data }: { data: string }) => {
      say(await askWorld(data, workingFolder, { t: 'reload' }));
    });
}
