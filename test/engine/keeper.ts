import type { AnyCap } from '../../engine/authoring.ts';
import type { FixtureOptions } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

/** Does with its collections what it is told, all in one turn, and tells what it got. */
export const KEEPER = `class Keeper extends Base {
  static facets = {
    ...Base.facets,
    owner: {
      ...Base.facets.owner,
      does: M.call(M.arrayOf(M.any())).returns(M.any()),
      all: M.call(M.string()).returns(M.any()),
      swallows: M.call(M.arrayOf(M.any())).returns(M.any()),
      inRecord: M.call().returns(),
      other: M.call(M.remotable()).returns(M.any()),
      lends: M.call().returns(M.any()),
      front: M.call().returns(M.remotable()),
      stale: M.call().returns(M.any()),
      end: M.call().returns(),
    },
  };
  #cache = null;
  #peeks = false;
  toRecord() {
    const size = this.#peeks ? this.#cache.size : 0;
    return { ...super.toRecord(), size };
  }
  fromRecord(record) { super.fromRecord(record); }
  does(steps) { return steps.map((step) => this.#one(step)); }
  #one([what, name, key, value]) {
    if (what === 'attempt' || what === 'in vain') {
      const tried = attempt(() => {
        const got = name.map((step) => this.#one(step));
        if (what === 'in vain') throw fail('Vain', 'in vain');
        return got;
      });
      return tried.ok ? tried.value : tried.error.code;
    }
    const own = collection(this, name);
    switch (what) {
      case 'set': own.set(key, value); return null;
      case 'get': return own.get(key);
      case 'has': return own.has(key);
      case 'delete': return own.delete(key);
      case 'size': return own.size;
      case 'keys': return own.keys(key, value);
      default: return own.entries(key, value);
    }
  }
  all(name) {
    const own = collection(this, name);
    const found = [];
    for (let after = null; ;) {
      const some = own.entries(after, 7);
      if (some.length === 0) return { size: own.size, found };
      found.push(...some);
      after = some[some.length - 1][0];
    }
  }
  swallows(steps) {
    return steps.map((step) => { try { return this.#one(step); } catch (error) { return error.code ?? 'none of ours'; } });
  }
  inRecord() { this.#cache = collection(this, 'c'); this.#peeks = true; }
  other(held) { this.#cache = collection(this, 'c'); return held.lends(); }
  lends() { return collection(this, 'c'); }
  front() { return this; }
  stale() {
    if (this.#cache !== null) { const tried = attempt(() => this.#cache.size); return tried.ok ? tried.value : tried.error.code; }
    this.#cache = collection(this, 'c');
    return this.#cache.size;
  }
  end() { destroy(this); }
}`;

/** One thing to do with a collection, or several in an attempt. */
export type Step = readonly [what: string, name: string | readonly Step[], key?: unknown, value?: unknown];

/** A world with one keeper in it. */
export class Keeping {
  readonly studio: Studio;
  keeper: AnyCap;

  constructor(studio: Studio, keeper: AnyCap) {
    this.studio = studio;
    this.keeper = keeper;
  }

  static async open(options: Partial<FixtureOptions> = {}): Promise<Keeping> {
    const studio = await openStudio(options);
    await studio.save('Keeper', KEEPER);
    return new Keeping(studio, await studio.make('Keeper', 'k'));
  }

  /** What each of the steps gave, all of them in one turn. */
  does(...steps: readonly Step[]): Promise<unknown> {
    return this.studio.call(this.keeper, 'does', steps);
  }

  /** The code of the error with which a turn of these steps fails, or 'none'. */
  code(...steps: readonly Step[]): Promise<string> {
    return this.studio.code(this.keeper, 'does', steps);
  }

  /** All entries of a collection, read a few at a time. */
  all(name = 'c'): Promise<unknown> {
    return this.studio.call(this.keeper, 'all', name);
  }

  /** What the store has of collections. */
  async stored(): Promise<readonly string[]> {
    await this.studio.fixture.settle();
    return this.studio.fixture.journal.contents().flatMap(([key]) => (/^[de]\//.test(key) ? [key] : []));
  }
}
