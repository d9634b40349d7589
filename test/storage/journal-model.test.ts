import * as fc from 'fast-check';
import { runScript, script, type Action } from './journal-model.ts';

/** Scripts in one run, about two seconds. After a change to the journal, run 20,000 once. */
const RUNS = 1000;

test('whatever is committed, settled, failed and crashed, the journal is the Map', async () => {
  await fc.assert(fc.asyncProperty(script, runScript), { numRuns: RUNS });
}, 60_000);

const put = (key: string, value: string) => ({ put: key, value });
const land: Action = { do: 'land' };

/** Commits to the same keys while two settlings go on in slices, deletions among them, and garbage is removed. */
const BUSY: readonly Action[] = [
  { do: 'commit', ops: [put('o/o1', '1'), put('o/o2', '1'), put('o/o3', '1')] },
  land,
  { do: 'commit', ops: [put('o/o4', '2'), put('o/o5', '2'), put('o/o1', '2')] },
  { do: 'commit', ops: [{ del: 'o/o2' }] },
  land,
  { do: 'settle' },
  { do: 'commit', ops: [put('o/o1', '4')] },
  land,
  { do: 'commit', ops: [{ del: 'o/o1' }, put('o/o2', '5')] },
  { do: 'snapshot' },
  land,
  land,
  { do: 'commit', ops: [put('o/o3', '6'), put('s/x', '6')] },
  land,
  { do: 'commit', ops: [{ del: 's/x' }] },
  land,
  land,
  land,
  { do: 'drain' },
];

test.each([
  ['none', 0],
  ['all', 0xffff],
  ['every other', 0x5555],
  ['the others', 0xaaaa],
])(
  'a crash between any two steps, of whose open writes %s survive, and another one after it',
  async (_, survives) => {
    const crash: Action = { do: 'crash', survives };
    for (let n = 0; n <= BUSY.length; n += 1) {
      await runScript([...BUSY.slice(0, n), crash, ...BUSY.slice(n)]);
      await runScript([...BUSY.slice(0, n), crash, land, crash, ...BUSY]);
    }
  },
);

test.each(['absent', 'whole'] as const)('a write that fails, and is %s, at any step', async (how) => {
  for (let n = 0; n <= BUSY.length; n += 1) {
    await runScript([
      ...BUSY.slice(0, n),
      { do: 'fail', how },
      ...BUSY.slice(n),
      { do: 'crash', survives: 0 },
      ...BUSY,
    ]);
  }
});

describe('scripts that once failed', () => {
  test('a settling that fails with no commit waiting is reported, and nothing follows it', () =>
    runScript([
      { do: 'commit', ops: [{ del: 'o/o1' }] },
      { do: 'fail', how: 'absent' },
    ]));

  test('close removes entries that were settled before a crash', () =>
    runScript([
      { do: 'commit', ops: [{ del: 'o/o1' }, { del: 'o/o5' }] },
      { do: 'snapshot' },
      land,
      land,
      land,
      { do: 'crash', survives: 0 },
    ]));
});
