import { makeMarshal } from '@endo/marshal';
import type { MethodGuard } from '@endo/patterns';
import { compileGuard, type Guard } from './guard.ts';
import type { ObjectId } from './names.ts';
import { isMethodName } from './shape.ts';

/** What an instance must have. `init` is called once, when the object is created. */
export interface Persistent {
  toRecord(): unknown;
  fromRecord(record: never): void;
  init?(...args: never[]): void;
}

/** Methods by facet, each with its guard. A method that stands in several facets has one guard. */
export type Facets = Readonly<Record<string, Readonly<Record<string, MethodGuard>>>>;

/** What an author writes: a class with a no-argument constructor, the two record hooks, and its facets. */
export interface ObjectClass<T extends Persistent = Persistent> {
  new (): T;
  readonly name: string;
  readonly facets: Facets;
  /**
   * Methods that change nothing that toRecord saves: after a turn that called only these the object is not compared with
   * its record. It counts for the class that says so, not for one that overrides the method. A class that is wrong
   * about it loses its own changes.
   */
  readonly reads?: readonly string[];
  /** Makes a record of an older version of this class into one of this version. It may call nothing outside. */
  readonly upgrade?: (record: never, fromVersion: number) => unknown;
}

export interface MethodSpec {
  readonly name: string;
  readonly call: (...args: never[]) => unknown;
  readonly guard: Guard;
  /** It changes nothing that is stored. */
  readonly reads: boolean;
  /** `Lamp.light`, for messages, and what its result and its first arguments are called there. */
  readonly where: string;
  readonly whereResult: string;
  readonly whereArguments: readonly string[];
}

/** Messages are seldom made, but their parts must not cost every call: the first arguments have theirs ready. */
const NAMED_ARGUMENTS = 8;

function methodSpec(name: string, call: unknown, guard: Guard, where: string, reads: boolean): MethodSpec {
  const whereArguments = Array.from({ length: NAMED_ARGUMENTS }, (_, at) => `Argument ${at + 1} of ${where}`);
  const whereResult = `The result of ${where}`;
  return { name, call: call as MethodSpec['call'], guard, reads, where, whereResult, whereArguments };
}

/** Which class this is: built in, or written in the world and held by an object there. */
export interface ClassIdentity {
  /** The object that holds the class; null for a built-in one. */
  readonly origin: ObjectId | null;
  readonly version: number;
  /** The version of each class that it is built on, and its own, by name. */
  readonly lineage: Readonly<Record<string, number>>;
  /** Names the code: its source, and that of what it is built on. */
  readonly hash: string;
}

/** A built-in class before the world has given it a version. */
export const UNVERSIONED: ClassIdentity = Object.freeze({
  origin: null,
  version: 1,
  lineage: Object.freeze({}),
  hash: '',
});

/** A class as the membrane uses it: checked once, guards compiled. */
export interface ClassSpec extends ClassIdentity {
  readonly name: string;
  /** What its code costs is counted: it was written in the world. */
  readonly metered: boolean;
  /** Why objects of it take no calls: its code does not load. */
  readonly broken: string | null;
  readonly make: new () => Persistent;
  readonly facets: ReadonlyMap<string, ReadonlySet<string>>;
  readonly methods: ReadonlyMap<string, MethodSpec>;
  readonly init: MethodSpec | null;
}

/** Characters of the name of a facet: each object that gives it keeps it with its grants, at no cost. */
const FACET_LENGTH = 64;

/** `init` takes what the class says it takes; its arguments cross, but no guard is asked for. */
const ANYTHING: Guard = { arguments: () => {}, quick: true, result: () => {} };

/**
 * Reads a class's facets. Throws TypeError, naming the class, the facet and the method, when one is not a method,
 * has no guard, or has two guards. Methods are taken from the prototype here and now: an instance cannot swap them.
 */
export function classSpec(objectClass: ObjectClass, identity: ClassIdentity = UNVERSIONED): ClassSpec {
  const name = objectClass.name;
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(name))
    throw new TypeError(`A class needs a name like "Lamp", not "${name}".`);
  for (const hook of ['toRecord', 'fromRecord'] as const) {
    if (typeof objectClass.prototype?.[hook] !== 'function') throw new TypeError(`${name} has no ${hook}().`);
  }
  const facets = new Map<string, ReadonlySet<string>>();
  const methods = new Map<string, MethodSpec>();
  const guards = new Map<string, MethodGuard>();
  for (const [facet, members] of Object.entries(objectClass.facets ?? {})) {
    if (facet.length > FACET_LENGTH)
      throw new TypeError(
        `${name} has a facet with a name of ${facet.length} characters, and may have ${FACET_LENGTH}.`,
      );
    for (const [method, guard] of Object.entries(members)) {
      const where = `${name}.${method}`;
      if (!isMethodName(method)) throw new TypeError(`${where} (facet ${facet}) is not a name for a method.`);
      const before = guards.get(method);
      if (before !== undefined && (before === guard || text(before) === text(guard))) continue;
      if (before !== undefined)
        throw new TypeError(`${where} has another guard in facet ${facet} than before.`);
      const call: unknown = (objectClass.prototype as unknown as Record<string, unknown>)[method];
      if (typeof call !== 'function') throw new TypeError(`${where} (facet ${facet}) is not a method.`);
      // Those of async functions and generators inherit from prototypes of their own.
      if (Object.getPrototypeOf(call) !== Function.prototype) {
        throw new TypeError(`${where} (facet ${facet}) must be an ordinary synchronous method.`);
      }
      guards.set(method, guard);
      const reads = onlyReads(objectClass, method, call);
      methods.set(method, methodSpec(method, call, compileNamed(guard, where), where, reads));
    }
    facets.set(facet, new Set(Object.keys(members)));
  }
  if (!facets.has('public')) facets.set('public', new Set());
  freezeClasses(objectClass);
  const init: unknown = objectClass.prototype.init;
  return {
    ...identity,
    name,
    metered: identity.origin !== null,
    broken: null,
    make: objectClass,
    facets,
    methods,
    init: typeof init === 'function' ? methodSpec('init', init, ANYTHING, `${name}.init`, false) : null,
  };
}

/** Stands for a class whose code does not load: it has no methods, and its objects stay as they are stored. */
export function brokenSpec(name: string, identity: ClassIdentity, why: string): ClassSpec {
  class Broken implements Persistent {
    toRecord(): never {
      throw new Error(why);
    }
    fromRecord(): never {
      throw new Error(why);
    }
  }
  return {
    ...identity,
    name,
    metered: true,
    broken: why,
    make: Broken,
    facets: new Map([['public', new Set()]]),
    methods: new Map(),
    init: null,
  };
}

/** No class may change another's methods once they are in use. */
function freezeClasses(objectClass: ObjectClass): void {
  for (let at: unknown = objectClass; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    Object.freeze((at as { prototype?: object }).prototype);
    Object.freeze(at);
  }
}

/** Whether the class that defines the method, as it is here, says that it only reads. */
function onlyReads(objectClass: ObjectClass, method: string, call: unknown): boolean {
  for (let at: unknown = objectClass; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    const { reads, prototype } = at as unknown as { reads?: unknown; prototype?: Record<string, unknown> };
    if (!Object.hasOwn(at, 'reads') || !Array.isArray(reads)) continue;
    if (reads.includes(method) && prototype?.[method] === call) return true;
  }
  return false;
}

/** Guards are passable data: the same text is the same guard. */
function text(guard: MethodGuard): string {
  return makeMarshal(undefined, undefined, { serializeBodyFormat: 'smallcaps' }).toCapData(guard as never)
    .body;
}

function compileNamed(guard: MethodGuard, where: string): Guard {
  try {
    return compileGuard(guard);
  } catch (cause) {
    throw new TypeError(`${where} has no usable guard; write M.call(...).returns(...).`, { cause });
  }
}
