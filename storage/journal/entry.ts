import { StoreError } from '../errors.ts';
import { checkedKey, isJournalEntry, isKeyText, SETTLED_KEY } from '../keys.ts';
import { checkedValue, type Op } from '../store.ts';

/*
 * A journal entry: the ops of one commit, in order, packed into one text. `LENGTH` counts UTF-16 units.
 *
 *   entry = { "p " KEY " " LENGTH "\n" VALUE "\n"  |  "d " KEY "\n" }
 *
 * A key holds no space and no line end, so the lengths are all that is needed to take it apart.
 */

/**
 * Largest entry, in UTF-16 units. Two turns that do as much as they may of everything, with texts of control characters, which
 * are seven times as long when they are written down, come to 65 million, and with as many capabilities as a record may
 * hold to 90. 96 Mi is above that, and far below the longest string: what is more is a mistake, better refused than half a
 * minute of swapping.
 */
export const ENTRY_MAX = 96 * 1024 * 1024;

/** The journal keeps its entries and its own counter beside the ops; nobody else may write there. */
function unreserved(key: string): string {
  if (!isJournalEntry(checkedKey(key)) && key !== SETTLED_KEY) return key;
  throw new StoreError('BadKey', `the key "${key}" belongs to the store itself`);
}

/** From this length on a value is a part of its own: it is one text already, and joined to others it would be copied again. */
const LONG = 512;

/** A commit that is packed: its entry is all the parts, one after the other. */
export interface PackedEntry {
  readonly parts: readonly string[];
  /** UTF-16 units in all. */
  readonly length: number;
}

/** Packs ops. Throws `BadKey`, `BadValue` or `TooLarge`, naming the key. */
export function packEntry(ops: readonly Op[], max: number = ENTRY_MAX): PackedEntry {
  const parts: string[] = [];
  let text = '';
  let length = 0;
  for (const op of ops) {
    const before = text.length;
    if (!('put' in op)) {
      text += `d ${unreserved(op.del)}\n`;
      length += text.length - before;
    } else {
      const value = checkedValue(op.put, op.value);
      text += `p ${unreserved(op.put)} ${value.length}\n`;
      length += text.length - before + value.length + 1;
      if (value.length < LONG) {
        text += `${value}\n`;
      } else {
        parts.push(text, value);
        text = '\n';
      }
    }
    if (length > max) {
      const key = 'put' in op ? op.put : op.del;
      throw new StoreError('TooLarge', `a commit grows past ${max} characters at key "${key}": split it`);
    }
  }
  parts.push(text);
  return { parts, length };
}

/** Takes an entry apart again. Throws `Damaged` for any text that `packEntry` cannot have made. */
export function unpackEntry(text: string): Op[] {
  const ops: Op[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const [what, key = '', length, ...more] = text.slice(at, end < 0 ? at : end).split(' ');
    if (typeof key !== 'string' || !isKeyText(key)) throw damaged(at);
    if (what === 'd' && length === undefined) {
      ops.push({ del: key });
      at = end + 1;
      continue;
    }
    if (what !== 'p' || length === undefined || more.length > 0 || !/^(0|[1-9]\d{0,8})$/.test(length))
      throw damaged(at);
    const last = end + 1 + Number(length);
    if (text[last] !== '\n') throw damaged(at);
    ops.push({ put: key, value: text.slice(end + 1, last) });
    at = last + 1;
  }
  return ops;
}

function damaged(at: number): StoreError {
  return new StoreError('Damaged', `a journal entry cannot be read from character ${at} on`);
}
