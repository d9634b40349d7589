import { endAll } from './harness.ts';
import { runScenarios } from './web-run.ts';
import { scenarios, useBrowser } from './web-scenarios.ts';

/** Milliseconds for one scenario. */
const PATIENCE = 20_000;

const run = [...scenarios].map(([name, scenario]) => {
  return [
    name,
    async (browser: Parameters<typeof useBrowser>[0]) => {
      useBrowser(browser);
      await scenario();
    },
  ] as const;
});
await runScenarios(new Map(run), endAll, PATIENCE);
