import { CALL_FAILED, type KeysteadError } from '../wrappers/errors.ts';
import { Grants } from '../wrappers/grant.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { refuse } from './errors.ts';
import { causeOf, mayPass, unreadable } from './unreadable.ts';

/** What every wrapper has that was let go of; nothing is ever added to it, because its wrapper is looked up anew. */
const NO_GRANTS = new Grants();

/**
 * The objects that are in memory, in the order in which turns last used them.
 * Invariant: every wrapper in the map is linked, from `#newest` by `older` to `#oldest`, and `loaded` is true.
 */
export class ObjectTable {
  readonly #resident = new Map<ObjectId, Wrapper>();
  readonly #load: (id: ObjectId) => Wrapper | undefined;
  readonly #onDamaged: (id: ObjectId, error: Error) => void;
  readonly #damaged = new Map<ObjectId, KeysteadError>();
  #newest: Wrapper | null = null;
  #oldest: Wrapper | null = null;
  faults = 0;
  evictions = 0;

  /** `load` reads an object from the store: undefined if there is none; what it throws counts as damage. */
  constructor(load: (id: ObjectId) => Wrapper | undefined, onDamaged: (id: ObjectId, error: Error) => void) {
    this.#load = load;
    this.#onDamaged = onDamaged;
  }

  get size(): number {
    return this.#resident.size;
  }

  /** Raises `Gone` for an object that is not in the store, `Damaged` for one that cannot be read. */
  find(id: ObjectId): Wrapper {
    const resident = this.#resident.get(id);
    if (resident !== undefined) return resident;
    const known = this.#damaged.get(id);
    if (known !== undefined) throw known;
    this.faults += 1;
    let wrapper: Wrapper | undefined;
    try {
      wrapper = this.#load(id);
    } catch (thrown) {
      // Running out of stack says nothing about the object.
      if (thrown instanceof RangeError || thrown === CALL_FAILED) throw thrown;
      const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
      // The cause may quote what is stored, tokens too: it is for the admin only.
      const passes = mayPass(thrown);
      const now = passes ? 'at the moment' : 'and is set aside';
      const error = unreadable(`Object ${id} cannot be read ${now}.`, cause);
      if (!passes) this.#damaged.set(id, error);
      // Its class, which is read with it, may be what could not be read.
      this.#onDamaged(id, causeOf(cause));
      throw error;
    }
    if (wrapper === undefined) return refuse('Gone', 'What the capability stood for is gone.');
    this.add(wrapper);
    return wrapper;
  }

  add(wrapper: Wrapper): void {
    this.#resident.set(wrapper.id, wrapper);
    this.#link(wrapper);
  }

  /** Moves a wrapper to the young end. */
  use(wrapper: Wrapper): void {
    if (this.#newest === wrapper || !wrapper.loaded) return;
    this.#unlink(wrapper);
    this.#link(wrapper);
  }

  /** Once more after it was stopped, it does the rest. */
  discard(wrapper: Wrapper): void {
    if (this.#resident.get(wrapper.id) !== wrapper) return;
    // Capabilities keep a link to the wrapper: what it refers to must not stay in memory by that.
    wrapper.loaded = false;
    wrapper.instance = null;
    wrapper.working = undefined;
    wrapper.record = undefined;
    wrapper.grants = NO_GRANTS;
    this.#resident.delete(wrapper.id);
    this.#unlink(wrapper);
  }

  /** An object that is in memory, without reading one that is not. */
  peek(id: ObjectId): Wrapper | undefined {
    return this.#resident.get(id);
  }

  all(): Iterable<Wrapper> {
    return this.#resident.values();
  }

  /** Makes the order anew, after something was stopped that may have been changing it: as the objects came into memory. */
  relink(): void {
    this.#newest = null;
    this.#oldest = null;
    for (const wrapper of this.#resident.values()) this.#link(wrapper);
  }

  /**
   * Drops what objects of classes that were written in the world keep in memory besides their records, which nobody pays
   * for: each is made again from its record. Only between turns.
   */
  dropInstances(): void {
    for (const wrapper of this.#resident.values()) if (wrapper.spec.metered) wrapper.instance = null;
  }

  /** Drops the clean objects used longest ago until at most `budget` are left. Only between turns. */
  trim(budget: number): void {
    let at = this.#oldest;
    while (at !== null && this.#resident.size > budget) {
      const next: Wrapper | null = at.newer;
      if (!at.dirty) {
        this.discard(at);
        this.evictions += 1;
      }
      at = next;
    }
  }

  #link(wrapper: Wrapper): void {
    wrapper.older = this.#newest;
    wrapper.newer = null;
    if (this.#newest !== null) this.#newest.newer = wrapper;
    this.#newest = wrapper;
    this.#oldest ??= wrapper;
  }

  #unlink(wrapper: Wrapper): void {
    if (wrapper.newer === null) this.#newest = wrapper.older;
    else wrapper.newer.older = wrapper.older;
    if (wrapper.older === null) this.#oldest = wrapper.newer;
    else wrapper.older.newer = wrapper.newer;
    wrapper.newer = null;
    wrapper.older = null;
  }
}
