import { randomBytes } from 'node:crypto';
import { types } from 'node:util';
import type { SessionOut } from '../../engine/sessions.ts';
import type { WorldOptions, WorldPowers } from '../../engine/world-options.ts';
import { World } from '../../engine/world.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';

export type Choice = Pick<WorldOptions, 'classes' | 'genesis'> &
  Partial<Pick<WorldOptions, 'limits' | 'resident'>> & {
    readonly onOut?: (outs: readonly SessionOut[]) => void;
    /** Puts something between the world and its journal, to measure it. */
    readonly around?: (journal: Journal) => Journal;
  };

/** Opens a world of a folder in this process, as the world process would. The caller closes it. */
export async function openWorld(folder: string, choice: Choice): Promise<World> {
  const { onOut = () => {}, around = (journal: Journal) => journal, ...options } = choice;
  const journal = await openJournal(await openLevelStore(folder, { create: true }));
  return World.open({
    ...options,
    journal: around(journal),
    powers: powers(),
    onOut,
    onHalt: (error) => {
      throw error;
    },
    onCheckpoint: () => {},
  });
}

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
    random: () => randomBytes(16).toString('base64url'),
    isProxy: types.isProxy,
    report: (event) => {
      if (event.what === 'failed turn') throw new Error('A turn of the bench failed', { cause: event.error });
    },
  };
}
