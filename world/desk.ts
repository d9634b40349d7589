import { fail, M, type BankCap } from '../engine/authoring.ts';
import type { ClassShelf, Imports, OwnClass } from './written-class.ts';

/** A class that is being written. */
export interface Draft {
  readonly name: string;
  readonly text: string;
}

export interface DeskSpec {
  readonly shelf: ClassShelf;
  readonly author: string;
}

export interface DeskRecord {
  readonly shelf: ClassShelf | null;
  readonly author: string;
  readonly draft: Draft | null;
}

/** Characters of a draft. The longest source that a class can have, and then it is a file of 2,000 lines. */
export const DRAFT_LENGTH = 65_536;

/**
 * Where somebody writes classes: the draft that he is at, and the capability that makes a class of it. Whoever owns the desk
 * is the author of what is written on it.
 */
export class Desk {
  static reads: readonly string[] = ['draft'];
  static facets = {
    public: {},
    owner: {
      draft: M.call().returns(M.any()),
      begin: M.call(M.string(), M.string()).returns(),
      write: M.call(M.string()).returns(),
      change: M.call(M.string()).returns(),
      drop: M.call().returns(),
      define: M.call(M.remotable(), M.any()).returns(M.remotable()),
    },
  };

  #shelf: ClassShelf | null = null;
  #author = '';
  #draft: Draft | null = null;

  init({ shelf, author }: DeskSpec): void {
    this.#shelf = shelf;
    this.#author = author;
  }

  toRecord(): DeskRecord {
    return { shelf: this.#shelf, author: this.#author, draft: this.#draft };
  }

  fromRecord(record: DeskRecord): void {
    this.#shelf = record.shelf;
    this.#author = record.author;
    this.#draft = record.draft;
  }

  draft(): Draft | null {
    return this.#draft;
  }

  /** Begins a draft. There is one at a time. */
  begin(name: string, text: string): void {
    if (this.#draft !== null) throw fail('Busy', `There is a draft of ${this.#draft.name} on your desk.`);
    this.#draft = { name, text: fitting(text) };
  }

  /** Adds a line. Throws `Full`; then the draft is as it was. */
  write(line: string): void {
    const { name, text } = this.#open();
    this.#draft = { name, text: fitting(text === '' ? line : `${text}\n${line}`) };
  }

  /** Exchanges the whole text. Throws `Full`. */
  change(text: string): void {
    this.#draft = { name: this.#open().name, text: fitting(text) };
  }

  drop(): void {
    this.#draft = null;
  }

  /** Makes a new class of the draft, and gives its owner facet. Throws what is wrong with it. */
  define(bank: BankCap, imports: Imports): OwnClass {
    if (this.#shelf === null) throw new Error('This desk has no shelf.');
    const { name, text } = this.#open();
    return this.#shelf.define(bank, this.#author, name, text, imports);
  }

  #open(): Draft {
    if (this.#draft === null) throw fail('NoDraft', 'There is no draft on your desk.');
    return this.#draft;
  }
}

function fitting(text: string): string {
  if (text.length > DRAFT_LENGTH) {
    throw fail(
      'Full',
      `A class can have at most ${DRAFT_LENGTH} characters, and this would be ${text.length}. The draft is as it was.`,
    );
  }
  return text;
}
