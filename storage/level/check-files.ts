import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c.ts';
import { reasonOf, systemCode } from '../errors.ts';
import { checkTable } from './table.ts';

/*
 * LevelDB's own files, looked at before LevelDB opens them. It skips what it cannot read in a log without a word, never
 * asks whether a log is there, believes the blocks of a table unseen, and ends the whole process where their keys are out
 * of order. So: every record of a log has to be whole, and each to follow the one before it; every table has to be
 * there and as long as it was, and the blocks of the newest have to fit their checksums.
 *
 *   CURRENT   = "MANIFEST-" NUMBER "\n"
 *   MANIFEST  = a log of edits: which tables there are, which log is the first that is not in them
 *   log       = blocks of 32 KiB of fragments; no fragment crosses a block
 *   fragment  = crc (4) length (2) type (1: whole, 2: first, 3: middle, 4: last) payload
 *   batch     = number of its first change (8) how many changes (4) changes
 *
 * The end of a log may be torn: a process that dies, or a machine, leaves half a record there, which nobody was told of.
 * Whether what was acknowledged is there is asked of the journal, see `acknowledged.ts`.
 */

export interface FileDamage {
  readonly file: string;
  readonly why: string;
  /** Keys between which some may be missing, or be other than they were: above the first, up to the second. */
  readonly keys?: readonly [above: string, upTo: string];
}

const BLOCK = 32 * 1024;
const HEADER = 7;

/** The records of a log. `torn`: it ends in the middle of one, as after the death of its writer. */
interface LogContents {
  readonly records: readonly Buffer[];
  readonly torn: boolean;
}

class Damage extends Error {}

/** Throws `Damage` where something unreadable is followed by what can be read. */
function readLog(bytes: Buffer): LogContents {
  const records: Buffer[] = [];
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
    if (bad !== undefined && begins) throw new Damage(`from byte ${bad} on`);
    if (!begins && parts === undefined) bad ??= at;
    else if (begins && parts !== undefined) throw new Damage(`a record before byte ${at} has no end`);
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
  }
  return { records, torn: bad !== undefined || parts !== undefined };
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

/** What the edits of a MANIFEST come to. */
interface Manifest {
  readonly tables: ReadonlyMap<number, number>;
  readonly firstLog: number;
  readonly lastSequence: bigint;
}

/** Takes numbers and texts off a record. */
class Cursor {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  big(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.at];
      if (byte === undefined || shift > 63n) throw new Damage('an edit ends too early');
      this.at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  number(): number {
    return Number(this.big());
  }

  skipText(): void {
    const length = this.number();
    this.at += length;
  }
}

function readManifest(bytes: Buffer): Manifest {
  const tables = new Map<number, number>();
  let firstLog = 0;
  let lastSequence = 0n;
  const { records } = readLog(bytes);
  if (records.length === 0) throw new Damage('it says nothing');
  for (const record of records) {
    for (const edit = new Cursor(record); !edit.done;) {
      const tag = edit.number();
      if (tag === 1) edit.skipText();
      else if (tag === 2) firstLog = edit.number();
      else if (tag === 3 || tag === 9) edit.number();
      else if (tag === 4) lastSequence = edit.big();
      else if (tag === 5) {
        edit.number();
        edit.skipText();
      } else if (tag === 6) {
        edit.number();
        tables.delete(edit.number());
      } else if (tag === 7) {
        edit.number();
        const number = edit.number();
        tables.set(number, edit.number());
        edit.skipText();
        edit.skipText();
      } else throw new Damage(`it has an edit of an unknown kind, ${tag}`);
    }
  }
  return { tables, firstLog, lastSequence };
}

/** Throws `Damage` where a batch is missing between two others. Gives the number of the change that is to come next. */
function checkBatches(bytes: Buffer, next: bigint | undefined): bigint | undefined {
  const { records } = readLog(bytes);
  for (const record of records) {
    if (record.length < 12) throw new Damage('a batch is too short');
    const first = record.readBigUInt64LE(0);
    if (next !== undefined && first > next) throw new Damage(`${first - next} changes are missing before it`);
    next = first + BigInt(record.readUInt32LE(8));
  }
  return next;
}

/**
 * Looks at the files of a LevelDB folder that nobody has open. `tableBytes`: tables of so many bytes are read, of the others
 * only the length is looked at. Gives all that is damaged; none where there is no database.
 */
export async function checkLevelFiles(folder: string, tableBytes: number): Promise<readonly FileDamage[]> {
  const damages: FileDamage[] = [];
  const found = (name: string, error: unknown): void => {
    const gone = systemCode(error) === 'ENOENT';
    damages.push({ file: join(folder, name), why: gone ? 'it is gone' : reasonOf(error) });
  };
  const names = await readdir(folder);
  const logs = names.filter((name) => /^\d+\.log$/.test(name)).sort((a, b) => parseInt(a) - parseInt(b));
  let current = 'CURRENT';
  let manifest: Manifest;
  try {
    const text = await readFile(join(folder, current), 'latin1');
    const name = /^(MANIFEST-\d+)\n$/.exec(text)?.[1];
    if (name === undefined) throw new Damage('it names no MANIFEST');
    current = name;
    manifest = readManifest(await readFile(join(folder, current)));
  } catch (error) {
    found(current, error);
    return damages;
  }
  let next: bigint | undefined = manifest.lastSequence + 1n;
  for (const name of logs.filter((each) => parseInt(each) >= manifest.firstLog)) {
    try {
      const bytes = await readFile(join(folder, name));
      next = checkBatches(bytes, next);
    } catch (error) {
      found(name, error);
      next = undefined;
    }
  }
  let budget = tableBytes;
  // The newest first: they are the small ones, and hold what changed last.
  for (const [number, size] of [...manifest.tables].sort(([a], [b]) => b - a)) {
    const digits = String(number).padStart(6, '0');
    const name = names.includes(`${digits}.sst`) ? `${digits}.sst` : `${digits}.ldb`;
    const file = join(folder, name);
    try {
      const { size: actual } = await stat(file);
      if (actual !== size) throw new Damage(`it has ${actual} bytes and had ${size}`);
      budget -= size;
      if (budget < 0) continue;
      for (const damage of await checkTable(file, size)) damages.push({ file, ...damage });
    } catch (error) {
      found(name, error);
    }
  }
  return damages;
}
