import type { Command } from 'commander';
import { text as wholeText } from 'node:stream/consumers';
import { ReplHistory } from '../repl-history.ts';
import { ReplLink } from '../repl-link.ts';
import { runScript, type Written } from '../repl-script.ts';
import { isCommand, stepsOf, type Step } from '../repl-source.ts';
import { ReplTerminal } from '../repl-terminal.ts';
import { DATA, EXIT, type Cli } from './cli.ts';

interface ReplFlags {
  readonly data: string;
  readonly eval: readonly string[];
  readonly interactive: boolean;
}

/** `keystead repl`: JavaScript in a running world, typed, piped or as an argument. */
export function addRepl(program: Command, cli: Cli): void {
  program
    .command('repl')
    .description('look after the running world in JavaScript; reads a script where the input is no terminal')
    .option(...DATA)
    .option(
      '-e, --eval <expression>',
      'run this, show what it comes to, and end; may be given several times',
      gather,
      [],
    )
    .option('-i, --interactive', 'prompt, also where the input is no terminal', false)
    .addHelpText(
      'after',
      '\nIt ends with 1 at the first thing that fails. docs/repl.md says what can be typed.',
    )
    .exitOverride()
    .action((flags: ReplFlags) => runRepl(flags, cli));
}

async function runRepl({ data, eval: expressions, interactive }: ReplFlags, cli: Cli): Promise<void> {
  const { stdin, stdout, stderr } = cli.process;
  const open = (): Promise<ReplLink> => ReplLink.open(data, cli.workingFolder);
  if (expressions.length === 0 && (interactive || (stdin.isTTY && stdout.isTTY))) {
    try {
      await ReplTerminal.run({ input: stdin, output: stdout, history: new ReplHistory(data), open, after });
    } finally {
      stdin.destroy(); // a pipe that nobody reads would keep the process
    }
    return;
  }
  let broken: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    broken = error;
  });
  const link = await open();
  const written: Written = { out: (text) => void stdout.write(text), err: (text) => void stderr.write(text) };
  try {
    const numbered = expressions.length === 0;
    const steps = numbered ? stepsOf(await wholeText(stdin)) : expressions.map(asStep);
    if (!(await runScript(steps, link, written, numbered))) cli.endWith(EXIT.failed);
    await new Promise((resolve) => setImmediate(resolve)); // a stream tells of what went wrong a little later
    // Nobody has to read what comes of a script: it is done all the same.
    if (broken !== undefined && broken.code !== 'EPIPE') throw broken;
  } finally {
    link.close();
  }
}

function asStep(text: string): Step {
  return { line: 1, what: isCommand(text) ? 'command' : 'entry', text };
}

function gather(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function after(milliseconds: number, what: () => void): () => void {
  const timer = setTimeout(what, milliseconds);
  return () => clearTimeout(timer);
}
