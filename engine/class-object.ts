import { M } from '@endo/patterns';
import { raise } from '../wrappers/errors.ts';
import { facet, type AnyCap, type BankCap, type FacetOf } from './authoring.ts';
import { build, paidBy } from './build.ts';
import type { ClassState } from './class-state.ts';
import { refuse } from './errors.ts';
import { openTurn } from './open-turn.ts';
import { addVersion, againstBuiltIns, sourceOfVersion, supersedeFacets } from './versions.ts';

const PUBLIC = {
  name: M.call().returns(M.string()),
  author: M.call().returns(M.string()),
  current: M.call().returns(M.number()),
  versions: M.call().returns(M.any()),
  source: M.call().optional(M.number()).returns(M.string()),
  isOpen: M.call().returns(M.boolean()),
  opened: M.call().returns(M.remotable()),
};
const CREATE = { ...PUBLIC, make: M.call(M.remotable()).rest(M.arrayOf(M.any())).returns(M.remotable()) };
const EXTEND = { ...PUBLIC, base: M.call().returns(M.string()) };

/** What people are told of a version. */
export interface VersionReport {
  readonly version: number;
  readonly hash: string;
  readonly note: string;
  readonly when: number;
}

/** Class capabilities by the name that a source uses. */
export type Imports = Readonly<Record<string, AnyCap>>;

/**
 * A class that was written in the world. Whoever holds `create` may make objects of it, whoever holds `extend` may build
 * classes on it, and whoever holds `owner` may change it and give the other two away. Its code is open to everybody.
 */
export class ClassObject {
  static reads: readonly string[] = [...Object.keys(PUBLIC), 'make', 'base'];
  static facets = {
    public: PUBLIC,
    create: CREATE,
    extend: EXTEND,
    owner: {
      ...CREATE,
      ...EXTEND,
      front: M.call().returns(M.remotable()),
      save: M.call(M.string(), M.any()).returns(M.number()),
      rollback: M.call(M.number()).returns(M.number()),
      upgrade: M.call(M.remotable(), M.string()).returns(),
      creating: M.call().returns(M.remotable()),
      extending: M.call().returns(M.remotable()),
      open: M.call(M.boolean()).returns(),
    },
    /** Held by nobody: the engine calls it when built-in classes have changed. */
    rebase: { rebase: M.call().returns() },
  };

  #state: ClassState = { name: '', author: '', open: false, current: 0, versions: [] };

  /** For the engine, which needs to see what the running turn has made of a class. */
  static stateOf(instance: ClassObject): ClassState {
    return instance.#state;
  }

  init(name: string, author: string): void {
    this.#state = { ...this.#state, name, author };
  }

  toRecord(): ClassState {
    return this.#state;
  }

  fromRecord(record: ClassState): void {
    this.#state = record;
  }

  name(): string {
    return this.#state.name;
  }

  author(): string {
    return this.#state.author;
  }

  current(): number {
    return this.#state.current;
  }

  isOpen(): boolean {
    return this.#state.open;
  }

  /** The capability to create from it, for everybody while it is open. Raises `NotYours` while it is not. */
  opened(): FacetOf<typeof ClassObject, 'create'> {
    return this.#state.open
      ? this.creating()
      : raise('NotYours', `${this.#state.name} is not open: its author gives leave to make objects of it.`);
  }

  versions(): readonly VersionReport[] {
    return this.#state.versions.map(({ hash, note, when }, at) => ({ version: at + 1, hash, note, when }));
  }

  /** The text of a version, the current one if none is named. */
  source(version: number = this.#state.current): string {
    return sourceOfVersion(openTurn(), this.#entry(version).source);
  }

  /** A new object of the class as it is now, paid by `bank`; gives its owner facet. */
  make(bank: BankCap, ...args: readonly unknown[]): AnyCap {
    const turn = openTurn();
    const { saved, membrane } = turn.host;
    const spec = saved.specFor(membrane.running(this).id);
    return build(turn, spec, args, paidBy(turn, bank));
  }

  base(): string {
    return this.#state.name;
  }

  front(): FacetOf<typeof ClassObject, 'public'> {
    return facet<typeof ClassObject, 'public'>(this, 'public');
  }

  creating(): FacetOf<typeof ClassObject, 'create'> {
    return facet<typeof ClassObject, 'create'>(this, 'create');
  }

  extending(): FacetOf<typeof ClassObject, 'extend'> {
    return facet<typeof ClassObject, 'extend'>(this, 'extend');
  }

  /** Whether everybody may create from it and build on it. */
  open(open: boolean): void {
    this.#state = { ...this.#state, open };
  }

  /**
   * Makes `source` the class's new version, and gives its number. `imports` are the capabilities on classes that it names and
   * that are not open. Raises `BadSource`; then nothing is changed. Objects follow at their next use.
   */
  save(source: string, imports: Imports): number {
    return this.#add(addVersion(openTurn(), this.#self(), this.#state, source, imports, ''));
  }

  /** Makes a new version with the source of an older one. */
  rollback(version: number): number {
    const { source, uses } = this.#entry(version);
    const turn = openTurn();
    const imports: Record<string, AnyCap> = {};
    for (const each of uses) imports[each.name] = each.class;
    const { base, baseClass } = this.#entry(version);
    if (base !== null && baseClass !== null) imports[base] = baseClass;
    const text = sourceOfVersion(turn, source);
    const note = `as it was in version ${version}`;
    return this.#add(addVersion(turn, this.#self(), this.#state, text, imports, note));
  }

  /**
   * Upgrades all objects that there are now, at most a hundred a turn, and then calls `method` of `to` with what
   * became of it. Raises `TooMany` while that is under way.
   */
  upgrade(to: AnyCap, method: string): void {
    const turn = openTurn();
    const { membrane, administration } = turn.host;
    const id = this.#self();
    membrane.admits(to, method);
    if (administration.isUpgrading(id))
      refuse('TooMany', `Objects of ${this.#state.name} are being upgraded already.`);
    turn.onCommit(() => {
      administration.upgradeAll(id, to, method);
    });
  }

  rebase(): void {
    const turn = openTurn();
    const id = this.#self();
    const before = this.#state;
    this.#state = againstBuiltIns(turn, id, before);
    if (this.#state !== before) supersedeFacets(turn, turn.host.saved.specFor(id));
  }

  #add(state: ClassState): number {
    this.#state = state;
    return state.current;
  }

  #self() {
    return openTurn().host.membrane.running(this).id;
  }

  #entry(version: number) {
    const entry = this.#state.versions[version - 1];
    return (
      entry ??
      raise('BadArgument', `${this.#state.name} has versions 1 to ${this.#state.current}, not ${version}.`)
    );
  }
}
