import { reasonOf, StoreError, wayOut } from '../errors.ts';

/** `Unreadable`, with what helps, for what the system does not let us do: `read "FILE"`. */
export function unread(what: string, error: unknown): StoreError {
  const why = reasonOf(error);
  return new StoreError('Unreadable', `cannot ${what}: ${why}; ${wayOut(why, NO_LEAVE)}`, error);
}

const NO_LEAVE =
  'whoever runs the world has to be able to read and write that folder: change its owner or where it is mounted, or name ' +
  'another folder';
