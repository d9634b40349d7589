import { create, facet, fail, M, only, type BankCap, type FacetOf } from '../engine/authoring.ts';
import { Desk } from './desk.ts';
import { Guest } from './guest.ts';
import { AUTHOR } from './map/stock.ts';
import type { Door } from './place.ts';
import { Player } from './player.ts';
import { Roster, type Book } from './roster.ts';
import type { ClassList, ClassShelf } from './written-class.ts';

export interface GateSpec {
  readonly bank: BankCap;
  readonly start: Door;
  /** Where new classes go; without it nobody here writes any. */
  readonly classes?: ClassShelf;
}

export interface GateRecord {
  readonly bank: BankCap | null;
  readonly start: Door | null;
  readonly book: Book | null;
  readonly guests: number;
  readonly shelf: ClassShelf | null;
  readonly classes: ClassList | null;
}

export type SessionCap = FacetOf<typeof Player, 'session'>;

/** Objects that a new player can have made, unless somebody gives him more. */
const PLAYER_BUDGET = 200;

/** As at the login prompt. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{1,19}$/;

/** Where people come into the world. The host holds its `door`; it is the only one who makes players. */
export class Gate {
  static facets = {
    public: {},
    door: {
      newPlayer: M.call(M.string()).returns(M.remotable()),
      newGuest: M.call().returns(M.remotable()),
      who: M.call().returns(M.arrayOf(M.string())),
    },
    owner: { door: M.call().returns(M.remotable()) },
  };

  #bank: BankCap | null = null;
  #start: Door | null = null;
  #book: Book | null = null;
  #guests = 0;
  #shelf: ClassShelf | null = null;
  /** The same to be read only, one grant for everybody. */
  #classes: ClassList | null = null;

  init(spec: GateSpec): void {
    this.#bank = spec.bank;
    this.#start = spec.start;
    this.#book = create(spec.bank, Roster).book();
    if (spec.classes === undefined) return;
    this.#shelf = spec.classes;
    this.#classes = only(spec.classes, 'names', 'find', 'describe', 'source');
  }

  toRecord(): GateRecord {
    return {
      bank: this.#bank,
      start: this.#start,
      book: this.#book,
      guests: this.#guests,
      shelf: this.#shelf,
      classes: this.#classes,
    };
  }

  fromRecord(record: GateRecord): void {
    this.#bank = record.bank;
    this.#start = record.start;
    this.#book = record.book;
    this.#guests = record.guests;
    this.#shelf = record.shelf;
    this.#classes = record.classes;
  }

  /** Before there were classes to write. */
  static upgrade(record: Partial<GateRecord>): Partial<GateRecord> {
    return { shelf: null, classes: null, ...record };
  }

  door(): FacetOf<typeof Gate, 'door'> {
    return facet<typeof Gate, 'door'>(this, 'door');
  }

  /** A new player, asleep in the first room. Whether the name is taken is the host's to know. */
  newPlayer(name: string): SessionCap {
    if (!NAME.test(name)) {
      throw fail(
        'BadName',
        'A name has 2 to 20 letters (a to z), digits or hyphens, and begins with a letter.',
      );
    }
    if (/^guest/i.test(name))
      throw fail('BadName', 'A name cannot begin with "Guest": that is what guests are called.');
    if (name.toLowerCase() === AUTHOR.toLowerCase())
      throw fail('BadName', `${AUTHOR} is who wrote what came with the world. Choose another name.`);
    // "It lets you pet it" is no player's doing (likeness.ts), and commands take the word for what was meant last.
    if (name.toLowerCase() === 'it')
      throw fail('BadName', 'Nobody could say whom he means by "it". Choose another name.');
    const { bank, ...means } = this.#powers();
    const desk =
      this.#shelf === null ? {} : { desk: create(bank, Desk, { shelf: this.#shelf, author: name }) };
    return create(bank, Player, { name, ...means, ...desk, bank: bank.split(PLAYER_BUDGET) }).session();
  }

  newGuest(): SessionCap {
    const { bank, ...means } = this.#powers();
    this.#guests += 1;
    return create(bank, Guest, { name: `Guest${this.#guests}`, ...means }).session();
  }

  who(): readonly string[] {
    return this.#powers().book.who();
  }

  #powers(): { bank: BankCap; home: Door; book: Book; classes?: ClassList } {
    if (this.#bank === null || this.#start === null || this.#book === null)
      throw new Error('This gate leads nowhere.');
    const classes = this.#classes === null ? {} : { classes: this.#classes };
    return { bank: this.#bank, home: this.#start, book: this.#book, ...classes };
  }
}
