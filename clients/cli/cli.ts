import { CommanderError, InvalidArgumentError, type Command } from 'commander';
import { codeOf } from '../errors.ts';
import { terminalText } from '../terminal-text.ts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** What a command may use of the outside; only the composition root makes one. */
export interface Cli {
  /** The version of the program. */
  readonly version: string;
  /** The folder that paths are relative to. */
  readonly workingFolder: string;
  /** Writes a line, or several, to standard output. */
  readonly say: (text: string) => void;
  /** Writes a line to standard error: progress and warnings. */
  readonly note: (text: string) => void;
  /** The code that the process will end with, unless the command throws. */
  readonly endWith: (code: number) => void;
  readonly process: NodeJS.Process;
}

/** Adds a command to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;

/** What to say on standard error about whatever was thrown, and the exit code for it. */
export function complaint(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof CommanderError) {
    // Help and --version come this way too, with 0; commander has said what there was to say.
    return { text: '', code: error.exitCode === 0 ? EXIT.done : EXIT.usage };
  }
  const message = (error as { message?: unknown } | null)?.message;
  const said = typeof message === 'string' ? message : 'failed';
  // It may quote what somebody wrote, in the world or in a file.
  return { text: `keystead: ${terminalText(said)} (${codeOf(error)})\n`, code: EXIT.failed };
}

/** Reads an option that is a whole number. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It has to be a whole number from ${least}.`);
    }
    return value;
  };
}

/** Reads the path of a file or folder. An empty one is what a shell makes of a variable that is not set, and means none. */
export function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty, and has to be a path.');
  return text;
}

/** The option that names the world's folder. */
export const DATA = ['--data <dir>', "the world's folder", path, './data'] as const;
