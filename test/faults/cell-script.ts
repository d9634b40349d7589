import * as fc from 'fast-check';
import { World } from '../../engine/world.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { create } from '../../engine/authoring.ts';
import { Powers } from '../engine/fixture.ts';
import { FaultyStore, type WriteFault } from '../storage/faulty-store.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { Cell, Hub, type CellView, type Deed } from './cell.ts';
import { afterDeed, afterTime, NOTHING, seen, viewsOf, type Model } from './cell-model.ts';

/*
 * A world of cells against a plain model of it. Deeds are turns; between them the world is restarted, evicted, loses its
 * power in the middle of a burst of deeds, is checkpointed and put back to a checkpoint.
 */
export type Act =
  | { readonly act: 'deed'; readonly deed: Deed }
  | { readonly act: 'wait'; readonly milliseconds: number }
  | { readonly act: 'restart'; readonly evictAlways: boolean; readonly resident: number }
  /** The power fails, or a write, while these are done at once. */
  | {
      readonly act: 'crash';
      readonly deeds: readonly Deed[];
      readonly write: number;
      readonly fault: WriteFault;
    }
  | { readonly act: 'checkpoint' }
  | { readonly act: 'restore' };

const LIMITS = { settleEntries: 5, settleKeys: 12, sliceKeys: 2, sliceSize: 600 };
/** Nobody here is to be kept waiting by how busy the machine is. */
const WORLD_LIMITS = { bankBurst: 1e9, bankShare: 1e9 };

interface Checkpoint {
  readonly model: Model;
  readonly contents: readonly (readonly [string, string])[];
}

class Run {
  model: Model = NOTHING;
  memory = new MemoryStore();
  store!: FaultyStore;
  journal!: Journal;
  world!: World;
  powers = new Powers();
  checkpoint: Checkpoint | undefined;
  lives = 0;
  how = { evictAlways: false, resident: 50_000 };
  halted = false;

  async open(memory: MemoryStore): Promise<void> {
    this.memory = memory;
    this.lives += 1;
    this.halted = false;
    const { now } = this.powers;
    this.powers = new Powers();
    this.powers.now = now;
    this.powers.reseed(`life${this.lives}`);
    const plan = { write: { at: Infinity, fault: 'fail' as WriteFault } };
    this.store = new FaultyStore(memory, plan);
    this.journal = await openJournal(this.store, { limits: LIMITS });
    this.world = await World.open({
      journal: this.journal,
      classes: [Hub, Cell] as never,
      genesis: ({ bank }) => ({ gate: create(bank, Hub, { bank }) }),
      powers: this.powers,
      limits: WORLD_LIMITS,
      ...this.how,
      onOut: () => {},
      onHalt: () => {
        this.halted = true;
      },
      onCheckpoint: () => {},
    });
    this.powers.advance(0);
    await this.settle();
    const damaged = this.powers.events.filter(({ what }) => what === 'damaged');
    if (damaged.length > 0) throw new Error(JSON.stringify(damaged));
  }

  async settle(): Promise<void> {
    do await this.world.settle();
    while (this.world.statistics().queue > 0);
  }

  do(deed: Deed): Promise<string> {
    const { world } = this;
    return world
      .run((invoke) => invoke(world.roots.gate, 'act', [deed]) as string)
      .catch((error: { code?: string }) => {
        if (this.halted) return 'halted';
        if (!['Poor', 'None', 'There'].includes(error.code ?? '')) throw error;
        return 'refused';
      });
  }

  async found(): Promise<string> {
    const { world } = this;
    return seen(await world.run((invoke) => invoke(world.roots.gate, 'views', []) as readonly CellView[]));
  }

  async check(): Promise<void> {
    const [found, expected] = [await this.found(), seen(viewsOf(this.model))];
    if (found !== expected) throw new Error(`the world is\n${found}\nand should be\n${expected}`);
    const timers = this.model.timers.length;
    if (this.world.statistics().timers !== timers)
      throw new Error(`${this.world.statistics().timers} timers, not ${timers}`);
  }

  async act(act: Act): Promise<void> {
    switch (act.act) {
      case 'deed': {
        const [expected, model] = afterDeed(this.model, act.deed, this.powers.now);
        const answer = await this.do(act.deed);
        await this.settle();
        if (answer !== expected) throw new Error(`it answers ${answer} and should ${expected}`);
        this.model = model;
        return;
      }
      case 'wait':
        this.powers.advance(act.milliseconds);
        await this.settle();
        this.model = afterTime(this.model, this.powers.now);
        return;
      case 'restart':
        await this.world.close();
        this.how = { evictAlways: act.evictAlways, resident: act.resident };
        return this.open(this.memory.reopened());
      case 'crash':
        return this.crash(act.deeds, act.write, act.fault);
      case 'checkpoint': {
        const snapshot = await this.journal.snapshot();
        const contents: (readonly [string, string])[] = [];
        for await (const entry of snapshot.range({ gte: '!', lt: '\x7f' })) contents.push(entry);
        await snapshot.close();
        this.checkpoint = { model: this.model, contents };
        return;
      }
      case 'restore': {
        if (this.checkpoint === undefined) return;
        await this.world.close();
        const memory = new MemoryStore();
        await memory.batch(
          this.checkpoint.contents.map(([put, value]) => ({ put, value })),
          { sync: true },
        );
        await this.open(memory.reopened());
        this.model = afterTime(this.checkpoint.model, this.powers.now);
      }
    }
  }

  /** The world has to be as it was after some of the deeds, all that were answered among them. */
  async crash(deeds: readonly Deed[], write: number, fault: WriteFault): Promise<void> {
    const states: Model[] = [this.model];
    for (const deed of deeds) states.push(afterDeed(states.at(-1) as Model, deed, this.powers.now)[1]);
    this.store.breakAt(this.store.begun.length + write, fault);
    let acknowledged = 0;
    const all = deeds.map(async (deed, at) => {
      const answer = await this.do(deed);
      // A turn that failed is told of at once: it leaves nothing that could be lost.
      if (answer !== 'halted' && answer !== 'refused') acknowledged = Math.max(acknowledged, at + 1);
    });
    // Some turns are done in the event loop's next round: so they go in several groups.
    for (const each of all) each.catch(() => {});
    await Promise.race([Promise.all(all), this.store.powerFailure]);
    if (!this.halted) await Promise.race([this.settle().catch(() => {}), this.store.powerFailure]);
    await this.open(this.memory.crash());
    const { world } = this;
    const done = await world.run((invoke) => invoke(world.roots.gate, 'done', []) as number);
    // A deed that was refused leaves the world as it was: the first that fits is as good as the last.
    const at = states.findIndex(({ count }) => count === done);
    if (at < 0 || !states.some(({ count }, n) => count === done && n >= acknowledged))
      throw new Error(
        `after the crash ${done} deeds are done, and ${acknowledged} of the last were answered`,
      );
    this.model = states[at] as Model;
  }
}

/** Does the acts. Throws where the world is not what the model says. */
export async function runActs(acts: readonly Act[]): Promise<void> {
  const run = new Run();
  await run.open(new MemoryStore());
  for (const [n, act] of acts.entries()) {
    try {
      await run.act(act);
      await run.check();
    } catch (error) {
      throw new Error(`at act ${n}, ${JSON.stringify(act)}: ${(error as Error).message}`, { cause: error });
    }
  }
  await run.world.close();
}

const name = fc.constantFrom('ann', 'bob', 'cyd', 'dan');
const label = fc.constantFrom('x', 'y');
const thing = fc.constantFrom('cup', 'pen', 'hat');
const small = fc.integer({ min: 0, max: 90 });
const n = fc.nat(999);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('create' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('destroy' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pay' as const), from: name, to: name, amount: small }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('make' as const), thing, name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), thing, from: name, to: name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lend' as const), from: name, to: name, label }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('poke' as const), name, label }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke' as const), name, label }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), from: name, to: name, n }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('timer' as const),
      name,
      milliseconds: fc.integer({ min: 1, max: 5000 }),
      n,
    }),
  },
);

export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ act: fc.constant('deed' as const), deed }) },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constant('wait' as const),
        milliseconds: fc.integer({ min: 0, max: 4000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant('restart' as const),
        evictAlways: fc.boolean(),
        resident: fc.constantFrom(0, 2, 50_000),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constant('crash' as const),
        deeds: fc.array(deed, { maxLength: 6 }),
        write: fc.integer({ min: 1, max: 4 }),
        fault: fc.constantFrom<WriteFault>('fail', 'fail-whole', 'power-before', 'power-after'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('checkpoint' as const) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('restore' as const) }) },
  ),
  { maxLength: 60, size: 'max' },
);
