// The thread of a `Packer`: it packs what stands in memory that they share, and hashes it.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { FRAME } from './packed.ts';
import type { Answer, Order, Shared } from './packer.ts';

/** Of 0 to 11. Higher ones take far longer for little: 1 makes 100 MB of a world 20 MB in 0.25 s, 2 makes it 17 MB in 0.5 s. */
const QUALITY = 1;
/** Bytes that it looks back, as a power of two: it remembers nothing from one frame to the next. */
const WINDOW = 19;

const PACKING = {
  params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: WINDOW },
};
const UNPACKING = { maxOutputLength: FRAME };

const shared = workerData as Shared;
const frame = Buffer.from(shared.frame);
const packed = Buffer.from(shared.packed);
let hash = createHash('sha256');

function done(order: Order): Answer {
  switch (order.what) {
    case 'pack': {
      const plain = frame.subarray(0, order.length);
      hash.update(plain);
      return { length: brotliCompressSync(plain, PACKING).copy(packed) };
    }
    case 'unpack': {
      let plain: Buffer;
      try {
        plain = brotliDecompressSync(packed.subarray(0, order.length), UNPACKING);
      } catch {
        return { length: 0 }; // it was never packed here
      }
      hash.update(plain);
      return { length: plain.length };
    }
    case 'begin':
      hash = createHash('sha256');
      return {};
    case 'hash':
    default:
      return { hash: hash.copy().digest('hex') };
  }
}

parentPort?.on('message', (order: Order) => parentPort?.postMessage(done(order)));
