import type { Figure } from './figure.ts';
import type { TurnTable } from './measure-parts.ts';

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

/** Where the time of turns goes, in microseconds, a column to each kind of turn. */
export function turnTable(tables: readonly TurnTable[]): string {
  const parts = tables[0]?.parts.map(({ part }) => part) ?? [];
  const row = (name: string, of: (table: TurnTable) => number) => [
    name,
    ...tables.map((each) => number(of(each))),
  ];
  return `${grid([
    ["µs of the world's processor time for a command", ...tables.map(({ turn }) => turn)],
    ...parts.map((name, at) => row(name, (each) => each.parts[at]?.microseconds ?? Number.NaN)),
    row('main thread in all', ({ main }) => main),
    row('other threads: LevelDB, collector, compiler, watchdog', ({ others }) => others),
    row('together', ({ main, others }) => main + others),
    row('commands/s meanwhile', ({ perSecond }) => perSecond),
  ])}\n`;
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
