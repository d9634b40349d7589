import { endAll } from '../clients/harness.ts';
import { runScenarios } from '../clients/web-run.ts';
import { scenarios } from './page-scenarios.ts';

await runScenarios(scenarios, endAll, 45_000);
