import { parse } from 'acorn';
import { CONSOLE_COMMANDS } from '../engine/console-command-names.ts';

/** One thing of a script, and the line in which it begins, from 1. */
export interface Step {
  readonly line: number;
  readonly what: 'entry' | 'command';
  readonly text: string;
}

/** As the world reads entries: engine/source-check.ts. What is wrong with one is for the world to say. */
const GRAMMAR = { ecmaVersion: 2024, sourceType: 'module', allowHashBang: false } as const;

/** Whether what was typed needs more lines: something in it is still open. */
export function isOpen(source: string): boolean {
  const thrown = mistakeIn(source);
  if (thrown === undefined) return false;
  const { pos, message } = thrown;
  if (/^Unterminated (?:template|comment)/.test(message)) return true;
  return pos >= source.length && !message.startsWith('Unterminated');
}

/** A line that is a command, where no entry is open. */
export function isCommand(line: string): boolean {
  return /^\s*\.[a-z]+(?:\s|$)/.test(line);
}

/**
 * What a script is made of: each statement is an entry, as are consecutive lines that are no JavaScript together, for
 * the world to refuse before anything of them has run; each line with a command stands for itself. A line with a point and a
 * name that no command has is one as well, to be refused, unless it goes on with what stands before it.
 */
export function stepsOf(script: string): readonly Step[] {
  const steps: Step[] = [];
  const lines = script.split('\n');
  let from = 0;
  const entries = (to: number): void => {
    steps.push(...statementsOf(lines.slice(from, to).join('\n'), from + 1));
    from = to + 1;
  };
  for (const [at, text] of lines.entries()) {
    const before = lines.slice(from, at).join('\n');
    if (!isCommand(text) || isOpen(`${before}\n`) || goesOn(before, text)) continue;
    entries(at);
    steps.push({ line: at + 1, what: 'command', text: text.trim() });
  }
  entries(lines.length);
  return steps;
}

/** Whether a line with a name that no command has is the rest of what stands before it: a chain that ends in `.length`. */
function goesOn(before: string, line: string): boolean {
  const name = /^\s*\.([a-z]+)/.exec(line)?.[1] ?? '';
  if ((CONSOLE_COMMANDS as readonly string[]).includes(name) || before.trim() === '') return false;
  return mistakeIn(`${before}\n${line}`) === undefined;
}

function statementsOf(source: string, line: number): readonly Step[] {
  if (source.trim() === '') return [];
  if (mistakeIn(source) !== undefined) return [{ line, what: 'entry', text: source }];
  return parse(source, GRAMMAR).body.map(({ start, end }) => ({
    line: line + source.slice(0, start).split('\n').length - 1,
    what: 'entry',
    text: source.slice(start, end),
  }));
}

function mistakeIn(source: string): { readonly pos: number; readonly message: string } | undefined {
  try {
    parse(source, GRAMMAR);
    return undefined;
  } catch (thrown) {
    const { pos, message } = thrown as { readonly pos?: unknown; readonly message?: unknown };
    return { pos: typeof pos === 'number' ? pos : 0, message: String(message) };
  }
}
