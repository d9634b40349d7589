import { packEntry } from '../../storage/journal/entry.ts';
import { JOURNAL_LIMITS } from '../../storage/journal/limits.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import type { JournalSnapshot } from '../../storage/journal.ts';
import { ALL_KEYS, journalKey, prefixRange, SETTLED_KEY } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { StoreError } from '../../storage/errors.ts';
import { all, codeOf } from './acceptance.ts';
import { entryText } from './entry-text.ts';
import { LevelChild } from './level-child.ts';
import { newFolder, removeFolder } from './level-folder.ts';
import { MemoryStore } from './memory-store.ts';

const put = (key: string, value: string) => ({ put: key, value });
const objects = prefixRange('o');

/** Holds every write back until it is called. */
function held(store: MemoryStore): () => void {
  const waiting: (() => void)[] = [];
  store.gate = () => new Promise((resolve) => waiting.push(resolve));
  return () => waiting.shift()?.();
}

async function entriesLeft(store: MemoryStore): Promise<number> {
  return (await all(store, prefixRange('j'))).length;
}

test('settling goes on past any number of keys that were made and dropped again', async () => {
  const journal = await openJournal(new MemoryStore(), { limits: { sliceKeys: 2 } });
  const keys = Array.from({ length: 9 }, (_, n) => `m/${String(n).padStart(16, '0')}`);
  await journal.commit(keys.map((key) => ({ put: key, value: 'a message', fresh: true })));
  await journal.commit(keys.map((key) => ({ del: key })));
  await journal.settle();
  await journal.close();
});

describe('a commit', () => {
  let store: MemoryStore;
  let journal: Journal;
  beforeEach(async () => {
    store = new MemoryStore();
    journal = await openJournal(store);
  });

  test('is one synced write of one value, and survives a crash once it resolves', async () => {
    await journal.commit([put('o/o1', 'one'), put('s/x', 'session'), { del: 'm/0000000000000001' }]);
    expect(store.writes).toEqual([{ ops: [{ put: journalKey(1), value: expect.any(String) }], sync: true }]);
    const after = await openJournal(store.crash());
    expect(after.get('o/o1')).toBe('one');
    expect(after.get('s/x')).toBe('session');
    expect(after.lastSeq).toBe(1);
  });

  test('is seen by the reads as soon as it is called', async () => {
    const land = held(store);
    const done = journal.commit([put('o/o1', 'one')]);
    expect(journal.get('o/o1')).toBe('one');
    expect(await all(journal, objects)).toEqual([['o/o1', 'one']]);
    expect(journal.lastSeq).toBe(0);
    land();
    await done;
    expect(journal.lastSeq).toBe(1);
  });

  test('goes with all others that were called while one was written, in one write', async () => {
    const land = held(store);
    const log: number[] = [];
    const commits = [1, 2, 3].map((n) => journal.commit([put('o/o1', `${n}`)]).then(() => log.push(n)));
    expect(store.writes).toHaveLength(1);
    land();
    await commits[0];
    expect(log).toEqual([1]);
    expect(store.writes).toHaveLength(2);
    land();
    await Promise.all(commits);
    expect(log).toEqual([1, 2, 3]);
    expect(store.writes[1]?.ops).toHaveLength(2);
  });

  test('has read its ops when the call returns', async () => {
    const ops = [put('o/o1', 'one')];
    const done = journal.commit(ops);
    ops[0] = put('o/o1', 'changed');
    await done;
    expect(journal.get('o/o1')).toBe('one');
    expect((await openJournal(store.crash())).get('o/o1')).toBe('one');
  });

  test('without ops writes nothing, and resolves when what was called before is durable', async () => {
    const land = held(store);
    const log: string[] = [];
    void journal.commit([put('o/o1', 'one')]).then(() => log.push('one'));
    const empty = journal.commit([]).then(() => log.push('empty'));
    await Promise.resolve();
    expect(log).toEqual([]);
    land();
    await empty;
    expect(log).toEqual(['one', 'empty']);
    await journal.commit([]);
    expect(store.writes).toHaveLength(1);
  });

  test('that cannot be written fails itself and all later ones, in the reads too, and is reported once', async () => {
    await journal.close();
    store = new MemoryStore();
    const problems: StoreError[] = [];
    journal = await openJournal(store, { onProblem: (problem) => problems.push(problem) });
    await journal.commit([put('o/o1', 'one')]);
    store.faults.set(2, 'absent');
    const land = held(store);
    const failing = journal.commit([put('o/o1', 'two'), put('o/o2', 'new')]);
    const later = journal.commit([put('o/o1', 'three')]);
    expect(journal.get('o/o1')).toBe('three');
    land();
    await expect(failing).rejects.toMatchObject({
      code: 'CommitFailed',
      message: expect.stringContaining('no space left'),
    });
    await expect(later).rejects.toMatchObject({ code: 'CommitFailed' });
    expect(journal.get('o/o1')).toBe('one');
    expect(await all(journal, objects)).toEqual([['o/o1', 'one']]);
    expect(await codeOf(() => journal.commit([put('o/o1', 'four')]))).toBe('CommitFailed');
    expect(await codeOf(() => journal.commit([]))).toBe('CommitFailed');
    expect(await codeOf(() => journal.settle())).toBe('CommitFailed');
    expect(await codeOf(() => journal.snapshot())).toBe('CommitFailed');
    const look = await journal.look();
    expect([look.seq, look.get('o/o1'), await all(look, objects)]).toEqual([1, 'one', [['o/o1', 'one']]]);
    await look.close();
    expect(problems.map(({ code }) => code)).toEqual(['CommitFailed']);
    await journal.close();
    expect(store.writes).toHaveLength(2);
    expect((await openJournal(store.crash())).get('o/o1')).toBe('one');
  });

  test('that is refused behind one that fails then is what is reported, and nothing else', async () => {
    await journal.close();
    store = new MemoryStore();
    const problems: StoreError[] = [];
    const onProblem = (problem: StoreError): void => void problems.push(problem);
    journal = await openJournal(store, { onProblem, limits: { entrySize: 100 } });
    store.faults.set(1, 'absent');
    const land = held(store);
    const failing = journal.commit([put('o/o1', 'one')]);
    expect(await codeOf(() => journal.commit([put('o/o1', 'x'.repeat(100))]))).toBe('TooLarge');
    land();
    await expect(failing).rejects.toBe(problems[0]);
    expect(await codeOf(() => journal.commit([]))).toBe('CommitFailed');
    expect(problems).toHaveLength(1);
    await journal.close();
  });

  test.each([
    ['BadKey', { del: 'o/o 1' }],
    ['BadKey', put(journalKey(7), '')],
    ['BadKey', put('meta/settled', '7')],
    ['BadValue', put('o/o1', '\ud800')],
  ] as const)(
    'that cannot be meant (%s) rejects, and no later one is taken, but earlier ones are',
    async (code, bad) => {
      const land = held(store);
      const first = journal.commit([put('o/o1', 'one')]);
      const second = journal.commit([put('o/o1', 'two')]);
      expect(await codeOf(() => journal.commit([put('o/o3', 'three'), bad]))).toBe(code);
      expect(await codeOf(() => journal.commit([put('o/o4', 'four')]))).toBe('CommitFailed');
      land();
      await first;
      land();
      await second;
      expect(await all(journal, objects)).toEqual([['o/o1', 'two']]);
      expect(await all(await openJournal(store.crash()), objects)).toEqual([['o/o1', 'two']]);
    },
  );

  test('may have as many characters as the limit, and not one more', async () => {
    const ops = [put('o/o1', 'x'.repeat(50))];
    const entrySize = packEntry(ops).length;
    const exact = await openJournal(new MemoryStore(), { limits: { entrySize } });
    await exact.commit(ops);
    const under = await openJournal(new MemoryStore(), { limits: { entrySize: entrySize - 1 } });
    expect(await codeOf(() => under.commit(ops))).toBe('TooLarge');
  });

  test('after close is refused; those before are finished', async () => {
    const done = journal.commit([put('o/o1', 'one')]);
    const closing = journal.close();
    expect(await codeOf(() => journal.commit([put('o/o1', 'two')]))).toBe('Closed');
    expect(journal.close()).toBe(closing);
    await done;
    await closing;
    expect(await codeOf(() => journal.get('o/o1'))).toBe('Closed');
    const left = store.reopened();
    expect(left.get('o/o1')).toBe('one');
    expect(await entriesLeft(left)).toBe(0);
    expect((await openJournal(left)).lastSeq).toBe(1);
  });
});

describe('settling', () => {
  const keysWritten = (store: MemoryStore, key: string): number =>
    store.writes.flatMap(({ ops }) => ops).filter((op) => ('put' in op ? op.put : op.del) === key).length;

  test('writes a key once, however often it was committed, and never a value that was deleted again', async () => {
    const store = new MemoryStore();
    const journal = await openJournal(store);
    for (let n = 0; n < 20; n += 1) await journal.commit([put('o/o1', `${n}`), put(`o/o9`, 'short-lived')]);
    await journal.commit([{ del: 'o/o9' }]);
    await journal.settle();
    expect(store.get('o/o1')).toBe('19');
    expect(keysWritten(store, 'o/o1')).toBe(1);
    expect(store.writes.flatMap(({ ops }) => ops)).not.toContainEqual(put('o/o9', 'short-lived'));
    await journal.close();
  });

  test('syncs all that it writes', async () => {
    const store = new MemoryStore();
    const journal = await openJournal(store);
    await journal.commit(Array.from({ length: 1000 }, (_, n) => put(`o/o${n}`, 'v')));
    await journal.settle();
    await journal.close();
    expect(store.writes.length).toBeGreaterThan(4);
    expect(store.writes.every(({ sync }) => sync)).toBe(true);
  });

  /** The most entries that were ever in the store while commits went on. */
  const mostEntries = async (limits: object, value: string): Promise<number> => {
    const store = new MemoryStore();
    const journal = await openJournal(store, { limits });
    let most = 0;
    for (let n = 0; n < 60; n += 1) {
      await journal.commit([put(`o/o${n % 20}`, value)]);
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, await entriesLeft(store));
    }
    await journal.close();
    return most;
  };

  test('begins by itself at each of its limits, and not below', async () => {
    expect(await mostEntries({}, 'v')).toBe(60);
    const sure = 2; // entries that arrive while it settles and removes
    for (const [limits, at] of [
      [{ settleEntries: 10 }, 10],
      [{ settleKeys: 10 }, 10],
      [{ settleSize: 10 * packEntry([put('o/o10', 'x'.repeat(100))]).length }, 10],
    ] as const) {
      const most = await mostEntries(limits, 'x'.repeat(100));
      expect(most).toBeGreaterThanOrEqual(at);
      expect(most).toBeLessThanOrEqual(at + sure);
    }
  });

  test('is not begun by keys that come and go, where they are looked for before there are so many', async () => {
    const settledBy = async (sweepKeys: number): Promise<string | undefined> => {
      const store = new MemoryStore();
      const journal = await openJournal(store, { limits: { settleKeys: 10, sweepKeys } });
      for (let n = 1; n <= 50; n += 1) {
        const key = `u/x/${String(n).padStart(16, '0')}`;
        await journal.commit([{ put: key, value: 'a line', fresh: true }]);
        await journal.commit([{ del: key }]);
      }
      return store.get(SETTLED_KEY);
    };
    expect(await settledBy(8)).toBeUndefined();
    expect(await settledBy(11)).toMatch(/^[0-9]+$/);
  });

  test('begins without a commit where what an earlier run left is at a limit, and counts it towards the next', async () => {
    const before = new MemoryStore();
    const first = await openJournal(before);
    for (let n = 0; n < 3; n += 1) await first.commit([put(`o/o${n}`, 'value')]);
    const size = 3 * packEntry([put('o/o0', 'value')]).length;
    const opened = async (limits: object): Promise<number> => {
      const store = before.reopened();
      const journal = await openJournal(store, { limits });
      for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
      const left = await entriesLeft(store);
      await journal.close();
      return left;
    };
    for (const limits of [{ settleEntries: 3 }, { settleKeys: 3 }, { settleSize: size }])
      expect(await opened(limits)).toBe(0);
    for (const limits of [{ settleEntries: 4 }, { settleKeys: 4 }, { settleSize: size + 1 }])
      expect(await opened(limits)).toBe(3);
    await first.close();
  });

  test('is not begun anew by who asks for it while it is under way', async () => {
    const store = new MemoryStore();
    const journal = await openJournal(store, { limits: { sliceKeys: 1 } });
    await journal.commit(Array.from({ length: 10 }, (_, n) => put(`o/o${n}`, 'value')));
    const settled = [journal.settle()];
    while (keysWritten(store, 'o/o2') === 0) await new Promise((resolve) => setImmediate(resolve));
    settled.push(journal.settle());
    await Promise.all(settled);
    expect(keysWritten(store, 'o/o0')).toBe(1);
    await journal.close();
  });

  test('counts an entry towards one settling only', async () => {
    const store = new MemoryStore();
    const entry = [put('o/o1', 'value')];
    const settleSize = 2 * packEntry(entry).length;
    const journal = await openJournal(store, { limits: { settleSize } });
    for (let n = 0; n < 3; n += 1) {
      await journal.commit(entry);
      await journal.settle();
      await journal.commit(entry);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(await entriesLeft(store)).toBe(1);
      await journal.settle();
    }
    await journal.close();
  });

  test('tells how much was written: entries, and values for their own keys', async () => {
    const journal = await openJournal(new MemoryStore());
    expect(journal.written).toBe(0);
    const entry = [put('o/o1', 'value')];
    await journal.commit(entry);
    await journal.commit(entry);
    const entries = 2 * packEntry(entry).length;
    expect(journal.written).toBe(entries);
    await journal.settle();
    expect(journal.written).toBe(entries + 'o/o1'.length + 'value'.length);
    await journal.close();
  });

  test('keeps up with commits that never pause', async () => {
    const store = new MemoryStore();
    const journal = await openJournal(store, { limits: { settleKeys: 100, sliceKeys: 1, sliceSize: 1 } });
    for (let n = 0; n < 300; n += 1) {
      await journal.commit(Array.from({ length: 20 }, (_, k) => put(`o/o${n * 20 + k}`, 'value')));
    }
    expect(await entriesLeft(store)).toBeLessThan(100);
    await journal.close();
    expect(await all(store.reopened(), objects)).toHaveLength(6000);
  });

  test('a snapshot is the boundary of the last commit called, whatever comes meanwhile', async () => {
    const store = new MemoryStore();
    const journal = await openJournal(store);
    await journal.commit([put('o/o1', 'one'), put('o/o2', 'two')]);
    const land = held(store);
    const pending = journal.commit([put('o/o1', 'three')]);
    const wanted = journal.snapshot();
    const after = journal.commit([put('o/o1', 'too late'), { del: 'o/o2' }]);
    const taken: JournalSnapshot[] = [];
    void wanted.then((snapshot) => taken.push(snapshot));
    while (taken.length === 0) {
      land();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const snapshot = await wanted;
    const found = await all(snapshot, ALL_KEYS);
    // Which of the two boundaries it is depends on how the commits were grouped; it is never between.
    const objectsAt: Record<number, string[]> = { 2: ['three', 'two'], 3: ['too late'] };
    expect(found.map(([, value]) => value)).toEqual([`${snapshot.seq}`, ...(objectsAt[snapshot.seq] ?? [])]);
    expect(snapshot.get(journalKey(3))).toBeUndefined();
    await snapshot.close();
    store.gate = () => Promise.resolve();
    for (let n = 0; n < 3; n += 1) land();
    await Promise.all([pending, after]);
    await journal.close();
  });
});

describe('opening a journal', () => {
  /** A store with four entries that are not settled. */
  const withEntries = async (): Promise<MemoryStore> => {
    const store = new MemoryStore();
    const journal = await openJournal(store);
    for (let n = 1; n <= 4; n += 1) await journal.commit([put(`o/o${n}`, `${n}`)]);
    return store.crash();
  };

  test.each([
    ['in the middle', 2],
    ['at the end', 4],
  ])('refuses a damaged entry %s, naming it and the way out', async (_, seq) => {
    const store = await withEntries();
    store.damage(journalKey(seq));
    await expect(openJournal(store)).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringMatching(new RegExp(`entry ${seq} .*restore the last checkpoint`)),
    });
  });

  test('refuses a gap', async () => {
    const store = await withEntries();
    await store.batch([{ del: journalKey(2) }], { sync: true });
    await expect(openJournal(store)).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringContaining('entry 2'),
    });
  });

  test('refuses an entry that is not one', async () => {
    const store = await withEntries();
    await store.batch([put(journalKey(5), 'p o/o1 9\nshort')], { sync: true });
    await expect(openJournal(store)).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringContaining('entry 5'),
    });
  });

  test.each([['x'], ['-1'], ['1.5']])(
    'refuses "%s" as the number of the last settled entry',
    async (text) => {
      const store = await withEntries();
      await store.batch([put('meta/settled', text)], { sync: true });
      await expect(openJournal(store)).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringContaining('"meta/settled"'),
      });
    },
  );

  test('does not mind a damaged object, and a commit over it mends it', async () => {
    const store = await withEntries();
    const journal = await openJournal(store);
    await journal.settle();
    store.damage('o/o2');
    expect(await codeOf(() => journal.get('o/o2'))).toBe('Damaged');
    expect(await codeOf(() => all(journal, objects))).toBe('Damaged');
    const damaged: string[] = [];
    const onDamaged = (key: string) => damaged.push(key);
    expect((await all(journal, { ...objects, onDamaged })).map(([key]) => key)).toEqual([
      'o/o1',
      'o/o3',
      'o/o4',
    ]);
    expect(damaged).toEqual(['o/o2']);
    await journal.commit([put('o/o2', 'mended')]);
    expect(journal.get('o/o2')).toBe('mended');
    expect((await all(journal, { ...objects, onDamaged })).map(([, value]) => value)).toEqual([
      '1',
      'mended',
      '3',
      '4',
    ]);
    expect(damaged).toEqual(['o/o2']);
    await journal.close();
  });

  test('removes entries that were settled before the crash, damaged or not', async () => {
    const before = new MemoryStore();
    const first = await openJournal(before);
    await first.commit([put('o/o1', 'one')]);
    await first.settle();
    await first.close();
    const store = before.reopened();
    await store.batch([put(journalKey(1), entryText([put('o/o1', 'stale')]))], { sync: true });
    store.damage(journalKey(1));
    const journal = await openJournal(store);
    expect(journal.get('o/o1')).toBe('one');
    await journal.commit([put('o/o2', 'two')]);
    await journal.close();
    expect(await entriesLeft(store.reopened())).toBe(0);
  });
});

test('the limits are the documented ones', () => {
  expect(JOURNAL_LIMITS).toEqual({
    settleSize: 8_388_608,
    settleEntries: 4096,
    settleKeys: 16_384,
    sweepKeys: 1024,
    sliceKeys: 256,
    sliceSize: 262_144,
    entrySize: 100_663_296,
  });
});

test('on LevelDB, a process killed while it commits and settles has lost nothing that it acknowledged', async () => {
  const folder = await newFolder();
  try {
    let last = 0;
    for (let round = 0; round < 3; round += 1) {
      const child = new LevelChild(
        folder,
        `const store = await openLevelStore(folder, { create: true });
         const journal = await openJournal(store, { limits: { settleKeys: 60, sliceKeys: 4 } });
         for (let n = journal.lastSeq + 1; ; n += 1) {
           const ops = [{ put: 'meta/counters', value: String(n) }];
           for (let k = 0; k < 10; k += 1) ops.push({ put: 'o/o' + ((n * 7 + k * 13) % 200), value: n + ' ' + k });
           ops.push({ put: 'u/x/' + String(n).padStart(16, '0'), value: String(n) });
           if (n > 5) ops.push({ del: 'u/x/' + String(n - 5).padStart(16, '0') });
           await journal.commit(ops);
           say(String(n));
         }`,
      );
      const until = last + 150 + round;
      while (last < until) last = Number(await child.line());
      await child.kill();

      const journal = await openJournal(await openLevelStore(folder));
      const { lastSeq } = journal;
      expect(lastSeq).toBeGreaterThanOrEqual(last);
      const expected = new Map([['meta/counters', `${lastSeq}`]]);
      for (let n = 1; n <= lastSeq; n += 1) {
        for (let k = 0; k < 10; k += 1) expected.set(`o/o${(n * 7 + k * 13) % 200}`, `${n} ${k}`);
        if (n > lastSeq - 5) expected.set(`u/x/${String(n).padStart(16, '0')}`, `${n}`);
      }
      const found = (await all(journal, ALL_KEYS)).filter(
        ([key]) => key !== 'format' && key !== 'meta/settled',
      );
      expect(new Map(found)).toEqual(expected);
      last = lastSeq;
      await journal.close();
    }
  } finally {
    await removeFolder(folder);
  }
});
