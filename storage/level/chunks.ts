import type { ClassicLevel, Iterator } from 'classic-level';
import { reasonOf, StoreError, systemCode } from '../errors.ts';

const CHUNK = 256; // entries per read of a range: decoding them takes well under 1 ms
const CHUNK_BYTES = 64 * 1024; // bytes per read of a range, for the same reason

/** Turns what the database throws on reading into our error; `key` is `''` where it is not known. */
export function readError(error: unknown, key: string): StoreError {
  if (error instanceof StoreError) return error;
  const what = key === '' ? 'a part of the database' : `the value of key "${key}"`;
  switch (systemCode(error)) {
    case 'LEVEL_CORRUPTION':
      return new StoreError('Damaged', `${what} is damaged: ${reasonOf(error)}`, error);
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_SNAPSHOT_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
      return new StoreError('Closed', 'the store is closed', error);
    default:
      return new StoreError('Unreadable', `cannot read ${what}: ${reasonOf(error)}`, error);
  }
}

interface Where {
  readonly gte?: string;
  readonly lt?: string;
  readonly snapshot?: ReturnType<ClassicLevel['snapshot']>;
}

/**
 * The entries of a range as they are stored, some at a time. Throws as `readError` says.
 *
 * The database skips a block that it cannot read, and says so only at the end, instead of giving the last chunk. With
 * `onLost` that chunk is read again, and then `onLost` is called, once, with what was wrong.
 */
export async function* chunksOf<V>(
  db: ClassicLevel<string, V>,
  { gte, ...where }: Where,
  onLost?: (error: StoreError) => void,
): AsyncGenerator<readonly [string, V][]> {
  const iterator = (after?: string): Iterator<ClassicLevel<string, V>, string, V> => {
    // Never both: the database then takes the lower one.
    const from = after !== undefined ? { gt: after } : gte !== undefined && { gte };
    try {
      return db.iterator({ highWaterMarkBytes: CHUNK_BYTES, ...where, ...from });
    } catch (error) {
      throw readError(error, '');
    }
  };
  let last: string | undefined;
  let lost: StoreError | undefined;
  let entries = iterator();
  try {
    for (;;) {
      let chunk: [string, V][];
      try {
        // Once something is lost one at a time, until the database says so again or is done.
        chunk = await entries.nextv(lost === undefined ? CHUNK : 1);
      } catch (error) {
        const known = readError(error, '');
        if (known.code !== 'Damaged' || onLost === undefined) throw known;
        if (lost !== undefined) break;
        lost = known;
        await entries.close();
        entries = iterator(last);
        continue;
      }
      if (chunk.length === 0) break;
      last = chunk.at(-1)?.[0];
      yield chunk;
    }
    if (lost !== undefined) onLost?.(lost);
  } finally {
    await entries.close();
  }
}
