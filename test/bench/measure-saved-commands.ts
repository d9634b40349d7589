import type { BenchRun } from './bench-run.ts';
import { figure, type Figure } from './figure.ts';
import { median } from './figures.ts';
import type { Load } from './load-orders.ts';
import { WorldSide } from './measure-load.ts';
import { BUILT_IN_GADGET, GADGET_ANSWER, SAVED_GADGET } from './gadgets.ts';

/** Commands per second to a thing in each player's room: the same class built in, and written in the world. */
export async function measureSavedCommands(run: BenchRun): Promise<readonly Figure[]> {
  const { warmUpSeconds, seconds, rounds } = run.effort;
  const side = await WorldSide.start(run, 1, { where: await run.workshop() });
  const loads: Record<'builtIn' | 'saved', Load[]> = { builtIn: [], saved: [] };
  const costs: Record<'builtIn' | 'saved', number[]> = { builtIn: [], saved: [] };
  try {
    for (let round = 0; round < rounds + 1; round += 1) {
      for (const [kind, gadget] of [
        ['builtIn', BUILT_IN_GADGET],
        ['saved', SAVED_GADGET],
      ] as const) {
        const words = { line: `turn ${gadget}`, answer: GADGET_ANSWER };
        const watching = side.watchProcessors({ warmUpSeconds, seconds });
        const load = await side.measure({ t: 'closed', ...words, warmUpSeconds, seconds });
        const { world } = await watching;
        if (round === 0) continue; // the first of all warms up for the second
        loads[kind].push(load);
        costs[kind].push((world * 1e6) / load.perSecond);
      }
    }
  } finally {
    await side.end();
  }
  const perSecond = (some: readonly Load[]) => median(some.map((load) => load.perSecond));
  return [
    figure('saved-commands', {
      measured: perSecond(loads.saved),
      raw: perSecond(loads.builtIn),
      rawWhat: 'the same with things of the same class, built in',
      notes: [
        `"turn ${SAVED_GADGET}": the player, the room and the thing take part; processor time of the world for a command ` +
          `${median(costs.saved).toFixed(1)} µs, built in ${median(costs.builtIn).toFixed(1)} µs`,
      ],
    }),
  ];
}
