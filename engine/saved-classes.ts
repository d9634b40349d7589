import { sourceKey } from '../storage/keys.ts';
import {
  brokenSpec,
  classSpec,
  type ClassIdentity,
  type ClassSpec,
  type ObjectClass,
} from '../wrappers/class-spec.ts';
import { errorFrom, genuineError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { ClassObject } from './class-object.ts';
import type { ClassState, ClassVersion } from './class-state.ts';
import type { Classes } from './classes.ts';
import { evaluateClass } from './compartment.ts';
import { createOf, VERBS } from './endowments.ts';
import { LANGUAGE } from './language.ts';
import { isStackShort } from './stack-left.ts';
import { mistakesTold } from './mistakes.ts';
import { mayPass } from './unreadable.ts';
import { checkSource } from './source-check.ts';

export interface SavedClassesOptions {
  readonly classes: Classes;
  /** The wrapper of an object, faulted in if need be. */
  readonly find: (id: ObjectId) => Wrapper;
  /** What a key of the store holds, as the running turn sees it. */
  readonly read: (key: string) => string | undefined;
  /** The object behind a capability, whatever has become of the grant. */
  readonly idOf: (capability: object) => ObjectId;
  readonly isProxy: (value: object) => boolean;
  /** What the world adds to the verbs. */
  readonly library: Readonly<Record<string, unknown>>;
  /** A class does not load: its objects are set aside until it is mended. */
  readonly onBroken: (name: string, version: number, why: string) => void;
}

/** What those of a version's free names stand for that need a capability: the class it is built on, and class capabilities. */
type Surroundings = Readonly<Record<string, unknown>>;

/** Compiled versions kept: each is a Compartment, about 20 KB. Others are compiled again from their source. */
const MOST_KEPT = 2_000;

/**
 * The classes that were written in the world, compiled when they are first needed. Which versions there are is kept by
 * the class objects; a version that was compiled once is the same for as long as the world is open.
 */
export class SavedClasses {
  readonly #options: SavedClassesOptions;
  readonly #compiled = new Map<string, ClassSpec>();
  readonly #classObjects = new WeakMap<ObjectClass, ObjectId>();

  constructor(options: SavedClassesOptions) {
    this.#options = options;
  }

  /** What a class object keeps, as the running turn sees it. */
  state(id: ObjectId): ClassState {
    const wrapper = this.#options.find(id);
    if (wrapper.instance instanceof ClassObject) return ClassObject.stateOf(wrapper.instance);
    return (wrapper.working ?? wrapper.record) as ClassState;
  }

  /** What a class object keeps as the last turn left it: what the objects that there are follow. */
  settled(id: ObjectId): ClassState {
    return this.#options.find(id).record as ClassState;
  }

  /** A version of a class, the current one if none is named. One that does not load is broken, and takes no calls. */
  specFor(id: ObjectId, version?: number): ClassSpec {
    const state = this.state(id);
    const number = version ?? state.current;
    const entry = state.versions[number - 1];
    if (entry === undefined) {
      const identity: ClassIdentity = { origin: id, version: number, lineage: {}, hash: '' };
      return brokenSpec(state.name, identity, `there is no version ${number} of ${state.name}`);
    }
    const key = keyOf(id, number, entry);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const identity: ClassIdentity = { origin: id, version: number, lineage: entry.lineage, hash: entry.hash };
    let spec: ClassSpec;
    try {
      const source = this.#options.read(sourceKey(entry.source));
      if (source === undefined) throw new Error('its source is missing from the store');
      spec = this.compile(state.name, source, this.#surroundings(entry), identity, entry.baseClass);
    } catch (thrown) {
      const { code, message } = errorFrom(thrown, state.name, this.#options.isProxy);
      // That says nothing about the class.
      if ((code === 'Overflow' && isStackShort()) || mayPass(thrown)) throw thrown;
      spec = brokenSpec(state.name, identity, message);
      this.#options.onBroken(state.name, number, message);
    }
    this.#keep(key, spec);
    return spec;
  }

  /** Why the current version does not load; null if it does, or if nobody has needed it since the world was opened. */
  knownBroken(id: ObjectId): string | null {
    const { current, versions } = this.state(id);
    const entry = versions[current - 1];
    return entry === undefined ? null : (this.#compiled.get(keyOf(id, current, entry))?.broken ?? null);
  }

  /** Classes whose current version does not load, of those that somebody has needed since the world was opened. */
  get broken(): number {
    let count = 0;
    for (const { broken, origin, version } of this.#compiled.values()) {
      if (broken === null || origin === null) continue;
      try {
        if (this.settled(origin).current === version) count += 1;
      } catch {
        // The object that keeps the class is damaged or set aside, and told as that.
      }
    }
    return count;
  }

  /** Compiles a source; `base` is the capability by which it is built on another class. Throws `BadSource` for its mistakes. */
  compile(
    name: string,
    source: string,
    names: Surroundings,
    identity: ClassIdentity,
    base: object | null,
  ): ClassSpec {
    const checked = mistakesTold(() => checkSource(name, source));
    const { library, classes } = this.#options;
    const { origin } = identity;
    const endowments: Record<string, unknown> = {};
    for (const free of checked.free) {
      if (Object.hasOwn(names, free)) endowments[free] = names[free];
      else if (free === 'create' && origin !== null) endowments[free] = createOf({ origin, base });
      else if (Object.hasOwn(VERBS, free)) endowments[free] = VERBS[free];
      else if (Object.hasOwn(library, free)) endowments[free] = library[free];
      else if (classes.shared(free) !== undefined) endowments[free] = classes.shared(free);
    }
    const made = mistakesTold(() =>
      evaluateClass(checked, endowments, this.#candidates()),
    ) as unknown as ObjectClass;
    const spec = facetsTold(() => classSpec(made, identity));
    if (identity.origin !== null) this.#classObjects.set(made, identity.origin);
    return spec;
  }

  /** Whether a free name needs nobody's capability: a verb, the library, or a built-in class that is shared. */
  isGiven(name: string): boolean {
    const { library, classes } = this.#options;
    return Object.hasOwn(VERBS, name) || Object.hasOwn(library, name) || classes.shared(name) !== undefined;
  }

  /** Whether a class cannot have that name, because every source finds something else there. */
  isTaken(name: string): boolean {
    return this.isGiven(name) || LANGUAGE.includes(name) || this.#options.classes.has(name);
  }

  /** The class object of a class that was written in the world. */
  classObjectOf(objectClass: ObjectClass): ObjectId | undefined {
    return this.#classObjects.get(objectClass);
  }

  /** A version was taken back with its turn: another one may get its number. */
  forget(id: ObjectId, number: number, version: ClassVersion): void {
    this.#compiled.delete(keyOf(id, number, version));
  }

  /** All are compiled anew when they are needed next. */
  reload(): void {
    this.#compiled.clear();
  }

  /** What a name that is not known may have been meant to be. */
  *#candidates(): Iterable<string> {
    yield* Object.keys(VERBS);
    yield* Object.keys(this.#options.library);
    yield* this.#options.classes.sharedNames();
  }

  #surroundings({ base, baseClass, baseVersion, uses }: ClassVersion): Surroundings {
    const names: Record<string, unknown> = {};
    for (const each of uses) names[each.name] = each.class;
    if (base === null) return names;
    if (baseClass === null) {
      const builtIn = this.#options.classes.shared(base);
      if (builtIn === undefined)
        throw new Error(`the class ${base}, which it is built on, is not in this program`);
      return { ...names, [base]: builtIn };
    }
    const spec = this.specFor(this.#options.idOf(baseClass), baseVersion);
    if (spec.broken !== null) throw new Error(`${base}, which it is built on, does not load: ${spec.broken}`);
    return { ...names, [base]: spec.make };
  }

  #keep(key: string, spec: ClassSpec): void {
    this.#compiled.set(key, spec);
    const oldest = this.#compiled.size > MOST_KEPT ? this.#compiled.keys().next() : undefined;
    if (oldest !== undefined && oldest.done !== true) this.#compiled.delete(oldest.value);
  }
}

/** What the membrane says against facets and guards, which quotes names only, is for their author. */
function facetsTold<T>(body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (thrown instanceof TypeError) throw genuineError('BadSource', thrown.message);
    throw thrown;
  }
}

function keyOf(id: ObjectId, number: number, { hash }: ClassVersion): string {
  return `${id} ${number} ${hash}`;
}
