import type { ClassicLevel } from 'classic-level';
import { damagedValue, isSealed, unseal } from '../checksum.ts';
import type { StoreError } from '../errors.ts';
import { checkedKey } from '../keys.ts';
import type { Range, Reader, SealedEntry, Snapshot } from '../store.ts';
import { chunksOf, readError } from './chunks.ts';

type DbSnapshot = ReturnType<ClassicLevel['snapshot']>;

/** Reads a database, or a snapshot of it, and looks whether each value is what was written. */
export class LevelReader implements Reader {
  readonly #db: ClassicLevel;
  readonly #at: { readonly snapshot?: DbSnapshot };

  constructor(db: ClassicLevel, snapshot?: DbSnapshot) {
    this.#db = db;
    this.#at = snapshot === undefined ? {} : { snapshot };
  }

  get(key: string): string | undefined {
    // The database writes keys into a buffer that it reuses, and may cut one short inside a longer character.
    checkedKey(key);
    let stored: string | undefined;
    try {
      stored = this.#db.getSync(key, this.#at);
    } catch (error) {
      throw readError(error, key);
    }
    return stored === undefined ? undefined : unseal(key, stored);
  }

  async *range({ gte, lt, onDamaged }: Range): AsyncGenerator<readonly [string, string]> {
    const onLost = onDamaged === undefined ? undefined : (error: StoreError) => onDamaged('', error);
    for await (const chunk of chunksOf(this.#db, { gte, lt, ...this.#at }, onLost)) {
      for (const [key, stored] of chunk) {
        let value: string;
        try {
          value = unseal(key, stored);
        } catch (error) {
          if (onDamaged === undefined) throw error;
          onDamaged(key, readError(error, key));
          continue;
        }
        yield [key, value];
      }
    }
  }
}

export class LevelSnapshot extends LevelReader implements Snapshot {
  readonly #db: ClassicLevel;
  readonly #snapshot: DbSnapshot;

  constructor(db: ClassicLevel) {
    const snapshot = db.snapshot();
    super(db, snapshot);
    this.#db = db;
    this.#snapshot = snapshot;
  }

  async *sealed({ gte, lt, onDamaged }: Range): AsyncGenerator<readonly SealedEntry[]> {
    const onLost = onDamaged === undefined ? undefined : (error: StoreError) => onDamaged('', error);
    for await (const chunk of chunksOf(this.#db, { gte, lt, snapshot: this.#snapshot }, onLost)) {
      yield chunk.filter(([key, sealed]) => {
        if (isSealed(key, sealed)) return true;
        if (onDamaged === undefined) throw damagedValue(key);
        onDamaged(key, damagedValue(key));
        return false;
      });
    }
  }

  close(): Promise<void> {
    return this.#snapshot.close();
  }
}
