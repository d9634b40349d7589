// Calls of the file system that fail below LevelDB and Node, and what is on the disk when the power fails. The long run:
// npm run faults:calls.

import { FailingCalls, WAYS } from './calls.ts';
import { drawFrom } from './chance.ts';

/** Milliseconds: a trial takes about a second here. */
const LIMIT = 200_000;
/** A table of LevelDB is made of the first 150 or so. */
const COMMITS = 240;
const TRIALS = 6;

let disk: FailingCalls | undefined;

beforeAll(async () => {
  disk = await FailingCalls.make();
  if (disk === undefined)
    process.stderr.write('there is no C compiler here: the calls of the file system are left out\n');
});
afterAll(() => disk?.remove());

test.each(WAYS)(
  'whichever call of the file system it is (%s), what was durable is there, and the journal goes on',
  async (way) => {
    if (disk === undefined) return;
    const draw = drawFrom(WAYS.indexOf(way));
    const calls = await disk.count(COMMITS);
    expect(calls).toBeGreaterThan(1_000);
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const at = 1 + Math.floor((calls / TRIALS) * trial) + draw(Math.floor(calls / TRIALS));
      const { call, wrong } = await disk.try(COMMITS, at, way, draw);
      expect([at, call, wrong]).toEqual([at, call, []]);
    }
  },
  LIMIT,
);

test(
  'a disk that says it has synced what it has not is noticed',
  async () => {
    const outcome = await disk?.try(COMMITS, 800, 'lie', drawFrom(0));
    if (outcome !== undefined) expect(outcome.wrong).not.toEqual([]);
  },
  LIMIT,
);
