import { setImmediate as pause } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { CheckpointEntry } from '../checkpoint-reader.ts';

/**
 * Where the bytes of a checkpoint are cut into parts.
 *
 * After an entry whose key says so: its CRC-32 is below a bound that grows with the size of the entry. So an entry that
 * changes, comes or goes changes the part that it is in, and at most the cut beside it: all other parts stay as they were,
 * and have the same hash.
 */
export interface CutSizes {
  /**
   * Bytes of a part on average. Smaller parts make a change cost less, and each one costs a line of 75 bytes in every
   * backup: with 500 MB and some hundred changes the sum is least about here.
   */
  readonly aim: number;
  /** Bytes of the largest part: what is held in memory. A longer run, or a larger entry, is cut where it is full. */
  readonly most: number;
}

export const CUT_SIZES: CutSizes = { aim: 32 * 1024, most: 256 * 1024 };

const NEWLINE = 10;
/** Entries between two pauses: reading, checking and cutting up 128 of 180 bytes takes about 0.5 ms. */
const PAUSE_EVERY = 128;

function endsPart(key: string, size: number, aim: number): boolean {
  return crc32(key) * aim < size * 2 ** 32;
}

/**
 * The bytes of entries as they stand in a checkpoint file, cut into parts. A part is valid until the next one is asked
 * for. Throws what `entries` throws.
 */
export async function* cut(
  entries: AsyncIterable<CheckpointEntry>,
  { aim, most }: CutSizes = CUT_SIZES,
): AsyncGenerator<Buffer> {
  const part = Buffer.allocUnsafeSlow(most);
  let filled = 0;
  let count = 0;
  for await (const { key, line, sealed } of entries) {
    const size = line.length + sealed.length + 2;
    if (filled + size <= most) {
      filled += part.write(line, filled, 'latin1');
      part[filled] = NEWLINE;
      filled += sealed.copy(part, filled + 1) + 1;
      part[filled] = NEWLINE;
      filled += 1;
    } else {
      const bytes = Buffer.concat([Buffer.from(`${line}\n`, 'latin1'), sealed, Buffer.of(NEWLINE)]);
      for (let at = 0; at < size;) {
        if (filled === most) {
          yield part;
          filled = 0;
        }
        const copied = bytes.copy(part, filled, at);
        filled += copied;
        at += copied;
      }
    }
    if (filled === most || endsPart(key, size, aim)) {
      yield part.subarray(0, filled);
      filled = 0;
    }
    count += 1;
    if (count % PAUSE_EVERY === 0) await pause();
  }
  if (filled > 0) yield part.subarray(0, filled);
}
