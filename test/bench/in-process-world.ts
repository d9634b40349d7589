import { createHash, randomFillSync } from 'node:crypto';
import { types } from 'node:util';
import { Watchdog } from '../../clients/watchdog.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import type { WorldOptions, WorldPowers } from '../../engine/world-options.ts';
import { World } from '../../engine/world.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';

export type Choice = Pick<WorldOptions, 'classes' | 'genesis'> &
  Partial<Pick<WorldOptions, 'shared' | 'library' | 'limits' | 'resident' | 'sources' | 'watch'>> & {
    /** In the place of those that the world process has. */
    readonly powers?: Partial<WorldPowers>;
    readonly onOut?: (outs: readonly SessionOut[]) => void;
    /** Puts something between the world and its journal, to measure it. */
    readonly around?: (journal: Journal) => Journal;
  };

/** Opens a world of a folder in this process, as the world process would. The caller closes it. */
export async function openWorld(folder: string, choice: Choice): Promise<World> {
  const { onOut = () => {}, around = (journal: Journal) => journal, powers: others, ...options } = choice;
  const journal = await openJournal(await openLevelStore(folder, { create: true }));
  return World.open({
    ...options,
    journal: around(journal),
    powers: { ...powers(), ...others },
    onOut,
    onHalt: (error) => {
      throw error;
    },
    onCheckpoint: () => {},
  });
}

/** The one of this process. */
export const watchdog = new Watchdog((error) => {
  throw error;
});

function powers(): WorldPowers {
  return {
    clock: Date.now,
    soon: setImmediate,
    later(milliseconds, job) {
      const timer = setTimeout(job, milliseconds);
      return () => {
        clearTimeout(timer);
      };
    },
    random: randomText,
    isProxy: types.isProxy,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    stopwatch: () => performance.now(),
    starved: watchdog.starved,
    guard: watchdog.guard,
    noteRunning: () => {},
    report: (event) => {
      if (event.what === 'failed turn') throw new Error('A turn of the bench failed', { cause: event.error });
    },
  };
}

const pool = Buffer.alloc(16 * 512);
let used = pool.length;

/** 128 random bits; many at a time, since a world of a million things needs millions. */
function randomText(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.toString('base64url', used - 16, used);
}
