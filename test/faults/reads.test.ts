// At a read of a play the disk fails once, as a cable does that has come loose.

import type { MemoryStore } from '../storage/memory-store.ts';
import { newWorld, runTrial } from './trial.ts';

/** Milliseconds: a play in which everything is read anew for each turn takes about 150 here. */
const LIMIT = 600_000;

/** Every so manieth read is tried, beginning with the first; for all of them: READS_APART=1. */
const READS_APART = Number(process.env['READS_APART'] ?? 18);

/**
 * An object that could not be read once counts as damaged until the world is started again; a session of it that ends
 * meanwhile ends without its `detached`, so that it goes on counting it.
 */
const KNOWN = /^\w+ counts \d sessions and has \d$/;

let from: MemoryStore;
beforeAll(async () => {
  from = await newWorld();
});

test(
  'costs the turn that needed it, or the start, and nothing that is stored',
  async () => {
    const reads = (await runTrial({ from, evictAlways: true })).lives[0]?.reads ?? 0;
    const endings = { refused: 0, done: 0 };
    for (let at = 1; at <= reads; at += READS_APART) {
      const { wrong, lives } = await runTrial({ from, evictAlways: true, plans: [{ read: { at } }] });
      expect({ at, wrong: wrong.filter((what) => !KNOWN.test(what)) }).toEqual({ at, wrong: [] });
      const ending = lives[0]?.ending;
      if (ending !== 'refused' && ending !== 'done') throw new Error(`read ${at}: it ends ${ending}`);
      endings[ending] += 1;
    }
    if (process.env['READS_APART'] !== undefined) process.stderr.write(`${JSON.stringify(endings)}\n`);
    expect(endings.done).toBeGreaterThan(15);
  },
  LIMIT,
);
