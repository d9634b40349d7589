import { Penalties } from '../../engine/penalties.ts';
import { Shares } from '../../engine/shares.ts';
import type { Commits } from '../../engine/commits.ts';
import type { ObjectId } from '../../wrappers/names.ts';

const WORLD = 'o1' as ObjectId;
const BANK = 'o2' as ObjectId;
/** Split off from `BANK`. */
const CHILD = 'o3' as ObjectId;
const OTHER = 'o4' as ObjectId;
const ABOVE = new Map<ObjectId, ObjectId | null>([
  [WORLD, null],
  [BANK, WORLD],
  [CHILD, BANK],
  [OTHER, WORLD],
]);

/** One process after the other; what is stored outlives them, and the stopwatch begins anew in each. */
class Processes {
  now = 1_700_000_000_000;
  readonly stored = new Map<string, string>();
  #shares = this.#open();
  #began = this.now;
  penalties = this.#made();

  restart(): void {
    this.#shares = this.#open();
    this.#began = this.now;
    this.penalties = this.#made();
    this.penalties.restore();
  }

  waits(bank: ObjectId): boolean {
    return this.#shares.isUsedUp(bank, this.now - this.#began);
  }

  #open(): Shares {
    return new Shares({
      bankBurst: 1_000,
      bankShare: 100,
      shareCharacters: 500,
      above: (bank) => ABOVE.get(bank),
    });
  }

  #made(): Penalties {
    return new Penalties({
      commits: {
        get: (key: string) => this.stored.get(key),
        put: (key: string, value: string) => this.stored.set(key, value),
      } as unknown as Commits,
      shares: this.#shares,
      clock: () => this.now,
      stopwatch: () => this.now - this.#began,
    });
  }
}

test('all that a bank pays for waits when something of it has killed the process, and nobody else', () => {
  const world = new Processes();
  world.penalties.add(CHILD);
  expect([CHILD, BANK, OTHER, WORLD].map((bank) => world.waits(bank))).toEqual([true, true, false, false]);
  world.now += 15_001;
  expect(world.waits(BANK)).toBe(false);
});

test('it waits twice as long each time, an hour at most, also after a restart', () => {
  const world = new Processes();
  for (let times = 0; times < 12; times += 1) {
    const wait = Math.min(3_600_000, 15_000 * 2 ** times);
    world.restart();
    world.penalties.add(BANK);
    world.now += wait / 2;
    world.restart();
    expect(world.waits(BANK)).toBe(true);
    world.now += wait / 2 + 1;
    expect(world.waits(BANK)).toBe(false);
  }
});

test('what was a day ago is forgotten', () => {
  const world = new Processes();
  for (let times = 0; times < 8; times += 1) world.penalties.add(BANK);
  world.now += 24 * 3_600_000;
  world.restart();
  world.penalties.add(BANK);
  world.now += 15_001;
  expect(world.waits(BANK)).toBe(false);
});

test('it waits no longer than that where the clock was wrong when it happened', () => {
  const world = new Processes();
  world.now += 365 * 24 * 3_600_000;
  world.penalties.add(BANK);
  world.now -= 365 * 24 * 3_600_000;
  world.restart();
  expect(world.waits(BANK)).toBe(true);
  world.now += 15_001;
  expect(world.waits(BANK)).toBe(false);
  world.restart();
  expect(world.waits(BANK)).toBe(false);
  world.now += 24 * 3_600_000;
  world.restart();
  world.penalties.add(BANK);
  world.now += 15_001;
  expect(world.waits(BANK)).toBe(false);
});

test('the bank of the world itself has no penalty', () => {
  const world = new Processes();
  world.penalties.add(WORLD);
  world.penalties.add(null);
  expect(world.waits(WORLD)).toBe(false);
  expect(world.stored.size).toBe(0);
});
