import { sendKey, timerKey } from '../storage/keys.ts';
import type { CapData, Marshal } from '../wrappers/marshal.ts';
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

/** The message again, of that size. Throws if it cannot be read. */
export function readMessage(marshal: Marshal, data: CapData, size: number): Message {
  const stored = marshal.decode(data) as Omit<Message, keyof typeof USUAL | 'size'>;
  return Object.freeze({ ...USUAL, ...stored, size });
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
