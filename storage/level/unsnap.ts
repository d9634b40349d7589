import { varint } from './varint.ts';

/*
 * Snappy, as far as it takes to read it: the length as a varint, then elements. The low two bits of an element's first
 * byte say what it is: 0 literal bytes, 1 to 3 a copy of what came before, with an offset of 11, 16 or 32 bits.
 */

/** Most bytes of a block that is taken apart: far above the index of any table that we let LevelDB write. */
const MOST = 64 * 1024 * 1024;

/** Takes a Snappy block apart. Throws an ordinary Error where it is none. */
export function unsnap(block: Buffer): Buffer {
  const [length, begin] = varint(block, 0);
  let at = begin;
  if (length > MOST) throw new Error('it is too long');
  const out = Buffer.alloc(length);
  let to = 0;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    at += 1;
    const high = tag >> 2;
    if ((tag & 3) === 0) {
      const more = high < 60 ? 0 : high - 59;
      const size = (more === 0 ? high : block.readUIntLE(at, more)) + 1;
      at += more;
      if (at + size > block.length || to + size > length) throw new Error('a literal leads out of it');
      block.copy(out, to, at, at + size);
      at += size;
      to += size;
      continue;
    }
    const width = [0, 1, 2, 4][tag & 3] ?? 0;
    const size = width === 1 ? 4 + (high & 7) : 1 + high;
    const offset = block.readUIntLE(at, width) + (width === 1 ? (high >> 3) * 256 : 0);
    at += width;
    if (offset === 0 || offset > to || to + size > length) throw new Error('a copy leads out of it');
    for (const end = to + size; to < end; to += 1) out[to] = out[to - offset] ?? 0;
  }
  if (to !== length) throw new Error('it is shorter than it says');
  return out;
}
