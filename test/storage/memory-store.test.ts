import { storeAcceptance } from './acceptance.ts';
import { MemoryStore } from './memory-store.ts';

storeAcceptance('the memory store', async () => {
  const store = new MemoryStore();
  return {
    store,
    reopen: async () => store.reopened(),
    damage: async (key) => store.damage(key),
    end: () => store.close(),
  };
});

const synced = { sync: true };
const unsynced = { sync: false };

test('a crash takes what was not synced, and keeps what was', async () => {
  const store = new MemoryStore();
  await store.batch([{ put: 'o/o1', value: 'a' }], unsynced);
  await store.batch([{ put: 'o/o2', value: 'b' }], synced);
  const after = store.crash();
  expect(after.get('o/o1')).toBeUndefined();
  expect(after.get('o/o2')).toBe('b');
});

test('a write under way at the crash is there whole or not at all, as the test decides', async () => {
  const store = new MemoryStore();
  store.gate = () => new Promise(() => {});
  void store.batch([{ put: 'o/o1', value: 'a' }], synced);
  expect(store.crash().get('o/o1')).toBeUndefined();
  expect(store.crash(() => true).get('o/o1')).toBe('a');
});

test.each([
  ['absent', undefined],
  ['whole', 'a'],
] as const)('a write that fails may be %s', async (fault, found) => {
  const store = new MemoryStore();
  store.faults.set(1, fault);
  await expect(store.batch([{ put: 'o/o1', value: 'a' }], synced)).rejects.toMatchObject({
    code: 'Unwritable',
  });
  expect(store.crash().get('o/o1')).toBe(found);
});
