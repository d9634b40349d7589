// A world of cells against a model of it. The long run: npm run model -- --minutes M --seed S.

import * as fc from 'fast-check';
import { acts, runActs } from './cell-script.ts';
import { FAILED_SCRIPTS } from './failed-scripts.ts';

/** Scripts in one run, about eight seconds. After a change to the journal or to commits, run the long one. */
const RUNS = 70;

test('whatever is done, crashed, restarted and put back, the world is what the model says', async () => {
  await fc.assert(fc.asyncProperty(acts, runActs), { numRuns: RUNS });
}, 120_000);

test.each(Object.entries(FAILED_SCRIPTS))('%s', (_, script) => runActs(script));
