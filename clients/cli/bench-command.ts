import { spawn } from 'node:child_process';
import { realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { namesIn } from '../../storage/files.ts';
import { refuseInWorld } from '../../storage/world-around.ts';
import type { Making, MakingReport } from '../bench/making.ts';
import { PortalError } from '../errors.ts';
import { DATA, whole, type Cli } from './cli.ts';
import { withProgress } from './progress.ts';

const MAKER = fileURLToPath(new URL('../bench/world-maker.js', import.meta.url));

interface WorldFlags {
  readonly data: string;
  readonly objects: number;
  readonly seed: number;
  readonly rooms?: number;
  readonly players?: number;
  readonly hoard: number;
}

/** `keystead bench`: makes worlds to measure. What measures them needs more than a product has. */
export function addBench(program: Command, cli: Cli): void {
  const bench = program
    .command('bench')
    .description('make a world of many objects, to be measured')
    .exitOverride()
    .action(() => {
      cli.say('keystead bench world --objects N   makes a world of N objects; start it as any other');
      cli.say('npm run bench                      measures this Keystead; it needs the sources');
    });

  bench
    .command('world')
    .description('make a world of so many objects, the same for the same seed')
    .requiredOption('--objects <number>', 'objects in all', whole(1))
    .option('--seed <number>', 'what is drawn by lot comes of it', whole(0), 1)
    .option(...DATA)
    .option('--rooms <number>', 'rooms (default: one for each 100 objects)', whole(1))
    .option(
      '--players <number>',
      'players, with the password "keystead" (default: one for each 400 objects)',
      whole(0),
    )
    .option('--hoard <number>', 'things in one great container in the first room', whole(0), 0)
    .exitOverride()
    .action((flags: WorldFlags) => makeWorld(flags, cli));
}

/**
 * Makes the world in a folder beside the one that is meant, and moves it there when it is whole: what is interrupted leaves
 * nothing that looks like a world. Throws `FolderInUse`, `InWorld`, `Interrupted`, `NotMade`, `Unreadable`.
 */
async function makeWorld({ data, ...wanted }: WorldFlags, cli: Cli): Promise<void> {
  const named = resolve(cli.workingFolder, data);
  // Where a link leads to an empty folder, that is what the world takes the place of.
  const folder = await realpath(named).catch(() => named);
  if ((await namesIn(folder)).length > 0)
    throw new PortalError(
      'FolderInUse',
      `There is something in '${data}': name a folder that is not there yet.`,
    );
  await refuseInWorld(folder);
  // Hidden, and called as nobody calls a folder of his own: what stands there goes.
  const beginning = `.${basename(folder)}.keystead-making`;
  await clear(dirname(folder), beginning);
  const unfinished = join(dirname(folder), `${beginning}-${cli.process.pid}`);
  try {
    const done = await withProgress(cli, async ({ check, signal }) => {
      const made = await runMaker({ ...wanted, folder: unfinished }, signal, cli);
      check();
      return made;
    });
    await rename(unfinished, folder);
    cli.say(
      `${wanted.objects} objects in '${data}', of them ${done.rooms} rooms and ${done.players} players, ` +
        `in ${done.seconds.toFixed(1)} s`,
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * Removes what interrupted calls left. It is renamed first: if somebody is making a world in it after all, they find nothing
 * under its name and fail, rather than writing into the one that is made now.
 */
async function clear(above: string, beginning: string): Promise<void> {
  for (const name of await namesIn(above)) {
    if (!name.startsWith(beginning)) continue;
    const gone = join(above, name.endsWith('.gone') ? name : `${name}.gone`);
    await rename(join(above, name), gone);
    await rm(gone, { recursive: true, force: true });
  }
}

/** `signal`: the process is killed when it aborts. Resolves when it has ended. */
async function runMaker(
  making: Making,
  signal: AbortSignal,
  { process, note }: Cli,
): Promise<MakingReport & { t: 'done' }> {
  // Its standard input is what it ends with, if this process does.
  const child = spawn(process.execPath, [heapOf(making), MAKER, JSON.stringify(making)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  signal.addEventListener('abort', () => child.kill('SIGKILL'));
  let done: (MakingReport & { t: 'done' }) | undefined;
  let refused = 'The process that makes the world has ended.';
  child.once(
    'error',
    ({ message }) => (refused = `The process that makes the world cannot be started: ${message}`),
  );
  let next = PROGRESS;
  for await (const line of createInterface({ input: child.stdout })) {
    const report = JSON.parse(line) as MakingReport;
    if (report.t === 'done') done = report;
    else if (report.t === 'refused') refused = report.why;
    else if (report.objects >= next * making.objects) {
      note(`${report.objects} of ${making.objects} objects`);
      next = report.objects / making.objects + PROGRESS;
    }
  }
  await ended;
  if (done === undefined) throw new PortalError('NotMade', refused);
  return done;
}

/**
 * How much V8 may take for a heap, in megabytes: many times what is in use, which is 60 MB and 160 bytes for each object. Below
 * 2 GB it looks for garbage when the heap has grown by a part of itself, and not only when it has four times as much.
 */
function heapOf({ objects }: Making): string {
  return `--max-old-space-size=${1024 + Math.floor(objects / 4000)}`;
}

/** Share of the work after which its progress is told again. */
const PROGRESS = 0.1;
