import { StoreError } from '../../storage/errors.ts';
import type { Op, PutParts, Range, Reader, SealedEntry, Snapshot, Store } from '../../storage/store.ts';

/**
 * What happens at one write:
 *
 *   fail          it rejects, and nothing of it is written
 *   fail-whole    it rejects, and all of it is written
 *   power-before  the power fails before anything of it is written: nobody ever hears of it
 *   power-after   the power fails when all of it is written, before anybody hears of it
 *   delay         it takes much longer than any other
 */
export const WRITE_FAULTS = ['fail', 'fail-whole', 'power-before', 'power-after', 'delay'] as const;
export type WriteFault = (typeof WRITE_FAULTS)[number];

export interface FaultPlan {
  /** Writes and reads are counted from 1 on, as they are begun. */
  readonly write?: { readonly at: number; readonly fault: WriteFault };
  /** This read, of a key, of the start of a range or of one of its entries, fails once as an I/O error does. */
  readonly read?: { readonly at: number };
  /** The disk says that it has synced what it has not. */
  readonly liesAboutSync?: boolean;
}

/** A write as it was begun. */
export interface BegunWrite {
  readonly ops: readonly (Op | PutParts)[];
  /** Whoever began it was told that it is on disk. */
  acknowledged: boolean;
}

/** Turns of the event loop that a delayed write takes: enough for everything else that can happen to happen first. */
const DELAY = 12;

/** Another one each time: a promise keeps whatever waits for it, and with that all of a world that has ended. */
const never = (): Promise<never> => new Promise(() => {});

interface Shared {
  plan: FaultPlan;
  reads: number;
  dead: boolean;
}

class FaultyReader implements Reader {
  readonly #below: Reader;
  readonly #shared: Shared;

  constructor(below: Reader, shared: Shared) {
    this.#below = below;
    this.#shared = shared;
  }

  get(key: string): string | undefined {
    this.#count();
    return this.#below.get(key);
  }

  async *range(range: Range): AsyncGenerator<readonly [string, string]> {
    this.#count();
    for await (const entry of this.#below.range(range)) {
      this.#count();
      yield entry;
    }
  }

  /** Each entry of these is a read. */
  async *counted(chunks: AsyncIterable<readonly SealedEntry[]>): AsyncGenerator<readonly SealedEntry[]> {
    for await (const chunk of chunks) {
      for (const _ of chunk) this.#count();
      yield chunk;
    }
  }

  #count(): void {
    if (this.#shared.dead) throw new StoreError('Closed', 'the power has failed');
    this.#shared.reads += 1;
    if (this.#shared.reads === this.#shared.plan.read?.at)
      throw new StoreError('Unreadable', 'input/output error');
  }
}

/** Any store, at one write or read of which something goes wrong. It owns the store below. */
export class FaultyStore extends FaultyReader implements Store {
  readonly #below: Store;
  readonly #shared: Shared;
  /** Every write that was begun. */
  readonly begun: BegunWrite[] = [];
  /** Resolves when the power has failed. From then on nothing is written, and no write is ever answered. */
  readonly powerFailure: Promise<void>;
  #failPower: () => void = () => {};

  constructor(below: Store, plan: FaultPlan = {}) {
    const shared = { plan, reads: 0, dead: false };
    super(below, shared);
    this.#below = below;
    this.#shared = shared;
    this.powerFailure = new Promise((resolve) => {
      this.#failPower = resolve;
    });
  }

  /** Another write is to go wrong than was planned. */
  breakAt(at: number, fault: WriteFault): void {
    this.#shared.plan = { ...this.#shared.plan, write: { at, fault } };
  }

  get reads(): number {
    return this.#shared.reads;
  }

  async batch(ops: readonly (Op | PutParts)[], how: { readonly sync: boolean }): Promise<void> {
    const { dead, plan } = this.#shared;
    if (dead) return never();
    const write: BegunWrite = { ops: [...ops], acknowledged: false };
    const at = this.begun.push(write);
    const fault = plan.write?.at === at ? plan.write.fault : undefined;
    const below = { sync: how.sync && plan.liesAboutSync !== true };
    switch (fault) {
      case 'fail':
        throw new StoreError('Unwritable', 'no space left on device');
      case 'fail-whole':
        await this.#below.batch(write.ops, below);
        throw new StoreError('Unwritable', 'input/output error');
      case 'power-before':
        return this.#die();
      case 'power-after':
        await this.#below.batch(write.ops, below);
        return this.#die();
      case 'delay':
        for (let turn = 0; turn < DELAY; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        break;
      case undefined:
    }
    await this.#below.batch(write.ops, below);
    write.acknowledged = true;
  }

  snapshot(): Snapshot {
    const snapshot = this.#below.snapshot();
    const reader = new FaultyReader(snapshot, this.#shared);
    return {
      get: (key) => reader.get(key),
      range: (range) => reader.range(range),
      sealed: (range) => reader.counted(snapshot.sealed(range)),
      close: () => snapshot.close(),
    };
  }

  async close(): Promise<void> {
    if (!this.#shared.dead) await this.#below.close();
  }

  #die(): Promise<never> {
    this.#shared.dead = true;
    this.#failPower();
    return never();
  }
}
