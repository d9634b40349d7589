/**
 * Measures what Keystead promises, each figure beside what this machine could do at best, in one run.
 * How to run it and how to read it: README.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { BenchRun, type Effort } from './bench-run.ts';
import { ROWS, type Figure, type RowName } from './figure.ts';
import { measureBigWorld } from './measure-big-world.ts';
import { measureCall } from './measure-call.ts';
import { measureClass } from './measure-class.ts';
import { measureCrowd, measureHall } from './measure-crowd.ts';
import { measureHoard } from './measure-hoard.ts';
import { measureKill } from './measure-kill.ts';
import { measureLoad } from './measure-load.ts';
import { measureParts, type TurnTable } from './measure-parts.ts';
import { measureSavedCommands } from './measure-saved-commands.ts';
import { measureTurn } from './measure-turn.ts';
import { table, turnTable } from './report.ts';

/** Rows that come out of the same measurement. */
const MEASUREMENTS: readonly {
  readonly rows: readonly RowName[];
  readonly measure: (run: BenchRun) => Promise<readonly Figure[]>;
}[] = [
  { rows: ['commands', 'p99'], measure: (run) => measureLoad(run, 1) },
  { rows: ['rooms', 'p99-rooms'], measure: (run) => measureLoad(run, 10) },
  { rows: ['call'], measure: measureCall },
  { rows: ['restart', 'restart-growth', 'memory', 'checkpoint'], measure: measureBigWorld },
  { rows: ['crowd'], measure: measureCrowd },
  { rows: ['hoard'], measure: measureHoard },
  { rows: ['hall'], measure: measureHall },
  { rows: ['kill'], measure: measureKill },
  { rows: ['saved', 'watchdog', 'watchdog-alone', 'note', 'meter'], measure: measureTurn },
  { rows: ['saved-commands'], measure: measureSavedCommands },
  { rows: ['save', 'first-use'], measure: measureClass },
];

const THOROUGH: Effort = { objects: 1_000_000, warmUpSeconds: 3, seconds: 6, rounds: 3 };
const QUICK: Effort = { objects: 100_000, warmUpSeconds: 1, seconds: 2, rounds: 1 };

/** Load per processor, before anything has begun, from which on others are in the way. */
const BUSY = 0.25;

interface Flags {
  readonly quick?: true;
  readonly objects?: number;
  readonly json?: string;
  readonly turnTable?: true;
}

const names = Object.keys(ROWS).join(', ');
await new Command('bench')
  .description('Measures Keystead beside the raw limits of this machine.')
  .argument('[rows...]', `which rows: ${names}; none: all`)
  .option('--quick', 'a short run with a smaller world')
  .option('--objects <number>', 'objects in the big world', whole)
  .option('--json <file>', 'write the figures there too')
  .option('--turn-table', 'where the time of a turn goes: only that, or with the rows that are named')
  .action(run)
  .parseAsync();

async function run(chosen: readonly string[], flags: Flags, command: Command): Promise<void> {
  for (const name of chosen) {
    if (!Object.hasOwn(ROWS, name))
      command.error(`error: there is no row "${name}"; there are: ${names}`, { exitCode: 2 });
  }
  const tableOnly = flags.turnTable === true && chosen.length === 0;
  const isChosen = (row: RowName) => (chosen.length === 0 && !tableOnly) || chosen.includes(row);
  const effort: Effort = {
    ...(flags.quick === true ? QUICK : THOROUGH),
    ...(flags.objects === undefined ? {} : { objects: flags.objects }),
  };
  const [load = 0] = loadavg();
  if (load > cpus().length * BUSY) {
    process.stderr.write(
      `This machine is busy (load ${load.toFixed(1)} on ${cpus().length} processors): expect worse figures.\n`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'keystead-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  process.once('SIGINT', () => process.exit(130));
  const bench = new BenchRun(folder, effort, (progress) => process.stderr.write(`  ${progress}\n`));
  const figures: Figure[] = [];
  for (const { rows, measure } of MEASUREMENTS) {
    if (!rows.some(isChosen)) continue;
    process.stderr.write(`${rows.join(', ')}\n`);
    figures.push(...(await measure(bench)).filter(({ row }) => isChosen(row)));
  }
  if (figures.length > 0) process.stdout.write(table(figures));
  const turns = flags.turnTable === true || chosen.length === 0 ? await turnTables(bench) : [];
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify(report(effort, load, figures, turns), null, 2)}\n`);
}

async function turnTables(bench: BenchRun): Promise<readonly TurnTable[]> {
  process.stderr.write('where the time of a turn goes\n');
  const turns = await measureParts(bench);
  process.stdout.write(`\n${turnTable(turns)}`);
  return turns;
}

function report(
  effort: Effort,
  load: number,
  figures: readonly Figure[],
  turns: readonly TurnTable[],
): object {
  const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model, load };
  return { when: new Date().toISOString(), machine, effort, figures, turns };
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1.');
  return Number(text);
}
