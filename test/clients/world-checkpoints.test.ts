import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeLogger } from '../../clients/logger.ts';
import { WorldCheckpoints } from '../../clients/world-checkpoints.ts';
import { listCheckpoints } from '../../storage/checkpoint-folder.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { newFolder, removeFolder } from '../storage/level-folder.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let folder: string;
let journal: Journal;
let now: number;
/** What is to be done, and in how many milliseconds; the last one counts. */
let due: { readonly wait: number; readonly job: () => void } | undefined;
let taken: () => void;

beforeEach(async () => {
  folder = await newFolder();
  journal = await openJournal(await openLevelStore(folder, { create: true }));
  now = Date.UTC(2025, 0, 1);
});
afterEach(async () => {
  await journal.close();
  await removeFolder(folder);
});

/** A process of the world, until it ends, which has a checkpoint taken once a day. */
async function begin(): Promise<WorldCheckpoints> {
  due = undefined;
  const checkpoints = await WorldCheckpoints.open({
    journal,
    data: folder,
    kept: 3,
    backup: undefined,
    watch: {
      checkpoint: () => {
        taken();
      },
      backup: () => {},
      backupFailed: () => {},
    },
    log: makeLogger('world', 'silent', process),
    clock: () => now,
    stopwatch: () => 0,
    randomText: () => 'text',
    later: (wait, job) => {
      due = { wait, job };
      return () => {
        due = undefined;
      };
    },
  });
  await checkpoints.takeEvery(DAY);
  return checkpoints;
}

async function wait(): Promise<void> {
  const done = new Promise<void>((resolve) => (taken = resolve));
  now += due?.wait ?? NaN;
  due?.job();
  await done;
}

const times = async () =>
  (await listCheckpoints(join(folder, 'checkpoints'))).map(({ header }) => header?.when.slice(0, 16));

test('a world that is started again before a checkpoint is due takes it when it is', async () => {
  let world = await begin();
  await wait();
  expect(await times()).toEqual(['2025-01-01T00:01']);
  expect(due?.wait).toBe(DAY);
  // Twice before the day is over, and then two days later.
  for (const later of [DAY / 2, DAY / 4]) {
    await world.close();
    expect(due).toBeUndefined();
    now += later;
    world = await begin();
  }
  expect(due?.wait).toBe(DAY / 4);
  await wait();
  expect(await times()).toEqual(['2025-01-01T00:01', '2025-01-02T00:01']);
  await world.close();
  now += 2 * DAY;
  world = await begin();
  expect(due?.wait).toBe(MINUTE);
  await world.close();
});

test('a clock that is put back, and checkpoints that cannot be read, put off none for longer than it is between two', async () => {
  let world = await begin();
  await wait();
  await world.close();
  now -= 100 * DAY;
  world = await begin();
  expect(due?.wait).toBe(DAY);
  await world.close();
  await rm(join(folder, 'checkpoints'), { recursive: true });
  world = await begin();
  expect(due?.wait).toBe(MINUTE);
  await world.close();
});
