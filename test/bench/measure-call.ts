import type { BenchRun } from './bench-run.ts';
import { runScript } from './children.ts';
import type { CallCosts } from './call-cost.ts';
import { figure, type Figure } from './figure.ts';

/** What a call through a wrapper costs. */
export async function measureCall(run: BenchRun): Promise<readonly Figure[]> {
  const milliseconds = Math.max(50, run.effort.seconds * 25);
  const costs = await runScript<CallCosts>('./call-cost.js', [run.folder('calls'), milliseconds]);
  const over = (cost: number) => cost - costs.direct;
  return [
    figure('call', {
      measured: over(costs.wrapper),
      raw: over(costs.proxy),
      rawWhat: 'a Proxy that checks nothing, over a direct call',
      notes: [
        `over a direct call of ${costs.direct.toFixed(1)} ns: a closure that calls on ${over(costs.closure).toFixed(1)} ns, ` +
          `the wrapper called by the host ${over(costs.wrapperFromHost).toFixed(0)} ns`,
      ],
    }),
  ];
}
