import { classSpec, type ClassSpec, type ObjectClass } from '../wrappers/class-spec.ts';
import { refuse } from './errors.ts';

/** The classes that a world knows. */
export class Classes {
  readonly #specs = new Map<string, ClassSpec>();
  readonly #classes = new Map<string, ObjectClass>();
  readonly #byClass = new Map<ObjectClass, ClassSpec>();

  /** Throws TypeError for a class that is not well made, or a name that is given twice. */
  constructor(classes: readonly ObjectClass[]) {
    for (const each of classes) {
      const spec = classSpec(each);
      if (this.#specs.has(spec.name)) throw new TypeError(`There are two classes named ${spec.name}.`);
      this.#specs.set(spec.name, spec);
      this.#classes.set(spec.name, each);
      this.#byClass.set(each, spec);
    }
  }

  names(): readonly string[] {
    return [...this.#specs.keys()];
  }

  named(name: string): ObjectClass {
    return this.#classes.get(name) ?? refuse('NotAClass', `There is no class named "${name.slice(0, 64)}".`);
  }

  specOf(objectClass: ObjectClass): ClassSpec {
    return (
      this.#byClass.get(objectClass) ??
      refuse('NotAClass', 'What is to be created is not a class of this world.')
    );
  }

  /** For stored objects: an ordinary Error, which sets the object aside. */
  readonly specNamed = (name: string): ClassSpec => {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new Error(`its class "${name}" is not in this version of the world`);
    return spec;
  };
}
