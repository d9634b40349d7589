import { seal, unseal } from '../../storage/checksum.ts';
import { StoreError } from '../../storage/errors.ts';
import { isKeyText } from '../../storage/keys.ts';
import {
  isValueText,
  type Op,
  type PutParts,
  type Range,
  type Reader,
  type SealedEntry,
  type Snapshot,
  type Store,
} from '../../storage/store.ts';
import { putValue } from './put-value.ts';

/** What becomes of a write that fails: nobody who called it can tell. */
export type Fault = 'absent' | 'whole';

interface Write {
  readonly ops: readonly Op[];
  readonly sync: boolean;
}

/** What of the writes without a sync, and of those under way, is on disk after a power failure. */
export type Survives = (write: Write, index: number) => boolean;

function applied(state: Map<string, string>, ops: readonly Op[]): void {
  for (const op of ops) {
    if ('put' in op) state.set(op.put, seal(op.put, op.value));
    else state.delete(op.del);
  }
}

function checked(given: Op | PutParts): Op {
  const op = 'parts' in given ? { put: given.put, value: putValue(given) } : given;
  const key = 'put' in op ? op.put : op.del;
  if (!isKeyText(key)) throw new StoreError('BadKey', `"${key}" cannot be a key`);
  const texts = 'parts' in given ? given.parts : 'put' in given ? [given.value] : [];
  if (!texts.every(isValueText)) throw new StoreError('BadValue', `"${key}" has a bad value`);
  return { ...op };
}

/** Entries that `sealed` gives at once. */
const CHUNK = 256;

class MemoryReader implements Reader {
  /** Sealed values by key. Replaced, never changed in place, so that a range or snapshot keeps what it began with. */
  protected state: Map<string, string>;
  protected closed = false;

  constructor(state: Map<string, string>) {
    this.state = state;
  }

  protected checkOpen(): void {
    if (this.closed) throw new StoreError('Closed', 'the store is closed');
  }

  get(key: string): string | undefined {
    this.checkOpen();
    if (!isKeyText(key)) throw new StoreError('BadKey', `"${key}" cannot be a key`);
    const sealed = this.state.get(key);
    return sealed === undefined ? undefined : unseal(key, sealed);
  }

  async *range({ gte, lt, onDamaged }: Range): AsyncGenerator<readonly [string, string]> {
    this.checkOpen();
    const { state } = this;
    const keys = [...state.keys()].filter((key) => key >= gte && key < lt).sort();
    for (const key of keys) {
      await Promise.resolve();
      let value: string;
      try {
        value = unseal(key, state.get(key) as string);
      } catch (error) {
        if (onDamaged === undefined) throw error;
        onDamaged(key, error as StoreError);
        continue;
      }
      yield [key, value];
    }
  }

  async *sealed(range: Range): AsyncGenerator<readonly SealedEntry[]> {
    const keys: string[] = [];
    for await (const [key] of this.range(range)) keys.push(key);
    for (let at = 0; at < keys.length; at += CHUNK) {
      yield keys.slice(at, at + CHUNK).map((key) => [key, this.state.get(key) as string] as const);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/**
 * A store in memory that forgets, on demand, what a power failure would take: the second implementation that keeps
 * the contract honest. A write can be held back, made to fail, or caught half way by the crash.
 */
export class MemoryStore extends MemoryReader implements Store {
  /** Called before a write lands; what it waits for decides when. By default one turn of the microtask queue. */
  gate: () => Promise<void> = () => Promise.resolve();
  /** Faults of the writes to come, by their number from 1 on. */
  readonly faults = new Map<number, Fault>();
  /** Every write that was begun. */
  readonly writes: Write[] = [];
  readonly #landed = new Set<Write>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #from: Map<string, string>;

  constructor(from: Map<string, string> = new Map()) {
    super(new Map(from));
    this.#from = from;
  }

  batch(ops: readonly (Op | PutParts)[], { sync }: { readonly sync: boolean }): Promise<void> {
    const done = this.#write(ops, sync);
    this.#underWay.add(done);
    const forget = () => this.#underWay.delete(done);
    done.then(forget, forget);
    return done;
  }

  async #write(ops: readonly (Op | PutParts)[], sync: boolean): Promise<void> {
    this.checkOpen();
    const write = { ops: ops.map(checked), sync };
    this.writes.push(write);
    const fault = this.faults.get(this.writes.length);
    await this.gate();
    if (fault !== 'absent') {
      this.state = new Map(this.state);
      applied(this.state, write.ops);
      this.#landed.add(write);
    }
    if (fault !== undefined) throw new StoreError('Unwritable', 'no space left on device');
  }

  snapshot(): Snapshot {
    this.checkOpen();
    return new MemoryReader(this.state);
  }

  override async close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await super.close();
  }

  /** The store that a new process finds after the power failed at this moment. This one is of no more use. */
  crash(survives: Survives = () => false): MemoryStore {
    this.closed = true;
    const state = new Map(this.#from);
    this.writes.forEach((write, index) => {
      if ((this.#landed.has(write) && write.sync) || survives(write, index)) applied(state, write.ops);
    });
    return new MemoryStore(state);
  }

  /** What a process finds that opens the store after this one closed it. */
  reopened(): MemoryStore {
    return new MemoryStore(this.state);
  }

  /** Changes a character of a stored value. */
  damage(key: string): void {
    const sealed = this.state.get(key);
    if (sealed === undefined) throw new Error(`there is no "${key}" to damage`);
    this.state = new Map(this.state).set(key, `${sealed}~`);
  }
}
