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
  readonly methods: readonly string[];
}

/** What all capabilities of a world look like, by the number in their slots. There are 65,536 at most. */
export class Looks {
  readonly #shapes: ReadonlyMap<number, StoredShape>;

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
    let shape = this.#shapes.get(number);
    // A later one has a higher number, so this ends.
    for (let at = number; typeof shape?.next === 'number' && shape.next > at;) {
      at = shape.next;
      shape = this.#shapes.get(at) ?? shape;
    }
    if (shape === undefined) return undefined;
    return {
      className: String(shape.className),
      facet: typeof shape.facet === 'string' ? shape.facet : null,
      methods: Array.isArray(shape.methods) ? shape.methods.map(String) : [],
    };
  }

  /** A capability as `o5 Lamp {on, off}`, without its token. */
  capability(slot: string): Special {
    const parts = partsOf(slot);
    if (parts === undefined) return new Special('(no capability)', { '@object': null });
    const { id, shape } = parts;
    const look = this.look(shape);
    if (look === undefined)
      return new Special(`${id} (its shape ${shape} is lost)`, { '@object': id, '@shape': shape });
    const { className, facet, methods } = look;
    return new Special(`${id} ${safeName(className)} ${lookText(look)}`, {
      '@object': id,
      '@class': className,
      ...(facet === null ? {} : { '@facet': facet }),
      '@methods': methods,
    });
  }
}

/** Methods of a whole facet that are named where it stands among other things; of those that somebody picked, all are. */
const NAMED = 6;

/** `{on, off}`, with the name of the facet before it when it is a whole one. */
export function lookText({ facet, methods }: Look, named: number = NAMED): string {
  const names = methods.map((name) => safeName(name));
  if (facet === null) return `{${names.join(', ')}}`;
  const more = names.length - named;
  const shown = more > 1 ? [...names.slice(0, named), `and ${more} more`] : names;
  return `${safeName(facet)} {${shown.join(', ')}}`;
}

function storedShape(value: string): StoredShape {
  try {
    const shape = JSON.parse(value) as StoredShape | null;
    return shape ?? {};
  } catch {
    return {};
  }
}
