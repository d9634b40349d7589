import { partsOf } from '../../engine/stored-slots.ts';
import { parseKey, prefixRange } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { safeName, Special } from './shown.ts';

/** As `wrappers/shape.ts` stores it; all of it is alleged. */
interface StoredShape {
  readonly className?: unknown;
  readonly methods?: unknown;
  readonly facet?: unknown;
  readonly next?: unknown;
}

/** What a capability looks like. */
export interface Look {
  readonly className: string;
  /** The facet of the class that it is, unless somebody picked the methods. */
  readonly facet: string | null;
  /** The first hundred of them. */
  readonly methods: readonly string[];
  /** How many it has besides. */
  readonly more: number;
}

/**
 * Methods of a capability, and characters of each name, that are shown where it stands. A record may hold it ten thousand times,
 * and whoever writes a class can give it thousands of methods, and a facet whose name is a book: what came of that would be longer
 * than any text can be. `#shape` shows all of it, once.
 */
const MOST_METHODS = 100;
const MOST_CHARACTERS = 100;

/** What all capabilities of a world look like, by the number in their slots. There are 65,536 at most. */
export class Looks {
  readonly #shapes: ReadonlyMap<number, StoredShape>;
  readonly #looks = new Map<number, Look>();

  private constructor(shapes: ReadonlyMap<number, StoredShape>) {
    this.#shapes = shapes;
  }

  /** Reads them. One that is damaged is told of where the store is listed; here it has no methods. */
  static async read(view: View): Promise<Looks> {
    const shapes = new Map<number, StoredShape>();
    for await (const [key, value] of view.range({ ...prefixRange('shape'), onDamaged: () => {} })) {
      const parsed = parseKey(key);
      if (parsed?.kind === 'shape') shapes.set(parsed.number, storedShape(value));
    }
    return new Looks(shapes);
  }

  /** A facet of a class that has changed looks as it does now. Undefined where the shape is lost. */
  look(number: number): Look | undefined {
    const known = this.#looks.get(number);
    if (known !== undefined) return known;
    let shape = this.#shapes.get(number);
    // A later one has a higher number, so this ends.
    for (let at = number; typeof shape?.next === 'number' && shape.next > at;) {
      at = shape.next;
      shape = this.#shapes.get(at) ?? shape;
    }
    if (shape === undefined) return undefined;
    const { className, facet } = shape;
    const methods: readonly unknown[] = Array.isArray(shape.methods) ? shape.methods : [];
    const look = {
      className: cut(className),
      facet: typeof facet === 'string' ? cut(facet) : null,
      methods: methods.slice(0, MOST_METHODS).map(cut),
      more: Math.max(0, methods.length - MOST_METHODS),
    };
    this.#looks.set(number, look);
    return look;
  }

  /** A capability as `o5 Lamp {on, off}`, without its token. */
  capability(slot: string): Special {
    const parts = partsOf(slot);
    if (parts === undefined) return new Special('(no capability)', { '@object': null });
    const { id, shape } = parts;
    const look = this.look(shape);
    if (look === undefined)
      return new Special(`${id} (its shape ${shape} is lost)`, { '@object': id, '@shape': shape });
    const { className, facet, methods, more } = look;
    return new Special(`${id} ${safeName(className)} ${lookText(look)}`, {
      '@object': id,
      '@class': className,
      ...(facet === null ? {} : { '@facet': facet }),
      '@methods': methods,
      ...(more === 0 ? {} : { '@more': more }),
    });
  }
}

function cut(name: unknown): string {
  const text = String(name);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/**
 * Methods of a whole facet that are named where it stands among other things; of those that somebody picked, as many as are shown
 * at all.
 */
const NAMED = 6;

/** `{on, off}`, with the name of the facet before it when it is a whole one. */
export function lookText({ facet, methods, more }: Look, named: number = NAMED): string {
  const all = methods.length + more;
  // To name one more takes no more room than to say that there is one.
  const most = facet === null || all <= named + 1 ? methods.length : named;
  const names = methods.slice(0, most).map((name) => safeName(name));
  if (names.length < all) names.push(`and ${all - names.length} more`);
  return `${facet === null ? '' : `${safeName(facet)} `}{${names.join(', ')}}`;
}

function storedShape(value: string): StoredShape {
  try {
    const shape = JSON.parse(value) as StoredShape | null;
    return shape ?? {};
  } catch {
    return {};
  }
}
