/**
 * A shape is what a capability looks like: the class it names and the exact methods it has.
 * Shapes are shared by all grants that admit the same methods of the same class, so a capability
 * costs one small object and no closures: its methods stand on one frozen prototype per shape.
 * A shape has a number, which slots and stored grants carry in place of the method names.
 */
export interface Shape {
  readonly id: number;
  readonly className: string;
  readonly methods: ReadonlySet<string>;
  /** What capabilities of this shape inherit from. */
  readonly prototype: object;
}

/** As stored. */
export interface StoredShape {
  readonly className: string;
  readonly methods: readonly string[];
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

/** The table of shapes of one world. Numbers are given in order and never reused. */
export class Shapes {
  readonly #byId: Shape[] = [];
  readonly #byName = new Map<string, Shape>();
  readonly #forwarders = new Map<string, (...args: unknown[]) => unknown>();
  readonly #tags = new Map<string, object>();
  readonly #forward: Forward;
  #unsaved: Shape[] = [];

  /** `forward` carries a call on a capability (its `this`) into the membrane. */
  constructor(forward: Forward) {
    this.#forward = forward;
  }

  /** The shape for these methods, made if it is new. The caller has checked the names against the class. */
  intern(className: string, methods: Iterable<string>): Shape | undefined {
    const sorted = [...new Set(methods)].sort();
    const name = `${className}:${sorted.join(',')}`;
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byId.length >= MAX_SHAPES) return undefined;
    const shape = this.#make(className, sorted, name);
    this.#unsaved.push(shape);
    return shape;
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
    this.#make(stored.className, stored.methods, `${stored.className}:${stored.methods.join(',')}`);
  }

  /** Shapes made since the last call: they must be stored with the next commit, before anything that names them. */
  takeUnsaved(): readonly Shape[] {
    const taken = this.#unsaved;
    if (taken.length > 0) this.#unsaved = [];
    return taken;
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
      if (shape !== undefined) this.#byName.delete(`${shape.className}:${[...shape.methods].join(',')}`);
    }
    this.#unsaved = this.#unsaved.filter((shape) => shape.id < count);
  }

  #make(className: string, methods: readonly string[], name: string): Shape {
    const prototype: object = Object.create(this.#tag(className)) as object;
    for (const method of methods) {
      Object.defineProperty(prototype, method, { value: this.#forwarder(method), enumerable: true });
    }
    const shape: Shape = Object.freeze({
      id: this.#byId.length,
      className,
      methods: new Set(methods),
      prototype: Object.freeze(prototype),
    });
    this.#byId.push(shape);
    this.#byName.set(name, shape);
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
      made = Object.freeze(holder[method]) as (...args: unknown[]) => unknown;
      this.#forwarders.set(method, made);
    }
    return made;
  }
}
