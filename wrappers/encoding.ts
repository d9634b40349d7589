import { slotOfState, stateOf } from './capability.ts';
import { keepWritten, weightOf, writtenOf, type Written } from './copied.ts';
import { getPrototypeOf, keysOf, stringify } from './natives.ts';

/** A text in the making, with the capabilities in it apart: their numbers depend on where all of it will stand. */
class Pieces {
  readonly #list: (string | object)[] = [];
  #text = '';

  text(text: string): void {
    this.#text += text;
  }

  capability(value: object): void {
    this.#list.push(this.#text, value);
    this.#text = '';
  }

  written(pieces: Written): void {
    for (const each of pieces) {
      if (typeof each === 'string') this.#text += each;
      else this.capability(each);
    }
  }

  done(): Written {
    this.#list.push(this.#text);
    return this.#list;
  }
}

/**
 * The smallcaps body of data that `crossing` gave, without the "#" that it begins with; what is referred to is added to `slots`,
 * and the id of the object that each is on to `targets`. Undefined, and nothing is added: the library must do it.
 */
export function encodeData(data: unknown, slots: string[], targets: string[]): string | undefined {
  const into = new Pieces();
  return add(data, into) ? bodyOf(into.done(), slots, targets) : undefined;
}

/** Numbers encodings, so that a capability can tell whether it has its place in this one. */
let encodings = 0;

function bodyOf(pieces: Written, slots: string[], targets: string[]): string {
  let body = '';
  encodings += 1;
  for (const each of pieces) {
    if (typeof each === 'string') {
      body += each;
      continue;
    }
    const state = stateOf(each);
    if (state === undefined) throw new TypeError('Only capabilities have slots.');
    if (state.encoding === encodings) {
      body += `"$${state.place}"`;
      continue;
    }
    state.encoding = encodings;
    state.place = slots.length;
    body += `"$${slots.length}.Alleged: ${state.shape.className}"`;
    slots.push(slotOfState(state));
    targets.push(state.id);
  }
  return body;
}

/** The characters that open a special string in smallcaps are those from "!" to "-". */
export function isSpecial(text: string): boolean {
  const first = text.charCodeAt(0);
  return first >= 33 && first <= 45;
}

function textOf(text: string): string {
  return stringify(isSpecial(text) ? `!${text}` : text);
}

/** False: the library must do it. */
function add(value: unknown, into: Pieces): boolean {
  switch (typeof value) {
    case 'string':
      into.text(textOf(value));
      return true;
    case 'number':
      into.text(textOfNumber(value));
      return true;
    case 'boolean':
      into.text(value ? 'true' : 'false');
      return true;
    case 'undefined':
      into.text('"#undefined"');
      return true;
    case 'bigint':
      into.text(value < 0n ? `"${value}"` : `"+${value}"`);
      return true;
    case 'function':
    case 'symbol':
      return false;
    case 'object':
      break;
  }
  if (value === null) {
    into.text('null');
    return true;
  }
  if (stateOf(value) !== undefined) {
    into.capability(value);
    return true;
  }
  return Array.isArray(value) ? addArray(value, into) : addRecord(value, into);
}

function textOfNumber(value: number): string {
  if (Number.isFinite(value)) return String(value === 0 ? 0 : value);
  return Number.isNaN(value) ? '"#NaN"' : value > 0 ? '"#Infinity"' : '"#-Infinity"';
}

function addArray(value: readonly unknown[], into: Pieces): boolean {
  into.text('[');
  for (let at = 0; at < value.length; at += 1) {
    if (at > 0) into.text(',');
    if (!member(value[at], into)) return false;
  }
  into.text(']');
  return true;
}

/** What is worth its place in memory: a thing in a room has a name of 40 characters and half a dozen values. */
const MOST_KEPT = { characters: 500, values: 50 };

/** A record in another value is likely to be there again when that is next written: one thing of a list has changed. */
function member(value: unknown, into: Pieces): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return add(value, into);
  const weight = weightOf(value);
  if (weight === undefined || weight.characters > MOST_KEPT.characters || weight.values > MOST_KEPT.values)
    return add(value, into);
  let written = writtenOf(value);
  if (written === undefined) {
    const own = new Pieces();
    if (!addRecord(value, own)) return false;
    written = own.done();
    keepWritten(value, written);
  }
  into.written(written);
  return true;
}

function addRecord(value: object, into: Pieces): boolean {
  if (getPrototypeOf(value) !== Object.prototype) return false;
  const names = namesOf(keysOf(value));
  if (names === undefined) return false;
  let opening = '{';
  for (const { key, text } of names) {
    into.text(opening + text);
    if (!member((value as Record<string, unknown>)[key], into)) return false;
    opening = ',';
  }
  into.text(opening === '{' ? '{}' : '}');
  return true;
}

/** A key, and the text that stands before its value. */
interface Name {
  readonly key: string;
  readonly text: string;
}

interface Names {
  readonly keys: readonly string[];
  /** In their order in the text; undefined if the library must write them. */
  readonly sorted: readonly Name[] | undefined;
}

/** The keys of the records that were written last, by the first one and their number: classes have few sets of keys. */
const known = new Map<string, Names>();
const MOST_KNOWN = 1_000;
/** Characters of a key that is remembered. */
const MOST_KEY = 40;

function namesOf(keys: readonly string[]): readonly Name[] | undefined {
  const [first = ''] = keys;
  const slot = first + keys.length;
  const found = known.get(slot);
  if (found !== undefined && isSame(found.keys, keys)) return found.sorted;
  const sorted = sortedNames(keys);
  if (keys.length <= MOST_KEPT.values && keys.every((key) => key.length <= MOST_KEY)) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(slot, { keys, sorted });
  }
  return sorted;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at] !== others[at]) return false;
  return true;
}

function sortedNames(keys: readonly string[]): readonly Name[] | undefined {
  const names: Name[] = [];
  for (const key of [...keys].sort()) {
    const first = key.charCodeAt(0);
    // JavaScript puts keys like "10" first and in numeric order, whatever order they were added in.
    if (first >= 48 && first <= 57) return undefined;
    names.push({ key, text: `${textOf(key)}:` });
  }
  return names;
}
