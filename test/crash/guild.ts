import type { ClassBook } from './class-book.ts';
import type { Known, ObjectBook } from './object-book.ts';

/** What all clients of one run share: the books, and the figures. */
export class Guild {
  readonly kinds = new Map<string, ClassBook>();
  /** Those that lie in a hall, for everybody to use. */
  readonly objects = new Map<string, ObjectBook>();
  /** The names of all objects that somebody has set out to make. */
  readonly begun = new Set<string>();
  /** Tells of a promise that was broken. */
  readonly wrong: (what: string) => void;
  /** Faults so far: what was not durable may be gone. */
  faults = 0;
  readonly figures = {
    stamps: 0,
    refused: 0,
    saves: 0,
    mistakes: 0,
    rollbacks: 0,
    upgrades: 0,
    /** Upgrades that nobody was told of, because of a fault. */
    untold: 0,
    /** Objects that stayed in an older version because of a hook that throws, as upgrades told. */
    stayed: 0,
    reports: 0,
    messages: 0,
    /** Classes whose banks were used up. */
    dry: 0,
  };
  #number = 0;

  constructor(wrong: (what: string) => void) {
    this.wrong = wrong;
  }

  /** What an answer to a line that is sent now cannot be older than. */
  known(): Known {
    return { saved: new Map([...this.kinds.values()].map(({ name, saved }) => [name, saved])) };
  }

  /** A name for a new object: all of the same length, so that none is the beginning of another. */
  objectName(): string {
    this.#number += 1;
    const name = `Ob${String(this.#number).padStart(4, '0')}`;
    this.begun.add(name);
    return name;
  }

  objectsIn(hall: string): readonly ObjectBook[] {
    return [...this.objects.values()].filter((each) => each.hall === hall);
  }
}
