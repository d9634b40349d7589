import { InvalidArgumentError, Option, type Command } from 'commander';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PortalError } from '../errors.ts';
import { LIMITS, type LimitName, type Limits } from '../limits.ts';
import type { Running } from '../start.ts';
import { LOG_KEPT, LOG_SIZE, SLOW_TURN, type WorldOptions } from '../world-options.ts';
import { spawnFirstWorld, type WorldProgram } from '../world-spawn.ts';
import { complaint, DATA, EXIT, path, whole, type Cli } from './cli.ts';

interface StartFlags {
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly checkpointEvery: number;
  readonly checkpointsKept: number;
  readonly collectEvery: number;
  readonly garbageGrace: number;
  readonly backup?: string;
  readonly backupsKept: number;
  readonly resident?: number;
  readonly logKept: number;
  readonly logSize: number;
  readonly slowTurn: number;
  readonly evictAlways: boolean;
  readonly allowOrigin: readonly string[];
  readonly limit: Partial<Limits>;
  readonly logLevel: string;
  readonly worldProcess?: string;
}

/** `keystead start`: the world and its portal, until a signal ends them. */
export function addStart(program: Command, cli: Cli): void {
  program
    .command('start')
    .description('run a world; makes a starter world where there is none')
    .option(...DATA)
    .option('--port <number>', 'HTTP and WebSocket port; 0: any free one', port, 7070)
    .option('--host <address>', 'address to listen on', address, '127.0.0.1')
    .option('--checkpoint-every <seconds>', 'time between checkpoints; 0: only on demand', whole(0), 300)
    .option('--checkpoints-kept <number>', 'checkpoints to keep; older ones are removed', whole(1), 12)
    .option(
      '--collect-every <seconds>',
      'time between collections of garbage; 0: only on demand',
      whole(0),
      3_600,
    )
    .option(
      '--garbage-grace <seconds>',
      'how long what nothing refers to stays after it was found',
      whole(0),
      86_400,
    )
    .option(
      '--backup <dir>',
      'put every checkpoint into this second folder too; only what changed takes room',
      path,
    )
    .option('--backups-kept <number>', 'backups to keep there; older ones are removed', whole(1), 48)
    .option('--resident <objects>', 'objects to keep in memory', whole(1))
    .option('--log-kept <hours>', 'keep the log of turns so long; 0: write none', whole(0), LOG_KEPT)
    .option('--log-size <MB>', 'keep at most so much of it; 0: write none', whole(0), LOG_SIZE)
    .option('--slow-turn <ms>', 'log turns that run for so long or longer; 0: all', whole(0), SLOW_TURN)
    .option('--evict-always', 'for tests: drop every object from memory after every turn', false)
    .option(
      '--allow-origin <origin>',
      'let pages of another site connect, as https://example.org',
      origin,
      [],
    )
    .option(
      '--limit <name=value>',
      `change a limit of the portal: ${Object.keys(LIMITS).join(', ')}`,
      limit,
      {},
    )
    .addOption(
      new Option('--log-level <level>', 'what to log to standard error')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('warn'),
    )
    .addOption(new Option('--world-process <file>', 'for tests: another program as the world').hideHelp())
    .exitOverride()
    .action((flags: StartFlags, command: Command) => runStart(flags, command, cli));
}

async function runStart(flags: StartFlags, command: Command, cli: Cli): Promise<void> {
  const { process } = cli;
  const { workingFolder } = cli;
  refuseUnfit(process.env['NODE_OPTIONS'] ?? '');
  if (flags.backup !== undefined) {
    const [backup, data] = [flags.backup, flags.data].map((each) => realPath(resolve(workingFolder, each)));
    if (backup === data)
      command.error('error: --backup and --data name the same folder', { exitCode: EXIT.usage });
  }
  const program: WorldProgram = {
    world: worldOptions(flags),
    logLevel: flags.logLevel,
    node: process,
    ...(flags.worldProcess === undefined ? {} : { worldProcess: flags.worldProcess }),
  };
  const spawned = spawnFirstWorld(program);
  // Loaded while the world process loads its own: that takes longer.
  const load = async (): Promise<Running> => {
    try {
      const [{ start }, { makeLogger }] = await Promise.all([import('../start.ts'), import('../logger.ts')]);
      return await start({
        ...program,
        spawned,
        host: flags.host,
        port: flags.port,
        log: makeLogger('portal', flags.logLevel, process),
        limits: flags.limit,
        origins: flags.allowOrigin,
        onFailed: (error) => {
          process.stderr.write(complaint(error).text);
          void end(EXIT.failed);
        },
      });
    } catch (error) {
      spawned.kill('SIGKILL'); // it has no ears for anything less, and may not have been taken over
      throw error;
    }
  };
  const starting = load();
  /** Ends the process now: whatever is still open is of no use any more. */
  const leave = (code: number): void => {
    process.exit(code);
  };
  /** Ends the world as soon as it has started, and then the process. */
  const end = async (code: number): Promise<void> => {
    const running = await starting;
    leave((await running.stop()) ? code : EXIT.failed);
  };
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    // Whoever asks twice does not want to wait: the world ends by itself when its pipe does.
    if (signals > 1) leave(EXIT.failed);
    end(EXIT.done).catch(() => {});
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const running = await starting;
  if (signals === 0) cli.say(`listening ${running.url}`);
}

/** Options of Node with which the language is not what the world needs, or the database cannot be loaded. */
const UNFIT =
  /(?:^|\s)(--(?:no[-_]addons|disable[-_]proto[= ]throw|frozen[-_]intrinsics|disallow[-_]code[-_]generation[-_]from[-_]strings))(?=\s|$)/;

/** Files that have to be allowed: a world has half as many open before anybody comes, and checkpoints and tables need some. */
const LEAST_FILES = 64;

/** Throws `WorldWillNotStart` where each world process would die with what Node says, again and again, or soon after. */
function refuseUnfit(nodeOptions: string): void {
  const option = UNFIT.exec(nodeOptions)?.[1];
  if (option !== undefined) {
    const message = `No world can run with "${option}", which is in the variable NODE_OPTIONS: take that out.`;
    throw new PortalError('WorldWillNotStart', message);
  }
  const most = filesAllowed();
  if (most >= LEAST_FILES) return;
  throw new PortalError(
    'WorldWillNotStart',
    `Only ${most} files may be open at a time, and a world needs ${LEAST_FILES}, and one more for each player: allow more (ulimit -n).`,
  );
}

/** How many files a process may have open, where the system says it in the way of Linux. */
function filesAllowed(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

/** A path without links, as far as there is anything. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realPath(above), basename(path));
}

function worldOptions(flags: StartFlags): WorldOptions {
  const { data, checkpointEvery, checkpointsKept, collectEvery, garbageGrace } = flags;
  const { evictAlways, resident, backup, backupsKept, logKept, logSize, slowTurn } = flags;
  return {
    data,
    checkpointEvery,
    checkpointsKept,
    collectEvery,
    garbageGrace,
    logKept,
    logSize,
    slowTurn,
    evictAlways,
    ...(resident === undefined ? {} : { resident }),
    ...(backup === undefined ? {} : { backup: { folder: backup, keep: backupsKept } }),
  };
}

function port(text: string): number {
  const value = whole(0)(text);
  if (value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

/** An empty one, as of a variable of a shell that is not set, would be every address that the machine has. */
function address(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty; 0.0.0.0 is every address of this machine.');
  return text;
}

function origin(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new InvalidArgumentError('An origin looks like https://example.org or http://localhost:8080.');
  }
  return [...before, text];
}

/** More than any of the limits can have a use for, and what Node takes for every one of them. */
const MOST_OF_A_LIMIT = 2 ** 31 - 1;

function limit(text: string, before: Partial<Limits>): Partial<Limits> {
  const [name = '', ...value] = text.split('=');
  if (!Object.hasOwn(LIMITS, name)) throw new InvalidArgumentError(`There is no limit '${name}'.`);
  const most = whole(1)(value.join('='));
  if (most > MOST_OF_A_LIMIT) throw new InvalidArgumentError(`A limit is at most ${MOST_OF_A_LIMIT}.`);
  return { ...before, [name as LimitName]: most };
}
