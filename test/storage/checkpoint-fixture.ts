import { MemoryStore } from './memory-store.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { referenceKey, type Key } from '../../storage/keys.ts';
import { restoreWorld, type IndexKeys } from '../../storage/restore.ts';

/** Each value that begins with "to" refers to the object whose id comes behind it. */
export const indexKeys: IndexKeys = (key, value) =>
  value.startsWith('to ') ? [referenceKey(value.slice(3), key as Key<'object'>)] : [];
export const restore = async (file: string, to: string) =>
  restoreWorld(await CheckpointReader.open(file), to, indexKeys);
export const put = (key: string, value: string) => ({ put: key, value });
export const about = (number: number) => ({ number, when: '2025-01-01T00:00:00.000Z', seq: 7 });

export async function storeWith(
  ...ops: { readonly put: string; readonly value: string }[]
): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.batch(ops, { sync: true });
  return store;
}
