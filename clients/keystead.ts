#!/usr/bin/env node
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addAsking } from './cli/asking.ts';
import { addBench } from './cli/bench-command.ts';
import { complaint, type AddCommand, type Cli } from './cli/cli.ts';
import { addCheck } from './cli/check-command.ts';
import { addDump } from './cli/dump-command.ts';
import { addExport } from './cli/export-command.ts';
import { addImport } from './cli/import-command.ts';
import { addLog } from './cli/log-command.ts';
import { addRepl } from './cli/repl-command.ts';
import { addRestore } from './cli/restore-command.ts';
import { addStart } from './cli/start-command.ts';

/** The commands, in the order in which help lists them. */
const COMMANDS: readonly AddCommand[] = [
  addStart,
  addRepl,
  addAsking,
  addDump,
  addLog,
  addCheck,
  addExport,
  addImport,
  addRestore,
  addBench,
];

const cli: Cli = {
  version: version(),
  workingFolder: process.cwd(),
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

const program = new Command('keystead')
  .description('A persistent multi-user object world in which holding a capability is the only permission.')
  .version(cli.version, '--version')
  .helpCommand('help [command]', 'say more about a command')
  .showHelpAfterError('(keystead help  lists the commands)')
  .exitOverride();

for (const add of COMMANDS) add(program, cli);

try {
  await program.parseAsync();
} catch (error) {
  const { text, code } = complaint(error);
  process.stderr.write(text);
  process.exitCode = code;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
