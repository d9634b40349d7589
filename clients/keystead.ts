#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { askWorld } from './control.ts';
import { PortalError, codeOf } from './errors.ts';
import { LIMITS, type LimitName, type Limits } from './limits.ts';
import { start } from './start.ts';
import type { WorldOptions } from './world-options.ts';

/** Exit codes of every command. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Commands of the interface that this version does not have. */
const LATER = ['repl', 'check', 'dump', 'export', 'import', 'bench'];

interface StartFlags {
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly checkpointEvery: number;
  readonly checkpointsKept: number;
  readonly fromCheckpoint?: number;
  readonly into?: string;
  readonly resident?: number;
  readonly evictAlways: boolean;
  readonly allowOrigin: readonly string[];
  readonly limit: Partial<Limits>;
  readonly logLevel: string;
  readonly worldProcess?: string;
}

const program = new Command('keystead')
  .description('A persistent multi-user object world in which holding a capability is the only permission.')
  .version(version(), '--version')
  .helpCommand('help [command]', 'say more about a command')
  .showHelpAfterError('(keystead help  lists the commands)')
  .exitOverride();

program
  .command('start')
  .description('run a world; makes a starter world where there is none')
  .option('--data <dir>', "the world's folder", './data')
  .option('--port <number>', 'HTTP and WebSocket port; 0: any free one', port, 7070)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--checkpoint-every <seconds>', 'time between checkpoints; 0: only on demand', whole(0), 300)
  .option('--checkpoints-kept <number>', 'checkpoints to keep; older ones are removed', whole(1), 12)
  .option('--from-checkpoint <number>', 'start a new world made from this checkpoint of --data', whole(1))
  .option('--into <dir>', 'with --from-checkpoint: the folder of the new world (default: DIR-from-NUMBER)')
  .option('--resident <objects>', 'objects to keep in memory', whole(1))
  .option('--evict-always', 'for tests: drop every object from memory after every turn', false)
  .option('--allow-origin <origin>', 'let pages of another site connect, as https://example.org', origin, [])
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
  .action(runStart);

program
  .command('checkpoint')
  .description('have the running world write a checkpoint now')
  .option('--data <dir>', "the world's folder", './data')
  .exitOverride()
  .action(async ({ data }: { data: string }) => {
    say(await askWorld(data, process.cwd(), { t: 'checkpoint' }));
  });

program
  .command('admin')
  .description("put Storage's full facet, which is wizardry, on a player's keyring")
  .argument('<name>', 'the player')
  .option('--data <dir>', "the world's folder", './data')
  .exitOverride()
  .action(async (name: string, { data }: { data: string }) => {
    say(await askWorld(data, process.cwd(), { t: 'admin', name }));
  });

program
  .command('reload')
  .description('load all code of the running world anew, with everybody connected')
  .option('--data <dir>', "the world's folder", './data')
  .exitOverride()
  .action(async ({ data }: { data: string }) => {
    say(await askWorld(data, process.cwd(), { t: 'reload' }));
  });

for (const name of LATER) {
  program
    .command(name, { hidden: true })
    .allowUnknownOption()
    .argument('[arguments...]')
    .helpOption(false)
    .action(() => {
      throw new PortalError('NotInThisVersion', `'keystead ${name}' is not in this version (${version()}).`);
    });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
}

async function runStart(flags: StartFlags, command: Command): Promise<void> {
  if (flags.into !== undefined && flags.fromCheckpoint === undefined) {
    command.error('error: --into needs --from-checkpoint', { exitCode: EXIT.usage });
  }
  const world = worldOptions(flags);
  const log = pino(
    { level: flags.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const starting = start({
    world,
    node: process,
    host: flags.host,
    port: flags.port,
    log,
    limits: flags.limit,
    origins: flags.allowOrigin,
    ...(flags.worldProcess === undefined ? {} : { worldProcess: flags.worldProcess }),
    onFailed: (error) => {
      complain(error);
      void end(EXIT.failed);
    },
  });
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
  if (signals === 0) say(`listening ${running.url}`);
}

function worldOptions(flags: StartFlags): WorldOptions {
  const { checkpointEvery, checkpointsKept, evictAlways, resident, fromCheckpoint } = flags;
  const rest = {
    checkpointEvery,
    checkpointsKept,
    evictAlways,
    ...(resident === undefined ? {} : { resident }),
  };
  if (fromCheckpoint === undefined) return { data: flags.data, ...rest };
  const data = flags.into ?? `${flags.data.replace(/\/+$/, '')}-from-${fromCheckpoint}`;
  process.stderr.write(`Making a world in '${data}' from checkpoint ${fromCheckpoint} of '${flags.data}'.\n`);
  return { data, ...rest, restore: { from: flags.data, number: fromCheckpoint } };
}

/** Says what went wrong on standard error. Returns the exit code for it. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and --version come this way too, with 0; commander has said what there was to say.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  const message = (error as { message?: unknown } | null)?.message;
  process.stderr.write(`keystead: ${typeof message === 'string' ? message : 'failed'} (${codeOf(error)})\n`);
  return EXIT.failed;
}

/** Ends the process now: whatever is still open is of no use any more. */
function leave(code: number): void {
  process.exit(code);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It has to be a whole number from ${least}.`);
    }
    return value;
  };
}

function port(text: string): number {
  const value = whole(0)(text);
  if (value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

function origin(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new InvalidArgumentError('An origin looks like https://example.org or http://localhost:8080.');
  }
  return [...before, text];
}

function limit(text: string, before: Partial<Limits>): Partial<Limits> {
  const [name = '', value = ''] = text.split('=', 2);
  if (!Object.hasOwn(LIMITS, name)) throw new InvalidArgumentError(`There is no limit '${name}'.`);
  return { ...before, [name as LimitName]: whole(1)(value) };
}
