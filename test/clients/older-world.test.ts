import { join } from 'node:path';
import * as fc from 'fast-check';
import { migrate } from '../../engine/migrate.ts';
import { seal } from '../../storage/checksum.ts';
import { openJournal } from '../../storage/journal.ts';
import {
  ALL_KEYS,
  FORMAT_KEY,
  garbageKey,
  isJournalEntry,
  metaKey,
  objectKey,
  OLDER_KEY,
  SETTLED_KEY,
} from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { openStoppedView } from '../../storage/stopped-view.ts';
import { tamper } from '../storage/level-folder.ts';
import { putValue } from '../storage/put-value.ts';
import { keystead, PlainClient, startWorld, temporaryFolder } from '../product/product.ts';
import { openFixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import { wrongReferences } from '../engine/reference-index.ts';
import {
  allOf,
  exported,
  folderOf,
  imported,
  ledgerWorld,
  playedWorld,
  storeOf,
  type Contents,
} from './stored-world.ts';

let played: Contents;
const endings: (() => void)[] = [];
beforeAll(async () => {
  played = await playedWorld();
});
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A key as it was up to format 3: without the length in front of an id. */
const oldKey = (key: string): string => key.replaceAll(/(^|\/)[1-9A-G](?=o\d)/g, '$1');
const formatOf = (version: number): string => `{"format":"keystead","version":${version},"vat":""}`;

/** A world as an older Keystead left it, but for the keys that are said to be new already. */
function older(
  version: 1 | 2 | 3,
  isNew: (key: string) => boolean = () => false,
  world: Contents = played,
): Contents {
  const contents: Contents = new Map();
  for (const [key, value] of world) {
    if (key.startsWith('ref/')) {
      if (version > 1) contents.set(oldKey(key), value);
      // Written with the value that it follows from.
      if (isNew(key.replace(/^ref\/\w+\//, ''))) contents.set(key, value);
    } else {
      contents.set(isNew(key) ? key : oldKey(key), value);
    }
  }
  return contents.set(FORMAT_KEY, formatOf(version));
}

/** The same where it has been begun with, and these are through. */
function halfNew(version: 1 | 2 | 3, isNew: (key: string) => boolean): Contents {
  return older(version, isNew).set(FORMAT_KEY, formatOf(4)).set(OLDER_KEY, String(version));
}

const quiet = { onRead: () => {}, onWritten: () => {} };
/** As a start does it. Gives the version that it was of, and what there is then. */
async function migrated(contents: Contents): Promise<readonly [from: number | null, contents: Contents]> {
  const journal = await openJournal(await storeOf(contents));
  const from = await migrate(journal, quiet);
  const after: Contents = new Map();
  for await (const [key, value] of journal.range(ALL_KEYS))
    if (!isJournalEntry(key) && key !== SETTLED_KEY) after.set(key, value);
  await journal.close();
  return [from, after];
}
/** What there is then of the played world: the opening itself is still to end a world of format 1. */
const made = (version: 1 | 2 | 3): Contents =>
  sorted(version === 1 ? new Map(played).set(OLDER_KEY, '1') : played);
const sorted = (contents: Iterable<readonly [string, string]>): Contents =>
  new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1)));

test('the world of these tests has all that has an id in its key', () => {
  const prefixes = [...played.keys()].flatMap((key) => (oldKey(key) === key ? [] : [key.split('/')[0]]));
  expect([...new Set(prefixes)].sort()).toEqual(expect.arrayContaining(['d', 'e', 'o', 'of', 'ref']));
});

test.each([1, 2, 3] as const)('a world of format %d is of this one when it is opened', async (version) => {
  expect(await migrated(older(version))).toEqual([version, made(version)]);
  expect(await migrated(played)).toEqual([null, sorted(played)]);

  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(older(version)) });
  expect(fixture.powers.events).toContainEqual({ what: 'migrated', from: version, to: 4 });
  fixture.world.input('sid-1', 12, 'look');
  await fixture.settle();
  expect(wrongReferences(fixture.journal.contents())).toEqual([]);
  await fixture.close();
});

test('a world of format 1 whose first start is killed at any time starts at the next', async () => {
  const contents = older(1);
  contents.delete(metaKey('classes')); // the first worlds had none
  const first = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
  await first.settle();
  const { states } = first.journal;
  expect(states).toBeGreaterThan(3);
  for (let state = 0; state < states; state += 1) {
    const next = await first.crash(state);
    const now = new Map(next.journal.contents());
    expect([now.get(OLDER_KEY), now.has(metaKey('classes'))]).toEqual([undefined, true]);
    await next.close();
  }
  await first.close();
});

test('killed anywhere in between, it goes on with what is left', async () => {
  const keys = [...played.keys()];
  const some = fc.subarray(keys.filter((key) => oldKey(key) !== key && !key.startsWith('ref/')));
  await fc.assert(
    fc.asyncProperty(some, fc.constantFrom(...([1, 2, 3] as const)), async (done, version) => {
      const already = new Set(done);
      const half = halfNew(version, (key) => already.has(key));
      expect(await migrated(half)).toEqual([version, made(version)]);
    }),
    { numRuns: 25 },
  );
});

test('an older Keystead refuses it from the moment when the first key is another, and tools do until it is through', async () => {
  const store = await storeOf(older(3));
  const seen: (string | undefined)[][] = [];
  const batch = store.batch.bind(store);
  const another = objectKey('o1');
  store.batch = (ops, how) => {
    // In an entry of the journal, or as it is.
    const writes = ops.some((op) => 'put' in op && (op.put + putValue(op)).includes(another));
    if (writes) seen.push([FORMAT_KEY, OLDER_KEY, another].map((key) => store.get(key)));
    return batch(ops, how);
  };
  const journal = await openJournal(store);
  await migrate(journal, quiet);
  expect(seen[0]).toEqual([formatOf(4), '3', undefined]);
  await journal.close();

  const { data, remove } = await folderOf(halfNew(3, (key) => key.startsWith('o/')));
  endings.push(remove);
  await expect(openStoppedView(data)).rejects.toMatchObject({ code: 'FormatOlder' });
});

test('what no world ever had stays where it is, for "keystead check"', async () => {
  const stray = ['o/nothing', 'e/o7', 'o/o7/x', 'of/o7', 'g/o7/'];
  const world = older(3);
  for (const key of stray) world.set(key, 'stray');
  const [, after] = await migrated(world);
  const expected = new Map(played);
  for (const key of stray) expected.set(key, 'stray');
  expect(sorted(after)).toEqual(sorted(expected));
});

test.each(['o/o7', 'd/', 'e/', 'of/', 'ref/'])(
  'a world in which %s is damaged is refused before anything is written, with the way back',
  async (start) => {
    const contents = older(2);
    const store = await storeOf(contents);
    const bad = [...contents.keys()].find((key) => key.startsWith(start)) as string;
    store.damage(bad);
    const journal = await openJournal(store);
    const refused = migrate(journal, quiet);
    await expect(refused).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringContaining(`"${bad}"`),
    });
    await expect(refused).rejects.toThrow(/keystead check --repair.*keystead restore/s);
    expect(store.get(FORMAT_KEY)).toBe(formatOf(2));
    expect(store.get(OLDER_KEY)).toBeUndefined();
    await journal.close();

    const half = await storeOf(halfNew(2, () => false));
    half.damage(bad);
    const second = await openJournal(half);
    await expect(migrate(second, quiet)).rejects.toThrow(/because [^:]*: [^:]*: restore its last checkpoint/);
    await second.close();
  },
);

test('a large one is told of on the way, and no commit of it is too large', async () => {
  const contents: Contents = new Map([[FORMAT_KEY, formatOf(3)]]);
  const large = JSON.stringify({ class: 'X', body: '#'.padEnd(70_000, 'x') });
  for (let n = 1; n <= 2_000; n += 1) contents.set(`o/o${n}`, large);
  for (let n = 2_001; n <= 60_000; n += 1) contents.set(`o/o${n}`, '{}');
  const journal = await openJournal(await storeOf(contents));
  const read: number[] = [];
  const written: number[] = [];
  await migrate(journal, { onRead: (keys) => read.push(keys), onWritten: (keys) => written.push(keys) });
  expect(read).toEqual([0, 50_000]);
  expect(written.length).toBeGreaterThan(1);
  expect(written).toEqual([...written].sort((a, b) => a - b));
  for (const n of [1, 2_000, 60_000]) expect(journal.get(objectKey(`o${n}`))).toBe(contents.get(`o/o${n}`));
  await journal.close();
});

test('whoever only looks at it is told to start it, and finds it unchanged', async () => {
  const { data, remove } = await folderOf(older(3));
  endings.push(remove);
  await expect(openStoppedView(data)).rejects.toMatchObject({
    code: 'FormatOlder',
    message: expect.stringContaining('start it once'),
  });
  const store = await openLevelStore(data, { older: true });
  expect(await allOf(store)).toEqual(sorted(older(3)));
  await store.close();
});

test('an export of format 3, whose sections stood in the order of texts, is imported', async () => {
  const contents = new Map(played);
  for (const id of ['o7', 'o8', 'o28']) contents.set(garbageKey(id), '{"since":1700000000000}');
  const { text } = await exported(await storeOf(contents));
  const [first, second, third] = [...text.matchAll(/^unreachable .*\n(?: .*\n)*\n/gm)].map(
    ([stanza]) => stanza,
  );
  const marks = `${first}${second}${third}`;
  expect(text).toContain(marks);
  const before = text.replace(' format 4 ', ' format 3 ');
  const read = (order: string, file = before) => imported(file.replace(marks, order), true).then(allOf);
  expect(await read(`${third}${first}${second}`)).toEqual(contents);
  await expect(read(`${third}${first}${first}`)).rejects.toThrow(/this stanza is there twice$/m);
  await expect(read(`${third}${first}${second}`, text)).rejects.toThrow('not in the order of its section');
});

test.each([1, 2, 3] as const)(
  'a world of an export of format %d is of this one, whole, and starts',
  async (version) => {
    const contents = new Map(played);
    if (version === 1) contents.delete(metaKey('classes')); // the first worlds had none
    const { text } = await exported(await storeOf(contents));
    const after = await allOf(await imported(text.replace(' format 4 ', ` format ${version} `), true));
    expect(after.get(FORMAT_KEY)).toBe(formatOf(4));
    expect(wrongReferences(after)).toEqual([]);
    const { data, remove } = await folderOf(after);
    endings.push(remove);
    if (version > 1) await (await openStoppedView(data)).close();
    const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(after) });
    fixture.world.input('sid-1', 12, 'look');
    await fixture.settle();
    await fixture.close();
  },
);

test('the commands say what to do about one, and a start does it', async () => {
  const { path, remove } = temporaryFolder();
  endings.push(remove);
  const first = join(path, 'first');
  const world = await startWorld(first);
  const ann = await PlainClient.connect(world.url);
  await ann.ask('create Ann correct horse battery', /Ann/);
  expect(await world.stop()).toBe(0);
  const store = await openLevelStore(first);
  const contents = older(3, undefined, await allOf(store));
  await store.close();

  const { data, remove: removeData } = await folderOf(contents);
  endings.push(removeData);
  for (const command of ['dump', 'check', 'export']) {
    const args = command === 'export' ? [join(path, 'out')] : [];
    const { code, err } = await keystead(command, '--data', data, ...args);
    expect([code, err]).toEqual([
      expect.any(Number),
      expect.stringMatching(/start it once.*\(FormatOlder\)\n$/),
    ]);
    expect(code).not.toBe(0);
  }
  const bad = oldKey(objectKey('o1'));
  await tamper(data, (db) => db.put(bad, 'damaged'));
  const { code, err } = await keystead('start', '--data', data, '--port', '0');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/"o\/o1" is damaged.*check --repair.*\(Damaged\)\n$/),
  ]);
  await tamper(data, (db) => db.put(bad, seal(bad, contents.get(bad) as string)));
  const again = await startWorld(data);
  expect(again.err()).toContain('is made one of this');
  expect(await again.stop()).toBe(0);
  expect(await keystead('check', '--data', data)).toMatchObject({ code: 0 });
});
