import { readFile } from 'node:fs/promises';
import { crc32c } from './crc32c.ts';
import { reasonOf } from '../errors.ts';
import { unsnap } from './unsnap.ts';
import { varint } from './varint.ts';

/*
 * A table file of LevelDB.
 *
 *   table   = { block } footer
 *   block   = contents  type (1: 0 as it is, 1 Snappy)  crc of both (4)
 *   footer  = handle of the metaindex, handle of the index, zeros: 40 bytes; MAGIC (8)
 *   handle  = offset, size of the contents: two varints
 *   index, metaindex = { shared unshared length KEY HANDLE } restarts (4 each) how many (4)
 *
 * An index entry's key is not below any in its block; the last 8 bytes of a key are LevelDB's own.
 */

const FOOTER = 48;
/** Bytes of a key that are LevelDB's own: the number of the change, and what it was. */
const OWN = 8;
const TRAILER = 5;
const MAGIC = 0xdb4775248b80fb57n;

export interface BlockDamage {
  readonly why: string;
  readonly keys: readonly [above: string, upTo: string];
  /** LevelDB may end the process that reads it. */
  readonly isDeadly: boolean;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Looks whether all blocks of a table fit their checksums, and gives those that do not. Throws an ordinary Error when the table
 * as a whole cannot be read: its index or its filter, without which keys that are there are not found.
 */
export function checkTable(bytes: Buffer): readonly BlockDamage[] {
  const footer = bytes.length - FOOTER;
  if (footer < 0) throw new Error('it is too short');
  if (bytes.readBigUInt64LE(bytes.length - 8) !== MAGIC) throw new Error('its end is not that of a table');
  const [metaindex, after] = handleAt(bytes, footer);
  const [indexAt] = handleAt(bytes, after);
  const block = ({ offset, size }: Handle): Buffer => {
    if (offset + size + TRAILER > bytes.length) throw new Error('it is too short');
    return contentsOf(bytes.subarray(offset, offset + size + TRAILER), size);
  };
  for (const [, meta] of entriesOf(block(metaindex))) block(meta);
  return checkBlocks(bytes, block(indexAt));
}

/**
 * The bytes of a table with nothing in those of its blocks that LevelDB could die of; undefined where there are none. It believes a
 * block that does not fit its checksum, so that nearly all of that can be read still, and where keys in it are none, or not in
 * order, it ends the process, also on its own, while it tidies up. A table whose index is damaged is none any more, which it tells.
 */
export async function withoutDamage(file: string): Promise<Buffer | undefined> {
  const bytes = await readFile(file);
  const footer = bytes.length - FOOTER;
  if (footer < 0 || bytes.readBigUInt64LE(bytes.length - 8) !== MAGIC) return undefined;
  const fits = ({ offset, size }: Handle): boolean =>
    offset + size + TRAILER <= footer &&
    crc32c(bytes, offset, offset + size + 1) === bytes.readUInt32LE(offset + size + 1);
  const blocksOf = ({ offset, size }: Handle): [key: Buffer, block: Handle][] => [
    ...entriesOf(contentsOf(bytes.subarray(offset, offset + size + TRAILER), size)),
  ];
  let damaged: Handle[];
  try {
    const [metaindex, after] = handleAt(bytes, footer);
    const [index] = handleAt(bytes, after);
    if (!fits(index)) throw new Error('its index does not fit its checksum');
    let above: Buffer = Buffer.alloc(0);
    damaged = blocksOf(index).flatMap(([key, block]) => {
      const isSound = fits(block) || isReadable(bytes, block, above, key);
      above = key;
      return isSound ? [] : [block];
    });
    // Without its filter a table is slower, and no other one.
    if (!fits(metaindex) || !blocksOf(metaindex).every(([, block]) => fits(block))) damaged.push(metaindex);
  } catch {
    return bytes.fill(0, bytes.length - 8);
  }
  // No restarts, so no entries. What leads out of the table LevelDB does not read.
  const within = damaged.filter(({ offset, size }) => offset + size + TRAILER <= footer);
  for (const { offset, size } of within) {
    bytes.fill(0, offset, offset + size + 1);
    bytes.writeUInt32LE(crc32c(bytes, offset, offset + size + 1), offset + size + 1);
  }
  return within.length === 0 ? undefined : bytes;
}

/** Whether there is nothing in a block but entries whose keys are above one, up to another, and in order. */
function isReadable(bytes: Buffer, { offset, size }: Handle, above: Buffer, upTo: Buffer): boolean {
  try {
    const stored = bytes.subarray(offset, offset + size);
    const block = bytes[offset + size] === 1 ? unsnap(stored) : stored;
    const restarts = block.readUInt32LE(block.length - 4);
    const end = block.length - 4 - 4 * restarts;
    if (end < 0) return false;
    const begins = new Set(Array.from({ length: restarts }, (_, n) => block.readUInt32LE(end + 4 * n)));
    if (!begins.has(0) || begins.size !== restarts) return false;
    let before = above;
    for (let at = 0; at < end;) {
      const [shared, second] = varint(block, at);
      const [unshared, third] = varint(block, second);
      const [length, keyAt] = varint(block, third);
      if ((begins.delete(at) && shared > 0) || shared > before.length) return false;
      const key = Buffer.concat([before.subarray(0, shared), block.subarray(keyAt, keyAt + unshared)]);
      at = keyAt + unshared + length;
      if (at > end || key.length < OWN || !isBelow(before, key)) return false;
      before = key;
    }
    return begins.size === 0 && !isBelow(upTo, before);
  } catch {
    return false;
  }
}

/** In the order of LevelDB: of the changes of one key the newest comes first. */
function isBelow(one: Buffer, other: Buffer): boolean {
  if (one.length === 0) return true;
  const order = one.subarray(0, -OWN).compare(other.subarray(0, -OWN));
  const [before, after] = [one, other].map((key) => key.readBigUInt64LE(key.length - OWN)) as [
    bigint,
    bigint,
  ];
  return order === 0 ? before > after : order < 0;
}

function checkBlocks(bytes: Buffer, index: Buffer): readonly BlockDamage[] {
  const damages: BlockDamage[] = [];
  let above: Buffer = Buffer.alloc(0);
  for (const [key, { offset, size }] of entriesOf(index)) {
    const sum = offset + size + TRAILER - 4;
    if (sum + 4 > bytes.length) throw new Error('its index leads out of it');
    if (crc32c(bytes, offset, sum) !== bytes.readUInt32LE(sum))
      damages.push({
        why: `the block at byte ${offset} does not fit its checksum`,
        keys: [userKey(above), userKey(key)],
        isDeadly: !isReadable(bytes, { offset, size }, above, key),
      });
    above = key;
  }
  return damages;
}

function userKey(key: Buffer): string {
  return key.toString('latin1', 0, Math.max(0, key.length - OWN));
}

/** The contents of a block with its trailer. */
function contentsOf(block: Buffer, size: number): Buffer {
  if (crc32c(block, 0, size + 1) !== block.readUInt32LE(size + 1))
    throw new Error('its index or filter does not fit its checksum');
  const contents = block.subarray(0, size);
  try {
    return block[size] === 1 ? unsnap(contents) : contents;
  } catch (error) {
    throw new Error(`its index or filter cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function handleAt(bytes: Buffer, at: number): [Handle, next: number] {
  const [offset, between] = varint(bytes, at);
  const [size, next] = varint(bytes, between);
  return [{ offset, size }, next];
}

function* entriesOf(index: Buffer): Generator<[key: Buffer, handle: Handle]> {
  const restarts = index.length < 4 ? -1 : index.readUInt32LE(index.length - 4);
  const end = index.length - 4 - 4 * restarts;
  if (restarts < 0 || end < 0) throw new Error('its index has no end');
  let key: Buffer = Buffer.alloc(0);
  for (let at = 0; at < end;) {
    const [shared, second] = varint(index, at);
    const [unshared, third] = varint(index, second);
    const [length, keyAt] = varint(index, third);
    const rest = index.subarray(keyAt, keyAt + unshared);
    // LevelDB writes the keys of an index whole.
    key = shared === 0 ? rest : Buffer.concat([key.subarray(0, shared), rest]);
    yield [key, handleAt(index, keyAt + unshared)[0]];
    at = keyAt + unshared + length;
  }
}
