import type { Range } from './store.ts';

/**
 * A world to look into: all its keys but the journal's own, as they were at one commit. It may belong to a running
 * world in another process, so that also single values take their time; nothing is changed by looking.
 */
export interface View {
  /** The last journal entry in it. */
  readonly seq: number;
  /** The value of the key, `undefined` where there is none. Rejects with `Damaged`, naming the key. */
  get(key: string): Promise<string | undefined>;
  /** As `Reader.range`. */
  range(range: Range): AsyncIterable<readonly [key: string, value: string]>;
  /** Idempotent. */
  close(): Promise<void>;
}
