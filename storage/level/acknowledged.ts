import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { seal, unseal } from '../checksum.ts';
import { StoreError } from '../errors.ts';
import { UNFINISHED } from '../files.ts';
import { journalKey, parseKey, prefixRange, SETTLED_KEY } from '../keys.ts';
import type { Reader } from '../store.ts';

/** Its name, beside LevelDB's own files, which leaves it alone. */
export const ACKNOWLEDGED = 'ACKNOWLEDGED';

/** Bytes of the file: a number with its checksum, and room. Always written whole, so that no older one shows behind it. */
const LENGTH = 32;
/** What the checksum is of, beside the number. */
const KEY = 'acknowledged';

/**
 * A file that holds the number of the last journal entry of which anybody was told that it is on disk. It is written
 * behind each commit and not synced, so it costs about 1 us; it outlives the process, and after a power failure it is
 * perhaps too old, never too new. LevelDB cannot tell the end of a damaged log from the end of a log.
 */
export class Acknowledged {
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** 0 where nothing is known: there is no such file, or it is damaged itself. */
  static read(path: string): number {
    try {
      return Number(unseal(KEY, readFileSync(path, 'latin1').trim()));
    } catch {
      return 0;
    }
  }

  /** Makes the file anew when it is first called. Where it cannot be written, the older number stays: it vouches for less. */
  write(seq: number): void {
    const text = seal(KEY, String(seq)).padEnd(LENGTH);
    try {
      if (this.#file === undefined) this.#begin(text);
      else writeSync(this.#file, text, 0, 'latin1');
    } catch {
      // As above.
    }
  }

  /**
   * Not in the file that is there: a copy of the folder by hard links (`cp -al`) has that one too, and would be said to lack what
   * is committed here. LevelDB's own files may be linked, as it begins others whenever it opens a database.
   */
  #begin(text: string): void {
    const fresh = this.#path + UNFINISHED;
    rmSync(fresh, { force: true });
    const file = openSync(fresh, 'wx', 0o600);
    try {
      writeSync(file, text, 0, 'latin1');
      renameSync(fresh, this.#path);
      this.#file = file;
    } finally {
      if (this.#file === undefined) closeSync(file);
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** Throws `Damaged` when the journal ends before the last entry that was acknowledged. */
export async function checkAcknowledged(store: Reader, path: string): Promise<void> {
  const acknowledged = Acknowledged.read(path);
  if (acknowledged === 0) return;
  let last: number;
  try {
    last = Number(store.get(SETTLED_KEY) ?? '0');
    if (!(last < acknowledged) || store.get(journalKey(acknowledged)) !== undefined) return;
  } catch {
    return; // whoever replays the journal says so
  }
  const onDamaged = (): void => void (last = Infinity); // the same
  for await (const [text] of store.range({ ...prefixRange('j'), gte: journalKey(last + 1), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind === 'journal') last = Math.max(last, key.seq);
  }
  if (last < acknowledged) throw endMissing(last, acknowledged, path);
}

/** `log`: the file that would have what is missing, where that is known and is still there. */
export function endMissing(last: number, acknowledged: number, path: string, log?: string): StoreError {
  const restore = 'estore the last checkpoint into a new folder';
  return new StoreError(
    'Damaged',
    `the end of the journal is missing: commits ${last + 1} to ${acknowledged} were acknowledged and are gone. ` +
      `${log === undefined ? 'R' : `Put a copy of "${log}" back that has them, or r`}${restore}; ` +
      `or remove the file "${path}", to go on without them`,
  );
}
