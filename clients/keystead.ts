#!/usr/bin/env node
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { complaint, type AddCommand, type Cli } from './cli/cli.ts';
import { codeOf } from './errors.ts';

/**
 * The files of the commands, in the order in which help lists them, with the names that they add. Only what is asked for is
 * loaded: a start must not wait for what reads archives.
 */
const COMMANDS: readonly (readonly [names: string, load: () => Promise<AddCommand>])[] = [
  ['start', async () => (await import('./cli/start-command.ts')).addStart],
  ['repl', async () => (await import('./cli/repl-command.ts')).addRepl],
  ['checkpoint collect admin reload', async () => (await import('./cli/asking.ts')).addAsking],
  ['dump', async () => (await import('./cli/dump-command.ts')).addDump],
  ['log', async () => (await import('./cli/log-command.ts')).addLog],
  ['check', async () => (await import('./cli/check-command.ts')).addCheck],
  ['export', async () => (await import('./cli/export-command.ts')).addExport],
  ['import', async () => (await import('./cli/import-command.ts')).addImport],
  ['restore', async () => (await import('./cli/restore-command.ts')).addRestore],
  ['bench', async () => (await import('./cli/bench-command.ts')).addBench],
];

/** Those that a command line needs: the one that it names, or all of them, for help and for what is no command. */
function neededFor([named]: readonly string[]): typeof COMMANDS {
  const one = COMMANDS.filter(([names]) => names.split(' ').includes(named ?? ''));
  return one.length > 0 ? one : COMMANDS;
}

/** Milliseconds in which the last words of a command that was interrupted are read, or never. */
const READ_WITHIN = 500;

const cli: Cli = {
  version: version(),
  workingFolder: workingFolder(),
  say: (text) => {
    process.stdout.write(`${text}\n`);
  },
  note: (text) => {
    process.stderr.write(`${text}\n`);
  },
  endWith: (code) => {
    process.exitCode = code;
  },
  process,
};

/** The first thing that went wrong with standard output. What a command does, it does all the same. */
let broken: NodeJS.ErrnoException | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  broken ??= error;
});
// Where nothing can be said, nothing can be said about that.
process.stderr.on('error', () => {});

const program = new Command('keystead')
  .description('A persistent multi-user object world in which holding a capability is the only permission.')
  .version(cli.version, '--version')
  .helpCommand('help [command]', 'say more about a command')
  .showHelpAfterError('(keystead help  lists the commands)')
  .exitOverride();

for (const [, load] of neededFor(process.argv.slice(2))) (await load())(program, cli);

try {
  await program.parseAsync();
  await written();
  // Whoever closes the pipe has seen enough.
  if (broken !== undefined && broken.code !== 'EPIPE') throw broken;
} catch (error) {
  const { text, code } = complaint(error);
  process.exitCode = code;
  const isToEnd = codeOf(error) === 'Interrupted';
  // What was said and nobody reads, here or on standard output, would keep a process that was asked to end.
  if (isToEnd) setTimeout(() => process.exit(), READ_WITHIN).unref();
  process.stderr.write(text, () => {
    if (isToEnd) process.exit();
  });
}

/** Resolves when standard output has taken all that was said, or never will. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => {
      setImmediate(resolve); // an error is told of a little later
    });
  });
}

/** Whoever is in a folder that somebody has removed is told so, and not where Node looked for it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write(
      'keystead: the folder that this was called in is gone: call it in another one (ENOENT)\n',
    );
    return process.exit(1);
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
