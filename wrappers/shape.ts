/**
 * A shape is what a capability looks like: the class it names and the exact methods it has.
 * Shapes are shared by all grants that admit the same methods of the same class, so a capability
 * costs one small object and no closures: its methods stand on one frozen prototype per shape.
 * A shape has a number, which slots and stored grants carry in place of the method names.
 *
 * The shape of a whole facet says so: when a later version of the class changes what belongs to the facet, `next` names
 * the shape that it has become, and whoever reads a stored capability sees that one.
 */
export interface Shape {
  readonly id: number;
  readonly className: string;
  readonly methods: ReadonlySet<string>;
  /** The facet of the class that this is; null for a set of methods that somebody picked. */
  readonly facet: string | null;
  /** What capabilities of this shape inherit from. */
  readonly prototype: object;
  /** The number of the shape that the facet has in the class as it is now; null for this one. */
  next: number | null;
}

/** As stored. */
export interface StoredShape {
  readonly className: string;
  readonly methods: readonly string[];
  readonly facet?: string;
  readonly next?: number;
}

/** Most shapes that a world can have. An attacker may attenuate at random; each shape stays for ever. */
export const MAX_SHAPES = 65_536;

type Forward = (this: object, name: string, args: unknown[]) => unknown;

const PASS_STYLE = Symbol.for('passStyle');

/** Names that would make a capability something else than an object with methods. */
const RESERVED: ReadonlySet<string> = new Set([
  'constructor',
  'hasOwnProperty',
  'init',
  'inspect',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'prototype',
  'fromRecord',
  'then',
  'toJSON',
  'toLocaleString',
  'toRecord',
  'toString',
  'valueOf',
]);

export function isMethodName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]{0,63}$/.test(name) && !RESERVED.has(name);
}

const NONE: readonly Shape[] = [];

/** A facet may have any name, also ''. */
function nameOf(className: string, facet: string | null, methods: readonly string[]): string {
  return `${className}${facet === null ? '' : `#${facet}`}:${methods.join(',')}`;
}

/** The table of shapes of one world. Numbers are given in order and never reused. */
export class Shapes {
  readonly #byId: Shape[] = [];
  readonly #byName = new Map<string, Shape>();
  /** What carries a call of that name, and how many shapes have it. */
  readonly #forwarders = new Map<
    string,
    { readonly call: (...args: unknown[]) => unknown; shapes: number }
  >();
  readonly #tags = new Map<string, object>();
  readonly #forward: Forward;
  readonly #unsaved = new Set<Shape>();

  /** `forward` carries a call on a capability (its `this`) into the membrane. */
  constructor(forward: Forward) {
    this.#forward = forward;
  }

  /** The shape for these methods, made if it is new. The caller has checked the names against the class. */
  intern(className: string, methods: Iterable<string>, facet: string | null = null): Shape | undefined {
    const sorted = [...new Set(methods)].sort();
    const name = nameOf(className, facet, sorted);
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byId.length >= MAX_SHAPES) return undefined;
    const shape = this.#make(className, sorted, facet, null);
    this.#unsaved.add(shape);
    return shape;
  }

  /** What capabilities of a shape look like now. */
  current(shape: Shape): Shape {
    return shape.next === null ? shape : this.get(shape.next);
  }

  /** From now on the facet looks like `shape`, whichever version of the class a capability was made in. */
  supersede(shape: Shape): void {
    for (const each of this.#byId) {
      if (each.className !== shape.className || each.facet !== shape.facet) continue;
      const next = each === shape ? null : shape.id;
      if (each.next === next) continue;
      each.next = next;
      this.#unsaved.add(each);
    }
  }

  /** The whole facets of a class that there have been. */
  facetsOf(className: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const each of this.#byId)
      if (each.facet !== null && each.className === className) found.add(each.facet);
    return found;
  }

  get(id: number): Shape {
    const shape = this.#byId[id];
    if (shape === undefined) throw new Error(`The store names method set ${id}, which it does not have.`);
    return shape;
  }

  /** Puts back what was stored; in the order of their numbers, before anything is interned. */
  restore(id: number, stored: StoredShape): void {
    if (id !== this.#byId.length)
      throw new Error(`Method set ${this.#byId.length} is missing from the store.`);
    this.#make(stored.className, stored.methods, stored.facet ?? null, stored.next ?? null);
  }

  /** Shapes made or changed since the last call: they must be stored with the next commit, before anything that names them. */
  takeUnsaved(): readonly Shape[] {
    if (this.#unsaved.size === 0) return NONE;
    const taken = [...this.#unsaved];
    this.#unsaved.clear();
    return taken;
  }

  /** How many names of methods there are in all of them. */
  get names(): number {
    return this.#forwarders.size;
  }

  /** False for one that a failed turn made and took back. */
  has(shape: Shape): boolean {
    return this.#byId[shape.id] === shape;
  }

  get count(): number {
    return this.#byId.length;
  }

  /** Forgets the shapes that a failed turn made: nothing that survives it names them. */
  truncate(count: number): void {
    while (this.#byId.length > count) {
      const shape = this.#byId.pop();
      if (shape === undefined) continue;
      for (const method of shape.methods) this.#release(method);
      this.#byName.delete(nameOf(shape.className, shape.facet, [...shape.methods]));
      this.#unsaved.delete(shape);
    }
  }

  #make(className: string, methods: readonly string[], facet: string | null, next: number | null): Shape {
    const prototype: object = Object.create(this.#tag(className)) as object;
    for (const method of methods) {
      Object.defineProperty(prototype, method, { value: this.#forwarder(method), enumerable: true });
    }
    const shape: Shape = {
      id: this.#byId.length,
      className,
      methods: new Set(methods),
      facet,
      prototype: Object.freeze(prototype),
      next,
    };
    this.#byName.set(nameOf(className, facet, methods), shape);
    this.#byId.push(shape);
    return shape;
  }

  /** What `@endo/pass-style` calls a tag record: it makes a capability a remotable to marshal and to patterns. */
  #tag(className: string): object {
    let tag = this.#tags.get(className);
    if (tag === undefined) {
      tag = Object.create(Object.prototype, {
        [PASS_STYLE]: { value: 'remotable' },
        [Symbol.toStringTag]: { value: `Alleged: ${className}` },
      }) as object;
      Object.freeze(tag);
      this.#tags.set(className, tag);
    }
    return tag;
  }

  #forwarder(method: string): (...args: unknown[]) => unknown {
    let made = this.#forwarders.get(method);
    if (made === undefined) {
      const forward = this.#forward;
      const holder = {
        [method](this: object, ...args: unknown[]): unknown {
          return forward.call(this, method, args);
        },
      };
      made = { call: Object.freeze(holder[method]) as (...args: unknown[]) => unknown, shapes: 0 };
      this.#forwarders.set(method, made);
    }
    made.shapes += 1;
    return made.call;
  }

  /** A name that no shape has any more is let go of: a turn that fails may make thousands of them, and pays for none. */
  #release(method: string): void {
    const made = this.#forwarders.get(method);
    if (made === undefined) return;
    made.shapes -= 1;
    if (made.shapes === 0) this.#forwarders.delete(method);
  }
}
