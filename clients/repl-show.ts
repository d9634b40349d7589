import type { Outcome } from '../engine/console.ts';
import { terminalText } from './terminal-text.ts';

/** What is shown of an outcome: on standard output what was printed and what it came to, on standard error what failed. */
export interface Shown {
  readonly out: string;
  readonly err: string;
}

/**
 * `line`: where the entry begins in what it is part of; null where nobody counts lines, and an entry of one line
 * needs no number.
 */
export function shownOf(outcome: Outcome, line: number | null): Shown {
  const lines = outcome.ok && outcome.value !== null ? [...outcome.lines, outcome.value] : outcome.lines;
  const out = lines.map((each) => `${terminalText(each)}\n`).join('');
  if (outcome.ok) return { out, err: '' };
  const { code, text, excerpt, column } = outcome;
  const caret = excerpt === '' ? '' : `${terminalText(excerpt).replaceAll(/^/gm, '  ')}\n`;
  const at = placeOf(line, outcome.line, column);
  return { out, err: `${caret}${at}${terminalText(text)} [${terminalText(code)}]\n` };
}

function placeOf(from: number | null, line: number | null, column: number | null): string {
  if (from === null && line === null) return '';
  const at = `line ${(from ?? 1) + (line ?? 1) - 1}`;
  return column === null ? `${at}: ` : `${at}, column ${column}: `;
}
