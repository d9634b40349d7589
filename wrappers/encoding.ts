import { slotOfState, stateOf, type CapabilityState } from './capability.ts';
import { keepWritten, weightOf, writtenOf, type Written } from './copied.ts';
import { getPrototypeOf, joined, keysOf, listFrom, stringify } from './natives.ts';

/** Numbers encodings, so that a capability can tell whether it has its place in this one. */
let encodings = 0;

/** A value in the making, as it stands in a JSON text: the body is a string there, so that all of it is escaped once more. */
class Writing {
  readonly #encoding = (encodings += 1);
  /** What the body is made of, and the slots: of those that were written before there are several in one text. */
  readonly #texts: string[] = [];
  readonly #slots: string[] = [];
  /** The capabilities that have a slot, in the order of their slots. */
  readonly #placed: CapabilityState[] = [];
  readonly #targets: string[];
  /** Capabilities that had a slot already. */
  #repeated = 0;

  constructor(targets: string[]) {
    this.#targets = targets;
  }

  text(text: string): void {
    this.#texts.push(text);
  }

  capability(state: CapabilityState): void {
    if (state.encoding === this.#encoding) {
      this.#repeated += 1;
      this.#texts.push(`\\"$${state.place}\\"`);
      return;
    }
    this.#texts.push(`\\"$${this.#placed.length}.Alleged: ${state.shape.className}\\"`);
    this.#slots.push(slotOfState(state)); // which holds nothing that JSON escapes
    this.#place(state);
  }

  /** Writes a part as it was written before; false if that would not be right here. */
  again({ place, text, slots, states }: Written): boolean {
    if (place !== this.#placed.length) return false;
    for (const state of states) if (state.encoding === this.#encoding) return false;
    for (const state of states) this.#place(state);
    this.#texts.push(text);
    if (states.length > 0) this.#slots.push(slots);
    return true;
  }

  /** Has a part written, and remembers how for the value that it is, if the numbers in it depend on its place only. */
  part(value: object, write: () => boolean): boolean {
    const [texts, slots, place, repeated] = [
      this.#texts.length,
      this.#slots.length,
      this.#placed.length,
      this.#repeated,
    ];
    if (!write()) return false;
    if (this.#repeated === repeated) {
      const text = joined(listFrom(this.#texts, texts), '');
      const listed = joined(listFrom(this.#slots, slots), BETWEEN);
      const states = listFrom(this.#placed, place);
      keepWritten(value, { place, text, slots: listed, states });
      this.#texts.length = texts;
      this.#texts.push(text);
      this.#slots.length = slots;
      if (states.length > 0) this.#slots.push(listed);
    }
    return true;
  }

  done(): string {
    const slots = this.#slots.length === 0 ? '' : `"${joined(this.#slots, BETWEEN)}"`;
    return `"body":"#${joined(this.#texts, '')}","slots":[${slots}]`;
  }

  #place(state: CapabilityState): void {
    state.encoding = this.#encoding;
    state.place = this.#placed.length;
    this.#placed.push(state);
    this.#targets.push(state.id);
  }
}

const BETWEEN = '","';

/**
 * The members "body" and "slots" of what `toCapData` gives for data that `crossing` gave, as they stand in a JSON text; the id of
 * the object that each slot is on is added to `targets`. Undefined: the library must do it.
 */
export function writeData(data: unknown, targets: string[]): string | undefined {
  const into = new Writing(targets);
  return add(data, into) ? into.done() : undefined;
}

/** The characters that open a special string in smallcaps are those from "!" to "-". */
export function isSpecial(text: string): boolean {
  const first = text.charCodeAt(0);
  return first >= 33 && first <= 45;
}

function textOf(text: string): string {
  return inString(stringify(isSpecial(text) ? `!${text}` : text));
}

/** A text as it stands in a JSON string. */
function inString(text: string): string {
  return stringify(text).slice(1, -1);
}

const UNDEFINED = inString('"#undefined"');

/** False: the library must do it. */
function add(value: unknown, into: Writing): boolean {
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
      into.text(UNDEFINED);
      return true;
    case 'bigint':
      into.text(inString(value < 0n ? `"${value}"` : `"+${value}"`));
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
  const state = stateOf(value);
  if (state !== undefined) {
    into.capability(state);
    return true;
  }
  return Array.isArray(value) ? addArray(value, into) : addRecord(value, into);
}

function textOfNumber(value: number): string {
  if (Number.isFinite(value)) return String(value === 0 ? 0 : value);
  return inString(Number.isNaN(value) ? '"#NaN"' : value > 0 ? '"#Infinity"' : '"#-Infinity"');
}

function addArray(value: readonly unknown[], into: Writing): boolean {
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
function member(value: unknown, into: Writing): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return add(value, into);
  const weight = weightOf(value);
  if (weight === undefined || weight.characters > MOST_KEPT.characters || weight.values > MOST_KEPT.values)
    return add(value, into);
  const written = writtenOf(value);
  if (written !== undefined && into.again(written)) return true;
  return into.part(value, () => addRecord(value, into));
}

function addRecord(value: object, into: Writing): boolean {
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
