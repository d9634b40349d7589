import { create, M, type AnyCap, type BankCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import type { ClassOwner } from '../../engine/class-registry.ts';
import type { WorldOptions } from '../../engine/world-options.ts';
import { openFixture, type Fixture, type FixtureOptions } from './fixture.ts';

/** What classes written in the test worlds are built on: something that knows a few things, and says so. */
export class Base {
  static facets = {
    public: { name: M.call().returns(M.string()) },
    owner: { name: M.call().returns(M.string()), rename: M.call(M.string()).returns() },
  };

  label = '';

  init(name = 'thing'): void {
    this.label = name;
  }

  toRecord(): { readonly label: string } {
    return { label: this.label };
  }

  fromRecord(record: { readonly label: string }): void {
    this.label = record.label;
  }

  name(): string {
    return this.label;
  }

  rename(name: string): void {
    this.label = name;
  }
}

/** Nobody may build on this one, or create it. */
export class Private extends Base {}

/** Keeps what is given to it, and tells it again. */
export class Shelf {
  static facets = {
    public: {},
    owner: {
      put: M.call(M.any()).returns(),
      take: M.call().returns(M.any()),
      told: M.call(M.any()).returns(),
      splits: M.call(M.number()).returns(M.any()),
    },
  };

  #bank: BankOwner | null = null;
  #held: unknown = null;
  #told: readonly unknown[] = [];

  init(bank: BankOwner): void {
    this.#bank = bank;
  }

  toRecord() {
    return { bank: this.#bank, held: this.#held, told: this.#told };
  }

  fromRecord(record: { bank: BankOwner; held: unknown; told: readonly unknown[] }): void {
    this.#bank = record.bank;
    this.#held = record.held;
    this.#told = record.told;
  }

  put(what: unknown): void {
    this.#held = what;
  }

  take(): unknown {
    return { held: this.#held, told: this.#told };
  }

  told(what: unknown): void {
    this.#told = [...this.#told, what];
  }

  splits(amount: number): BankOwner | null {
    return this.#bank?.split(amount) ?? null;
  }
}

const genesis: WorldOptions['genesis'] = ({ bank }) => ({ gate: create(bank, Shelf, bank) });

/** A world in memory in which classes are written. */
export interface Studio {
  fixture: Fixture;
  readonly bank: BankCap;
  /** Makes a class, or a new version of one that there is; gives its owner facet. */
  save(name: string, source: string, imports?: Readonly<Record<string, AnyCap>>): Promise<ClassOwner>;
  /** A new object of a class that was saved; gives its owner facet. */
  make(name: string, ...args: unknown[]): Promise<AnyCap>;
  call(capability: AnyCap, method: string, ...args: unknown[]): Promise<unknown>;
  /** The code of the error that a call fails with, or 'none'. */
  code(capability: AnyCap, method: string, ...args: unknown[]): Promise<string>;
  /** Keeps a capability over a restart, and gives it again. */
  keep(what: unknown): Promise<void>;
  kept(): Promise<AnyCap>;
  told(): Promise<readonly unknown[]>;
  restart(options?: Partial<FixtureOptions>): Promise<void>;
  close(): Promise<void>;
}

export async function openStudio(options: Partial<FixtureOptions> = {}): Promise<Studio> {
  const all = { classes: [Base, Private, Shelf], shared: [Base], genesis, ...options };
  const owners = new Map<string, ClassOwner>();
  const studio: Studio = {
    fixture: await openFixture(all),
    get bank() {
      return this.fixture.world.roots.bank;
    },
    async save(name, source, imports = {}) {
      const { world } = this.fixture;
      const known = owners.get(name);
      if (known !== undefined) {
        await this.call(known, 'save', source, imports);
        return known;
      }
      const owner = (await this.call(
        world.roots.classes,
        'define',
        world.roots.bank,
        'Ada',
        name,
        source,
        imports,
      )) as ClassOwner;
      owners.set(name, owner);
      return owner;
    },
    async make(name, ...args) {
      const owner = owners.get(name);
      if (owner === undefined) throw new Error(`No class ${name} was saved.`);
      return (await this.call(owner, 'make', this.bank, ...args)) as AnyCap;
    },
    call(capability, method, ...args) {
      return this.fixture.call(capability, method, ...args);
    },
    async code(capability, method, ...args) {
      try {
        await this.call(capability, method, ...args);
        return 'none';
      } catch (error) {
        return String((error as { code?: unknown }).code);
      }
    },
    async keep(what) {
      await this.call(this.fixture.world.roots.gate, 'put', what);
    },
    async kept() {
      const { held } = (await this.call(this.fixture.world.roots.gate, 'take')) as { held: AnyCap };
      return held;
    },
    async told() {
      const { told } = (await this.call(this.fixture.world.roots.gate, 'take')) as { told: unknown[] };
      return told;
    },
    async restart(more = {}) {
      const { powers, journal, world } = this.fixture;
      await world.close();
      const contents = new (
        journal.constructor as new (contents: ReadonlyMap<string, string>) => typeof journal
      )(new Map(journal.contents()));
      this.fixture = await openFixture({ ...all, ...more, powers, journal: contents });
      owners.clear();
    },
    close: () => studio.fixture.close(),
  };
  return studio;
}
