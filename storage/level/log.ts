import { crc32c } from './crc32c.ts';

/*
 * A log of LevelDB's: its journal of batches, and the MANIFEST.
 *
 *   log       = blocks of 32 KiB of fragments; no fragment crosses a block
 *   fragment  = crc (4) length (2) type (1: whole, 2: first, 3: middle, 4: last) payload
 *
 * The end of a log may be torn: a process that dies, or a machine, leaves half a record there, which nobody was told of.
 */

const BLOCK = 32 * 1024;
const HEADER = 7;

export interface Log {
  readonly records: readonly Buffer[];
  /** Bytes up to the end of the last of them: what is behind them is torn. */
  readonly whole: number;
}

/** Throws an ordinary Error where something unreadable is followed by what can be read. */
export function readLog(bytes: Buffer): Log {
  const records: Buffer[] = [];
  let whole = 0;
  let parts: Buffer[] | undefined;
  let bad: number | undefined;
  for (let at = 0; at < bytes.length;) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const fragment = fragmentAt(bytes, at, left);
    if (fragment === undefined) {
      bad ??= at;
      parts = undefined;
      at += left;
      continue;
    }
    const { type, payload } = fragment;
    const begins = type === 1 || type === 2;
    // What follows in the same record may have reached the disk before its beginning did.
    if (bad !== undefined && begins) throw new Error(`from byte ${bad} on`);
    if (!begins && parts === undefined) bad ??= at;
    else if (begins && parts !== undefined) throw new Error(`a record before byte ${at} has no end`);
    if (type === 1) records.push(payload);
    else if (type === 2) parts = [payload];
    else if (parts !== undefined) {
      parts.push(payload);
      if (type === 4) {
        records.push(Buffer.concat(parts));
        parts = undefined;
      }
    }
    at += HEADER + payload.length;
    if (type === 1 || type === 4) whole = at;
  }
  return { records, whole };
}

function fragmentAt(
  bytes: Buffer,
  at: number,
  left: number,
): { readonly type: number; readonly payload: Buffer } | undefined {
  if (at + HEADER > bytes.length) return undefined;
  const length = bytes.readUInt16LE(at + 4);
  const type = bytes[at + 6] ?? 0;
  const end = at + HEADER + length;
  if (type < 1 || type > 4 || HEADER + length > left || end > bytes.length) return undefined;
  if (crc32c(bytes, at + 6, end) !== bytes.readUInt32LE(at)) return undefined;
  return { type, payload: bytes.subarray(at + HEADER, end) };
}
