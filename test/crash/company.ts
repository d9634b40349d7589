import type { Atlas } from './atlas.ts';
import type { Digs } from './digs.ts';
import type { Moves } from './moves.ts';
import type { Speech } from './speech.ts';

/** What the clients of one run share: the books, the map, the supply of names, and some figures. */
export interface Company {
  readonly names: readonly string[];
  readonly atlas: Atlas;
  readonly moves: Moves;
  readonly digs: Digs;
  readonly speech: Speech;
  /** Tells of a promise that was broken. */
  readonly wrong: (what: string) => void;
  /** The last number that a name was made of. */
  number: number;
  /** Lines sent, and those that were answered as done. */
  sent: number;
  done: number;
}
