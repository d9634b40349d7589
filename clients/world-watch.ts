import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { TurnWatch } from '../engine/turn-log.ts';
import type { World } from '../engine/world.ts';
import type { Journal } from '../storage/journal.ts';
import { prefixRange } from '../storage/keys.ts';
import { WORLD_FOLDER } from '../storage/world-folder.ts';
import { PortalError } from './errors.ts';
import { folderSize, remembered } from './folder-size.ts';
import { tellSlowTurn } from './slow-turns.ts';
import { TurnFigures } from './turn-figures.ts';
import { latestTurns } from './turn-log/latest.ts';
import { logLine, turnText } from './turn-log/line.ts';
import { TurnLogWriter } from './turn-log/writer.ts';
import {
  worldFigures,
  type BackupFigures,
  type CheckpointFigures,
  type FigureSources,
} from './world-figures.ts';

export interface WorldWatchOptions {
  /** The world's folder. */
  readonly data: string;
  readonly journal: Journal;
  readonly log: Logger;
  /** Hours and bytes of the log of turns that are kept; none is written when one of them is 0. */
  readonly logHours: number;
  readonly logBytes: number;
  /** Milliseconds from which a turn is told of. */
  readonly slowTurn: number;
  /** Whether checkpoints are put into a second folder. */
  readonly backups: boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly later: (milliseconds: number, job: () => void) => () => void;
  readonly process: FigureSources['process'];
}

/** Milliseconds between two looks at what is slow to count. */
const LOOK_EVERY = 10_000;
/** Dead letters beyond this are not counted. */
const MOST_COUNTED = 10_000;
/** Milliseconds between two looks at how late the event loop is. */
const LAG_EVERY = 20;
const NANO = 1e-6;

/** All that looks on while a world runs: its figures, the log of turns, and what is told of slow ones. */
export class WorldWatch {
  readonly #options: WorldWatchOptions;
  readonly #turns = new TurnFigures();
  readonly #writer: TurnLogWriter | null;
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_EVERY });
  readonly #folder: () => Promise<Readonly<Record<string, number>>>;
  readonly #dead: () => Promise<number>;
  readonly #checkpoints = { taken: 0, failed: 0, last: null as number | null, took: null as number | null };
  readonly #backups = {
    made: 0,
    failed: { backup: 0, folder: 0, removal: 0 },
    last: null as number | null,
    bytes: null as number | null,
  };
  #world: World | null = null;

  constructor(options: WorldWatchOptions) {
    const { data, logHours, logBytes, clock, later, log } = options;
    this.#options = options;
    const folder = join(data, 'log');
    this.#writer =
      logHours === 0 || logBytes === 0
        ? null
        : new TurnLogWriter({
            folder,
            hours: logHours,
            bytes: logBytes,
            clock,
            later,
            onProblem: (code) => {
              log.warn(
                { code },
                'the log of turns cannot be written at the moment: what is left out is lost for it',
              );
            },
          });
    this.#lag.enable();
    this.#folder = remembered(() => this.#sizes(folder), LOOK_EVERY, clock);
    this.#dead = remembered(() => this.#countDead(), LOOK_EVERY, clock);
  }

  /** To be handed to the world. */
  get watch(): TurnWatch {
    const { slowTurn, log, clock } = this.#options;
    const hears = (id: string): boolean => this.#world?.isHeard(id) ?? false;
    return {
      onTurn: (turn) => {
        this.#turns.turn(turn);
        if (turn.milliseconds >= slowTurn && turn.cause.what !== 'start' && this.#world !== null)
          tellSlowTurn(log, this.#world, turn);
      },
      textOf: (turn) => (this.#writer === null ? null : turnText(turn, hears)),
      onDurable: (durable) => {
        this.#turns.commit(durable);
        this.#writer?.add(logLine(durable, clock()));
      },
    };
  }

  /** The world is open. */
  opened(world: World): void {
    this.#world = world;
  }

  /** A checkpoint was taken, in so many milliseconds, or could not be. */
  checkpoint(took: number | null): void {
    if (took === null) {
      this.#checkpoints.failed += 1;
      return;
    }
    this.#checkpoints.taken += 1;
    this.#checkpoints.last = this.#options.clock();
    this.#checkpoints.took = took;
  }

  /** A backup was made, and added so many bytes to its folder. */
  backup(bytes: number): void {
    this.#backups.made += 1;
    this.#backups.last = this.#options.clock();
    this.#backups.bytes = bytes;
  }

  backupFailed(what: keyof BackupFigures['failed']): void {
    this.#backups.failed[what] += 1;
  }

  /** As Prometheus reads them. Only while a world is open. */
  figures(): Promise<string> {
    const { journal } = this.#options;
    const world = this.#world;
    if (world === null) return Promise.resolve('');
    return worldFigures({
      turns: this.#turns,
      world: () => world.statistics(),
      written: () => journal.written,
      checkpoints: (): CheckpointFigures => this.#checkpoints,
      backups: (): BackupFigures | null => (this.#options.backups ? this.#backups : null),
      log: () => this.#writer,
      deadLetters: this.#dead,
      folder: this.#folder,
      lag: () => this.#lagNow(),
      process: this.#options.process,
    });
  }

  /** The newest turns of the log in words, so many at most. Throws `NoLog` where none is written. */
  async latestTurns(most: number): Promise<readonly string[]> {
    if (this.#writer === null)
      throw new PortalError('NoLog', 'No log of turns is written: it was switched off (--log-kept 0).');
    await this.#writer.flushed();
    return latestTurns(join(this.#options.data, 'log'), most);
  }

  /** After the world: writes what has gathered. */
  async close(): Promise<void> {
    this.#lag.disable();
    await this.#writer?.close();
  }

  #lagNow(): ReturnType<FigureSources['lag']> {
    // What is measured holds the time between two looks; what is over that is late.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds * NANO - LAG_EVERY);
    const lag = {
      half: late(this.#lag.percentile(50)),
      most: late(this.#lag.percentile(99)),
      worst: late(this.#lag.max),
    };
    this.#lag.reset();
    return lag;
  }

  async #sizes(log: string): Promise<Readonly<Record<string, number>>> {
    const { data } = this.#options;
    const [db, checkpoints, turns] = await Promise.all([
      folderSize(join(data, WORLD_FOLDER.db)),
      folderSize(join(data, WORLD_FOLDER.checkpoints)),
      folderSize(log),
    ]);
    return { db, checkpoints, log: turns };
  }

  async #countDead(): Promise<number> {
    let count = 0;
    const range = { ...prefixRange('dead'), onDamaged: () => void (count += 1) };
    for await (const _ of this.#options.journal.range(range)) {
      count += 1;
      if (count >= MOST_COUNTED) return MOST_COUNTED;
    }
    return count;
  }
}
