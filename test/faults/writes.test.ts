// At each write of a play something goes wrong: what holds afterwards is told in README.md.

import { WRITE_FAULTS, type FaultPlan, type WriteFault } from '../storage/faulty-store.ts';
import type { MemoryStore } from '../storage/memory-store.ts';
import { differences } from './ledger.ts';
import { PLAY } from './play.ts';
import { newWorld, runTrial, type LifeEnding, type Outcome } from './trial.ts';

/**
 * Each fault is tried at one write of so many, the next fault at the write after: together they meet every one of them. With
 * `WRITES_APART=1`, which `npm run faults` sets, each fault is tried at every write; that takes about 70 s.
 */
const WRITES_APART = Number(process.env['WRITES_APART'] ?? 4);

/** Milliseconds: a play takes about 80 here. */
const LIMIT = 120_000;

/** Steps that are played after the one with the fault, for what may show only later. */
const STEPS_AFTER = 6;

let from: MemoryStore;
/** The same play without a fault. */
let whole: Outcome;
let writes: number;
beforeAll(async () => {
  from = await newWorld();
  whole = await runTrial({ from });
  writes = whole.lives[0]?.writes ?? 0;
});

/** Up to which step a trial is played whose fault is at this write. */
function stepsFor(write: number): number {
  const step = whole.lives[0]?.writesBy.findIndex((by) => by >= write) ?? -1;
  return step < 0 ? PLAY.length : Math.min(PLAY.length, step + 1 + STEPS_AFTER);
}

const played = new Map<string, Outcome>();

/** So many steps of the play without a fault. */
async function undisturbed(steps: number, evictAlways: boolean): Promise<Outcome> {
  const known = played.get(`${steps} ${evictAlways}`) ?? (await runTrial({ from, steps, evictAlways }));
  played.set(`${steps} ${evictAlways}`, known);
  return known;
}

/** Everything that is otherwise than in the play without a fault, and whatever may not be at all. */
function wrongIn({ wrong, world, shown }: Outcome, expected: Outcome): string[] {
  const told = [...wrong, ...differences(expected.world, world)];
  for (const [name, lines] of Object.entries(expected.shown)) {
    const found = shown[name] ?? [];
    for (let at = 0; at < Math.max(lines.length, found.length); at += 1) {
      if (lines[at] === found[at]) continue;
      told.push(`${name} is shown "${found[at]}" and not "${lines[at]}"`);
      break;
    }
  }
  return told;
}

/** Plays with these faults, the first of them at this write; gives what is wrong then, and how the lives ended. */
async function tryAt(at: number, plans: readonly FaultPlan[], evictAlways = false) {
  const steps = stepsFor(at);
  const outcome = await runTrial({ from, plans, steps, evictAlways });
  return { wrong: wrongIn(outcome, await undisturbed(steps, evictAlways)), lives: outcome.lives };
}

/** How a life ends in which a write meets this. */
const ENDS: Readonly<Record<WriteFault, readonly LifeEnding[]>> = {
  // The last writes are those of its end, which waits for nobody: it goes as it is.
  fail: ['halted', 'done', 'refused'],
  'fail-whole': ['halted', 'done', 'refused'],
  'power-before': ['dark'],
  'power-after': ['dark'],
  delay: ['done'],
};

test('the play is long enough, and ends as it should', () => {
  expect(whole.wrong).toEqual([]);
  expect(whole.lives).toMatchObject([{ ending: 'done' }]);
  expect(writes).toBeGreaterThan(80);
  expect(whole.shown['Ada']).toContain('Version 1: 13,8,4,4');
});

describe.each(WRITE_FAULTS)('at one write after the other the disk does this: %s', (fault) => {
  test(
    'nobody sees anything of it, and nothing is lost, doubled or half done',
    async () => {
      const first = 1 + (WRITE_FAULTS.indexOf(fault) % WRITES_APART);
      let points = 0;
      for (let at = first; at <= writes; at += WRITES_APART) {
        const { wrong, lives } = await tryAt(at, [{ write: { at, fault } }]);
        expect({ at, wrong }).toEqual({ at, wrong: [] });
        expect(ENDS[fault]).toContain(lives[0]?.ending);
        if ((lives[0]?.writes ?? 0) >= at) points += 1;
      }
      expect(points).toBe(Math.floor((writes - first) / WRITES_APART) + 1);
    },
    LIMIT,
  );
});

test(
  'the power fails again while the world starts after a failure, at each of its first writes',
  async () => {
    let points = 0;
    for (let at = 3; at <= writes; at += 6) {
      for (let next = 1; next <= 2; next += 1) {
        const second: FaultPlan = {
          write: { at: next, fault: at % 2 === 0 ? 'power-before' : 'power-after' },
        };
        const { wrong, lives } = await tryAt(at, [{ write: { at, fault: 'power-after' } }, second, second]);
        expect({ at, next, wrong }).toEqual({ at, next, wrong: [] });
        points += lives.filter(({ ending }) => ending === 'dark').length;
      }
    }
    expect(points).toBeGreaterThan(60);
  },
  LIMIT,
);

test(
  'the power fails at every write of a world that is being made',
  async () => {
    for (let at = 1; at <= 3; at += 1) {
      for (const fault of ['power-before', 'power-after', 'fail', 'fail-whole'] as const) {
        const outcome = await runTrial({ plans: [{ write: { at, fault } }], steps: 4 });
        expect({ at, fault, wrong: outcome.wrong }).toEqual({ at, fault, wrong: [] });
        expect(outcome.shown['Ada']).toContain('You take the storm lantern.');
      }
    }
  },
  LIMIT,
);

test(
  'where every object is dropped after every turn, too',
  async () => {
    for (let at = 2; at <= writes; at += 8) {
      for (const fault of ['power-before', 'power-after', 'fail'] as const) {
        const { wrong } = await tryAt(at, [{ write: { at, fault } }], true);
        expect({ at, fault, wrong }).toEqual({ at, fault, wrong: [] });
      }
    }
  },
  LIMIT,
);

test('a disk that says it has synced what it has not is noticed by these tests', async () => {
  const plan: FaultPlan = { liesAboutSync: true, write: { at: 40, fault: 'power-after' } };
  const { wrong } = await runTrial({ from, plans: [plan] });
  expect(wrong.filter((what) => /was acknowledged/.test(what))).toHaveLength(1);
  expect(wrong).toContain('the session of Ada is lost');
});
