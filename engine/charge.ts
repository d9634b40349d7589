import { stateOf } from '../wrappers/capability.ts';
import { digitsOf, weigh } from '../wrappers/crossing.ts';
import type { Shape } from '../wrappers/shape.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';

/** Characters of stored form that one unit of a bank pays for: most objects are smaller, so they cost one. */
const BLOCK_CHARACTERS = 1_024;

/** What a value costs besides its characters: punctuation, or the slot of a capability. */
const PER_VALUE = 16;
/** What a grant is stored with: token, shape, label. */
const PER_GRANT = 96;
/** What a class pays for with a set of method names that there was not before, at least; and for each name, besides its characters. */
const PER_SHAPE = 512;
const PER_METHOD = 16;

/** The same for one that there is: it takes three to five times as much of the memory, for ever. */
export function charactersOfShape({ methods }: Shape): number {
  let characters = 0;
  for (const name of methods) characters += name.length + PER_METHOD;
  return Math.max(PER_SHAPE, characters);
}

/**
 * The blocks that an object takes: one, and another for each further KiB of its record, its grants and its collections. An
 * estimate that is made without writing the object down, and the same on every machine.
 */
export function blocksOf(wrapper: Wrapper, characters: number): number {
  const all = characters + PER_GRANT * wrapper.grants.own + wrapper.kept;
  return Math.max(1, Math.ceil(all / BLOCK_CHARACTERS));
}

/** What data that has crossed takes when it is written down, about. */
export function charactersOf(data: unknown): number {
  if (typeof data === 'string') return data.length + PER_VALUE;
  if (typeof data === 'bigint') return digitsOf(data) + PER_VALUE;
  if (typeof data !== 'object' || data === null || stateOf(data) !== undefined) return PER_VALUE;
  const { characters, values } = weigh(data);
  return characters + PER_VALUE * values;
}

/**
 * What the bank of an object is to pay (or to get back, if negative) for its size. An object that shrinks gives nothing
 * back until it is less than half of what was paid for: one that grows and shrinks by turns must not cost its bank a change each
 * time. Less, since between one block and two is where most go to and fro: whoever takes up a thing and sets it down again.
 */
export function dueFor(wrapper: Wrapper, blocks: number): number {
  if (blocks > wrapper.paid || blocks * 2 < wrapper.paid) return blocks - wrapper.paid;
  return 0;
}
