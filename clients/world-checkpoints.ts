import { join } from 'node:path';
import type { Logger } from 'pino';
import { Backups, worldName } from '../engine/backups.ts';
import { Checkpoints } from '../engine/checkpoints.ts';
import { stackOf } from '../engine/stack.ts';
import { lastNumber, openCheckpoint } from '../storage/checkpoint-folder.ts';
import { reasonOf, StoreError } from '../storage/errors.ts';
import type { Journal } from '../storage/journal.ts';
import { WORLD_FOLDER } from '../storage/world-folder.ts';
import { codeOf } from './errors.ts';
import { regularly } from './regularly.ts';
import type { BackupOptions } from './world-options.ts';
import type { WorldWatch } from './world-watch.ts';

export interface WorldCheckpointsOptions {
  readonly journal: Journal;
  /** The folder of the world. */
  readonly data: string;
  /** How many checkpoints are kept there. */
  readonly kept: number;
  readonly backup: BackupOptions | undefined;
  readonly watch: Pick<WorldWatch, 'checkpoint' | 'backup' | 'backupFailed'>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds from any moment, to measure with. */
  readonly stopwatch: () => number;
  readonly randomText: () => string;
  /** Runs a job after so many milliseconds; gives what cancels it. */
  readonly later: (milliseconds: number, job: () => void) => () => void;
}

/** In the world's folder: where its backups are. */
const BACKUP_NOTE = 'backed-up-to';

const BACKUP_FAILED = {
  backup: 'a checkpoint is not in the backup folder (the next one is tried)',
  folder: 'the backup folder cannot be used (it is tried again at the next checkpoint)',
  removal: 'what is too much in the backup folder could not be removed',
} as const;

/**
 * The checkpoints of a running world and, where there is a second folder, their backups. What comes of each is told to the
 * log and the figures. What goes wrong with backups never holds up the world.
 */
export class WorldCheckpoints {
  readonly #options: WorldCheckpointsOptions;
  readonly #checkpoints: Checkpoints;
  readonly #backups: Backups | undefined;
  #backedUp: Promise<number> | undefined;
  #cancel = (): void => {};
  #closed = false;

  private constructor(options: WorldCheckpointsOptions, name: string) {
    const { journal, data, kept, clock, log } = options;
    this.#options = options;
    this.#backups = options.backup === undefined ? undefined : this.#openBackups(options.backup, name);
    this.#checkpoints = new Checkpoints({
      journal,
      folder: join(data, WORLD_FOLDER.checkpoints),
      keep: kept,
      clock,
      onDamaged: (key, error) => {
        log.error({ code: 'Damaged', key }, `left out of the checkpoint: ${error.message}`);
      },
      above: () => this.#backups?.lastNumber ?? 0,
      onTaken: (_, file, lacking) => {
        this.#backedUp = this.#backups?.add(file, lacking);
        this.#backedUp?.catch(() => {}); // reported
      },
      onNotRemoved: (error) => {
        log.error(
          { code: codeOf(error) },
          `an older checkpoint could not be removed (it is tried again at the next one): ${reasonOf(error)}`,
        );
      },
    });
  }

  static async open(options: WorldCheckpointsOptions): Promise<WorldCheckpoints> {
    const { backup, journal, log, randomText } = options;
    const onDamaged = (error: Error): void => {
      log.error(
        { code: codeOf(error) },
        `the name by which backups know this world is damaged, and it gets another one: give it a new backup folder (${error.message})`,
      );
    };
    const name = backup === undefined ? '' : await worldName(journal, randomText, onDamaged);
    return new WorldCheckpoints(options, name);
  }

  /** Gives the number of the new checkpoint. Rejects with what `Checkpoints.take` does, which has been told. */
  take(): Promise<number> {
    const { watch, log, stopwatch } = this.#options;
    const began = stopwatch();
    const taken = this.#checkpoints.take();
    taken.then(
      (number) => {
        watch.checkpoint(stopwatch() - began);
        log.info({ number }, 'checkpoint');
      },
      (error: unknown) => {
        if (codeOf(error) === 'WorldClosed') return; // given up
        watch.checkpoint(null);
        log.error({ code: codeOf(error), stack: stackOf(error) }, 'a checkpoint could not be taken');
      },
    );
    return taken;
  }

  /** As `take`, for nobody who waits. */
  takeQuietly(): void {
    this.take().catch(() => {}); // it has been told
  }

  /** Has one taken every so many milliseconds until `close`, and the first when it is due by the time of the last one. */
  async takeEvery(milliseconds: number): Promise<void> {
    const { data, clock, later } = this.#options;
    const taken = await whenTaken(join(data, WORLD_FOLDER.checkpoints)).catch(() => Number.NaN);
    if (this.#closed) return;
    const last = Number.isNaN(taken) ? null : taken;
    this.#cancel = regularly({ every: milliseconds, last, clock, later }, () => {
      this.takeQuietly();
    });
  }

  /** Takes one, waits for its backup, and says what there is. Rejects with `Unwritable` where it has no backup. */
  async takeAndSay(): Promise<string> {
    const number = await this.take();
    if (this.#backedUp === undefined) return `checkpoint ${number}`;
    let backup: number;
    try {
      backup = await this.#backedUp;
    } catch (error) {
      throw new StoreError(
        'Unwritable',
        `checkpoint ${number} is written, and not its backup: ${reasonOf(error)}`,
      );
    }
    return backup === number
      ? `checkpoint ${number}, and its backup`
      : `checkpoint ${number}, and instead of its backup that of checkpoint ${backup}, which is newer`;
  }

  /** Takes no more, and gives up the one that is being written; resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    const givenUp = this.#checkpoints.close();
    this.#backups?.close();
    await givenUp;
  }

  #openBackups({ folder, keep }: BackupOptions, world: string): Backups {
    const { data, watch, log, randomText } = this.#options;
    const backups = new Backups({
      folder,
      keep,
      world,
      writer: randomText(),
      note: join(data, BACKUP_NOTE),
      onDone: (summary) => {
        watch.backup(summary.newBytes);
        log.info(summary, 'backup');
      },
      onFailed: (what, error) => {
        watch.backupFailed(what);
        log.error({ code: codeOf(error), folder }, `${BACKUP_FAILED[what]}: ${reasonOf(error)}`);
      },
    });
    void backups.open();
    return backups;
  }
}

/** When the last checkpoint in a folder was taken. Throws where there is none that can be read. */
async function whenTaken(folder: string): Promise<number> {
  const reader = await openCheckpoint(folder, await lastNumber(folder));
  await reader.close();
  return Date.parse(reader.header.when);
}
