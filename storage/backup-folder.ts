import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { manifestText, readManifest, type Manifest } from './backup/manifest.ts';
import { BackupSource, PARTS } from './backup/source.ts';
import {
  isTaken,
  LACKING,
  numbered,
  numberText,
  tooMany,
  withMarks,
  type CheckpointInfo,
} from './checkpoint-folder.ts';
import { markLacking } from './checkpoint-file.ts';
import { CheckpointReader } from './checkpoint-reader.ts';
import { parseHeader } from './checkpoint/header.ts';
import { cut } from './backup/cut.ts';
import { reasonOf, StoreError, systemCode, unwritable } from './errors.ts';
import {
  namesIn,
  READ,
  removeFiles,
  sizeOf,
  syncAbove,
  syncFolder,
  syncName,
  writeDurably,
} from './files.ts';
import { PartFolder, type Part } from './backup/part-folder.ts';

/*
 * A folder of backups:
 *
 *   NUMBER.backup    a manifest: with the parts that it names, checkpoint NUMBER byte for byte
 *   NUMBER.backup.lacking   empty: something that was damaged was left out of that checkpoint
 *   parts/HH/HASH    the parts, each there once, however many manifests name it
 *   writer           who writes here
 *
 * The order on disk: parts are durable, name and all, before the manifest that names them gets its name. A manifest that
 * is removed is gone for good before the first part that only it named. So every manifest that is there is whole, whenever
 * the process or the machine dies, and what is too much is found by reading the manifests.
 */

const NAME = /^(?!0\d{6})(\d{6,15})\.backup$/;
const LEFTOVER = /^(?:\d{6,15}\.backup|writer)\.tmp$/;
const WRITER = 'writer';

/**
 * Of the parts that are there already, each backup reads one in so many through, others each time, and mends them; for the
 * checkpoints since the last one that have no backup it reads those as well that would have been their turn.
 */
const LOOK_EVERY = 16;

/** Parts of a list between two pauses. */
const PAUSE_EVERY = 1024;

/** What one backup came to. */
export interface BackupSummary {
  readonly number: number;
  /** Bytes of the checkpoint. */
  readonly bytes: number;
  readonly parts: number;
  /** Parts that were not there before, and the bytes that they and the manifest take. */
  readonly newParts: number;
  readonly newBytes: number;
}

/** The file that a backup in a folder is named by. */
function backupFile(folder: string, number: number): string {
  return join(folder, `${numberText(number)}.backup`);
}

/** Opens a checkpoint that is in the folder as a backup. Throws `Missing`, `CheckpointDamaged`, `FormatNewer`, `Unreadable`. */
export async function openBackup(folder: string, number: number): Promise<CheckpointReader> {
  const file = backupFile(folder, number);
  const manifest = await readManifest(file);
  return numbered(await CheckpointReader.from(new BackupSource(file, manifest), file), number);
}

function numbersOf(names: readonly string[]): number[] {
  const numbers = names.map((name) => Number(NAME.exec(name)?.[1] ?? -1));
  return numbers.filter((number) => number >= 0).sort((a, b) => a - b);
}

async function numbersIn(folder: string): Promise<number[]> {
  return numbersOf(await namesIn(folder));
}

/**
 * The backups in a folder, oldest first; only their manifests are read. Throws `Missing` where there is no such folder,
 * and `Unreadable`.
 */
export async function listBackups(folder: string): Promise<CheckpointInfo[]> {
  await stat(folder).catch((error: unknown) => {
    const code = systemCode(error) === 'ENOENT' ? 'Missing' : 'Unreadable';
    throw new StoreError(code, `cannot read the folder "${folder}": ${reasonOf(error)}`, error);
  });
  const found: CheckpointInfo[] = [];
  const names = await namesIn(folder);
  for (const number of numbersOf(names)) {
    const file = backupFile(folder, number);
    const lacking = names.includes(basename(file) + LACKING);
    try {
      const { bytes, first } = await readManifest(file);
      const header = parseHeader(first, file);
      found.push({ number, file, bytes, header: header.checkpoint === number ? header : undefined, lacking });
    } catch {
      found.push({ number, file, bytes: 0, header: undefined, lacking });
    }
  }
  return found;
}

/**
 * What writes backups into a folder, for one process. There is one for a folder: whoever opens it last has it, and all
 * calls of an earlier one throw `InUse` from then on.
 */
export class BackupFolder {
  readonly #folder: string;
  readonly #world: string;
  readonly #writer: string;
  readonly #parts: PartFolder;

  private constructor(folder: string, world: string, writer: string) {
    this.#folder = folder;
    this.#world = world;
    this.#writer = `${world} ${writer}\n`;
    this.#parts = new PartFolder(join(folder, PARTS));
  }

  /**
   * Takes a folder over, or makes one in a folder that is there. `world` names the world for ever, `writer` this process;
   * both are texts without spaces.
   *
   * Throws `OtherWorld`, and leaves the folder as it is, when the newest backup in it is not of this world: a world that
   * was made by mistake would otherwise push out, one by one, the backups of the one that was lost. Likewise
   * `FormatNewer`: whose that one is cannot be told. With `known`, which says that there have been backups of this world, it
   * throws `Missing` where nothing is left of them: a disk that is not mounted has an empty folder in its place. Throws
   * `Unwritable` and `Unreadable`.
   */
  static async open(folder: string, world: string, writer: string, known = false): Promise<BackupFolder> {
    const newest = await newestManifest(folder);
    if (known && newest === undefined && (await sizeOf(join(folder, WRITER))) === undefined) {
      throw new StoreError(
        'Missing',
        `"${folder}" had backups of this world, and has nothing of them now: is its disk mounted? ` +
          `To begin anew there, put an empty file "${WRITER}" into it`,
      );
    }
    if (newest !== undefined && newest.world !== world) {
      throw new StoreError(
        'OtherWorld',
        `"${folder}" holds the backups of another world: name another folder for this one`,
      );
    }
    const opened = new BackupFolder(folder, world, writer);
    try {
      for (const each of [folder, join(folder, PARTS)]) await makeOne(each);
      await writeDurably(join(folder, WRITER), opened.#writer);
      await syncFolder(folder);
      await syncAbove(folder);
      return opened;
    } catch (error) {
      throw unwritable(`to the folder "${folder}"`, error);
    }
  }

  /** The highest number that is there; 0 if there is none. Throws `Unreadable`. */
  async lastNumber(): Promise<number> {
    return (await numbersIn(this.#folder)).findLast(isTaken) ?? 0;
  }

  /**
   * Makes a backup of a checkpoint file, which is checked again while it is read. Closes the reader, also when it throws;
   * then there is no backup of that number, and the parts that were written serve the next one. `lacking`: something was
   * left out of it.
   *
   * Throws `NotEmpty` when there is a backup of that number, or of a higher one, as which it would be pruned first;
   * `InUse`, `Missing` when the folder has gone, `Unwritable`, what reading the checkpoint throws, and what aborted
   * the signal.
   */
  async add(from: CheckpointReader, signal?: AbortSignal, lacking = false): Promise<BackupSummary> {
    const number = from.header.checkpoint;
    const file = backupFile(this.#folder, number);
    try {
      await this.#checkWriter();
      const newest = await this.lastNumber();
      if (number <= newest) {
        throw new StoreError(
          'NotEmpty',
          `there is a backup "${backupFile(this.#folder, newest)}" already: the next checkpoint gets a higher number`,
        );
      }
      // Somebody may have removed it, with all that is in it.
      if (await makeOne(join(this.#folder, PARTS))) await syncFolder(this.#folder);
      const { parts, fresh } = await this.#putParts(from, newest, signal);
      const { headLine: first, tailLine: last = '', bytes } = from;
      const text = await manifestText({ world: this.#world, bytes, first, last, parts });
      await this.#parts.sync();
      await this.#checkWriter();
      await markLacking(file, lacking);
      await writeDurably(file, text);
      await syncName(file);
      const newBytes = fresh.reduce((sum, { stored }) => sum + stored, text.length);
      return { number, bytes, parts: parts.length, newParts: fresh.length, newBytes };
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw unwritable(`the backup "${file}"`, error);
    } finally {
      await from.close();
    }
  }

  async #putParts(
    from: CheckpointReader,
    newest: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly parts: readonly Part[]; readonly fresh: readonly Part[] }> {
    const before = new Map<string, number>();
    for (const { hash, stored } of (await newestManifest(this.#folder))?.parts ?? []) {
      before.set(hash, stored);
      if (before.size % PAUSE_EVERY === 0) await pause();
    }
    const number = from.header.checkpoint;
    const isTurn = (turn: number): boolean => (number - turn + LOOK_EVERY) % LOOK_EVERY < number - newest;
    const parts: Part[] = [];
    const fresh: Part[] = [];
    for await (const bytes of cut(from.entries())) {
      signal?.throwIfAborted();
      const { part, written } = await this.#parts.put(
        bytes,
        (hash) => before.get(hash),
        (hash) => isTurn(Number.parseInt(hash.slice(0, 8), 16) % LOOK_EVERY),
      );
      parts.push(part);
      if (written) fresh.push(part);
      before.set(part.hash, part.stored);
    }
    return { parts, fresh };
  }

  /**
   * Removes all but the newest backups, and those that `tooMany` spares; `keep` is at least 1. Their parts stay until
   * `sweep()`. Gives the numbers that are gone. Throws `InUse`, `Missing`, `Unwritable`, `Unreadable`.
   */
  async prune(keep: number): Promise<number[]> {
    if (!Number.isSafeInteger(keep) || keep < 1) {
      throw new RangeError(`${keep} backups cannot be kept: say how many, at least 1`);
    }
    await this.#checkWriter();
    const names = await namesIn(this.#folder);
    const gone = tooMany(numbersOf(names).filter(isTaken), keep, (number) =>
      names.includes(basename(backupFile(this.#folder, number)) + LACKING),
    );
    try {
      await removeFiles(withMarks(gone.map((number) => backupFile(this.#folder, number))));
      if (gone.length > 0) await syncFolder(this.#folder);
    } catch (error) {
      throw unwritable(`to the folder "${this.#folder}"`, error);
    }
    return gone;
  }

  /**
   * Removes the parts that no backup names, and what was never finished. Gives how many parts went. While there is a
   * manifest that cannot be read nothing is removed, since what it names is not known: then this throws what reading it
   * throws. Throws `InUse`, `Missing` and `Unwritable` as well.
   */
  async sweep(): Promise<number> {
    await this.#checkWriter();
    // Of each hash 52 bits: a number takes little memory, and of two parts that agree in them both stay.
    const short = (hash: string): number => Number.parseInt(hash.slice(0, 13), 16);
    const named = new Set<number>();
    for (const number of await numbersIn(this.#folder)) {
      const { parts } = await readManifest(backupFile(this.#folder, number));
      for (const { hash } of parts) named.add(short(hash));
    }
    try {
      // Whoever removed manifests may have died before that was durable: they may not come back without their parts.
      await syncFolder(this.#folder);
      for (const name of await namesIn(this.#folder)) {
        if (LEFTOVER.test(name)) await rm(join(this.#folder, name), { force: true });
      }
      return await this.#parts.sweep(
        (hash) => named.has(short(hash)),
        () => this.#checkWriter(),
      );
    } catch (error) {
      throw unwritable(`to the folder "${this.#folder}"`, error);
    }
  }

  /** Throws unless this process is still the one that writes here: what it is about to write or remove rests on that. */
  async #checkWriter(): Promise<void> {
    let writer: string;
    try {
      writer = await readFile(join(this.#folder, WRITER), { encoding: 'utf8', flag: READ });
    } catch (error) {
      const gone = systemCode(error) === 'ENOENT';
      throw new StoreError(
        gone ? 'Missing' : 'Unreadable',
        `the backup folder "${this.#folder}" is not what it was (${reasonOf(error)}): is the disk mounted? ` +
          `If it was emptied on purpose, put an empty file "${WRITER}" into it, and start the world again`,
        error,
      );
    }
    if (writer === this.#writer) return;
    if (!/^[^ ]+ [^ ]+\n$/.test(writer)) {
      throw new StoreError(
        'Unreadable',
        `"${join(this.#folder, WRITER)}" is damaged, so that nobody knows who writes there: start the world again`,
      );
    }
    throw new StoreError(
      'InUse',
      `another world that was started later writes its backups to "${this.#folder}": give each a folder of its own`,
    );
  }
}

/** Makes a folder in one that is there. False where it is there already. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * The newest manifest in a folder that is whole. Throws `Unreadable` where there is none, and one that cannot be read; and
 * `FormatNewer`.
 */
async function newestManifest(folder: string): Promise<Manifest | undefined> {
  let unread: StoreError | undefined;
  for (const number of (await numbersIn(folder)).toReversed()) {
    try {
      return await readManifest(backupFile(folder, number));
    } catch (error) {
      const { code } = error as StoreError;
      if (code === 'Unreadable') unread ??= error as StoreError;
      else if (code !== 'CheckpointDamaged' && code !== 'Missing') throw error;
    }
  }
  if (unread !== undefined) throw unread;
  return undefined;
}
