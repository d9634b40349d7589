import { ALL_KEYS, metaKey, objectKey, sessionKey } from '../../storage/keys.ts';
import { openJournal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { openStoppedView } from '../../storage/stopped-view.ts';
import type { Range } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import { newFolder, removeFolder, tamper } from './level-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => removeFolder(folder));

const put = (key: string, value: string) => ({ put: key, value });

/** Commits, and leaves the folder as a killed process does: nothing more is settled. */
async function leave(commits: readonly (readonly { put: string; value: string }[])[], del?: string) {
  const store = await openLevelStore(folder, { create: true });
  const journal = await openJournal(store);
  for (const ops of commits) await journal.commit(ops);
  if (del !== undefined) await journal.commit([{ del }]);
  await store.close();
}

async function allOf(view: View, range: Range = ALL_KEYS): Promise<(readonly [string, string])[]> {
  const entries: (readonly [string, string])[] = [];
  for await (const entry of view.range(range)) entries.push(entry);
  return entries;
}

test('a stopped world is seen as its last commit left it, settled or not, without the journal', async () => {
  await leave(
    [[put(objectKey('o1'), 'one'), put(objectKey('o2'), 'two')], [put(objectKey('o1'), 'uno')]],
    objectKey('o2'),
  );
  const view = await openStoppedView(folder);
  expect(view.seq).toBe(3);
  expect(await view.get(objectKey('o1'))).toBe('uno');
  expect(await view.get(objectKey('o2'))).toBeUndefined();
  expect(await view.get(metaKey('settled'))).toBeUndefined();
  expect((await allOf(view)).map(([key]) => key)).toEqual(['format', 'o/1o1']);
  await view.close();
});

test('looking changes nothing: the journal is as unsettled afterwards as before', async () => {
  await leave([[put(objectKey('o1'), 'one')]]);
  const stored = async (): Promise<string[]> => {
    const keys: string[] = [];
    await tamper(folder, async (db) => {
      for await (const [key, value] of db.iterator()) keys.push(`${key}=${value}`);
    });
    return keys;
  };
  const before = await stored();
  const view = await openStoppedView(folder);
  await allOf(view);
  await view.close();
  expect(await stored()).toEqual(before);
});

test('the journal of a settled world is not in it either', async () => {
  const store = await openLevelStore(folder, { create: true });
  const journal = await openJournal(store);
  await journal.commit([put(sessionKey('s'), 'one')]);
  await journal.close();
  const view = await openStoppedView(folder);
  expect(await allOf(view)).toEqual([
    ['format', expect.any(String)],
    ['s/s', 'one'],
  ]);
  await view.close();
});

test('a damaged value is told, a damaged one that was written anew is not, and a damaged journal is refused', async () => {
  const store = await openLevelStore(folder, { create: true });
  const journal = await openJournal(store);
  await journal.commit([put(objectKey('o1'), 'one'), put(objectKey('o2'), 'two')]);
  await journal.settle();
  await journal.commit([put(objectKey('o2'), 'due')]);
  await store.close();
  const spoil = (key: string) =>
    tamper(folder, async (db) => {
      await db.put(key, `${await db.get(key)}~`);
    });
  await spoil(objectKey('o1'));
  await spoil(objectKey('o2'));
  const view = await openStoppedView(folder);
  await expect(view.get(objectKey('o1'))).rejects.toMatchObject({ code: 'Damaged' });
  await expect(allOf(view)).rejects.toMatchObject({ code: 'Damaged' });
  const damaged: string[] = [];
  expect(await allOf(view, { gte: 'o/', lt: 'o0', onDamaged: (key) => damaged.push(key) })).toEqual([
    ['o/1o2', 'due'],
  ]);
  expect(damaged).toEqual(['o/1o1']);
  await view.close();
  await spoil('j/0000000000000002');
  await expect(openStoppedView(folder)).rejects.toMatchObject({ code: 'Damaged' });
  // The refused folder was let go of.
  await (await openLevelStore(folder, { lockWait: 0 })).close();
});

test('a folder without a world is refused and stays empty', async () => {
  await expect(openStoppedView(folder)).rejects.toMatchObject({ code: 'Missing' });
});
