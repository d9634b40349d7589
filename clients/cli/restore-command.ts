import type { Command } from 'commander';
import { basename, join, resolve } from 'node:path';
import type { CheckpointInfo } from '../../storage/checkpoint-folder.ts';
import type { Following } from '../../storage/checkpoint-file.ts';
import type { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { StoreError } from '../../storage/errors.ts';
import { sizeOf } from '../../storage/files.ts';
import { withoutControls } from '../command-line.ts';
import { codeOf, PortalError } from '../errors.ts';
import { DATA, EXIT, path, whole, type Cli } from './cli.ts';

interface RestoreFlags {
  readonly data: string;
  readonly backup?: string;
  readonly checkpoint?: number;
  readonly into?: string;
  readonly list: boolean;
  readonly verify: boolean;
}

/** `keystead restore`: makes a new world of a checkpoint, or tells which there are. */
export function addRestore(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('make a new world of a checkpoint, or list the checkpoints there are')
    .option(...DATA)
    .option(
      '--backup <dir>',
      'take the checkpoints that are in this backup folder, not those in --data',
      path,
    )
    .option('--checkpoint <number>', 'the checkpoint to make a world of', whole(1))
    .option('--into <dir>', 'the folder of the new world, missing or empty (default: DIR-from-NUMBER)', path)
    .option('--list', 'list the checkpoints', false)
    .option('--verify', 'with --list: read each one through', false)
    .exitOverride()
    .action(async (flags: RestoreFlags, command: Command) => {
      const { checkpoint, into, list, verify } = flags;
      if (list === (checkpoint !== undefined)) {
        command.error('error: say either --checkpoint NUMBER or --list', { exitCode: EXIT.usage });
      }
      if ((list && into !== undefined) || (verify && !list)) {
        command.error('error: --into goes with --checkpoint, and --verify with --list', {
          exitCode: EXIT.usage,
        });
      }
      if (checkpoint === undefined) await runList(flags, cli);
      else await runRestore(flags, checkpoint, cli);
    });
}

async function runRestore(flags: RestoreFlags, number: number, cli: Cli): Promise<void> {
  const source = await sourceOf(flags);
  const { restoreWorld } = await import('../../storage/restore.ts');
  const { indexKeys } = await import('../../engine/references.ts');
  const { LACKING } = await import('../../storage/checkpoint-folder.ts');
  const into = flags.into ?? besideWorld(flags.data, number);
  const reader = await source.open(number);
  const lacking = await sizeOf(reader.file + LACKING).catch(() => undefined);
  if (lacking !== undefined)
    cli.note(
      `Checkpoint ${number} lacks what was damaged when it was taken; an older one may have it, as "restore --list" tells.`,
    );
  cli.note(`Making a world in '${into}' from checkpoint ${number} in '${source.folder}'.`);
  const following = { onProgress: tenths(cli.note), signal: untilInterrupted(cli.process) };
  const { entries, header } = await restoreWorld(reader, into, indexKeys, following);
  cli.say(
    `restored ${into} from checkpoint ${number} of ${withoutControls(header.when)}, ${entries} entries`,
  );
}

/** Where a world of a checkpoint is made if nobody says where, also of the world in `.`. */
export function besideWorld(data: string, number: number): string {
  return join(data, '..', `${basename(resolve(data))}-from-${number}`);
}

async function runList(flags: RestoreFlags, cli: Cli): Promise<void> {
  const source = await sourceOf(flags);
  const { verifyReader } = await import('../../storage/checkpoint-file.ts');
  const signal = untilInterrupted(cli.process);
  const found = await source.list();
  if (found.length === 0) cli.note(`There are no checkpoints in '${source.folder}'.`);
  for (const info of found) {
    if (!flags.verify) {
      cli.say(row(info, ''));
      continue;
    }
    let state = 'whole';
    try {
      cli.note(`Reading checkpoint ${info.number}.`);
      await verifyReader(await source.open(info.number), { onProgress: tenths(cli.note), signal });
    } catch (error) {
      if (signal.aborted) throw error;
      // A world that runs removes the older ones meanwhile.
      if (!(await source.list()).some(({ number }) => number === info.number)) continue;
      state = `damaged (${codeOf(error)})`;
      cli.note(error instanceof Error ? error.message : 'It cannot be read.');
      cli.endWith(EXIT.failed);
    }
    cli.say(row(info, state));
  }
}

/** One line: number, time, bytes, and whether it is whole and lacks nothing, in columns. */
function row({ number, header, bytes, lacking }: CheckpointInfo, state: string): string {
  // Whatever stands in the file as its time is shown as text only.
  const when = header === undefined ? 'cannot be read' : withoutControls(header.when.slice(0, 40));
  const states = [...(state === '' ? [] : [state]), ...(lacking ? ['without what was damaged'] : [])];
  return `${String(number).padStart(8)}  ${when.padEnd(24)}  ${String(bytes).padStart(14)}  ${states.join(', ')}`.trimEnd();
}

interface Source {
  readonly folder: string;
  list(): Promise<readonly CheckpointInfo[]>;
  open(number: number): Promise<CheckpointReader>;
}

/**
 * Where the checkpoints are; throws `Missing` where there can be none, whatever is asked of them, and `Unreadable`. A folder that
 * has lost its database is one from which to restore. The database comes with these files, so they are loaded by the command
 * that needs them only. */
async function sourceOf({ data, backup }: RestoreFlags): Promise<Source> {
  if (backup !== undefined) {
    const { listBackups, openBackup } = await import('../../storage/backup-folder.ts');
    if ((await sizeOf(backup)) === undefined)
      throw new StoreError('Missing', `there is no folder "${backup}"`);
    const open = (number: number) => openBackup(backup, number);
    return { folder: backup, list: () => listBackups(backup), open };
  }
  const { missing, WORLD_FOLDER } = await import('../../storage/world-folder.ts');
  const { db, checkpoints } = WORLD_FOLDER;
  const folder = join(data, checkpoints);
  if ((await sizeOf(join(data, db))) === undefined && (await sizeOf(folder)) === undefined)
    throw missing(data);
  const { listCheckpoints, openCheckpoint } = await import('../../storage/checkpoint-folder.ts');
  return { folder, list: () => listCheckpoints(folder), open: (number) => openCheckpoint(folder, number) };
}

/** Says how far something is, each tenth once. What is done at once says nothing. */
function tenths(note: (text: string) => void): NonNullable<Following['onProgress']> {
  let said = 0;
  return (part) => {
    const tenth = Math.min(9, Math.floor(part * 10));
    if (tenth <= said) return;
    said = tenth;
    note(`${tenth}0 %`);
  };
}

/** Aborts at the first signal that asks the process to end; a second one ends it at once. */
function untilInterrupted(process: Cli['process']): AbortSignal {
  const over = new AbortController();
  const interrupt = (): void => {
    over.abort(new PortalError('Interrupted', 'interrupted: nothing was left half done'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return over.signal;
}
