/** Every error code of this layer, with what it means. Codes are the interface; messages may change. */
export const STORE_ERRORS = {
  BadKey: 'A key does not fit the key grammar, is too long, or belongs to the journal itself.',
  BadValue: 'A value is not a string that survives being written as UTF-8.',
  CheckpointDamaged: 'A checkpoint, or a part of a backup, is missing, cut short or not what was written.',
  Closed: 'The store, snapshot or journal was closed before the call.',
  CommitFailed: 'A commit could not be written: this journal takes no more of them.',
  Damaged: 'A stored value or journal entry is not what was written.',
  FormatForeign: 'The folder or file holds something that is not a Keystead world.',
  FormatNewer: 'The folder or file was written by a newer Keystead.',
  FormatOlder: 'The world was written by an older Keystead: to start it once makes it new.',
  InWorld: 'A new world was to be made inside of the folder of another one.',
  InUse: 'Another process has the world open.',
  Missing: 'There is no world in the folder, or no such checkpoint.',
  NotEmpty: 'A folder that has to be empty is not.',
  OtherWorld: 'The folder holds the backups of another world.',
  TooLarge: 'A journal entry is larger than one commit may be.',
  Unreadable: 'The operating system or the database could not read.',
  Unwritable: 'The operating system or the database could not write.',
} as const satisfies Record<string, string>;

export type StoreErrorCode = keyof typeof STORE_ERRORS;

/** What this layer throws. `cause` holds the error from below, where there was one. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    // Defined, not assigned: once intrinsics are frozen, assigning to an inherited name throws.
    Object.defineProperty(this, 'name', { value: 'StoreError', configurable: true });
    this.code = code;
  }
}

/** The text of whatever was thrown, for use in a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to throw when something could not be written; an error that says itself what it is stays as it is. */
export function unwritable(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('Unwritable', `cannot write ${what}: ${reasonOf(error)}`, error);
}

/** What helps, by what the system says of something of a world's: `noLeave` where it is neither its room nor its disk. */
export function wayOut(reason: string, noLeave: string): string {
  // LevelDB gives the system's words, and no codes; Node gives both.
  if (/no space left|disk quota/i.test(reason))
    return 'make room on its disk, and start the world again: nothing is lost';
  if (/Input\/output error|^EIO\b/.test(reason))
    return (
      'its disk fails: restore the last checkpoint to another disk; or copy the folder there, with zeros for what cannot be read ' +
      '(as ddrescue does), and run `keystead check --repair` on the copy'
    );
  return noLeave;
}

/** What to say of one of the files that a running world makes beside its database, and may not. */
export function wayOutOfFile(error: unknown): string {
  return wayOut(reasonOf(error), NO_LEAVE_OF_FILE);
}

const NO_LEAVE_OF_FILE =
  'whoever runs the world has to be able to write that file, and to make and remove files in its folder: change the owner of ' +
  'both or where they are mounted, or take off what protects them (`chattr -i`)';

/** The code that Node and the database put on their errors (`ENOSPC`, `LEVEL_LOCKED`), or `''`. */
export function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** What is answered where there is no room: on the disk, or for whoever owns the files. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

/** Whether something could not be written because there is no room for it. */
export function foundNoRoom(error: unknown): boolean {
  return error instanceof StoreError && NO_ROOM.has(systemCode(error.cause));
}
