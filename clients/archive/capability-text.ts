import {
  indexOfSlot,
  isToken,
  partsOfSlot,
  type CapData,
  type StoredShape,
} from '../../engine/stored-forms.ts';
import type { GrantIndex } from '../grant-index.ts';
import { LineError, printTree } from './tree.ts';

/*
 * A capability in an export: the object, and which of its grants, by its number in the object's own stanza. What it
 * looks like stands behind it for people; it is checked, so that a grant that was moved is noticed.
 *
 *   CAPABILITY = "<" ID "#" N [ "~" SHAPE ] " " LOOK ">"         its shape, if it is another than the grant's
 *              | "<" ID "!" TOKEN "~" SHAPE " " LOOK ">"         the grant is no more: revoked, or its object is gone
 *   LOOK       = CLASS [ "." FACET | ".#" SHAPE ]                 the latter for a facet whose name is no plain word
 */

const PLAIN = /^[A-Za-z_$][A-Za-z0-9_$]{0,199}$/;
const CAPABILITY =
  /^<((?:[a-z][a-z0-9-]{0,31}:)?o[1-9][0-9]{0,15})(?:#([1-9][0-9]{0,9})(?:~([0-9]{1,9}))?|!([A-Za-z0-9_-]{22})~([0-9]{1,9})) (\S+)>$/;

/** What the shapes of the world are, by their number. */
export type ShapeTable = ReadonlyMap<number, Pick<StoredShape, 'className' | 'facet'>>;

/** A method set as far as it is in the table; undefined for a value that is none. */
export function shapeIn(value: string): Pick<StoredShape, 'className' | 'facet'> | undefined {
  let shape: Partial<StoredShape> | null;
  try {
    shape = JSON.parse(value) as Partial<StoredShape> | null;
  } catch {
    return undefined;
  }
  const { className, facet } = shape ?? {};
  if (typeof className !== 'string') return undefined;
  if (facet === undefined) return { className };
  return typeof facet === 'string' ? { className, facet } : undefined;
}

/** What a shape is called for people; undefined where there is none, or that of a class that cannot be called so. */
export function lookOf(shapes: ShapeTable, number: number): string | undefined {
  const shape = shapes.get(number);
  if (shape === undefined || !PLAIN.test(shape.className)) return undefined;
  if (shape.facet === undefined) return shape.className;
  // Whoever writes a class can call a facet anything.
  return `${shape.className}.${PLAIN.test(shape.facet) ? shape.facet : `#${number}`}`;
}

/** Thrown while something is written that has no form of its own: it is written as it is stored. */
export const NOT_REGULAR: Error = new Error('It is not as the world writes it.');

/** Whether that was thrown, or the stack ran out: a value that is nested so deeply is not as the world writes it either. */
export function isIrregular(thrown: unknown): boolean {
  return thrown === NOT_REGULAR || thrown instanceof RangeError;
}

export interface CapabilityWriter {
  readonly shapes: ShapeTable;
  readonly grants: GrantIndex;
  /** What stands for a token in the file. */
  readonly token: (token: string) => string;
}

/** Throws `NOT_REGULAR`. */
export function slotText(slot: string, { shapes, grants, token }: CapabilityWriter): string {
  const parts = partsOfSlot(slot);
  const look = parts === undefined ? undefined : lookOf(shapes, parts.shape);
  if (parts === undefined || look === undefined) throw NOT_REGULAR;
  const found = grants.find(parts.id, parts.token);
  if (found === undefined) return `<${parts.id}!${token(parts.token)}~${parts.shape} ${look}>`;
  const shape = found.shape === parts.shape ? '' : `~${parts.shape}`;
  return `<${parts.id}#${found.number}${shape} ${look}>`;
}

/**
 * Writes marshalled data as a tree with its capabilities in it. Throws `NOT_REGULAR` if the data is not exactly as the
 * marshaller writes it, so that reading the tree would not give the same again.
 */
export function printData({ body, slots }: CapData, before: string, writer: CapabilityWriter): string {
  if (typeof body !== 'string' || !Array.isArray(slots) || !body.startsWith('#')) throw NOT_REGULAR;
  const json = body.slice(1);
  const tree = parsed(json);
  if (JSON.stringify(tree) !== json || new Set(slots).size !== slots.length) throw NOT_REGULAR;
  let met = 0;
  const text = printTree(tree, before, '  ', (string) => {
    if (!string.startsWith('$')) return undefined;
    const index = indexOfSlot(string);
    const slot: unknown = slots[index];
    if (typeof slot !== 'string' || index > met) throw NOT_REGULAR;
    const className = writer.shapes.get(partsOfSlot(slot)?.shape ?? -1)?.className;
    if (string !== (index === met ? `$${index}.Alleged: ${className}` : `$${index}`)) throw NOT_REGULAR;
    if (index === met) met += 1;
    return slotText(slot, writer);
  });
  if (met !== slots.length) throw NOT_REGULAR;
  return text;
}

/** The JSON of a text; throws `NOT_REGULAR`. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw NOT_REGULAR;
  }
}

/** A grant as an import finds it: its token, and its shape. */
interface NumberedGrants {
  /** Undefined: the object has none of that number. Null: there is no such object in the file. */
  nth(id: string, number: number): { readonly token: string; readonly shape: number } | undefined | null;
}

export interface CapabilityReader {
  readonly shapes: ShapeTable;
  readonly grants: NumberedGrants;
}

/** The slot for a capability in the file. Throws `LineError`. */
export function readSlot(text: string, line: number, { shapes, grants }: CapabilityReader): string {
  const [, id = '', number, otherShape, token, endedShape, look] = CAPABILITY.exec(text) ?? [];
  if (id === '') throw new LineError(line, `expected a capability, like <o17#2 Room.inside>`);
  let slot: string;
  let shape: number;
  if (number !== undefined) {
    const found = grants.nth(id, Number(number));
    if (found === null) throw new LineError(line, `there is no object ${id} in this file`);
    if (found === undefined) throw new LineError(line, `the object ${id} has no grant ${number}`);
    shape = otherShape === undefined ? found.shape : Number(otherShape);
    slot = `${id}.${found.token}.${shape}`;
  } else {
    if (!isToken(token)) throw new LineError(line, 'expected a token of 22 characters');
    shape = Number(endedShape);
    slot = `${id}.${token}.${shape}`;
  }
  const expected = lookOf(shapes, shape);
  if (expected === undefined) throw new LineError(line, `there is no shape ${shape} in this file`);
  if (look !== expected) throw new LineError(line, `this capability is a ${expected}, not a ${look}`);
  return slot;
}

/** Gathers the slots of a tree that is being read, and gives what stands for each in a body. */
export class SlotGatherer {
  readonly slots: string[] = [];
  readonly #index = new Map<string, number>();
  readonly #reader: CapabilityReader;

  constructor(reader: CapabilityReader) {
    this.#reader = reader;
  }

  readonly take = (text: string, line: number): string => {
    const slot = readSlot(text, line, this.#reader);
    const known = this.#index.get(slot);
    if (known !== undefined) return `"$${known}"`;
    const index = this.slots.push(slot) - 1;
    this.#index.set(slot, index);
    const shape = this.#reader.shapes.get(partsOfSlot(slot)?.shape ?? -1);
    return JSON.stringify(`$${index}.Alleged: ${shape?.className}`);
  };
}
