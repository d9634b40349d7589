// A clock that jumps: what holds then is told in README.md.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '../../engine/authoring.ts';
import { Checkpoints } from '../../engine/checkpoints.ts';
import { World } from '../../engine/world.ts';
import { listCheckpoints } from '../../storage/checkpoint-folder.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { Powers } from '../engine/fixture.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { Cell, Hub, type CellView, type Deed } from './cell.ts';

const HOUR = 3_600_000;
const MONTH = 30 * 24 * HOUR;
const YEAR = 365 * 24 * HOUR;

/** The clock on the wall, which somebody sets, is not the one by which the host's own timers run. */
class Jumping extends Powers {
  offset = 0;
  override readonly clock = (): number => this.now + this.offset;
}

let store: MemoryStore;
let journal: Journal;
let powers: Jumping;
let world: World;

async function open(from: MemoryStore, offset: number, now?: number): Promise<void> {
  store = from;
  powers = new Jumping();
  powers.now = now ?? powers.now;
  powers.offset = offset;
  powers.reseed(`w${powers.now % 1e9}`);
  journal = await openJournal(store);
  world = await World.open({
    journal,
    classes: [Hub, Cell] as never,
    genesis: ({ bank }) => ({ gate: create(bank, Hub, { bank }) }),
    powers,
    onOut: () => {},
    onHalt: (error) => {
      throw error;
    },
    onCheckpoint: () => {},
  });
}

async function restart(offset = powers.offset): Promise<void> {
  await world.close();
  await open(store.reopened(), offset, powers.now);
}

async function pass(milliseconds: number): Promise<void> {
  powers.advance(milliseconds);
  do await world.settle();
  while (world.statistics().queue > 0);
}

const act = (deed: Deed): Promise<unknown> => world.run((invoke) => invoke(world.roots.gate, 'act', [deed]));
const set = (milliseconds: number, n: number): Promise<unknown> =>
  act({ do: 'timer', name: 'ann', milliseconds, n });
const rung = async (): Promise<readonly number[]> => {
  const views = await world.run((invoke) => invoke(world.roots.gate, 'views', []) as readonly CellView[]);
  return views[0]?.rung ?? [];
};

beforeEach(async () => {
  await open(new MemoryStore(), 0);
  await act({ do: 'create', name: 'ann' });
});
afterEach(() => world.close());

test.each([HOUR, YEAR])(
  'set forward by %i ms: what was set before rings once, and when it would have',
  async (jump) => {
    await set(1000, 1);
    await set(2 * jump, 2);
    powers.offset += jump;
    await pass(999);
    expect(await rung()).toEqual([]);
    await pass(1);
    expect(await rung()).toEqual([1]);
    await set(1000, 3);
    await pass(1000);
    expect(await rung()).toEqual([1, 3]);
    await pass(jump);
    expect(await rung()).toEqual([1, 3, 2]);
    await pass(YEAR);
    expect(await rung()).toEqual([1, 3, 2]);
  },
);

test.each([HOUR, YEAR])(
  'set back by %i ms: nothing rings before its time on the wall, nor twice',
  async (jump) => {
    await set(1000, 1);
    powers.offset -= jump;
    await pass(1000);
    expect(await rung()).toEqual([]);
    await set(1000, 2);
    await pass(1000);
    expect(await rung()).toEqual([2]);
    await pass(jump);
    expect(await rung()).toEqual([2, 1]);
  },
);

test('jumps while the world is down count as time that went by, or did not', async () => {
  await set(HOUR, 1);
  await set(2 * MONTH, 2);
  await restart(MONTH);
  await pass(0);
  expect(await rung()).toEqual([1]);
  await restart(-MONTH);
  await pass(MONTH);
  expect(await rung()).toEqual([1]);
  await pass(2 * MONTH);
  expect(await rung()).toEqual([1, 2]);
});

test('back and forth all the time: turns are done, and none is done twice', async () => {
  for (let n = 0; n < 60; n += 1) {
    powers.offset = [0, -YEAR, YEAR, -5000, 5000, -1][n % 6] ?? 0;
    expect(await act({ do: 'pay', from: 'ann', to: 'ann', amount: 1 })).toBe('done');
    await set(10, n);
    await pass(7);
    if (n % 20 === 19) await restart();
  }
  powers.offset = YEAR;
  await pass(YEAR);
  expect([...(await rung())].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
});

test('checkpoints are numbered in their order, whatever the clock says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keystead-clock-'));
  try {
    for (const offset of [0, YEAR, -YEAR, 0]) {
      powers.offset = offset;
      const options = { journal, folder, keep: 2, clock: powers.clock, onDamaged: () => {} };
      await new Checkpoints(options).take();
    }
    const kept = await listCheckpoints(folder);
    expect(kept.map(({ number }) => number)).toEqual([3, 4]);
    expect(kept.map(({ header }) => header?.when.slice(0, 4))).toEqual(['2022', '2023']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
