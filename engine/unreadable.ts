import { StoreError } from '../storage/errors.ts';
import { genuineError, type KeysteadError } from '../wrappers/errors.ts';

/** What has been raised only because a disk could not be read, and what the disk said. */
const passing = new WeakMap<object, Error>();

/** Whether it says nothing of what was to be read: a disk that could not be read now may be read the next time. */
export function mayPass(thrown: unknown): boolean {
  if (thrown instanceof StoreError) return thrown.code !== 'Damaged'; // a store that is closed says nothing either
  return typeof thrown === 'object' && thrown !== null && passing.has(thrown);
}

/** What the disk said, of an error that may pass. */
export function causeOf(error: Error): Error {
  return passing.get(error) ?? error;
}

/** What to raise in the world instead of an error that it must not see; it may pass if that may. */
export function unreadable(message: string, cause: Error): KeysteadError {
  const error = genuineError('Damaged', message);
  if (mayPass(cause)) passing.set(error, causeOf(cause));
  return error;
}

/**
 * Reads something from the store in a turn. What the store throws is raised as an error of ours: code that is running may
 * catch it, and the store's own class would lead it to the host's `Error`, and what the disk said to paths of the host.
 */
export function readInTurn<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    throw unreadable(mayPass(thrown) ? `${what} cannot be read at the moment.` : thrown.message, thrown);
  }
}
