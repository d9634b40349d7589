import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointFile } from '../../storage/checkpoint-folder.ts';
import { verifyCheckpoint, writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { seal } from '../../storage/checksum.ts';
import { openJournal } from '../../storage/journal.ts';
import { ALL_KEYS, FORMAT_KEY, objectKey, OLDER_KEY } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { all, codeOf } from './acceptance.ts';
import { about, indexKeys, put, restore, storeWith } from './checkpoint-fixture.ts';
import { newFolder, removeFolder } from './level-folder.ts';
import { MemoryStore } from './memory-store.ts';

let folder: string;
let checkpoints: string;
beforeEach(async () => {
  folder = await newFolder();
  checkpoints = join(folder, 'checkpoints');
});
afterEach(() => removeFolder(folder));

test('a world comes back from its checkpoint, and its journal goes on from there', async () => {
  const from = join(folder, 'from');
  const journal = await openJournal(await openLevelStore(from, { create: true }));
  const ops = Array.from({ length: 5000 }, (_, n) => put(objectKey(`o${n}`), `${n} ${'x'.repeat(n % 700)}`));
  await journal.commit(ops);
  await journal.commit([
    put('o/o0', '\u{1f3ee}'.repeat(100_000)),
    { del: 'o/o1' },
    put('meta/counters', '{}'),
  ]);
  const snapshot = await journal.snapshot();
  const expected = await all(snapshot);
  await journal.commit([put('o/o0', 'too late')]);
  const file = checkpointFile(checkpoints, 1);
  const summary = await writeCheckpoint(snapshot, file, { ...about(1), seq: snapshot.seq });
  expect(summary.entries).toBe(expected.length);
  expect(summary.header.seq).toBe(2);
  await snapshot.close();
  await journal.close();

  const to = join(folder, 'to');
  expect(await restore(file, to)).toEqual(summary);
  expect((await readdir(to)).sort()).toEqual(['checkpoints', 'db']);
  expect(await readdir(join(to, 'checkpoints'))).toEqual(['000001.restored']);
  const again = await openJournal(await openLevelStore(to));
  expect(JSON.stringify(await all(again)) === JSON.stringify(expected)).toBe(true);
  expect(again.lastSeq).toBe(2);
  await again.commit([put('o/o1', 'new')]);
  expect(again.lastSeq).toBe(3);
  await again.close();
});

test('an empty world has a checkpoint too', async () => {
  const file = checkpointFile(checkpoints, 1);
  await writeCheckpoint(new MemoryStore(), file, about(1));
  expect((await verifyCheckpoint(file)).entries).toBe(0);
  await restore(file, join(folder, 'to'));
  const store = await openLevelStore(join(folder, 'to'));
  expect((await all(store, ALL_KEYS)).map(([key]) => key)).toEqual(['format']);
  await store.close();
});

describe('restoring', () => {
  let file: string;
  beforeEach(async () => {
    file = checkpointFile(checkpoints, 1);
    await writeCheckpoint(await storeWith(put('o/o1', 'one')), file, about(1));
  });

  test('refuses a folder that is not empty, and leaves it as it was', async () => {
    const to = join(folder, 'to');
    await mkdir(to);
    await writeFile(join(to, 'thesis.txt'), 'mine');
    await expect(restore(file, to)).rejects.toMatchObject({
      code: 'NotEmpty',
      message: expect.stringContaining('thesis.txt'),
    });
    expect(await readdir(to)).toEqual(['thesis.txt']);
  });

  test('starts again where one was interrupted, which left no world', async () => {
    const to = join(folder, 'to');
    const other = checkpointFile(checkpoints, 2);
    await writeCheckpoint(await storeWith(put('o/o9', 'stale')), other, about(2));
    await restore(other, join(to, '.restoring-1'));
    expect(await codeOf(() => openLevelStore(to))).toBe('Missing');
    await restore(file, to);
    const store = await openLevelStore(to);
    expect((await all(store)).map(([key]) => key)).toEqual(['format', 'o/o1']);
    await store.close();
    expect(await codeOf(() => restore(file, to))).toBe('NotEmpty');
  });
});

test('an index that is larger than what it is of is not gathered without end when a world is restored', async () => {
  const keys = Array.from({ length: 60_000 }, (_, at) => put(objectKey(`o${at + 1}`), `to o${at + 1}`));
  const file = checkpointFile(checkpoints, 1);
  await writeCheckpoint(await storeWith(...keys), file, about(1));
  // Told after each write.
  const told: number[] = [];
  const onProgress = (part: number): void => void told.push(part);
  await restoreWorld(await CheckpointReader.open(file), join(folder, 'anew'), indexKeys, { onProgress });
  expect(told.filter((part) => part < 0.7).length).toBeGreaterThan(0);
});

describe('the index of references', () => {
  const entries = [put('meta/last', '2'), put('o/o1', 'to o2'), put('o/o2', 'to o1'), put('s/Ann', '{}')];
  const index = [put('ref/1o1/o/o2', ''), put('ref/1o2/o/o1', '')];
  const keysOf = (ops: readonly { readonly put: string }[]) => ops.map((op) => op.put);

  test('is not in a checkpoint, and is made anew with a world of it', async () => {
    const file = checkpointFile(checkpoints, 1);
    await writeCheckpoint(await storeWith(...entries, ...index), file, about(1));
    const found: string[] = [];
    const reader = await CheckpointReader.open(file);
    for await (const { key } of reader.entries()) found.push(key);
    await reader.close();
    expect(found).toEqual(keysOf(entries));
    await restore(file, join(folder, 'to'));
    const store = await openLevelStore(join(folder, 'to'));
    const restored = (await all(store)).map(([key]) => key);
    expect(restored.sort()).toEqual([...keysOf(entries), ...keysOf(index), 'format'].sort());
    await store.close();
  });

  test('is made anew also where a checkpoint has one: older ones do', async () => {
    const lines = (ops: typeof entries) =>
      ops.map((op) => `${op.put} ${seal(op.put, op.value).length}\n${seal(op.put, op.value)}\n`).join('');
    const wrong = put('ref/o7/o/o1', '');
    const body = lines([...entries.slice(0, 3), wrong, ...entries.slice(3)]);
    const text = `{"format":"keystead","version":2,"vat":"","checkpoint":1,"when":"","seq":7}\n${body}`;
    const file = checkpointFile(checkpoints, 1);
    await mkdir(checkpoints);
    await writeFile(file, `${text} end 5 ${createHash('sha256').update(text).digest('hex')}\n`);
    await restore(file, join(folder, 'to'));
    const store = await openLevelStore(join(folder, 'to'), { older: true });
    const restored = await all(store);
    expect(restored.map(([key]) => key).filter((key) => key.startsWith('ref/'))).toEqual(keysOf(index));
    // An older Keystead must not open it: without its index it would take all for garbage.
    expect(new Map(restored).get(FORMAT_KEY)).toBe('{"format":"keystead","version":4,"vat":""}');
    expect(new Map(restored).get(OLDER_KEY)).toBe('2');
    await store.close();
  });
});
