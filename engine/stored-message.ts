import { sendKey, timerKey } from '../storage/keys.ts';
import { stateOf } from '../wrappers/capability.ts';
import type { CapData, Marshal } from '../wrappers/marshal.ts';
import { parseObjectId } from '../wrappers/names.ts';
import type { Message } from './turn-effects.ts';

/** Reports of the host hold a few names and a line of text. */
const HOST_SIZE = 512;

/** What most messages are, and is left out where they are written down. */
const USUAL = Object.freeze({ every: null, missed: 'late', tries: 0 } as const);

/** A message as it is marshalled: exactly its fields, frozen all through, without those that are as usual. */
export function storedMessage(message: Message): object {
  const { to, method, args, from, payer, due, number, every, missed, tries } = message;
  const failed = message.failed === null ? null : Object.freeze([...message.failed]);
  return Object.freeze({
    to,
    method,
    args,
    failed,
    from,
    payer,
    due,
    number,
    ...(every === null ? {} : { every }),
    ...(missed === USUAL.missed ? {} : { missed }),
    ...(tries === 0 ? {} : { tries }),
  });
}

const NOBODY = Object.freeze({ failed: null, from: null, payer: null } as const);

/**
 * The message again, of that size. Throws if it cannot be read, or is none: what is missing of it would show only when it is
 * delivered, or written again, and would end the world.
 */
export function readMessage(marshal: Marshal, data: CapData, size: number): Message {
  const stored = marshal.decode(data) as Partial<Message>;
  const message = { ...USUAL, ...NOBODY, ...stored, size } as Message;
  const { failed, from, due, every, missed, tries } = message;
  const isWell =
    isCall(message) &&
    (failed === null ||
      (Array.isArray(failed) && isCapability(failed[0]) && typeof failed[1] === 'string')) &&
    isPayer(from) &&
    (due === null || isNatural(due)) &&
    (every === null || (isNatural(every) && every > 0)) &&
    ['late', 'skip'].includes(missed) &&
    isNatural(tries);
  if (!isWell) throw new Error('It is no message.');
  return Object.freeze(message);
}

/** Whether that was read from what the engine stores of a call: who is called, and how, for whom, and by what number. */
export function isCall({ to, method, args, number, payer }: Partial<Message>): boolean {
  return (
    isCapability(to) &&
    typeof method === 'string' &&
    Array.isArray(args) &&
    isNatural(number) &&
    isPayer(payer)
  );
}

function isCapability(alleged: unknown): boolean {
  return typeof alleged === 'object' && alleged !== null && stateOf(alleged) !== undefined;
}

function isNatural(alleged: unknown): boolean {
  return Number.isSafeInteger(alleged) && Number(alleged) >= 0;
}

function isPayer(alleged: unknown): boolean {
  return alleged === null || (typeof alleged === 'string' && parseObjectId(alleged) !== undefined);
}

/** Where it is stored while it waits. */
export function keyOfMessage({ due, number }: Pick<Message, 'due' | 'number'>): string {
  return due === null ? sendKey(number) : timerKey(due, number);
}

/** A message of the host's own, which nobody has paid for. `size`: the characters of its arguments, about. */
export function hostMessage(
  number: number,
  to: object,
  method: string,
  args: readonly unknown[],
  size = HOST_SIZE,
): Message {
  const own = { failed: null, from: null, payer: null, due: null, number, size };
  return Object.freeze({ to, method, args: Object.freeze(args), ...own, ...USUAL });
}
