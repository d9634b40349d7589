import {
  classSpec,
  UNVERSIONED,
  type ClassIdentity,
  type ClassSpec,
  type ObjectClass,
} from '../wrappers/class-spec.ts';
import { textOf } from './class-text.ts';
import { refuse } from './errors.ts';

/** One version of a built-in class, as the world remembers it; they are numbered from 1. */
interface BuiltInVersion {
  /** Names its code and that of its bases. */
  readonly hash: string;
  /** Names its own code. */
  readonly source?: string;
  readonly lineage: Readonly<Record<string, number>>;
}

/** A built-in class whose code is another than when the world was last open. */
export interface ChangedClass {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

type Versions = Readonly<Record<string, readonly BuiltInVersion[]>>;

/** The built-in classes that a world knows: those that came with the program. */
export class Classes {
  readonly #specs = new Map<string, ClassSpec>();
  readonly #byClass = new Map<ObjectClass, ClassSpec>();
  readonly #shared: ReadonlyMap<string, ObjectClass>;
  #versions: Versions = {};

  /**
   * `shared` are those that classes written in the world may be built on, and may create.
   * Throws TypeError for a class that is not well made, or a name that is given twice.
   */
  constructor(classes: readonly ObjectClass[], shared: readonly ObjectClass[]) {
    for (const each of classes) {
      const spec = classSpec(each);
      if (this.#specs.has(spec.name)) throw new TypeError(`There are two classes named ${spec.name}.`);
      this.#set(each, spec);
    }
    for (const each of shared) {
      if (!this.#byClass.has(each))
        throw new TypeError(`${each.name} is shared, but is no class of the world.`);
    }
    this.#shared = new Map(shared.map((each) => [each.name, each]));
  }

  /**
   * Gives each class its version: the one that `stored` knows its code by, or a new one. What it gives back is to be stored
   * in its place. A class whose base has changed has changed.
   */
  identify(
    stored: string | undefined,
    digest: (text: string) => string,
  ): { readonly text: string; readonly changed: readonly ChangedClass[] } {
    const before = (stored === undefined ? {} : JSON.parse(stored)) as Versions;
    const after: Record<string, readonly BuiltInVersion[]> = { ...before };
    const changed: ChangedClass[] = [];
    const done = new Map<string, ClassIdentity>();
    const identify = (objectClass: ObjectClass): ClassIdentity => {
      const { name } = objectClass;
      const known = done.get(name);
      if (known !== undefined) return known;
      const above: unknown = Object.getPrototypeOf(objectClass);
      const base =
        typeof above === 'function' && above !== Function.prototype ? (above as ObjectClass) : null;
      const baseIdentity = base === null ? UNVERSIONED : identify(base);
      const code = textOf(objectClass);
      const source = digest(code);
      const hash = digest(`${code}\n${baseIdentity.hash}`);
      const versions = after[name] ?? [];
      let version = versions.length;
      if (versions.at(-1)?.hash !== hash) {
        // Going back to older code is a version of its own: numbers only go up.
        version = versions.length + 1;
        after[name] = [...versions, { hash, source, lineage: { ...baseIdentity.lineage, [name]: version } }];
        if (version > 1) changed.push({ name, from: version - 1, to: version });
      }
      const lineage = Object.freeze({ ...baseIdentity.lineage, [name]: version });
      const identity: ClassIdentity = Object.freeze({ origin: null, version, hash, lineage });
      done.set(name, identity);
      return identity;
    };
    for (const [objectClass, spec] of this.#byClass) {
      this.#set(objectClass, { ...spec, ...identify(objectClass) });
    }
    this.#versions = after;
    return { text: JSON.stringify(after), changed };
  }

  names(): readonly string[] {
    return [...this.#specs.keys()];
  }

  all(): Iterable<ClassSpec> {
    return this.#specs.values();
  }

  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** Raises `NotAClass`. */
  named(name: string): ClassSpec {
    return this.#specs.get(name) ?? refuse('NotAClass', `There is no class named "${name.slice(0, 64)}".`);
  }

  get(name: string): ClassSpec | undefined {
    return this.#specs.get(name);
  }

  specOf(objectClass: ObjectClass): ClassSpec | undefined {
    return this.#byClass.get(objectClass);
  }

  sharedNames(): Iterable<string> {
    return this.#shared.keys();
  }

  /** One that classes written in the world may name. */
  shared(name: string): ObjectClass | undefined {
    return this.#shared.get(name);
  }

  /** The versions of a class and of all that it was built on, as they were with that version of it. */
  lineageAt(name: string, version: number): Readonly<Record<string, number>> {
    return this.#versions[name]?.[version - 1]?.lineage ?? {};
  }

  /** What names the code of a class itself, without its bases, in one of its versions. */
  sourceAt(name: string, version: number): string | undefined {
    return this.#versions[name]?.[version - 1]?.source;
  }

  #set(objectClass: ObjectClass, spec: ClassSpec): void {
    this.#specs.set(spec.name, spec);
    this.#byClass.set(objectClass, spec);
  }
}
