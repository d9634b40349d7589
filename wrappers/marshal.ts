import { makeMarshal } from '@endo/marshal';
import { slotOfState, stateOf } from './capability.ts';
import { isSpecial, writeData } from './encoding.ts';
import { parseSlot, type SlotParts } from './names.ts';
import { parse, stringify } from './natives.ts';

/** Marshalled data: `body` is smallcaps text, `slots` are the capabilities in it. Exactly what `toCapData` gives. */
export interface CapData {
  readonly body: string;
  readonly slots: readonly string[];
}

/**
 * Marshals records and messages. The common shapes (plain data and capabilities, which is all that crosses a wrapper)
 * are written and read by plain code; the rest, and the exactness of the plain code in the tests, is the business of
 * `@endo/marshal`. Both ways take values that `crossing` has copied and frozen, and give such values.
 */
export class Marshal {
  readonly #capability: (parts: SlotParts) => object;
  readonly #library: ReturnType<typeof makeMarshal<string>>;

  /** `capability` gives the one value for a slot. */
  constructor(capability: (parts: SlotParts) => object) {
    this.#capability = capability;
    this.#library = makeMarshal<string>(
      (value: unknown) => slotOf(value),
      (slot: string) => this.#fromSlot(slot),
      { serializeBodyFormat: 'smallcaps', errorTagging: 'off' },
    );
  }

  /** The ids of all objects that what is encoded refers to, or that a turn touches, are added to it, while it is there. */
  noting: Set<string> | null = null;

  encode(data: unknown): CapData {
    return parse(`{${this.write(data)}}`) as CapData;
  }

  /**
   * What `encode` gives as it stands in a JSON text: its members, without the braces. The id of the object that each slot is on
   * is added to `targets`, in their order.
   */
  write(data: unknown, targets: string[] = []): string {
    const first = targets.length;
    let text = writeData(data, targets);
    if (text === undefined) {
      const { body, slots } = this.encodeByLibrary(data);
      text = `"body":${stringify(body)},"slots":${stringify(slots)}`;
      targets.length = first;
      for (const slot of slots) targets.push(slot.slice(0, slot.indexOf('.')));
    }
    if (this.noting !== null)
      for (let at = first; at < targets.length; at += 1) this.noting.add(targets[at] as string);
    return text;
  }

  /** The oracle, and the way for what the plain code does not write. */
  encodeByLibrary(data: unknown): CapData {
    return this.#library.toCapData(data as never);
  }

  /** Throws if the text or a slot is not what `encode` writes. */
  decode(capData: CapData): unknown {
    if (!capData.body.startsWith('#')) throw new Error('Not smallcaps: the body does not begin with "#".');
    const tree = JSON.parse(capData.body.slice(1)) as unknown;
    const slots = capData.slots.map((slot) => this.#fromSlot(slot));
    const value = decodeValue(tree, slots);
    return value === UNKNOWN ? this.decodeByLibrary(capData) : value;
  }

  decodeByLibrary(capData: CapData): unknown {
    return this.#library.fromCapData(capData as never);
  }

  #fromSlot(slot: string): object {
    const parts = parseSlot(slot);
    if (parts === undefined) throw new Error('A stored slot is not of the form ID.TOKEN.SHAPE.');
    return this.#capability(parts);
  }
}

/** What a capability is called where it is written down. */
export function slotOf(value: unknown): string {
  const state = typeof value === 'object' && value !== null ? stateOf(value) : undefined;
  if (state === undefined) throw new TypeError('Only capabilities have slots.');
  return slotOfState(state);
}

const { isArray } = Array;

/** No value that can be stored. */
const UNKNOWN = Symbol('left to the library');

function decodeValue(tree: unknown, slots: readonly object[]): unknown {
  if (typeof tree === 'string') return decodeString(tree, slots);
  if (typeof tree !== 'object' || tree === null) return tree;
  if (isArray(tree)) {
    for (let at = 0; at < tree.length; at += 1) {
      const member = decodeValue(tree[at], slots);
      if (member === UNKNOWN) return UNKNOWN;
      tree[at] = member;
    }
    return Object.freeze(tree);
  }
  const record = tree as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    if (isSpecial(key)) return decodeNamed(record, slots);
    const member = decodeValue(record[key], slots);
    if (member === UNKNOWN) return UNKNOWN;
    record[key] = member;
  }
  return Object.freeze(record);
}

/**
 * A record with names that stand behind a "!", because they begin with a special character. Those who choose such names must
 * not have the library asked, which takes ten times as long.
 */
function decodeNamed(record: Record<string, unknown>, slots: readonly object[]): unknown {
  const named: Record<string, unknown> = {};
  let isDone = true; // up to the first such name
  for (const key of Object.keys(record)) {
    const special = isSpecial(key);
    isDone &&= !special;
    if (special && !key.startsWith('!')) return UNKNOWN;
    const name = special ? key.slice(1) : key;
    const member = isDone ? record[key] : decodeValue(record[key], slots);
    if (member === UNKNOWN || name === '__proto__') return UNKNOWN;
    Object.defineProperty(named, name, {
      value: member,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return Object.freeze(named);
}

function decodeString(text: string, slots: readonly object[]): unknown {
  if (!isSpecial(text)) return text;
  switch (text.charAt(0)) {
    case '!':
      return text.slice(1);
    case '$': {
      const found = /^\$(0|[1-9][0-9]*)(?:\.|$)/.exec(text);
      const slot = found === null ? undefined : slots[Number(found[1])];
      if (slot === undefined) throw new Error('A stored value refers to a slot that is not there.');
      return slot;
    }
    case '+':
    case '-':
      return BigInt(text);
    case '#':
      if (text === '#undefined') return undefined;
      if (text === '#NaN') return Number.NaN;
      if (text === '#Infinity') return Number.POSITIVE_INFINITY;
      if (text === '#-Infinity') return Number.NEGATIVE_INFINITY;
      return UNKNOWN;
    default:
      return UNKNOWN;
  }
}
