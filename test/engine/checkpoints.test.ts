import fs from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { Backups, worldName } from '../../engine/backups.ts';
import { Checkpoints } from '../../engine/checkpoints.ts';
import { listBackups, openBackup } from '../../storage/backup-folder.ts';
import { listCheckpoints, openCheckpoint } from '../../storage/checkpoint-folder.ts';
import type { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { objectKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { all } from '../storage/acceptance.ts';
import { newFolder, removeFolder, tamper } from '../storage/level-folder.ts';

let folder: string;
let journal: Journal;
let checkpoints: Checkpoints;
let backups: Backups;
let backedUp: Promise<unknown> = Promise.resolve();
let failures: string[];
/** What the world was when each checkpoint was taken. */
let images: string[];
/** Is done when the moment of the next checkpoint has passed, before it is written. */
let meanwhile: (() => Promise<void>) | null = null;

function newBackups(to: string, world: string, keep = 3): Backups {
  return new Backups({
    folder: to,
    keep,
    world,
    writer: 'writer',
    note: join(folder, 'world', 'backed-up-to'),
    onDone: () => {},
    onFailed: (what, error) => failures.push(`${what} ${(error as { code: string }).code}`),
  });
}

async function open(from = 'world'): Promise<void> {
  journal = await openJournal(await openLevelStore(join(folder, from), { create: true }));
  const watched: Journal = Object.assign(Object.create(journal) as Journal, {
    snapshot: async () => {
      const snapshot = await journal.snapshot();
      images.push(JSON.stringify(await all(snapshot).catch(() => 'damaged')));
      const then = meanwhile;
      meanwhile = null;
      await then?.();
      return snapshot;
    },
  });
  const name = await worldName(journal, () => 'some-world');
  backups = newBackups(join(folder, 'backups'), name);
  checkpoints = new Checkpoints({
    journal: watched,
    folder: join(folder, from, 'checkpoints'),
    keep: 4,
    clock: () => 0,
    onDamaged: () => {},
    above: () => backups.lastNumber,
    onTaken: (_, file, lacking) => {
      backedUp = backups.add(file, lacking);
      backedUp.catch(() => {});
    },
    onNotRemoved: (error) => failures.push(`removal of checkpoints ${(error as { code: string }).code}`),
  });
}

async function close(): Promise<void> {
  await checkpoints.close();
  backups.close();
  await backedUp.catch(() => {}); // else it may still write where the folder is being removed
  await journal.close();
}

beforeEach(async () => {
  folder = await newFolder();
  images = [];
  failures = [];
  await open();
});
afterEach(async () => {
  await close();
  await removeFolder(folder);
});

async function restored(reader: CheckpointReader): Promise<string> {
  const into = join(folder, 'restored');
  await restoreWorld(reader, into, () => []);
  const store = await openLevelStore(into);
  const image = JSON.stringify(await all(store));
  await store.close();
  await rm(into, { recursive: true });
  return image;
}

const put = (n: number, value: string) => ({ put: objectKey(`o${n}`), value });

test('a restore from each kept checkpoint, of both kinds, gives exactly the world of that moment', async () => {
  const over = new AbortController();
  let n = 0;
  // The world changes all the time, also while checkpoints and backups are made.
  const play = async (): Promise<void> => {
    while (!over.signal.aborted) {
      n += 1;
      await journal.commit([
        put(n % 300, `${n} ${'x'.repeat((n * 37) % 900)}`),
        { del: objectKey(`o${(n * 7) % 300}`) },
      ]);
      await new Promise(setImmediate);
    }
  };
  const playing = play();
  for (let taken = 1; taken <= 6; taken += 1) {
    expect(await checkpoints.take()).toBe(taken);
    await backedUp;
  }
  over.abort();
  await playing;
  expect(new Set(images).size).toBe(6);
  const here = join(folder, 'world', 'checkpoints');
  expect((await listCheckpoints(here)).map(({ number }) => number)).toEqual([3, 4, 5, 6]);
  for (const number of [3, 4, 5, 6])
    expect((await restored(await openCheckpoint(here, number))) === images[number - 1]).toBe(true);
  const there = join(folder, 'backups');
  expect((await listBackups(there)).map(({ number }) => number)).toEqual([4, 5, 6]);
  for (const number of [4, 5, 6])
    expect((await restored(await openBackup(there, number))) === images[number - 1]).toBe(true);
  expect(failures).toEqual([]);
}, 30_000);

test('no number comes twice where somebody puts away all checkpoints while the world runs', async () => {
  const here = join(folder, 'world', 'checkpoints');
  const alone = new Checkpoints({ journal, folder: here, keep: 4, clock: () => 0, onDamaged: () => {} });
  expect([await alone.take(), await alone.take()]).toEqual([1, 2]);
  await rename(here, join(folder, 'archive'));
  expect(await alone.take()).toBe(3);
  await alone.close();
});

test('whoever asks for one while another is being written gets one in which is what had been done by then', async () => {
  let asked: readonly Promise<number>[] = [];
  meanwhile = async () => {
    await journal.commit([put(2, 'two')]);
    asked = [checkpoints.take(), checkpoints.take()];
  };
  await journal.commit([put(1, 'one')]);
  expect(await checkpoints.take()).toBe(1);
  expect(await Promise.all(asked)).toEqual([2, 2]);
  expect(images.map((image) => image.includes('"two"'))).toEqual([false, true]);
});

test('a restored world goes on with the numbers, and its backups beside the old ones', async () => {
  await journal.commit([put(1, 'one')]);
  for (let taken = 1; taken <= 3; taken += 1) {
    await checkpoints.take();
    await backedUp; // or the second waits for the first, and is passed over when the third comes in time
  }
  await close();
  await restoreWorld(await openBackup(join(folder, 'backups'), 3), join(folder, 'again'), () => []);
  await open('again');
  expect(await checkpoints.take()).toBe(4);
  await backedUp;
  expect((await listBackups(join(folder, 'backups'))).map(({ number }) => number)).toEqual([2, 3, 4]);
});

test('what is damaged stays in the oldest checkpoint, and in the oldest backup, however many come that lack it', async () => {
  const numbers = async () => [
    (await listCheckpoints(join(folder, 'world', 'checkpoints'))).map(({ number }) => number),
    (await listBackups(join(folder, 'backups'))).map(({ number }) => number),
  ];
  const take = async (): Promise<void> => {
    await checkpoints.take();
    await backedUp;
  };
  await journal.commit([put(1, 'one')]);
  await take();
  await close();
  await tamper(join(folder, 'world'), (db) => db.put('o/1o1', 'damaged'));
  await open();
  for (let taken = 0; taken < 6; taken += 1) await take();
  expect(await numbers()).toEqual([
    [1, 4, 5, 6, 7],
    [1, 5, 6, 7],
  ]);
  expect(await restored(await openBackup(join(folder, 'backups'), 1))).toContain('["o/1o1","one"]');
  await journal.commit([put(1, 'another')]);
  await take();
  expect(await numbers()).toEqual([
    [5, 6, 7, 8],
    [6, 7, 8],
  ]);
});

test('what is younger than the oldest checkpoint, and then damaged, stays in the newest that has it', async () => {
  const take = async (): Promise<void> => {
    await checkpoints.take();
    await backedUp;
  };
  await journal.commit([put(1, 'one')]);
  await take();
  await journal.commit([put(2, 'two')]);
  await take();
  await close();
  await tamper(join(folder, 'world'), (db) => db.put('o/1o2', 'damaged'));
  await open();
  for (let taken = 0; taken < 3; taken += 1) await take();
  // Whoever begins anew has not seen the others taken.
  await close();
  await open();
  for (let taken = 0; taken < 3; taken += 1) await take();
  const here = join(folder, 'world', 'checkpoints');
  const there = join(folder, 'backups');
  for (const [kept, reader, newest] of [
    [await listCheckpoints(here), () => openCheckpoint(here, 2), [5, 6, 7, 8]],
    [await listBackups(there), () => openBackup(there, 2), [6, 7, 8]],
  ] as const) {
    expect(kept.map(({ number, lacking }) => [number, lacking])).toEqual([
      [1, false],
      [2, false],
      ...newest.map((number) => [number, true]),
    ]);
    expect(await restored(await reader())).toContain('["o/1o2","two"]');
  }
  await journal.commit([put(2, 'another')]);
  await take();
  expect((await readdir(here)).sort()).toEqual([
    ...[6, 7, 8].flatMap((number) => [`00000${number}.checkpoint`, `00000${number}.checkpoint.lacking`]),
    '000009.checkpoint',
  ]);
  const lists = (await readdir(there)).filter((name) => name.includes('.backup'));
  expect(lists.sort()).toEqual([
    ...[7, 8].flatMap((number) => [`00000${number}.backup`, `00000${number}.backup.lacking`]),
    '000009.backup',
  ]);
});

test('another world does not push out the backups of the first', async () => {
  await checkpoints.take();
  await backedUp;
  await close();
  journal = await openJournal(await openLevelStore(join(folder, 'starter'), { create: true }));
  await journal.commit([{ put: 'meta/name', value: 'other-world' }]);
  await journal.close();
  await open('starter');
  expect(await checkpoints.take()).toBe(1);
  await expect(backedUp).rejects.toMatchObject({ code: 'OtherWorld' });
  expect(failures).toEqual(['backup OtherWorld']);
});

test('a backup folder that fails holds up no checkpoint, and is tried again at the next', async () => {
  await checkpoints.take();
  await backedUp;
  await rm(join(folder, 'backups', 'writer'));
  expect(await checkpoints.take()).toBe(2);
  await expect(backedUp).rejects.toMatchObject({ code: 'Missing' });
  expect(failures).toEqual(['backup Missing']);
  expect((await readdir(join(folder, 'world', 'checkpoints'))).length).toBe(2);
});

test('a world that begins while the disk of its backups is not mounted puts none into the empty place', async () => {
  const there = join(folder, 'disk', 'backups');
  const file = join(folder, 'world', 'checkpoints', '000001.checkpoint');
  await checkpoints.take();
  await backedUp;
  await mkdir(join(folder, 'disk'));
  expect(await newBackups(there, 'some-world').add(file)).toBe(1);
  await rename(join(folder, 'disk'), join(folder, 'away'));
  await mkdir(join(folder, 'disk'));
  const later = newBackups(there, 'some-world');
  await later.open();
  await expect(later.add(file)).rejects.toMatchObject({
    code: 'Missing',
    message: expect.stringContaining('has nothing of them now: is its disk mounted?'),
  });
  expect(failures).toEqual(['folder Missing', 'backup Missing']);
  expect(await readdir(join(folder, 'disk'))).toEqual([]);
  // Mounted meanwhile, it is used; and so is another folder, or one that was emptied on purpose.
  await rm(join(folder, 'disk'), { recursive: true });
  await rename(join(folder, 'away'), join(folder, 'disk'));
  await expect(later.add(file)).rejects.toMatchObject({ code: 'NotEmpty' });
  await rm(there, { recursive: true });
  await mkdir(there);
  await writeFile(join(there, 'writer'), '');
  expect(await newBackups(there, 'some-world').add(file)).toBe(1);
  expect(await newBackups(join(folder, 'other'), 'some-world').add(file)).toBe(1);
});

test('of the checkpoints that wait for one backup, only the newest is backed up, and the others are told of', async () => {
  for (let taken = 1; taken <= 3; taken += 1) await checkpoints.take();
  await backedUp;
  backups.close();
  failures = [];
  const other = join(folder, 'other');
  backups = newBackups(other, 'some-world');
  const files = (await listCheckpoints(join(folder, 'world', 'checkpoints'))).map(({ file }) => file);
  expect(await Promise.all(files.map((file) => backups.add(file)))).toEqual([1, 3, 3]);
  expect((await listBackups(other)).map(({ number }) => number)).toEqual([1, 3]);
  expect(failures).toEqual(['backup Unwritable']);
});

test('a folder that does not answer is told of when a second checkpoint waits for it', async () => {
  for (let taken = 1; taken <= 4; taken += 1) await checkpoints.take();
  await backedUp;
  failures = [];
  const { mkdir: real } = fs.promises;
  let answer = (): void => {};
  const answers = new Promise<void>((resolve) => (answer = resolve));
  fs.promises.mkdir = (async (...args: Parameters<typeof real>) => {
    await answers;
    return real(...args);
  }) as typeof real;
  syncBuiltinESMExports();
  try {
    const slow = newBackups(join(folder, 'other'), 'some-world');
    const files = (await listCheckpoints(join(folder, 'world', 'checkpoints'))).map(({ file }) => file);
    const [one, two, three] = files.map((file) => {
      const before = failures.length;
      return { made: slow.add(file), told: failures.length - before };
    });
    expect([one?.told, two?.told, three?.told]).toEqual([0, 0, 1]);
    answer();
    expect(await Promise.all([one?.made, two?.made, three?.made])).toEqual([1, 4, 4]);
  } finally {
    fs.promises.mkdir = real;
    syncBuiltinESMExports();
  }
});

test('who waits for a backup is told how that one went, and not the next', async () => {
  await checkpoints.take();
  await checkpoints.take();
  await backedUp;
  backups.close();
  backups = newBackups(join(folder, 'other'), 'some-world');
  const [one = '', two = ''] = (await listCheckpoints(join(folder, 'world', 'checkpoints'))).map(
    ({ file }) => file,
  );
  const none = join(folder, 'none');
  const goes = [one, none].map((file) => backups.add(file));
  expect(await Promise.allSettled(goes)).toMatchObject([
    { value: 1 },
    { status: 'rejected', reason: { code: 'Missing' } },
  ]);
  const comes = [none, two].map((file) => backups.add(file));
  expect(await Promise.allSettled(comes)).toMatchObject([{ status: 'rejected' }, { value: 2 }]);
});

test.each(['ENOSPC', 'EDQUOT'])(
  'a backup that finds no room (%s) gives back what it had taken',
  async (code) => {
    await checkpoints.take();
    await backedUp;
    const parts = async (): Promise<string[]> => {
      const names = await readdir(join(folder, 'backups', 'parts'), { recursive: true });
      return names.filter((name) => name.length > 60).sort();
    };
    const before = await parts();
    await journal.commit([put(1, 'one')]);
    const { rename: real } = fs.promises;
    fs.promises.rename = async (from, to) => {
      if (String(to).endsWith('.backup')) throw Object.assign(new Error(code), { code, errno: -1 });
      return real(from, to);
    };
    syncBuiltinESMExports();
    try {
      await checkpoints.take();
      await expect(backedUp).rejects.toMatchObject({ code: 'Unwritable' });
    } finally {
      fs.promises.rename = real;
      syncBuiltinESMExports();
    }
    expect(await parts()).toEqual(before);
  },
);

test('parts that none needs any more go, also where only every second checkpoint comes to a backup', async () => {
  // A backup that takes longer than it is from one checkpoint to the next is followed by that of the newest one.
  const there = join(folder, 'slow');
  const slow = newBackups(there, 'some-world');
  for (let number = 1; number <= 17; number += 1) {
    await journal.commit([put(1, `as it is at ${number}`)]);
    expect(await checkpoints.take()).toBe(number);
    await backedUp;
    const file = join(folder, 'world', 'checkpoints', `${String(number).padStart(6, '0')}.checkpoint`);
    if (number % 2 === 1) expect(await slow.add(file)).toBe(number);
  }
  expect((await listBackups(there)).map(({ number }) => number)).toEqual([13, 15, 17]);
  const kept = (await readdir(join(there, 'parts'), { recursive: true })).filter((name) => name.length > 60);
  expect(kept).toHaveLength(3);
  expect(failures).toEqual([]);
});

/** Runs `during` with a file system that has no room for a file of that kind under its name. */
async function withoutRoomFor(kind: string, during: () => Promise<void>): Promise<void> {
  const { rename: real } = fs.promises;
  fs.promises.rename = async (from, to) => {
    if (String(to).endsWith(kind)) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 });
    return real(from, to);
  };
  syncBuiltinESMExports();
  try {
    await during();
  } finally {
    fs.promises.rename = real;
    syncBuiltinESMExports();
  }
}

test('who keeps fewer from now on has those that are too many removed also where there is no room for another', async () => {
  const here = join(folder, 'world', 'checkpoints');
  for (let number = 1; number <= 4; number += 1) {
    await journal.commit([put(1, `as it is at ${number}`)]);
    await checkpoints.take();
    await backedUp;
  }
  const fewer = new Checkpoints({ journal, folder: here, keep: 2, clock: () => 0, onDamaged: () => {} });
  await withoutRoomFor('.checkpoint', () =>
    expect(fewer.take()).rejects.toMatchObject({ code: 'Unwritable' }),
  );
  expect((await listCheckpoints(here)).map(({ number }) => number)).toEqual([3, 4]);
  const there = join(folder, 'backups');
  await checkpoints.take();
  await backedUp;
  expect((await listBackups(there)).map(({ number }) => number)).toEqual([3, 4, 5]);
  await fewer.take();
  const one = newBackups(there, 'some-world', 1);
  await withoutRoomFor('.backup', () =>
    expect(one.add(join(here, '000006.checkpoint'))).rejects.toMatchObject({ code: 'Unwritable' }),
  );
  expect((await listBackups(there)).map(({ number }) => number)).toEqual([5]);
  expect(await one.add(join(here, '000006.checkpoint'))).toBe(6);
});

test('a backup that cannot be removed keeps no parts of the others', async () => {
  const { rm: real } = fs.promises;
  fs.promises.rm = async (path, options) => {
    // As where somebody has made it immutable.
    if (String(path).endsWith('000001.backup')) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    return real(path, options);
  };
  syncBuiltinESMExports();
  try {
    for (let number = 1; number <= 8; number += 1) {
      await journal.commit([put(1, `as it is at ${number}`)]);
      await checkpoints.take();
      await backedUp;
    }
  } finally {
    fs.promises.rm = real;
    syncBuiltinESMExports();
  }
  const there = join(folder, 'backups');
  expect((await listBackups(there)).map(({ number }) => number)).toEqual([1, 6, 7, 8]);
  const kept = (await readdir(join(there, 'parts'), { recursive: true })).filter((name) => name.length > 60);
  expect(kept).toHaveLength(4);
  expect(new Set(failures)).toEqual(new Set(['removal Unwritable']));
});

test('what is under way when the world closes is given up, and is reported to nobody', async () => {
  await checkpoints.take();
  backups.close();
  await backedUp.catch(() => {});
  expect(failures).toEqual([]);
});

test('a world that closes gives up the checkpoint that is being written, and leaves nothing of it', async () => {
  await journal.commit([put(1, 'one')]);
  expect(await checkpoints.take()).toBe(1);
  const second = expect(checkpoints.take()).rejects.toMatchObject({ code: 'WorldClosed' });
  await checkpoints.close();
  await second;
  expect(await readdir(join(folder, 'world', 'checkpoints'))).toEqual(['000001.checkpoint']);
});

test('a backup that somebody put into the folder costs one backup, and not all up to its number', async () => {
  expect(await checkpoints.take()).toBe(1);
  await backedUp;
  const there = join(folder, 'backups');
  await copyFile(join(there, '000001.backup'), join(there, '000050.backup'));
  expect(await checkpoints.take()).toBe(2);
  await expect(backedUp).rejects.toMatchObject({ code: 'NotEmpty' });
  expect(await checkpoints.take()).toBe(51);
  await backedUp;
  expect(failures).toEqual(['backup NotEmpty']);
});

test('a file with a number that no world comes to is listed, and the numbers go on without it', async () => {
  const far = 999_999_999_999_999;
  const here = join(folder, 'world', 'checkpoints');
  expect(await checkpoints.take()).toBe(1);
  await backedUp;
  await copyFile(join(here, '000001.checkpoint'), join(here, `${far}.checkpoint`));
  await copyFile(join(folder, 'backups', '000001.backup'), join(folder, 'backups', `${far}.backup`));
  for (let number = 2; number <= 6; number += 1) {
    expect(await checkpoints.take()).toBe(number);
    await backedUp;
  }
  const numbers = (infos: readonly { readonly number: number }[]) => infos.map(({ number }) => number);
  expect(numbers(await listCheckpoints(here))).toEqual([3, 4, 5, 6, far]);
  expect(numbers(await listBackups(join(folder, 'backups')))).toEqual([4, 5, 6, far]);
  expect(failures).toEqual([]);
});

test('a world whose folder is moved while it runs takes no checkpoint beside it, and goes on when it is back', async () => {
  expect(await checkpoints.take()).toBe(1);
  const [here, away] = [join(folder, 'world'), join(folder, 'away')];
  await rename(here, away);
  await expect(checkpoints.take()).rejects.toMatchObject({
    code: 'Missing',
    message: expect.stringContaining(`"${here}", is gone while it runs: put it back`),
  });
  await rename(away, here);
  expect(await checkpoints.take()).toBe(2);
});

test('a world whose folder has another one in its place puts no checkpoint into that one', async () => {
  const [here, away, other] = [join(folder, 'world'), join(folder, 'away'), join(folder, 'other')];
  expect(await checkpoints.take()).toBe(1);
  await restoreWorld(await openCheckpoint(join(here, 'checkpoints'), 1), other, () => []);
  await rename(here, away);
  await rename(other, here);
  await expect(checkpoints.take()).rejects.toMatchObject({
    code: 'Missing',
    message: expect.stringContaining(`"${here}", has been replaced by another one while it runs`),
  });
  expect(await listCheckpoints(join(here, 'checkpoints'))).toEqual([]);
});

test('a checkpoint that cannot be removed keeps neither the new one nor the removal of others', async () => {
  const here = join(folder, 'world', 'checkpoints');
  // A folder is no file; nor is one that somebody has made immutable to be removed.
  await mkdir(join(here, '000001.checkpoint'), { recursive: true });
  for (let number = 2; number <= 7; number += 1) {
    expect(await checkpoints.take()).toBe(number);
    await backedUp;
  }
  expect((await listCheckpoints(here)).map(({ number }) => number)).toEqual([1, 4, 5, 6, 7]);
  expect(failures).toEqual([
    'removal of checkpoints Unwritable',
    'removal of checkpoints Unwritable',
    'removal of checkpoints Unwritable',
  ]);
});

test('a name of the world that is damaged is told, and there is another one', async () => {
  await journal.close();
  await tamper(join(folder, 'world'), async (db) => db.put('meta/name', 'damaged'));
  journal = await openJournal(await openLevelStore(join(folder, 'world')));
  const told: string[] = [];
  const tell = (error: Error): void => void told.push(error.message);
  expect(await worldName(journal, () => 'another', tell)).toBe('another');
  expect(told).toEqual(['the value of key "meta/name" is damaged: its checksum does not fit']);
  expect(await worldName(journal, () => 'a third', tell)).toBe('another');
  expect(told.length).toBe(1);
});
