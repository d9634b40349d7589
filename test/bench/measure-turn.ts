import type { BenchRun } from './bench-run.ts';
import { runScript } from './children.ts';
import { figure, type Figure } from './figure.ts';
import type { TurnCosts } from './turn-cost.ts';

/** What a turn costs when its class is written in the world, and the share of what watches such code. */
export async function measureTurn(run: BenchRun): Promise<readonly Figure[]> {
  const milliseconds = Math.max(50, run.effort.seconds * 150);
  const costs = await runScript<TurnCosts>('./turn-cost.js', [run.folder('turns'), milliseconds]);
  const { saved, builtIn, unguarded, unnoted, untimed, unwatched, alone, aloneUnguarded } = costs;
  const { callSaved, callBuiltIn } = costs;
  const each = (name: string, times: number, one: number) =>
    `${name} by itself ${one.toFixed(2)} µs, ${times.toFixed(3)} of them for a turn: ${(times * one).toFixed(2)} µs`;
  return [
    figure('saved', {
      measured: saved,
      raw: builtIn,
      rawWhat: 'the same text as a built-in class',
      notes: [
        `processor time for a command that changes one record, among thousands, with its commit; without watchdog, note ` +
          `and stopwatch ${unwatched.toFixed(1)} µs`,
        `a call from one such object to another ${callSaved.toFixed(2)} µs, built in ${callBuiltIn.toFixed(2)} µs`,
      ],
    }),
    figure('watchdog', {
      measured: saved,
      raw: unguarded,
      rawWhat: 'the same without the watchdog',
      notes: [each('setting it', costs.guards, costs.oneGuard)],
    }),
    figure('watchdog-alone', {
      measured: alone,
      raw: aloneUnguarded,
      rawWhat: 'the same without the watchdog',
    }),
    figure('note', {
      measured: saved,
      raw: unnoted,
      rawWhat: 'the same without the note',
      notes: [each('writing it', costs.notes, costs.oneNote)],
    }),
    figure('meter', {
      measured: saved,
      raw: untimed,
      rawWhat: 'the same with a stopwatch that stands still',
      notes: [each('a look at the stopwatch', costs.readings, costs.oneReading)],
    }),
  ];
}
