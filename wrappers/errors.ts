/**
 * Errors as an interface: the code is stable, the message is for people and may change.
 * Every error that code in the world can see, or that a player is shown, is made by `raise`.
 */

/** What each code of the membrane means; the codes of the engine stand beside them in engine/errors.ts. */
export const MEMBRANE_ERRORS = {
  BadArgument: 'An argument does not fit the guard of the method that was called.',
  BadResult: 'What a method returned does not fit its guard.',
  Damaged:
    'An object, or something that is stored for one, cannot be read; an object is set aside, the world goes on.',
  Expired: 'The grant behind the capability had an end, and that has passed.',
  Gone: 'The object behind the capability has been destroyed.',
  NoCallsHere: 'toRecord, fromRecord and constructors may not call anything outside their object.',
  NoSuchMethod: 'The capability does not admit that method.',
  NotACapability: 'A method of a capability was called on something that is none.',
  NotPassable: 'A value that may not cross a wrapper: only plain data and capabilities may.',
  NotStorable: 'toRecord gave something that cannot be stored, or failed.',
  NotYours: 'Only the object itself, or a holder of an ancestor of the grant, may do this.',
  NoTurn: 'Capabilities can be called only inside a turn.',
  Overflow: 'The call stack ran out.',
  Revoked: 'The grant behind the capability has been revoked.',
  Threw: 'A method failed with an error of its own.',
  TooDeep: 'Calls between objects are nested deeper than the limit.',
  TooMany: 'A turn did more of something than its limit admits, or an object has as many grants as it may.',
  TooLarge: 'A value that crosses a wrapper, or a record, is larger than the limit.',
  UsedUp: 'The grant behind the capability admitted a number of calls, and all are used.',
} as const;

export type MembraneErrorCode = keyof typeof MEMBRANE_ERRORS;

const genuine = new WeakSet<object>();

/** Made only by `raise` and `fail`. */
export class KeysteadError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'KeysteadError';
    this.code = code;
  }
}
// Whoever catches one must not find this class: above it stands the host's own `Error`, whose statics are powers.
Object.defineProperty(KeysteadError.prototype, 'constructor', { value: Error.prototype.constructor });
Object.freeze(KeysteadError.prototype);
Object.freeze(KeysteadError);

/** Characters of a message: it is stored with what people have not read yet, and the mistakes in a source are the longest. */
const LONGEST = 5_000;
/** What could draw on a terminal. Lines may end: some errors show one of a source, with the place beneath it. */
const DRAWING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * The only maker of errors that are believed: an error that code in the world constructs itself counts as `Threw`. A message
 * may name what that code made up: what is too long of it is left out here, and what cannot be shown.
 */
export function genuineError(code: string, message: string): KeysteadError {
  const most = message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message;
  const error = Object.freeze(new KeysteadError(code, most.replace(DRAWING, ' ')));
  genuine.add(error);
  return error;
}

/** Whether an error was made here. Runs no code of `value`. */
export function isGenuine(value: unknown): value is KeysteadError {
  return typeof value === 'object' && value !== null && genuine.has(value);
}

/** Says no, with a code of the membrane's table. */
export function raise(code: MembraneErrorCode, message: string): never {
  throw genuineError(code, message);
}

/** Set before anything else when a call fails: making a better one may itself run out of stack. */
export const CALL_FAILED: KeysteadError = genuineError('Overflow', 'The call stack ran out.');

const MESSAGE_LENGTH = 500;

/** V8's. Told by its text: `instanceof` could run code of a hostile prototype. */
const STACK_MESSAGE = 'Maximum call stack size exceeded';

/**
 * What anything that was thrown is to everybody else: an error of ours as it is, any other as `Threw`.
 * The thrown value may be hostile (a proxy, an accessor named `message`), so only an own data property
 * of a real error is read, and never its stack.
 */
export function errorFrom(
  thrown: unknown,
  where: string,
  isProxy: (value: object) => boolean,
): KeysteadError {
  if (isGenuine(thrown)) return thrown;
  if (typeof thrown === 'string') return genuineError('Threw', `${where} failed: ${printable(thrown)}`);
  if (typeof thrown === 'object' && thrown !== null && !isProxy(thrown)) {
    const message = ownMessage(thrown);
    if (message === STACK_MESSAGE) return CALL_FAILED;
    if (message !== '') return genuineError('Threw', `${where} failed: ${printable(message)}`);
  }
  return genuineError('Threw', `${where} failed.`);
}

function ownMessage(thrown: object): string {
  const found = Object.getOwnPropertyDescriptor(thrown, 'message');
  return found !== undefined && typeof found.value === 'string' ? found.value : '';
}

/** One line of text without control characters, so that no error can draw on a terminal. */
export function printable(text: string): string {
  const plain = text.slice(0, MESSAGE_LENGTH).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return text.length > MESSAGE_LENGTH ? `${plain}…` : plain;
}
