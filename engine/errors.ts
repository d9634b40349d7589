import { genuineError, MEMBRANE_ERRORS } from '../wrappers/errors.ts';

const ENGINE_ERRORS = {
  BankDry: 'The bank that was to pay for a new object holds too little.',
  BadSource: 'The source of a class, or what was typed at a console, has mistakes; the message says where.',
  CommitFailed:
    'A commit could not be written; the world takes no more input and has lost nothing acknowledged.',
  ClassTaken: 'There is a class of that name already, or the language has something of that name.',
  Missed: 'The time of a timer passed while the world was down, and it was to be skipped then.',
  NoSession: 'The session is not known: it has ended, or its time to resume is over.',
  NotABank: 'Creating an object needs a capability on a bank that admits paying.',
  NotAClass: 'The world has no class of that name.',
  OutOfTime: 'A turn ran longer than it may, and was stopped.',
  SetAside: 'The object is set aside until its owner has mended it, or its class until its author has.',
  Stopped: 'An admin has stopped the object: only an admin lets it go on.',
  TooBusy: 'The objects of one bank have used their share of the processor; they go on in a moment.',
  WorldClosed: 'The world is closing, or has stopped because a commit failed.',
} as const;

/** The one table of codes for all that runs objects: what stands here is stable, messages are not. */
export const WORLD_ERRORS = { ...MEMBRANE_ERRORS, ...ENGINE_ERRORS };

export type WorldErrorCode = keyof typeof WORLD_ERRORS;

/** Says no, with a code of the world's table. */
export function refuse(code: WorldErrorCode, message: string): never {
  throw genuineError(code, message);
}

/** A code that code in the world may choose for its own refusals: any word that is not in the table. */
export function isOwnCode(code: string): boolean {
  return /^[A-Z][A-Za-z]{1,39}$/.test(code) && !Object.hasOwn(WORLD_ERRORS, code);
}
