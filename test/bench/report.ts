import type { Figure } from './figure.ts';
import type { Share } from './turn-profile.ts';

/** The figures as a table, with what is behind them below. */
export function table(figures: readonly Figure[]): string {
  const head = ['what', 'measured', 'raw limit', 'ratio', 'first target', 'next target'];
  const rows = figures.map((each) => [
    `${each.row}: ${each.what}`,
    amount(each.measured, each.unit),
    amount(each.raw, each.unit),
    number(each.ratio),
    goal(each, 'first', each.reached !== 'neither'),
    goal(each, 'next', each.reached === 'next'),
  ]);
  const notes = figures.flatMap((each) => [
    `${each.row}: raw limit is ${each.rawWhat}`,
    ...each.notes.map((note) => `  ${note}`),
  ]);
  return `${grid([head, ...rows])}\n\n${notes.join('\n')}\n`;
}

/** Where the time of a turn goes. */
export function shares(parts: readonly Share[]): string {
  const rows = parts.map(({ part, microseconds, share }) => [
    part,
    number(microseconds),
    `${Math.round(share * 100)} %`,
  ]);
  return `${grid([['part of a turn', 'µs', 'share'], ...rows])}\n`;
}

function goal({ target, unit }: Figure, which: 'first' | 'next', met: boolean): string {
  if (target === null) return '';
  const value = target[which];
  const wanted = target.of === 'share' ? `ratio ${value}` : amount(value, unit);
  return `${target.wanted === 'at least' ? '≥' : '≤'} ${wanted}${met ? ' ✓' : ' ✗'}`;
}

function amount(value: number, unit: string): string {
  return unit.startsWith('/') ? `${number(value)}${unit}` : `${number(value)} ${unit}`;
}

/** Three digits that count, and no more. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

function grid(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const [head = [], ...others] = rows;
  return [text(head), widths.map((width) => '-'.repeat(width)).join('  '), ...others.map(text)].join('\n');
}
