import { M } from '@endo/patterns';
import { printable, raise } from '../wrappers/errors.ts';
import { create, type AnyCap, type BankCap, type FacetOf } from './authoring.ts';
import { ClassObject, type Imports } from './class-object.ts';
import { textOf } from './class-text.ts';
import { refuse } from './errors.ts';
import { openTurn } from './open-turn.ts';

const PUBLIC = {
  names: M.call().returns(M.arrayOf(M.string())),
  find: M.call(M.string()).returns(M.or(M.remotable(), M.null())),
  describe: M.call(M.string()).optional(M.boolean()).returns(M.any()),
  source: M.call(M.string()).optional(M.number()).returns(M.string()),
};

export type ClassOwner = FacetOf<typeof ClassObject, 'owner'>;

/** What people are told of a class. */
export interface ClassReport {
  readonly name: string;
  readonly author: string;
  readonly version: number;
  readonly hash: string;
  /** Built in, or approved by an admin at this very hash. */
  readonly safe: boolean;
  /** Written in the world. */
  readonly saved: boolean;
  /** Why it does not load, or ''. */
  readonly broken: string;
}

export interface ClassRegistryRecord {
  readonly classes: Readonly<Record<string, AnyCap>>;
}

const NAME = /^[A-Z][A-Za-z0-9]{1,39}$/;
/** Characters of an author's name, which stands beside each of his classes. */
const AUTHOR_LENGTH = 60;

/** Every class of the world by its name. `define` is for whoever may write new ones. */
export class ClassRegistry {
  static reads: readonly string[] = Object.keys(PUBLIC);
  static facets = {
    public: PUBLIC,
    define: {
      ...PUBLIC,
      define: M.call(M.remotable(), M.string(), M.string(), M.string(), M.any()).returns(M.remotable()),
    },
  };

  #classes: Readonly<Record<string, AnyCap>> = {};

  /** For the engine, which needs to see what the running turn has made of it. */
  static stateOf(instance: ClassRegistry): ClassRegistryRecord {
    return instance.toRecord();
  }

  toRecord(): ClassRegistryRecord {
    return { classes: this.#classes };
  }

  fromRecord(record: ClassRegistryRecord): void {
    this.#classes = record.classes;
  }

  /** All classes, built in or not. */
  names(): readonly string[] {
    return [...openTurn().host.classes.names(), ...Object.keys(this.#classes)].sort();
  }

  /** The public capability of a class that was written in the world. */
  find(name: string): FacetOf<typeof ClassObject, 'public'> | null {
    const found = Object.hasOwn(this.#classes, name) ? this.#classes[name] : undefined;
    return (found ?? null) as FacetOf<typeof ClassObject, 'public'> | null;
  }

  /** `known`: whether it loads is told as far as that is known; to find out takes some milliseconds. Raises `NotAClass`. */
  describe(name: string, known = false): ClassReport {
    const { classes, saved, membrane, administration } = openTurn().host;
    const found = this.find(name);
    if (found === null) {
      const { version, hash } = classes.named(name);
      return { name, author: '', version, hash, safe: true, saved: false, broken: '' };
    }
    const id = membrane.idOf(found);
    const { author, current, versions } = saved.state(id);
    const { hash = '' } = versions[current - 1] ?? {};
    const broken = known ? saved.knownBroken(id) : saved.specFor(id).broken;
    const safe = administration.isApproved(hash);
    return { name, author, version: current, hash, safe, saved: true, broken: broken ?? '' };
  }

  /** The code of any class; of a built-in one there is that of the newest version alone. Raises `NotAClass`, `BadArgument`. */
  source(name: string, version?: number): string {
    const found = this.find(name);
    if (found === null) {
      const { make, version: only } = openTurn().host.classes.named(name);
      if (version !== undefined && version !== only)
        raise(
          'BadArgument',
          `${name} is built in: its code is that of version ${only}, and no other is kept.`,
        );
      return textOf(make);
    }
    return version === undefined ? found.source() : found.source(version);
  }

  /** Makes a new class; `bank` pays for it and for its source. Raises `BadSource`, `ClassTaken`. */
  define(bank: BankCap, author: string, name: string, source: string, imports: Imports): ClassOwner {
    if (!NAME.test(name)) {
      raise(
        'BadArgument',
        `"${printable(name.slice(0, 40))}" is no name for a class: it is a word like TeaShop.`,
      );
    }
    if (openTurn().host.saved.isTaken(name) || this.find(name) !== null)
      refuse('ClassTaken', `There is something named ${name} already.`);
    const made = create(bank, ClassObject, name, printable(author.slice(0, AUTHOR_LENGTH)));
    // First, so that the class can create objects of its own.
    this.#classes = { ...this.#classes, [name]: made.front() };
    made.save(source, imports);
    return made;
  }
}
