import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Backups, worldName } from '../../engine/backups.ts';
import { Checkpoints } from '../../engine/checkpoints.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import type { WorldEvent } from '../../engine/world-options.ts';
import { World } from '../../engine/world.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { ALL_KEYS, SETTLED_KEY } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { WORLD_FOLDER } from '../../storage/world-folder.ts';
import type { Store } from '../../storage/store.ts';
import { Powers } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';
import { FaultyStore } from '../storage/faulty-store.ts';

const DAY = 86_400_000;
/** Checkpoints, and backups of them, that are kept: all of a week, so that each can be held against what it was made of. */
const KEEP = 1_000;
/** Milliseconds of the world's clock between two looks at what is due. */
const TICK = 30_000;

/** How a life of the world ends: as an admin ends it, or as the power does, before or after the next write is on disk. */
export type End = 'stop' | 'power-before' | 'power-after';

/** A checkpoint, and what it has to hold: every key and value, packed. */
export interface Taken {
  readonly number: number;
  readonly image: Buffer;
}

export interface TownOptions {
  readonly folder: string;
  readonly backup: string;
  readonly seed: number;
  readonly resident: number;
  readonly onOut: (outs: readonly SessionOut[]) => void;
  readonly wrong: (what: string) => void;
}

/** Time that moves when it is told to, and tokens that look like those of the product. */
class TownPowers extends Powers {
  #drawn = 0;
  readonly #of: string;

  constructor(of: string) {
    super();
    this.#of = of;
  }

  override readonly random = (): string => {
    this.#drawn += 1;
    return createHash('sha256').update(`${this.#of} ${this.#drawn}`).digest('base64url').slice(0, 22);
  };

  readonly told = new Map<string, number>();

  override readonly report = (event: WorldEvent): void => {
    const text = eventText(event);
    // What a world says that goes on without power is heard by nobody.
    if (text.includes('the power has failed')) return;
    this.told.set(text, (this.told.get(text) ?? 0) + 1);
  };
}

interface Life {
  readonly world: World;
  readonly journal: Journal;
  readonly disk: Store;
  readonly store: FaultyStore;
  readonly powers: TownPowers;
  readonly checkpoints: Checkpoints;
  readonly backups: Backups;
}

/** The starter world on a real disk, in one life after the other, with a clock that its owner moves. */
export class Town {
  readonly taken: Taken[] = [];
  /** What the world reported, by its text, and how often. */
  readonly events = new Map<string, number>();
  readonly lives: Record<End, number> = { stop: 0, 'power-before': 0, 'power-after': 0 };
  readonly #options: TownOptions;
  #life: Life | null = null;
  #now = 1_700_000_000_000;
  #births = 0;
  #checkpointAsked = false;
  #begun: () => void = () => {};
  #image: readonly (readonly [string, string])[] = [];

  constructor(options: TownOptions) {
    this.#options = options;
  }

  get world(): World {
    return this.#alive.world;
  }

  get journal(): Journal {
    return this.#alive.journal;
  }

  get now(): number {
    return this.#now;
  }

  get random(): () => string {
    return this.#alive.powers.random;
  }

  get #alive(): Life {
    if (this.#life === null) throw new Error('the world is not open');
    return this.#life;
  }

  /** Opens the world, or makes it. */
  async open(evictAlways: boolean): Promise<void> {
    const { folder, backup, seed, resident, onOut, wrong } = this.#options;
    this.#births += 1;
    const powers = new TownPowers(`${seed} ${this.#births}`);
    powers.now = this.#now;
    const disk = await openLevelStore(folder, { create: true });
    const store = new FaultyStore(disk);
    const journal = await openJournal(store, { limits: { settleEntries: 100, sliceKeys: 32 } });
    const backups = new Backups({
      folder: backup,
      keep: KEEP,
      world: await worldName(journal, powers.random),
      writer: powers.random(),
      onDone: () => {},
      onFailed: (what, error) => {
        wrong(`${what}: ${String(error)}`);
      },
    });
    await backups.open();
    const world = await World.open({
      ...starterWorld,
      journal,
      powers,
      evictAlways,
      resident,
      garbageGrace: DAY,
      onOut,
      onHalt: (error) => {
        // What is left of a world without power may say so too.
        if (this.#life?.powers === powers) wrong(`the world halted: ${error.message}`);
      },
      onCheckpoint: () => {
        this.#checkpointAsked = true;
      },
    });
    const checkpoints = new Checkpoints({
      journal: this.#announcing(journal),
      folder: join(folder, WORLD_FOLDER.checkpoints),
      keep: KEEP,
      clock: powers.clock,
      above: () => backups.lastNumber,
      onDamaged: (key) => {
        wrong(`${key} is damaged`);
      },
      onTaken: (_, file) => {
        this.#backedUp = backups.add(file);
        this.#backedUp.catch(() => {}); // reported
      },
    });
    this.#life = { world, journal, disk, store, powers, checkpoints, backups };
  }

  #backedUp: Promise<unknown> = Promise.resolve();

  /** Waits until nothing moves. */
  async settle(): Promise<void> {
    const { world } = this.#alive;
    do await world.settle();
    while (world.statistics().queue > 0);
  }

  /** Moves the clock on, and lets everything that becomes due have its turns. */
  async pass(milliseconds: number, tick: number = TICK): Promise<void> {
    const { powers } = this.#alive;
    const until = this.#now + milliseconds;
    while (this.#now < until) {
      const step = Math.min(tick, until - this.#now);
      powers.advance(step);
      this.#now += step;
      await this.settle();
    }
  }

  /** The world is not running meanwhile. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Whether somebody in the world asked for a checkpoint since this was asked last. */
  wantsCheckpoint(): boolean {
    const asked = this.#checkpointAsked;
    this.#checkpointAsked = false;
    return asked;
  }

  /** Takes a checkpoint and its backup, while `meanwhile` goes on, from the moment on that it is a checkpoint of. */
  async checkpoint(meanwhile: () => Promise<void>): Promise<void> {
    const { checkpoints } = this.#alive;
    await this.settle();
    const begun = new Promise<void>((resolve) => (this.#begun = resolve));
    const taken = checkpoints.take();
    taken.catch(() => {}); // awaited below
    await Promise.race([begun, taken]);
    await meanwhile();
    const number = await taken;
    this.taken.push({ number, image: packed(this.#image) });
    await this.#backedUp;
  }

  /** All keys and values as they are at this moment, without the journal's own. */
  async #takeImage(journal: Journal): Promise<number> {
    const snapshot = await journal.snapshot();
    const entries: (readonly [string, string])[] = [];
    this.#image = entries;
    try {
      for await (const entry of snapshot.range(ALL_KEYS)) if (entry[0] !== SETTLED_KEY) entries.push(entry);
    } finally {
      await snapshot.close();
    }
    return snapshot.seq;
  }

  /** Ends this life. By a power failure: the next write is the last, and `stir` has the world write. */
  async end(how: End, stir: () => void): Promise<void> {
    const { world, store, disk, checkpoints, backups, powers } = this.#alive;
    this.lives[how] += 1;
    if (how === 'stop') {
      await checkpoints.close();
      await world.close();
    } else {
      store.breakAt(store.begun.length + 1, how);
      stir();
      await store.powerFailure;
      await disk.close();
    }
    backups.close();
    for (const [text, count] of powers.told) this.events.set(text, (this.events.get(text) ?? 0) + count);
    this.#life = null;
  }

  /** The same journal, that takes an image of the commit of which it gives a snapshot, and tells when it has. */
  #announcing(journal: Journal): Journal {
    return new Proxy(journal, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const method = value.bind(target) as (...args: unknown[]) => unknown;
        if (name !== 'snapshot') return method;
        return async () => {
          for (;;) {
            const seq = await this.#takeImage(journal);
            const snapshot = await journal.snapshot();
            if (snapshot.seq === seq) {
              this.#begun();
              return snapshot;
            }
            await snapshot.close(); // an errand of the host has committed something between the two
          }
        };
      },
    });
  }
}

/** An image in few bytes. */
function packed(entries: readonly (readonly [string, string])[]): Buffer {
  return gzipSync(JSON.stringify(entries), { level: 1 });
}

/** What a report is about, without numbers, so that the like can be counted. */
function eventText(event: WorldEvent): string {
  const cause = 'cause' in event && event.cause !== undefined ? `, because of ${textOf(event.cause)}` : '';
  const error = 'error' in event ? `: ${event.error.message}` : '';
  const message = 'message' in event ? `: ${event.message}` : '';
  return `${event.what}${error}${message}${cause}`.replaceAll(/\d+/g, 'N');
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause;
}
