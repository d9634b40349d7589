import { BackupFolder, type BackupSummary } from '../storage/backup-folder.ts';
import { isNoted, noteFolder } from '../storage/backup-note.ts';
import { CheckpointReader } from '../storage/checkpoint-reader.ts';
import { foundNoRoom, StoreError } from '../storage/errors.ts';
import type { Journal } from '../storage/journal.ts';
import { metaKey } from '../storage/keys.ts';

export interface BackupsOptions {
  /** The second folder; the one above it has to be there. */
  readonly folder: string;
  /** How many backups are kept there. */
  readonly keep: number;
  /** Names the world for ever: `worldName()`. */
  readonly world: string;
  /** Names this process. */
  readonly writer: string;
  /**
   * A file of the world's that says where its backups are, so that a later process knows the place of a disk that is not mounted
   * from a new folder. Left out: nothing is known.
   */
  readonly note?: string;
  readonly onDone: (summary: BackupSummary) => void;
  /**
   * There is no backup of this checkpoint, or the folder cannot be used, or what is too much in it cannot be removed. All of
   * it is tried again with the next one.
   */
  readonly onFailed: (what: 'backup' | 'folder' | 'removal', error: unknown) => void;
}

/**
 * Every so many checkpoints, whether each has a backup or not, the parts that none needs any more are looked for: it takes
 * reading all manifests.
 */
const SWEEP_EVERY = 8;

/**
 * Puts checkpoints into a second folder, one after the other, from their finished files: those are verified, and
 * nothing that the folder does, were it a share that hangs, can hold up or spoil a checkpoint. One that is asked for
 * while another is under way waits; of several that wait only the newest is made. One step of work at a time: so the
 * folder never has more than one of the threads that the database's writes need too.
 */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #closed = new AbortController();
  #opening: Promise<BackupFolder> | undefined;
  #last = 0;
  /** The note says that there have been backups in the folder. */
  #known = false;
  /** The one that is being made. */
  #running: Promise<number> | undefined;
  /** The one after that, and what it is made of. */
  #next: Promise<number> | undefined;
  #newest: { readonly file: string; readonly lacking: boolean } = { file: '', lacking: false };

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** The highest number of a backup that is known of: checkpoints are numbered above it. */
  get lastNumber(): number {
    return this.#last;
  }

  /**
   * Makes a backup of a checkpoint's file, after the one under way. `lacking`: something was left out
   * of it, which older backups have: the newest of these stays. Resolves when that is done, or one of a newer checkpoint in its
   * stead, to the number of that; rejects when it failed, which is reported too, as is each that is
   * passed over for a newer one.
   */
  add(file: string, lacking = false): Promise<number> {
    // Else nobody would hear of a folder that never answers.
    if (this.#next !== undefined) this.#report('backup', passedOver(this.#newest.file));
    this.#newest = { file, lacking };
    if (this.#running === undefined) return this.#begin();
    const goOn = (): Promise<number> => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next ??= this.#running.then(goOn, goOn);
    return this.#next;
  }

  /** Takes the folder over before the first checkpoint, so that its number is above those of the backups there. */
  async open(): Promise<void> {
    try {
      await this.#opened();
    } catch (error) {
      this.#report('folder', error);
    }
  }

  /** Gives up what is under way, which leaves nothing half done. It is not waited for: the folder may not answer. */
  close(): void {
    this.#closed.abort(new StoreError('Closed', 'the world is closing and makes no more backups'));
  }

  #begin(): Promise<number> {
    const { file, lacking } = this.#newest;
    const running = this.#make(file, lacking);
    this.#running = running;
    const over = (): void => {
      this.#running = undefined;
    };
    running.then(over, (error: unknown) => {
      over();
      this.#report('backup', error);
    });
    return running;
  }

  async #make(file: string, lacking: boolean): Promise<number> {
    // Opened first: a checkpoint that is pruned while this runs can still be read to its end.
    const checkpoint = await CheckpointReader.open(file);
    const number = checkpoint.header.checkpoint;
    let folder: BackupFolder;
    try {
      folder = await this.#opened();
    } catch (error) {
      await checkpoint.close();
      throw error;
    }
    const before = this.#last;
    try {
      this.#options.onDone(await folder.add(checkpoint, this.#closed.signal, lacking));
    } catch (error) {
      // Somebody has put a backup there: the next checkpoint gets a number above it.
      if ((error as StoreError).code === 'NotEmpty')
        this.#last = Math.max(this.#last, await folder.lastNumber());
      // Whoever shares that disk needs the room more than half a backup does.
      if (foundNoRoom(error)) await this.#clear(folder, true);
      throw error;
    }
    this.#last = Math.max(this.#last, number);
    await this.#noteFolder();
    await this.#clear(folder, Math.floor(number / SWEEP_EVERY) > Math.floor(before / SWEEP_EVERY));
    return number;
  }

  /** Removes the backups that are too many, and then perhaps parts, as far as either can be done. Does not throw. */
  async #clear(folder: BackupFolder, sweeps: boolean): Promise<void> {
    const report = (error: unknown): void => {
      this.#report('removal', error);
    };
    await folder.prune(this.#options.keep).catch(report);
    if (sweeps) await folder.sweep().catch(report);
  }

  #opened(): Promise<BackupFolder> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<BackupFolder> {
    const { folder, world, writer, note } = this.#options;
    this.#known = note !== undefined && (await isNoted(note, folder));
    const opened = await BackupFolder.open(folder, world, writer, this.#known);
    this.#last = Math.max(this.#last, await opened.lastNumber());
    return opened;
  }

  async #noteFolder(): Promise<void> {
    const { folder, note } = this.#options;
    if (this.#known || note === undefined) return;
    this.#known = true;
    await noteFolder(note, folder);
  }

  #report(what: 'backup' | 'folder' | 'removal', error: unknown): void {
    if (!this.#closed.signal.aborted) this.#options.onFailed(what, error);
  }
}

function passedOver(file: string): StoreError {
  return new StoreError(
    'Unwritable',
    `the checkpoint "${file}" is passed over for a newer one: the backup of the one before it is still being made; ` +
      'does the disk of the backups answer, and is there more time from one checkpoint to the next than it needs?',
  );
}

/**
 * The name of a world, by which its backups are known. It is made up when there is none, or when it is damaged, which
 * `onDamaged` is told: a folder that has backups of the old name is refused from then on. `random` is for that.
 */
export async function worldName(
  journal: Journal,
  random: () => string,
  onDamaged: (error: Error) => void = () => {},
): Promise<string> {
  const key = metaKey('name');
  let known: string | undefined;
  try {
    known = journal.get(key);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'Damaged') throw error;
    onDamaged(error);
  }
  if (known !== undefined) return known;
  const name = random();
  await journal.commit([{ put: key, value: name }]);
  return name;
}
