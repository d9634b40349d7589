import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { MemoryJournal } from './memory-journal.ts';
import { wrongReferences } from './reference-index.ts';
import { World } from '../../engine/world.ts';
import type { ObjectClass } from '../../engine/authoring.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import type { WorldEvent, WorldOptions } from '../../engine/world-options.ts';

/** Time and chance of a test: they move only when the test says so. */
export class Powers {
  now = 1_700_000_000_000;
  readonly events: WorldEvent[] = [];
  #due: { at: number; job: () => void }[] = [];
  #seed = 'seed';
  #drawn = 0;

  readonly clock = (): number => this.now;
  readonly soon = (job: () => void): void => void setImmediate(job);
  readonly later = (milliseconds: number, job: () => void): (() => void) => {
    const entry = { at: this.now + milliseconds, job };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  };
  readonly random = (): string => {
    this.#drawn += 1;
    return `${this.#seed}${this.#drawn}`.padStart(22, '-');
  };
  readonly isProxy = (value: object): boolean => types.isProxy(value);
  readonly digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  readonly stopwatch = (): number => performance.now();
  starved = (): boolean => false;
  /** Most tests need no watchdog; those that do choose `guarded`. */
  guard = (_milliseconds: number, body: () => void): boolean => {
    body();
    return true;
  };
  /** What the meter noted last. */
  running: string | null = null;
  readonly noteRunning = (running: string | null): void => void (this.running = running);
  readonly report = (event: WorldEvent): void => void this.events.push(event);

  /** Tokens from here on depend on `seed` and on how many are drawn, and on nothing that went before. */
  reseed(seed: string): void {
    this.#seed = `${seed}-`;
    this.#drawn = 0;
  }

  /** Sets the clock forward or back. What `later` was given comes when it would have come. */
  setClock(by: number): void {
    this.now += by;
    for (const entry of this.#due) entry.at += by;
  }

  /** Moves the clock and runs what has become due by then, the earliest first. */
  advance(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.job();
    }
    this.now = until;
  }
}

export interface FixtureOptions extends Partial<
  Pick<
    WorldOptions,
    | 'limits'
    | 'resident'
    | 'evictAlways'
    | 'garbageGrace'
    | 'library'
    | 'sources'
    | 'lastRunning'
    | 'lastOwnDoing'
    | 'onReload'
    | 'onTorn'
    | 'watch'
  >
> {
  /** Those of the classes that classes written in the world may name. */
  readonly shared?: readonly unknown[];
  /** In any order; classes of whatever constructor type. */
  readonly classes: readonly unknown[];
  readonly genesis: WorldOptions['genesis'];
  readonly journal?: MemoryJournal;
  readonly powers?: Powers;
}

/** A world in memory and all that it says to the outside. */
export interface Fixture {
  readonly world: World;
  readonly journal: MemoryJournal;
  readonly powers: Powers;
  readonly outs: SessionOut[];
  readonly halts: Error[];
  readonly checkpoints: { taken: number };
  /** Waits until the queue is empty and everything is durable, also what sends have set going. Rejects if it halts. */
  settle(): Promise<void>;
  /** A turn of the host's own on a capability. */
  call(capability: object, method: string, ...args: unknown[]): Promise<unknown>;
  /** Moves the clock and waits for what that has set going. */
  advance(milliseconds: number): Promise<void>;
  /** The same world again, as after a clean stop. */
  restart(): Promise<Fixture>;
  /** The same world again, as after a power failure. Nothing of the old one reaches the new one. */
  crash(state?: number): Promise<Fixture>;
  close(): Promise<void>;
}

/** Who listens to what the worlds of a test put out. */
type Listener = (outs: readonly SessionOut[]) => void;

export async function openFixture(options: FixtureOptions, listener: Listener = () => {}): Promise<Fixture> {
  const { journal = new MemoryJournal(), powers = new Powers(), classes, shared = [], ...rest } = options;
  const outs: SessionOut[] = [];
  const halts: Error[] = [];
  const checkpoints = { taken: 0 };
  let stop: (error: Error) => void = () => {};
  const halted = new Promise<never>((_, reject) => {
    stop = reject;
  });
  halted.catch(() => {}); // only those who wait for the world care
  const world = await World.open({
    ...rest,
    classes: classes as WorldOptions['classes'],
    shared: shared as readonly ObjectClass[],
    journal: journal as unknown as WorldOptions['journal'],
    powers,
    onOut: (more) => {
      outs.push(...more);
      listener(more);
    },
    onHalt: (error) => {
      halts.push(error);
      stop(error);
    },
    onCheckpoint: () => void (checkpoints.taken += 1),
  });
  const settle = async (): Promise<void> => {
    do await Promise.race([world.settle(), halted]);
    while (world.statistics().queue > 0);
  };
  return {
    world,
    journal,
    powers,
    outs,
    halts,
    checkpoints,
    settle,
    call: (capability, method, ...args) =>
      Promise.race([world.run((invoke) => invoke(capability, method, args)), halted]),
    advance: async (milliseconds) => {
      powers.advance(milliseconds);
      await settle();
    },
    restart: async () => {
      await world.close();
      checkReferences(journal);
      return openFixture(
        { ...options, powers, journal: new MemoryJournal(new Map(journal.contents())) },
        listener,
      );
    },
    crash: (state) => {
      const crashed = journal.crash(state);
      checkReferences(crashed);
      return openFixture({ ...options, powers, journal: crashed }, listener);
    },
    close: async () => {
      await world.close();
      if (halts.length === 0) checkReferences(journal);
    },
  };
}

/** In every world that a test leaves, the index of references has to be exact. */
function checkReferences(journal: MemoryJournal): void {
  const wrong = wrongReferences(journal.contents());
  if (wrong.length > 0) throw new Error(`the index of references is wrong: ${wrong.join(', ')}`);
}
