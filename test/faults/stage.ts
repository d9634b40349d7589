import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../clients/errors.ts';
import { Checkpoints } from '../../engine/checkpoints.ts';
import { World } from '../../engine/world.ts';
import type { JournalLimits } from '../../storage/journal/limits.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import type { Store } from '../../storage/store.ts';
import { Powers } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';
import type { Company } from './company.ts';
import { PLAY } from './play.ts';

/** Small, so that a play of some dozens of commits meets settlings that go on in slices beside the commits. */
const LIMITS: Partial<JournalLimits> = { settleEntries: 6, settleKeys: 60, sliceKeys: 8, sliceSize: 4096 };

/** How a step, or a whole play, ended: the world took no more, or its power failed. */
export type Ending = 'done' | 'halted' | 'dark';

export interface StageOptions {
  readonly store: Store;
  readonly company: Company;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly evictAlways?: boolean;
  /** Resolves when the power has failed. */
  readonly darkness?: Promise<void>;
}

/** The starter world on a store, in this process, with time and chance of its own, for a company to play on. */
export class Stage {
  readonly world: World;
  readonly journal: Journal;
  readonly powers: Powers;
  readonly company: Company;
  readonly halts: Error[];
  readonly #ending: Promise<Ending>;

  private constructor(
    { company }: StageOptions,
    world: World,
    journal: Journal,
    powers: Powers,
    halts: Error[],
    ending: Promise<Ending>,
  ) {
    this.world = world;
    this.journal = journal;
    this.powers = powers;
    this.company = company;
    this.halts = halts;
    this.#ending = ending;
  }

  /** Null: the power failed meanwhile. Rejects with what opening rejects with. */
  static async open(options: StageOptions): Promise<Stage | null> {
    const { store, company, darkness = new Promise<void>(() => {}) } = options;
    const journal = await openJournal(store, { limits: LIMITS });
    const powers = new Powers();
    powers.now = options.now;
    powers.reseed(`e${journal.lastSeq}`);
    const halts: Error[] = [];
    let halt: (how: Ending) => void = () => {};
    const halted = new Promise<Ending>((resolve) => (halt = resolve));
    const dark = darkness.then((): Ending => 'dark');
    const opened = World.open({
      ...starterWorld,
      journal,
      powers,
      evictAlways: options.evictAlways === true,
      onOut: company.take,
      onHalt: (error) => {
        halts.push(error);
        halt('halted');
      },
      onCheckpoint: () => {},
    });
    const world = await Promise.race([opened, dark]);
    if (world === 'dark') {
      opened.catch(() => {}); // what a process without power would have done
      return null;
    }
    return new Stage(options, world as World, journal, powers, halts, Promise.race([halted, dark]));
  }

  /** Plays one step until nothing moves any more. `again`: an earlier world had begun it. */
  play(step: number, again: boolean): Promise<Ending> {
    return this.#unlessItEnds(() => this.#play(step, again));
  }

  /** Ends it as an admin would. */
  close(): Promise<Ending> {
    return this.#unlessItEnds(() => this.world.close());
  }

  async #unlessItEnds(what: () => Promise<void>): Promise<Ending> {
    // What a world is asked that halts is rejected, or never answered.
    const done = what().then(
      (): Ending => 'done',
      (error: unknown) => {
        if (codeOf(error) === 'WorldClosed' || this.halts.length > 0) return this.#ending;
        throw error;
      },
    );
    done.catch(() => {}); // it may come after the power failed
    const ending = await Promise.race([done, this.#ending]);
    return ending === 'done' && this.halts.length > 0 ? 'halted' : ending;
  }

  async #settle(): Promise<void> {
    do await this.world.settle();
    while (this.world.statistics().queue > 0);
  }

  async #play(at: number, again: boolean): Promise<void> {
    const { world, company, powers } = this;
    const step = PLAY[at];
    if (step === undefined) throw new Error(`there is no step ${at}`);
    switch (step.do) {
      case 'enter':
        await company.enter(world, step.who);
        break;
      case 'type':
        if (!again) for (const [who, line] of step.lines) company.type(world, who, line);
        break;
      case 'acknowledge':
        company.acknowledge(world);
        break;
      case 'wait':
        powers.advance(again ? 0 : step.milliseconds);
        break;
      case 'checkpoint':
        await this.#checkpoint();
        break;
      case 'leave':
        if (!again || company.has(world, step.who)) await company.leave(world, step.who);
    }
    await this.#settle();
  }

  async #checkpoint(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'keystead-faults-'));
    const { journal, powers } = this;
    const onDamaged = (key: string): void => {
      throw new Error(`${key} is damaged`);
    };
    try {
      await new Checkpoints({ journal, folder, keep: 1, clock: powers.clock, onDamaged }).take();
    } catch (error) {
      // A write fails that no turn waits for: the world halts at its next commit.
      if (codeOf(error) !== 'CommitFailed') throw error;
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
