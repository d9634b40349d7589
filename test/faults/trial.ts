import { audit } from '../crash/audit.ts';
import { imageOf } from '../crash/image.ts';
import { FaultyStore, type FaultPlan } from '../storage/faulty-store.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { Company } from './company.ts';
import { comparable, compareRecovered, recover, type Recovered } from './ledger.ts';
import { PLAY } from './play.ts';
import { Stage, type Ending } from './stage.ts';

/** How the life of one world ended: also by a start that was refused. */
export type LifeEnding = Ending | 'refused';

interface Life {
  readonly ending: LifeEnding;
  /** The writes that were begun by the end of each step in it. */
  readonly writesBy: readonly number[];
  readonly writes: number;
  readonly reads: number;
}

/** What all players were shown in a play, and what the world was in the end. */
export interface Outcome {
  readonly shown: Company['shown'];
  /** See `comparable`. */
  readonly world: ReadonlyMap<string, string>;
  readonly wrong: readonly string[];
  readonly lives: readonly Life[];
}

export interface TrialOptions {
  /** One for each life of the world, the first for the first; the life after the last one has none. */
  readonly plans?: readonly FaultPlan[];
  readonly evictAlways?: boolean;
  /** The store of the world; if it is left out, one in which a new world is built first. */
  readonly from?: MemoryStore;
  /** Steps that are played; by default all. */
  readonly steps?: number;
}

const BEGIN = 1_700_000_000_000;

/** A store with a new world in it, closed again. */
export async function newWorld(): Promise<MemoryStore> {
  const store = new MemoryStore();
  const stage = await Stage.open({ store, company: new Company(() => {}), now: BEGIN });
  await stage?.close();
  return store.reopened();
}

/**
 * Plays the play, with a fault in each life of the world but the last. After each, the store has to hold exactly what
 * some commit left, none that was acknowledged missing; the players come back, and the play goes on from there.
 */
export async function runTrial(options: TrialOptions): Promise<Outcome> {
  const { plans = [], evictAlways = false, steps = PLAY.length } = options;
  const wrong: string[] = [];
  const tell = (what: string): void => void wrong.push(what);
  const company = new Company(tell);
  const lives: Life[] = [];
  let memory = options.from?.reopened() ?? new MemoryStore();
  let before: Recovered = await recover(memory);
  let now = BEGIN;
  let at = 0;
  let again = false;
  for (let life = 0; ; life += 1) {
    const plan = plans[life] ?? {};
    const store = new FaultyStore(memory, plan);
    const writesBy: number[] = [];
    let ending: LifeEnding = 'refused';
    try {
      const darkness = store.powerFailure;
      const stage = await Stage.open({ store, company, now, evictAlways, darkness });
      if (stage === null) ending = 'dark';
      else {
        company.resume(stage.world);
        for (ending = 'done'; at < steps && ending === 'done';) {
          ending = await stage.play(at, again);
          again = ending !== 'done';
          writesBy.push(store.begun.length);
          if (!again) at += 1;
        }
        now = stage.powers.now;
        if (ending === 'done') ending = await stage.close();
        if (stage.halts.length !== (ending === 'halted' ? 1 : 0))
          tell(`it halts ${stage.halts.length} times`);
      }
    } catch (error) {
      if (plans[life] === undefined) throw error;
      if (plan.read === undefined && plan.write === undefined) tell(`it rejects: ${String(error)}`);
    }
    lives.push({ ending, writesBy, writes: store.begun.length, reads: store.reads });
    memory = ending === 'done' ? memory.reopened() : memory.crash();
    const after = await recover(memory);
    compareRecovered(before, store.begun, after, tell);
    before = after;
    if (ending === 'done' && life >= plans.length) break;
    if (life >= plans.length) throw new Error(`a life without a fault ends: ${ending}`);
  }
  audit(imageOf(before.contents), tell);
  return { shown: company.shown, world: comparable(before), wrong, lives };
}
