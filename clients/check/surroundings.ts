import { parseKey, prefixRange } from '../../storage/keys.ts';
import { StoreError } from '../../storage/errors.ts';
import type { View } from '../../storage/view.ts';
import type { StoredObject, StoredShape } from '../../engine/stored-forms.ts';
import { grantsIn, GrantIndex, numberOf } from '../grant-index.ts';

/** A class that was written in the world, as far as its objects need it. */
interface WrittenClass {
  readonly name: string;
  readonly versions: number;
}

/** What has to be known of a world before one of its values can be judged. */
export interface Surroundings {
  readonly grants: GrantIndex;
  /** Objects whose values cannot be read. They are in `grants`, without any. */
  readonly unreadable: ReadonlySet<string>;
  readonly asides: ReadonlySet<string>;
  readonly shapes: ReadonlyMap<number, StoredShape>;
  /** The versions of the built-in classes by their names; undefined where that is lost. */
  readonly builtIn: ReadonlyMap<string, number> | undefined;
  readonly written: ReadonlyMap<string, WrittenClass>;
  /** The version of the world's format. */
  readonly format: number;
}

/** Reads all that; `step` is called for each key. */
export async function surroundingsOf(view: View, format: number, step: () => void): Promise<Surroundings> {
  const grants = new GrantIndex();
  const unreadable = new Set<string>();
  const asides = new Set<string>();
  const shapes = new Map<number, StoredShape>();
  const written = new Map<string, WrittenClass>();
  const lost: string[] = [];
  const onDamaged = (text: string): void => {
    lost.push(text);
  };
  for await (const [text, value] of view.range({ ...prefixRange('shape'), onDamaged })) {
    const key = parseKey(text);
    const shape = key?.kind === 'shape' ? shapeIn(value) : undefined;
    if (key?.kind === 'shape' && shape !== undefined) shapes.set(key.number, shape);
  }
  for await (const [text] of view.range({ ...prefixRange('x'), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind === 'aside') asides.add(key.id);
  }
  for await (const [text, value] of view.range({ ...prefixRange('o'), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind !== 'object') continue;
    step();
    grants.add(key.id, grantsIn(value));
    const known = value.startsWith('{"class":"ClassObject"') ? classIn(value) : undefined;
    if (known !== undefined) written.set(key.id, known);
  }
  for (const text of lost) {
    const key = parseKey(text);
    if (key?.kind === 'aside') asides.add(key.id);
    if (key?.kind !== 'object') continue;
    grants.add(key.id, []);
    unreadable.add(key.id);
  }
  return { grants, unreadable, asides, shapes, builtIn: await builtInOf(view), written, format };
}

/** A method set; undefined for what is none. */
export function shapeIn(value: string): StoredShape | undefined {
  const { className, methods, facet, next } = (jsonIn(value) ?? {}) as Partial<StoredShape>;
  // The world writes it as it is into what it stores, between two quotes.
  if (typeof className !== 'string' || JSON.stringify(className) !== `"${className}"`) return undefined;
  if (!Array.isArray(methods)) return undefined;
  if (!methods.every((each) => typeof each === 'string')) return undefined;
  if (facet !== undefined && typeof facet !== 'string') return undefined;
  if (next !== undefined && !Number.isSafeInteger(next)) return undefined;
  return {
    className,
    methods,
    ...(facet === undefined ? {} : { facet }),
    ...(next === undefined ? {} : { next }),
  };
}

/** JSON, or undefined for what is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function classIn(value: string): WrittenClass | undefined {
  const { body } = (jsonIn(value) ?? {}) as Partial<StoredObject>;
  const { name, versions } = (jsonIn(String(body).slice(1)) ?? {}) as {
    readonly name?: unknown;
    readonly versions?: unknown;
  };
  if (typeof name !== 'string' || !Array.isArray(versions)) return undefined;
  return { name, versions: versions.length };
}

async function builtInOf(view: View): Promise<ReadonlyMap<string, number> | undefined> {
  let text: string | undefined;
  try {
    text = await view.get('meta/classes');
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'Damaged') throw error;
  }
  const classes = text === undefined ? undefined : jsonIn(text);
  if (typeof classes !== 'object' || classes === null) return undefined;
  const all = Object.entries(classes) as readonly (readonly [string, unknown])[];
  const builtIn = new Map<string, number>();
  for (const [name, versions] of all) {
    if (!Array.isArray(versions)) return undefined;
    builtIn.set(name, versions.length);
  }
  return builtIn;
}

/** The number of an object as it counts for the counter of objects; 0 for one of another vat. */
export function countedNumber(id: string): number {
  return Math.max(0, numberOf(id));
}
