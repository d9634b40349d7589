import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FRAME, PACKED_MOST } from './packed.ts';

/** Memory that a packer and its thread share; who writes there is told by the orders: one at a time is under way. */
export interface Shared {
  readonly frame: SharedArrayBuffer;
  readonly packed: SharedArrayBuffer;
}

/** What the thread is to do; `length` says how much of `frame`, or of `packed`, there is to it. */
export type Order =
  { readonly what: 'pack' | 'unpack'; readonly length: number } | { readonly what: 'hash' | 'begin' };

/** `length` says how much of the other one there is now: 0 for what cannot be unpacked. */
export type Answer = { readonly length?: number; readonly hash?: string };

/**
 * Packs, unpacks and hashes the bytes of a checkpoint in a thread of its own, in two buffers that stay where they are: on
 * the main thread, with new buffers each time, the work and the collecting of garbage held up whoever was playing.
 *
 * One call at a time. `close` it at the end. Calls throw what ended the thread, also when it ended before the call.
 */
export class Packer {
  /** The bytes to pack. Whoever calls leaves it alone until the answer is there. */
  readonly frame: Buffer;
  /** The bytes that were packed; those to unpack. Likewise. */
  readonly packed: Buffer;
  readonly #thread: Worker;
  /** Rejects when the thread ends. */
  readonly #ended: Promise<never>;

  constructor() {
    const shared: Shared = {
      frame: new SharedArrayBuffer(FRAME),
      packed: new SharedArrayBuffer(PACKED_MOST),
    };
    this.frame = Buffer.from(shared.frame);
    this.packed = Buffer.from(shared.packed);
    this.#thread = new Worker(new URL('./packer-thread.js', import.meta.url), {
      workerData: shared,
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
      execArgv: [],
    });
    this.#ended = new Promise((_, reject) => {
      this.#thread.once('error', reject);
      this.#thread.once('exit', () => {
        reject(new Error('the thread that packs it has ended'));
      });
    });
    this.#ended.catch(() => {}); // calls throw it
  }

  /** Packs the first bytes of `frame` into `packed`, gives how many these are, and adds the former to the hash. */
  async pack(length: number): Promise<number> {
    return (await this.#do({ what: 'pack', length })).length ?? 0;
  }

  /** Unpacks the first bytes of `packed` and adds that to the hash. False where they were never packed. */
  async unpack(length: number): Promise<boolean> {
    return ((await this.#do({ what: 'unpack', length })).length ?? 0) > 0;
  }

  /** The hash of all that was packed, or unpacked, since the last `begin`. */
  async hash(): Promise<string> {
    return (await this.#do({ what: 'hash' })).hash ?? '';
  }

  async begin(): Promise<void> {
    await this.#do({ what: 'begin' });
  }

  async #do(order: Order): Promise<Answer> {
    const answered = once(this.#thread, 'message') as Promise<[Answer]>;
    this.#thread.postMessage(order);
    return (await Promise.race([answered, this.#ended]))[0];
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}
