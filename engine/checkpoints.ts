import { join } from 'node:path';
import { listCheckpoints, pruneCheckpoints, writeCheckpoint } from '../storage/checkpoint-file.ts';
import type { Journal } from '../storage/journal.ts';

export interface CheckpointsOptions {
  readonly journal: Journal;
  /** The folder that holds them; made when it is missing. */
  readonly folder: string;
  /** How many are kept. */
  readonly keep: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Takes checkpoints of a running world: a consistent cut at a commit, streamed to a file of its own while the world
 * goes on, read back and verified before it counts. Numbers go up for ever.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #underWay: Promise<number> | null = null;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** Gives the number of the new checkpoint. While one is being written, further calls wait for that one. */
  take(): Promise<number> {
    this.#underWay ??= this.#write().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #write(): Promise<number> {
    const { journal, folder, keep, clock } = this.#options;
    const last = (await listCheckpoints(folder)).at(-1)?.number ?? 0;
    const number = last + 1;
    const snapshot = await journal.snapshot();
    try {
      const file = join(folder, `${String(number).padStart(6, '0')}.checkpoint`);
      await writeCheckpoint(snapshot, file, { number, when: new Date(clock()).toISOString(), seq: journal.lastSeq });
    } finally {
      await snapshot.close();
    }
    await pruneCheckpoints(folder, keep);
    return number;
  }
}
