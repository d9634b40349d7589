import { reasonOf, StoreError } from '../errors.ts';

/** `Unreadable`, with what helps, for what the system does not let us do: `read "FILE"`. */
export function unread(what: string, error: unknown): StoreError {
  const why = reasonOf(error);
  return new StoreError('Unreadable', `cannot ${what}: ${why}; ${wayOut(why)}`, error);
}

/** What helps, by what the system says of it; LevelDB gives its words, and no codes. */
function wayOut(reason: string): string {
  if (/No space left|Disk quota/.test(reason))
    return 'make room on its disk, and start the world again: nothing is lost';
  if (/Input\/output error|^EIO\b/.test(reason))
    return (
      'its disk fails: restore the last checkpoint to another disk; or copy the folder there, with zeros for what cannot be read ' +
      '(as ddrescue does), and run `keystead check --repair` on the copy'
    );
  return (
    'whoever runs the world has to be able to read and write that folder: change its owner or where it is mounted, or name ' +
    'another folder'
  );
}
