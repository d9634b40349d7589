// The real world process, really killed. The long run: npm run faults.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runKillTrial } from './kill-trial.ts';
import { SHORT_PLAY } from './short-play.ts';

/** Milliseconds: a life takes about 350 here. */
const LIMIT = 200_000;

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'keystead-kill-'));

test(
  'killed between each commit and the next, a world loses nothing and shows nothing of it',
  async () => {
    const undisturbed = await runKillTrial({ data: await newFolder(), next: () => null });
    expect(undisturbed.wrong).toEqual([]);
    expect(undisturbed.shown['Ada']?.lines).toContain('2 tolled.');
    expect(undisturbed.shown['Ada']?.echoes).toHaveLength(4);

    // By turns: killed as the second commit of a life begins, and as soon as the first one is on disk. When nothing is left
    // to do but to settle and to close, each life gets one write further.
    const outcome = await runKillTrial({
      data: await newFolder(),
      next: (life, closing) => {
        if (closing > 0) return `${life % 2 === 0 ? 'before' : 'after'}:${closing}`;
        return life % 2 === 0 ? 'before:2' : 'after:1';
      },
    });
    expect(outcome.wrong).toEqual([]);
    expect(outcome.shown).toEqual(undisturbed.shown);
    expect(outcome.kills).toBeGreaterThan(SHORT_PLAY.length);
  },
  LIMIT,
);
