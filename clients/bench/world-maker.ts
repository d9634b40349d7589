/**
 * The process that makes a generated world: the composition root of `keystead bench world`. It is handed a `Making`, prints a
 * `MakingReport` a line, and ends when its standard input does.
 *
 * Nothing here depends on when or where it runs: the clock stands still, and what is otherwise random comes of the seed.
 */
import '../../engine/lockdown.ts';
import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { World } from '../../engine/world.ts';
import { openJournal } from '../../storage/journal.ts';
import { StoreError } from '../../storage/errors.ts';
import { accountKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { classes } from '../../world/classes.ts';
import { library } from '../../world/library.ts';
import { PASSWORD, planOf, playerName, type Plan } from '../../world/generated/layout.ts';
import { Maker } from '../../world/generated/maker.ts';
import { SOURCES } from '../../world/generated/sources.ts';
import { shared } from '../../world/shared.ts';
import { hashPassword, type Account } from '../accounts.ts';
import { savedSources } from '../saved-sources.ts';
import type { Making, MakingReport } from './making.ts';
import { seededTexts } from './seeded-texts.ts';

const SAVED = new URL('../../world/saved/', import.meta.url);

/** The time in a world that is being made: the first day of 2026, all the while. */
const CLOCK = Date.UTC(2026, 0, 1);

/** Turns that are asked for before their commits are waited for: that many at a time go into few large commits. */
const AT_ONCE = 20;

/** Objects that stay in memory: hardly one is needed again once its room is made. */
const RESIDENT = 5_000;

/** Things that one turn puts into the great container. */
const PER_TURN = 50;

/** Everybody's password is written in the manual, so that guessing it need not cost anything; logging in costs as little. */
const COST = { N: 16, r: 1, p: 1 };
const SALT = 'a generated world';

process.stdin.on('end', () => process.exit(1)).resume();

try {
  await make(JSON.parse(process.argv[2] ?? '') as Making);
} catch (error) {
  // What the store refuses is for people; anything else is a fault of ours.
  if (!(error instanceof StoreError)) throw error;
  report({ t: 'refused', why: error.message });
}
process.exit();

async function make({ folder, seed, ...wanted }: Making): Promise<void> {
  const began = performance.now();
  const sources = savedSources(SAVED);
  const plan = planOf(wanted, Object.keys(SOURCES).length + Object.keys(sources).length);
  if (typeof plan === 'string') {
    report({ t: 'refused', why: plan });
    return;
  }
  let maker: Maker | undefined;
  const world = await World.open({
    journal: await openJournal(await openLevelStore(folder, { create: true })),
    classes,
    shared,
    library,
    sources,
    genesis: (powers) => {
      maker = new Maker(plan, seed, powers);
      return { gate: maker.gate };
    },
    powers: {
      clock: () => CLOCK,
      soon: setImmediate,
      later: () => () => {},
      random: seededTexts(seed),
      isProxy: types.isProxy,
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      stopwatch: () => 0,
      starved: () => false,
      guard: (_milliseconds, body) => {
        body();
        return true;
      },
      noteRunning: () => {},
      report: (event) => {
        if (event.what === 'failed turn')
          throw new Error('A turn of the generator failed', { cause: event.error });
        if (event.what === 'damaged' || event.what === 'undelivered') throw new Error(JSON.stringify(event));
      },
    },
    resident: RESIDENT,
    onOut: () => {},
    onHalt: (error) => {
      report({ t: 'refused', why: error.message });
      process.exit(1);
    },
    onCheckpoint: () => {},
  });
  if (maker === undefined) throw new Error(`There is a world in ${folder} already.`);
  await fill(world, maker, plan);
  await world.close();
  const seconds = (performance.now() - began) / 1000;
  report({ t: 'done', rooms: plan.rooms, players: plan.players, seconds });
}

async function fill(world: World, maker: Maker, plan: Plan): Promise<void> {
  const hash = await hashPassword(PASSWORD, SALT, COST);
  const players = Math.max(1, plan.players);
  await inTurns(plan.rooms, async (n) => {
    await world.run(() => {
      maker.room(n + 1);
    });
    if (n % 100 === 99)
      report({ t: 'made', objects: Math.floor((plan.objects * n) / (plan.rooms + players)) });
  });
  await inTurns(Math.ceil(plan.hoard / PER_TURN), async (n) => {
    await world.run(() => {
      maker.fillHoard(n * PER_TURN, Math.min(plan.hoard, (n + 1) * PER_TURN));
    });
  });
  await inTurns(plan.players, async (n) => {
    const name = playerName(n);
    await world.run(
      () => maker.player(n),
      (session) => {
        const capability = world.slotText(session);
        const account: Account = { name, salt: SALT, hash, cost: COST, capability };
        return [[accountKey(name), JSON.stringify(account)]];
      },
    );
  });
}

/** Asks for the turns in their order. */
async function inTurns(many: number, turn: (n: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < many; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, many - from) }, (_, n) => turn(from + n));
    await Promise.all(some);
  }
}

function report(line: MakingReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
