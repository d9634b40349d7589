import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLevelStore } from '../../storage/level-store.ts';
import { makeWorld } from '../../storage/new-world.ts';
import type { Store } from '../../storage/store.ts';
import { codeOf } from './acceptance.ts';
import { newFolder, removeFolder } from './level-folder.ts';
import { WatchedFiles } from './watched-files.ts';

let folder: string;
let watched: WatchedFiles | undefined;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  watched?.end();
  watched = undefined;
  await removeFolder(folder);
});

const put = (store: Store, value: string) => store.batch([{ put: 'o/o1', value }], { sync: true });

/** What world is there: what `put` wrote, or the code of what it is refused with. */
async function worldIn(dir: string): Promise<string | undefined> {
  try {
    const store = await openLevelStore(dir);
    const value = store.get('o/o1');
    await store.close();
    return value;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** As a restore does it: a world with a file in its folder of checkpoints. */
async function fill(store: Store, scratch: string): Promise<string> {
  await put(store, 'whole');
  await writeFile(join(scratch, 'scratch'), 'gone');
  await mkdir(join(scratch, 'checkpoints'));
  await writeFile(join(scratch, 'checkpoints', '000007.restored'), '');
  return 'made';
}

test('a new world is what was put into its store and its checkpoints, and nothing else', async () => {
  const to = join(folder, 'not', 'yet');
  watched = new WatchedFiles();
  expect(await makeWorld(to, fill)).toBe('made');
  expect(watched.unsynced).toEqual([]);
  expect((await readdir(to)).sort()).toEqual(['checkpoints', 'db']);
  expect(await worldIn(to)).toBe('whole');
  expect(await codeOf(() => makeWorld(to, fill))).toBe('NotEmpty');
});

test('whatever fails, there is no world and nothing is left', async () => {
  const to = join(folder, 'not', 'yet');
  let calls = 0;
  for (let at = 1; ; at += 1) {
    watched = new WatchedFiles(at);
    const came = await codeOf(() => makeWorld(to, fill));
    watched.end();
    if (watched.calls < at) break;
    calls = at;
    if (came !== '') {
      expect(['Unwritable', 'Unreadable']).toContain(came);
      expect([at, await readdir(folder)]).toEqual([at, []]);
    } else expect(await worldIn(to)).toBe('whole');
    await removeFolder(join(folder, 'not'));
  }
  expect(calls).toBeGreaterThan(25);
});

test('what the filling throws comes out as it is', async () => {
  const wrong = new RangeError('no such line');
  await expect(makeWorld(join(folder, 'to'), () => Promise.reject(wrong))).rejects.toBe(wrong);
  expect(await readdir(folder)).toEqual([]);
});

test('of two at a time in one folder the second has it, whole, and the first fails', async () => {
  const to = join(folder, 'to');
  let going: () => void = () => {};
  const there = new Promise<void>((resolve) => {
    going = resolve;
  });
  let on: () => void = () => {};
  const first = makeWorld(to, async (store, scratch) => {
    await fill(store, scratch);
    going();
    await new Promise<void>((resolve) => {
      on = resolve;
    });
  });
  const failed = codeOf(() => first);
  await there;
  let half: string | undefined;
  await makeWorld(to, async (store) => {
    await put(store, 'half');
    on();
    half = await failed;
    await put(store, 'second');
  });
  expect(half).toBe('InUse');
  expect(await worldIn(to)).toBe('second');
  expect(await readdir(to)).toEqual(['db']);
});

test('no other world is made where the making of one was interrupted', async () => {
  await mkdir(join(folder, '.restoring-1'));
  expect(await codeOf(() => openLevelStore(folder, { create: true }))).toBe('Missing');
  await makeWorld(folder, fill);
  expect(await worldIn(folder)).toBe('whole');
  expect(await stat(join(folder, '.restoring-1')).catch(() => 'gone')).toBe('gone');
});

test('a world that is being made at the moment is told as such', async () => {
  const opened = (create: boolean): Promise<unknown> =>
    openLevelStore(folder, { create }).then(
      () => 'opened',
      (error: unknown) => error,
    );
  const told: unknown[] = [];
  await makeWorld(folder, async (store) => {
    told.push(await opened(true), await opened(false));
    await put(store, 'whole');
  });
  const underWay = {
    code: 'Missing',
    message: expect.stringMatching(/no world in ".*": another process is making one there; wait until/),
  };
  expect(told).toMatchObject([underWay, underWay]);
  expect(await worldIn(folder)).toBe('whole');
});
