import { getEventListeners } from 'node:events';
import { utimesSync, writeFileSync } from 'node:fs';
import { converse } from '../../clients/control.ts';
import { serveControl } from '../../clients/control-socket.ts';
import { PAGE_MOST, serveView } from '../../clients/served-view.ts';
import { openView, type OpenedView } from '../../clients/view.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { ALL_KEYS, objectKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { JournalSnapshot } from '../../storage/journal.ts';
import type { Range } from '../../storage/store.ts';
import { tamper } from '../storage/level-folder.ts';
import { endAll, freshFolder, onEnd } from './harness.ts';

afterEach(endAll);

interface Serving {
  readonly data: string;
  readonly journal: Journal;
  /** Snapshots that are open. */
  readonly snapshots: Set<JournalSnapshot>;
  readonly close: (comesBack?: boolean) => Promise<void>;
}

/** A journal whose views are served on a socket, as the world process does it. */
async function serving(data = freshFolder()): Promise<Serving> {
  const journal = await openJournal(await openLevelStore(data, { create: true }));
  const snapshots = new Set<JournalSnapshot>();
  const view = serveView(async () => {
    const taken = await journal.snapshot();
    const counted: JournalSnapshot = {
      seq: taken.seq,
      get: (key) => taken.get(key),
      range: (range) => taken.range(range),
      sealed: (range) => taken.sealed(range),
      close: async () => {
        snapshots.delete(counted);
        await taken.close();
      },
    };
    snapshots.add(counted);
    return counted;
  });
  const control = await serveControl(`${data}/control.sock`, { requests: {}, conversations: { view } });
  const close = async (comesBack = false): Promise<void> => {
    await control.close(comesBack);
    await journal.close();
  };
  onEnd(() => close());
  return { data, journal, snapshots, close };
}

const put = (key: string, value: string) => ({ put: key, value });
const look = (data: string) => openView(data, process.cwd(), { lockWait: 0 });

async function allOf(view: OpenedView, range: Range = ALL_KEYS): Promise<(readonly [string, string])[]> {
  const entries: (readonly [string, string])[] = [];
  for await (const entry of view.range(range)) entries.push(entry);
  return entries;
}

test('nothing is left of a view in a world that goes on', async () => {
  const journal = await openJournal(await openLevelStore(freshFolder(), { create: true }));
  onEnd(() => journal.close());
  const said = ['{"get":"o/1o1"}'];
  const lines = { next: async () => said.shift(), write: async () => {}, end: () => {} };
  const over = new AbortController();
  await serveView(() => journal.snapshot())({}, lines, over.signal);
  expect(getEventListeners(over.signal, 'abort')).toEqual([]);
});

test('a range that takes the number of another one ends that', async () => {
  const journal = await openJournal(await openLevelStore(freshFolder(), { create: true }));
  onEnd(() => journal.close());
  await journal.commit(
    Array.from({ length: 2 * PAGE_MOST.entries }, (_, n) => put(objectKey(`o${n + 1}`), 'x')),
  );
  let open = 0;
  const seen: number[] = [];
  const looked = async () => {
    const taken = await journal.snapshot();
    return {
      seq: taken.seq,
      get: taken.get.bind(taken),
      range: async function* (range: Range) {
        open += 1;
        try {
          yield* taken.range(range);
        } finally {
          open -= 1;
        }
      },
      close: () => taken.close(),
    };
  };
  const { gte, lt } = ALL_KEYS;
  const said = [1, 1, 2, 1].map((range) => JSON.stringify({ range, gte, lt }));
  const lines = { next: async () => said.shift(), write: async () => void seen.push(open), end: () => {} };
  await serveView(looked)({}, lines, new AbortController().signal);
  expect([seen, open]).toEqual([[0, 1, 1, 2, 2], 0]);
});

test('the largest object that there can be is shown: as many grants as one may have, with the longest labels', async () => {
  const { data, journal } = await serving();
  const label = '\u0001'.repeat(200);
  const grants = Array.from({ length: WORLD_LIMITS.objectGrants }, (_, n) => [
    String(n).padStart(22, '0'),
    1,
    -1,
    label,
    null,
    9_007_199_254_740_991,
    9_007_199_254_740_991,
    'o1000000',
  ]);
  const body = `#${JSON.stringify({ text: '\u0001'.repeat(WORLD_LIMITS.record.characters) })}`;
  const value = JSON.stringify({ class: 'Thing', bank: null, grants, body, slots: [] });
  await journal.commit([put(objectKey('o1'), value)]);
  const view = await look(data);
  expect((await view.get(objectKey('o1'))) === value).toBe(true);
  expect((await allOf(view)).map(([key]) => key)).toContain('o/1o1');
  await view.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('a running world shows what it held when it was asked, however much it changes meanwhile', async () => {
  const { data, journal, snapshots } = await serving();
  const many = Array.from({ length: 3 * PAGE_MOST.entries }, (_, n) =>
    put(objectKey(`o${n + 1}`), `value ${n}`),
  );
  await journal.commit(many);
  const view = await look(data);
  expect(view).toMatchObject({ running: true, seq: 1 });
  const seen: string[] = [];
  for await (const [key] of view.range({ gte: 'o/', lt: 'o0' })) {
    if (seen.length === 0) await journal.commit(many.map(({ put: key }) => ({ del: key })));
    seen.push(key);
  }
  expect(seen).toEqual(many.map(({ put: key }) => key).toSorted());
  expect(await view.get(objectKey('o1'))).toBe('value 0');
  expect(await view.get(objectKey('o9999'))).toBeUndefined();
  expect(await view.get('j/0000000000000001')).toBeUndefined();
  expect(await view.get('meta/settled')).toBeUndefined();
  await view.close();
  await until(() => snapshots.size === 0);
});

test('ranges run side by side, and can be left early', async () => {
  const { data, journal } = await serving();
  const big = 'x'.repeat(PAGE_MOST.size);
  await journal.commit([1, 2, 3, 4].map((n) => put(objectKey(`o${n}`), `${n}${big}`)));
  const view = await look(data);
  const keys = async (range: Partial<Range>): Promise<string[]> =>
    (await allOf(view, { gte: 'o/', lt: 'o0', ...range })).map(([key]) => key);
  expect(await Promise.all([keys({}), keys({ gte: 'o/1o3' })])).toEqual([
    ['o/1o1', 'o/1o2', 'o/1o3', 'o/1o4'],
    ['o/1o3', 'o/1o4'],
  ]);
  for await (const [key] of view.range({ gte: 'o/', lt: 'o0' })) {
    expect(key).toBe('o/1o1');
    break;
  }
  expect(await view.get(objectKey('o2'))).toBe(`2${big}`);
  await view.close();
  await expect(view.get(objectKey('o2'))).rejects.toMatchObject({ code: 'Closed' });
});

test('a page ends at its bounds', async () => {
  const { data, journal } = await serving();
  const most = PAGE_MOST.entries;
  await journal.commit(Array.from({ length: most + 1 }, (_, n) => put(`o/o${n + 1}`, '')));
  await journal.commit([put('s/a', 'x'.repeat(PAGE_MOST.size)), put('s/b', '')]);
  const lines = await converse(data, process.cwd(), { t: 'view' });
  await lines.next();
  const ask = async (question: object): Promise<{ items: unknown[]; end: boolean }> => {
    await lines.write(JSON.stringify(question));
    return JSON.parse((await lines.next()) ?? '') as { items: unknown[]; end: boolean };
  };
  const first = await ask({ range: 1, gte: 'o/', lt: 'o0' });
  expect([first.items.length, first.end]).toEqual([most, false]);
  expect(await ask({ more: 1 })).toEqual({ items: [expect.anything()], end: true });
  expect(await ask({ range: 2, gte: 's/', lt: 's0' })).toMatchObject({
    items: [['s/a', expect.anything()]],
    end: false,
  });
  lines.end();
});

test('damaged values are told of where they stand, in a running world as in a stopped one', async () => {
  const { data, journal, close } = await serving();
  await journal.commit([put('o/1o1', 'one'), put('o/1o2', 'two'), put('o/1o3', 'three')]);
  await close();
  await tamper(data, (db) => db.put('o/1o2', 'spoilt'));
  const told = async (view: OpenedView): Promise<unknown[]> => {
    const log: unknown[] = [];
    await expect(view.get('o/1o2')).rejects.toMatchObject({ code: 'Damaged' });
    await expect(allOf(view)).rejects.toMatchObject({ code: 'Damaged' });
    const onDamaged = (key: string, error: Error): void => void log.push([key, error.message]);
    for await (const [key] of view.range({ gte: 'o/', lt: 'o0', onDamaged })) log.push(key);
    await view.close();
    return log;
  };
  const stopped = await look(data);
  expect(stopped.running).toBe(false);
  const before = await told(stopped);
  await serving(data);
  expect(await told(await look(data))).toEqual(before);
  expect(before).toEqual(['o/1o1', ['o/1o2', expect.stringContaining('damaged')], 'o/1o3']);
});

test('a world that closes ends its views, and says so to who reads on', async () => {
  const { data, journal, snapshots, close } = await serving();
  await journal.commit([put('o/1o1', 'one')]);
  const view = await look(data);
  await close();
  expect(snapshots.size).toBe(0);
  await expect(view.get('o/1o1')).rejects.toMatchObject({ code: 'ViewLost' });
  await view.close();
});

test('what a view does not know ends it with a reason', async () => {
  const { data, snapshots } = await serving();
  const lines = await converse(data, process.cwd(), { t: 'view' });
  await lines.next();
  await lines.write('{"dance": true}');
  expect(JSON.parse((await lines.next()) ?? '')).toMatchObject({
    ok: false,
    text: expect.stringContaining('view'),
  });
  await until(() => snapshots.size === 0);
});

test('where no world is, running or stopped, it says which', async () => {
  const data = freshFolder();
  await expect(look(data)).rejects.toMatchObject({ code: 'Missing' });
  const store = await openLevelStore(data, { create: true });
  await expect(look(data)).rejects.toMatchObject({ code: 'InUse' });
  await store.close();
});

test('a world that closes to be started again is waited for, and its folder left alone', async () => {
  const first = await serving();
  await first.close(true);
  const looking = look(first.data);
  const { journal } = await serving(first.data);
  await journal.commit([put('o/1o1', 'one')]);
  const view = await looking;
  expect(view.running).toBe(true);
  await view.close();
});

test('one that has not come back by now is not waited for', async () => {
  const { data, close } = await serving();
  await close(true);
  const before = Date.now() / 1_000 - 3_600;
  utimesSync(`${data}/control.sock`, before, before);
  const began = performance.now();
  const view = await look(data);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(view.running).toBe(false);
  await view.close();
});

test('a killed world that left its socket is asked again before its folder is opened', async () => {
  const data = freshFolder();
  await (await openLevelStore(data, { create: true })).close();
  writeFileSync(`${data}/control.sock`, '');
  const looking = look(data);
  const { journal } = await serving(data);
  await journal.commit([put('o/1o1', 'one')]);
  const view = await looking;
  expect(view.running).toBe(true);
  await view.close();
});
