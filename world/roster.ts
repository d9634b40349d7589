import { collection, facet, M, type FacetOf } from '../engine/authoring.ts';

export interface RosterRecord {
  readonly names: readonly string[];
}

export type Book = FacetOf<typeof Roster, 'book'>;

const WHO = M.call().returns(M.arrayOf(M.string()));

/** What players are called, and what only guests are, who never come back under the same name (gate.ts). */
const NAME = /^[a-z][a-z0-9-]{1,19}$/i;
const GUEST = /^guest\d{1,15}$/i;

/** Who is awake, and who ever was. Players sign in and out by themselves. */
export class Roster {
  static facets = {
    public: {},
    book: {
      signIn: M.call(M.string()).returns(),
      signOut: M.call(M.string()).returns(),
      who: WHO,
      known: M.call(M.string()).returns(M.or(M.string(), M.undefined())),
    },
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
    const known = collection(this, 'known');
    if (!GUEST.test(name) && !known.has(name.toLowerCase())) known.set(name.toLowerCase(), name);
    if (!this.#names.includes(name)) this.#names = [...this.#names, name];
  }

  signOut(name: string): void {
    this.#names = this.#names.filter((each) => each !== name);
  }

  book(): Book {
    return facet<typeof Roster, 'book'>(this, 'book');
  }

  /** The name of a player who has been here once, or of any guest, in whatever case it is asked for. */
  known(name: string): string | undefined {
    if (GUEST.test(name)) return `Guest${name.slice('Guest'.length)}`;
    if (!NAME.test(name)) return undefined;
    return collection(this, 'known').get(name.toLowerCase()) as string | undefined;
  }

  who(): readonly string[] {
    return this.#names;
  }
}
