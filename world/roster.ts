import { facet, M, type FacetOf } from '../engine/authoring.ts';

export interface RosterRecord {
  readonly names: readonly string[];
}

export type Book = FacetOf<typeof Roster, 'book'>;

const WHO = M.call().returns(M.arrayOf(M.string()));

/** Who is awake. Players sign in and out by themselves. */
export class Roster {
  static facets = {
    public: {},
    book: { signIn: M.call(M.string()).returns(), signOut: M.call(M.string()).returns(), who: WHO },
    owner: { book: M.call().returns(M.remotable()), who: WHO },
  };

  #names: readonly string[] = [];

  toRecord(): RosterRecord {
    return { names: this.#names };
  }

  fromRecord(record: RosterRecord): void {
    this.#names = record.names;
  }

  signIn(name: string): void {
    if (!this.#names.includes(name)) this.#names = [...this.#names, name];
  }

  signOut(name: string): void {
    this.#names = this.#names.filter((each) => each !== name);
  }

  book(): Book {
    return facet<typeof Roster, 'book'>(this, 'book');
  }

  who(): readonly string[] {
    return this.#names;
  }
}
