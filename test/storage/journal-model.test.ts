import fc from 'fast-check';
import { runScript, script } from './journal-model.ts';

test('whatever is committed, settled, failed and crashed, the journal is the Map', async () => {
  await fc.assert(fc.asyncProperty(script, runScript), { numRuns: 1500 });
});
