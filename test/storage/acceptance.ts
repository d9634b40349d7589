import { StoreError } from '../../storage/errors.ts';
import { ALL_KEYS } from '../../storage/keys.ts';
import type { Range, Reader, Store } from '../../storage/store.ts';

/** A store to test, and what can be done to it from outside. */
export interface Subject {
  readonly store: Store;
  /** Opens what `store`, closed by now, has left. */
  reopen(): Promise<Store>;
  /** Harms the value of a key in `store`, closed or not, so that `reopen` finds it damaged. */
  damage(key: string): Promise<void>;
  /** Closes and removes everything. */
  end(): Promise<void>;
}

export async function all(reader: Reader, range: Range = ALL_KEYS): Promise<(readonly [string, string])[]> {
  const entries: (readonly [string, string])[] = [];
  for await (const entry of reader.range(range)) entries.push(entry);
  return entries;
}

/** The code of what a call throws or rejects with; `''` if it does neither. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return '';
  } catch (error) {
    return error instanceof StoreError ? error.code : `not a StoreError: ${String(error)}`;
  }
}

const unsynced = { sync: false };
const synced = { sync: true };

/** The tests that every Store has to pass. `open` gives a new one; it may hold keys of its own, none below "o/". */
export function storeAcceptance(name: string, open: () => Promise<Subject>): void {
  describe(`${name} as a Store`, () => {
    let subject: Subject;
    let store: Store;
    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(() => subject.end());

    const objects = { gte: 'o/', lt: 'o0' };
    const put = (key: string, value: string) => ({ put: key, value });
    const fill = (count: number) =>
      store.batch(
        Array.from({ length: count }, (_, n) => put(`o/o${1000 + n}`, `value ${n}`)),
        unsynced,
      );

    test('gives what was put, and undefined for what was not or is deleted', async () => {
      await store.batch([put('o/o1', 'one'), put('o/o2', 'two')], unsynced);
      await store.batch([{ del: 'o/o2' }, { del: 'o/o3' }], synced);
      expect(store.get('o/o1')).toBe('one');
      expect(store.get('o/o2')).toBeUndefined();
      expect(store.get('o/o3')).toBeUndefined();
    });

    test.each([
      ['an empty one', ''],
      ['line ends, colons and NUL', 'a:b\n\r\n\0:'],
      ['all of Unicode', 'é \u4e2d\u6587 \u{1f3ee} \ufeff \ufffd'],
      ['a long one', 'x'.repeat(3_000_000)],
    ])('gives back a value exactly: %s', async (_, value) => {
      await store.batch([put('o/o1', value)], synced);
      expect(store.get('o/o1') === value).toBe(true);
      expect((await all(store, objects)).map(([, text]) => text === value)).toEqual([true]);
    });

    test('gives back what was put in parts as all of them, one after the other', async () => {
      const parts = ['é', '', 'x'.repeat(700_000), '\u4e2d'.repeat(400_000), '\u{1f3ee}'];
      await store.batch([{ put: 'o/o1', parts }, put('o/o2', 'two'), { put: 'o/o3', parts: [] }], synced);
      await store.batch([{ put: 'o/o4', parts: ['th', 'ree'] }], synced);
      expect(store.get('o/o1') === parts.join('')).toBe(true);
      expect((await all(store, objects)).slice(1)).toEqual([
        ['o/o2', 'two'],
        ['o/o3', ''],
        ['o/o4', 'three'],
      ]);
    });

    test('of several ops on one key, the last one counts', async () => {
      await store.batch(
        [put('o/o1', 'a'), { del: 'o/o1' }, put('o/o1', 'b'), put('o/o2', 'c'), { del: 'o/o2' }],
        synced,
      );
      expect(await all(store, objects)).toEqual([['o/o1', 'b']]);
    });

    test('takes an empty batch', async () => {
      await store.batch([], synced);
      expect(await all(store, objects)).toEqual([]);
    });

    test('has read the ops when batch returns', async () => {
      const ops = [put('o/o1', 'one')];
      const done = store.batch(ops, unsynced);
      ops[0] = put('o/o1', 'changed');
      ops.push(put('o/o2', 'added'));
      await done;
      expect(await all(store, objects)).toEqual([['o/o1', 'one']]);
    });

    test.each([
      ['a key outside ASCII', put('o/\u00e9', ''), 'BadKey'],
      ['an empty key', put('', ''), 'BadKey'],
      ['a key with a space', put('o/o 1', ''), 'BadKey'],
      ['a key of 513 characters', { del: 'k'.repeat(513) }, 'BadKey'],
      ['a lone surrogate', put('o/o2', 'a\ud800b'), 'BadValue'],
      ['a value that is no string', put('o/o2', 7 as unknown as string), 'BadValue'],
      ['a lone surrogate in a part', { put: 'o/o2', parts: ['a', 'a\ud800'] }, 'BadValue'],
      ['half a character in each part', { put: 'o/o2', parts: ['\ud83c', '\udfee'] }, 'BadValue'],
      ['a part that is no string', { put: 'o/o2', parts: ['a', 7 as unknown as string] }, 'BadValue'],
    ] as const)('refuses %s, and with it the whole batch', async (_, op, code) => {
      expect(await codeOf(() => store.batch([put('o/o1', 'one'), op], synced))).toBe(code);
      expect(await all(store, objects)).toEqual([]);
      await store.batch([put('o/o3', 'three')], synced);
      expect(store.get('o/o3')).toBe('three');
    });

    test('takes a key of 512 characters', async () => {
      const key = `o/${'k'.repeat(510)}`;
      await store.batch([put(key, 'v')], synced);
      expect(store.get(key)).toBe('v');
    });

    test('get refuses what cannot be a key', async () => {
      expect(await codeOf(() => store.get(`o/${'\u4e2d'.repeat(40)}`))).toBe('BadKey');
    });

    test('a range has its first key in and its last one out, in order', async () => {
      await store.batch([put('o/o3', '3'), put('o/o1', '1'), put('o/o2', '2'), put('o/o10', '10')], unsynced);
      expect(await all(store, { gte: 'o/o1', lt: 'o/o3' })).toEqual([
        ['o/o1', '1'],
        ['o/o10', '10'],
        ['o/o2', '2'],
      ]);
      expect(await all(store, { gte: 'o/o3', lt: 'o/o1' })).toEqual([]);
    });

    test('a range over more than one chunk gives every entry once', async () => {
      await fill(1000);
      const keys = (await all(store, objects)).map(([key]) => key);
      expect(keys).toEqual(Array.from({ length: 1000 }, (_, n) => `o/o${1000 + n}`));
    });

    test('a range shows what was there at its first next, and nothing that came later', async () => {
      await fill(600);
      const range = store.range(objects)[Symbol.asyncIterator]();
      const first = await range.next();
      await store.batch([{ del: 'o/o1500' }, put('o/o1599', 'later'), put('o/o9', 'new')], synced);
      const seen = [first.value as [string, string]];
      for (let next = await range.next(); next.done !== true; next = await range.next()) {
        seen.push(next.value as [string, string]);
      }
      expect(seen).toHaveLength(600);
      expect(seen[500]).toEqual(['o/o1500', 'value 500']);
      expect(seen[599]).toEqual(['o/o1599', 'value 599']);
    });

    test('a range may be left early', async () => {
      await fill(600);
      for await (const [key] of store.range(objects)) {
        expect(key).toBe('o/o1000');
        break;
      }
      await store.close();
    });

    test('a snapshot keeps what was there, for get and range', async () => {
      await store.batch([put('o/o1', 'one'), put('o/o2', 'two')], synced);
      const snapshot = store.snapshot();
      await store.batch([put('o/o1', 'changed'), { del: 'o/o2' }, put('o/o3', 'new')], synced);
      expect(snapshot.get('o/o1')).toBe('one');
      expect(snapshot.get('o/o3')).toBeUndefined();
      expect(await all(snapshot, objects)).toEqual([
        ['o/o1', 'one'],
        ['o/o2', 'two'],
      ]);
      await snapshot.close();
      await snapshot.close();
      expect(await codeOf(() => snapshot.get('o/o1'))).toBe('Closed');
      expect(await codeOf(() => all(snapshot, objects))).toBe('Closed');
    });

    test('what was written is there when it is opened again', async () => {
      await store.batch([put('o/o1', 'one'), put('o/o2', 'two')], unsynced);
      await store.batch([{ del: 'o/o2' }], unsynced);
      await store.close();
      const again = await subject.reopen();
      expect(await all(again, objects)).toEqual([['o/o1', 'one']]);
    });

    test('close waits for the batches under way, and may be called twice', async () => {
      const writes = Array.from({ length: 20 }, (_, n) =>
        store.batch([put(`o/o${n}`, 'v')], { sync: n % 2 === 0 }),
      );
      const closing = store.close();
      await Promise.all([...writes, closing, store.close()]);
      const again = await subject.reopen();
      expect(await all(again, objects)).toHaveLength(20);
    });

    test('after close every call says so', async () => {
      await store.close();
      expect(await codeOf(() => store.get('o/o1'))).toBe('Closed');
      expect(await codeOf(() => all(store, objects))).toBe('Closed');
      expect(await codeOf(() => store.batch([put('o/o1', '')], synced))).toBe('Closed');
      expect(await codeOf(() => store.snapshot())).toBe('Closed');
    });

    test('a damaged value is named, and the rest can be read', async () => {
      await fill(5);
      await store.close();
      await subject.damage('o/o1002');
      const again = await subject.reopen();
      expect(() => again.get('o/o1002')).toThrow(/o\/o1002/);
      expect(await codeOf(() => again.get('o/o1002'))).toBe('Damaged');
      expect(await codeOf(() => all(again, objects))).toBe('Damaged');
      const damaged: string[] = [];
      const onDamaged = (key: string, error: StoreError) => damaged.push(`${error.code} ${key}`);
      const rest = await all(again, { ...objects, onDamaged });
      expect(rest.map(([key]) => key)).toEqual(['o/o1000', 'o/o1001', 'o/o1003', 'o/o1004']);
      expect(damaged).toEqual(['Damaged o/o1002']);
    });
  });
}
