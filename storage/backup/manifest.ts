import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as pause } from 'node:timers/promises';
import { damagedCheckpoint } from '../checkpoint/header.ts';
import { reasonOf, StoreError, systemCode } from '../errors.ts';
import { READ } from '../files.ts';
import type { Part } from './part-folder.ts';

/*
 * A manifest: the one file that makes a backup of the parts in a folder. A backup is a checkpoint file, byte for byte:
 * FIRST, a line end, the parts one after the other, LAST, a line end. SHA256 is the hash, in hex, of all before the
 * trailer.
 *
 *   manifest = HEADER "\n" { part } trailer
 *   HEADER   = {"format":"keystead-backup","version":1,"world":TEXT,"bytes":NUMBER,"first":TEXT,"last":TEXT}
 *   part     = HASH " " BYTES " " STORED "\n"
 *   trailer  = " end " COUNT " " SHA256 "\n"
 */

const FORMAT = 'keystead-backup';
const VERSION = 1;
const PAUSE_EVERY = 512; // lines between two pauses: taking 512 apart takes about 0.3 ms
const PART = /^([0-9a-f]{64}) ([1-9]\d{0,8}) ([1-9]\d{0,8})$/;

export interface Manifest {
  /** Which world it is of; `backup-folder.ts` says what that is good for. */
  readonly world: string;
  /** Bytes of the checkpoint file. */
  readonly bytes: number;
  /** Its first line and its last one, without line ends. */
  readonly first: string;
  readonly last: string;
  readonly parts: readonly Part[];
}

export async function manifestText(manifest: Manifest): Promise<string> {
  const { world, bytes, first, last, parts } = manifest;
  const header = { format: FORMAT, version: VERSION, world, bytes, first, last };
  const hash = createHash('sha256');
  let text = '';
  let piece = `${JSON.stringify(header)}\n`;
  for (const [at, part] of parts.entries()) {
    piece += `${part.hash} ${part.bytes} ${part.stored}\n`;
    if (at % PAUSE_EVERY !== PAUSE_EVERY - 1) continue;
    hash.update(piece);
    text += piece;
    piece = '';
    await pause();
  }
  return `${text}${piece} end ${parts.length} ${hash.update(piece).digest('hex')}\n`;
}

/** Throws `Missing`, `Unreadable`, `CheckpointDamaged`, `FormatForeign` or `FormatNewer`. */
export async function readManifest(file: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(file, { encoding: 'utf8', flag: READ });
  } catch (error) {
    const code = systemCode(error) === 'ENOENT' ? 'Missing' : 'Unreadable';
    throw new StoreError(code, `cannot read the backup "${file}": ${reasonOf(error)}`, error);
  }
  const end = text.indexOf('\n');
  const header = parseHeader(text.slice(0, Math.max(0, end)), file);
  const parts: Part[] = [];
  const hashed = createHash('sha256');
  let before = 0; // up to here it is in the hash
  let at = end + 1;
  for (; text[at] !== ' ';) {
    const next = text.indexOf('\n', at);
    const [, hash, bytes, stored] = PART.exec(text.slice(at, Math.max(at, next))) ?? [];
    if (hash === undefined) throw damagedCheckpoint(file, `line ${parts.length + 2} names no part`);
    parts.push({ hash, bytes: Number(bytes), stored: Number(stored) });
    at = next + 1;
    if (parts.length % PAUSE_EVERY !== 0) continue;
    hashed.update(text.slice(before, at));
    before = at;
    await pause();
  }
  const hash = hashed.update(text.slice(before, at)).digest('hex');
  if (text.slice(at) !== ` end ${parts.length} ${hash}\n`) {
    throw damagedCheckpoint(file, 'it is not what its last line says');
  }
  return { ...header, parts };
}

function parseHeader(line: string, file: string): Omit<Manifest, 'parts'> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damagedCheckpoint(file, 'its first line is not that of a backup');
  }
  const header = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { format, version, world, bytes, first, last } = header;
  if (format === FORMAT && Number.isSafeInteger(version) && (version as number) > VERSION) {
    throw new StoreError(
      'FormatNewer',
      `the backup "${file}" was written by a newer Keystead: run the newer Keystead`,
    );
  }
  if (
    format !== FORMAT ||
    version !== VERSION ||
    typeof world !== 'string' ||
    !Number.isSafeInteger(bytes) ||
    typeof first !== 'string' ||
    typeof last !== 'string'
  ) {
    throw damagedCheckpoint(file, 'its first line is not that of a backup');
  }
  return { world, bytes: bytes as number, first, last };
}
