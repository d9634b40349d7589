import { dirname } from 'node:path';
import { checkpointFile, lastNumber, pruneCheckpoints } from '../storage/checkpoint-folder.ts';
import { writeCheckpoint } from '../storage/checkpoint-file.ts';
import { foundNoRoom, StoreError } from '../storage/errors.ts';
import { identityOf } from '../storage/files.ts';
import type { Journal } from '../storage/journal.ts';
import { genuineError } from '../wrappers/errors.ts';

export interface CheckpointsOptions {
  readonly journal: Journal;
  /** The folder that holds them, in that of the world; made when it is missing. */
  readonly folder: string;
  /** How many are kept. */
  readonly keep: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called for each stored value that is damaged: it is left out of the checkpoint, as it is out of the world. */
  readonly onDamaged: (key: string, error: Error) => void;
  /** A new number has to be above this one too. */
  readonly above?: () => number;
  /** A checkpoint is there; `lacking`: something was left out of it. It is not waited for. */
  readonly onTaken?: (number: number, file: string, lacking: boolean) => void;
  /** Not all of the older ones that are too many could be removed. It is tried again with the next one. */
  readonly onNotRemoved?: (error: unknown) => void;
}

/**
 * Takes checkpoints of a running world: a consistent cut at a commit, streamed to a file of its own while the world
 * goes on, read back and verified before it counts. Numbers go up for ever; across a restart as long as the newest is there.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  /** The folder of the world, which is there when this begins. */
  readonly #home: Promise<string | undefined>;
  #underWay: Promise<number> | null = null;
  /** The moment of the one under way has passed: what is done from here on is not in it. */
  #cut = false;
  /** The one after that. */
  #next: Promise<number> | null = null;
  /** The number of the newest one: somebody may put away all that are in the folder. */
  #last = 0;
  readonly #closed = new AbortController();

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#home = identityOf(dirname(options.folder)).catch(() => undefined); // whoever takes one is told
  }

  /**
   * Gives the number of a checkpoint of the world as it is now, or a little later. All who ask while one is being written get
   * the next one, which is begun after it.
   */
  take(): Promise<number> {
    if (this.#closed.signal.aborted) return Promise.reject(closedError());
    this.#underWay ??= this.#write().finally(() => {
      this.#underWay = null;
      this.#cut = false;
    });
    if (!this.#cut) return this.#underWay;
    const goOn = (): Promise<number> => {
      this.#next = null;
      return this.take();
    };
    this.#next ??= this.#underWay.then(goOn, goOn);
    return this.#next;
  }

  /** Takes no more, and gives up the one that is being written: a large one may take minutes. For the end of a world. */
  async close(): Promise<void> {
    this.#closed.abort(closedError());
    await this.#underWay?.catch(() => {}); // whoever asked for it is told
  }

  /**
   * Made anew the folder would be in the way of its own return, and the numbers in it would begin anew; in that of another world
   * the checkpoint would stand among those of that one. Throws `Missing`.
   */
  async #refuseMoved(): Promise<void> {
    const world = dirname(this.#options.folder);
    const [here, home] = [await identityOf(world), await this.#home];
    if (here !== undefined && (home === undefined || here === home)) return;
    const what = here === undefined ? 'is gone' : 'has been replaced by another one';
    throw new StoreError(
      'Missing',
      `the folder of the world, "${world}", ${what} while it runs: put it back, or stop the world and start it where it is now`,
    );
  }

  async #write(): Promise<number> {
    const { journal, folder, clock, above, onTaken } = this.#options;
    let lacking = false;
    const onDamaged: CheckpointsOptions['onDamaged'] = (key, error) => {
      lacking = true;
      this.#options.onDamaged(key, error);
    };
    await this.#refuseMoved();
    const number = Math.max(await lastNumber(folder), above?.() ?? 0, this.#last) + 1;
    const file = checkpointFile(folder, number);
    this.#cut = true;
    const snapshot = await journal.snapshot();
    try {
      const when = new Date(clock()).toISOString();
      const header = { number, when, seq: snapshot.seq };
      await writeCheckpoint(snapshot, file, { ...header, onDamaged, signal: this.#closed.signal });
    } catch (error) {
      // Whoever said that fewer are to be kept may have done so for room.
      if (foundNoRoom(error)) await this.#prune();
      throw error;
    } finally {
      await snapshot.close();
    }
    this.#last = number;
    onTaken?.(number, file, lacking);
    await this.#prune();
    return number;
  }

  async #prune(): Promise<void> {
    const { folder, keep, onNotRemoved } = this.#options;
    try {
      await pruneCheckpoints(folder, keep);
    } catch (error) {
      onNotRemoved?.(error); // what was to be written is there, or not, all the same
    }
  }
}

function closedError(): Error {
  return genuineError('WorldClosed', 'The world is closing and takes no more checkpoints.');
}
