import type { AnyCap, BankCap, FacetOf } from '../engine/authoring.ts';
import type { CarrierRecord } from './carrier.ts';
import type { Desk } from './desk.ts';
import type { Keyring } from './keyring.ts';
import type { Door } from './place.ts';
import type { Book } from './roster.ts';
import type { ThingSpec } from './thing.ts';
import type { ClassList } from './written-class.ts';

/** The short list of capabilities that a new player starts with; all others he gets by asking. */
export interface Means {
  /** Where he is born, and where "home" takes him. */
  readonly home: Door;
  /** Where he signs in and out. */
  readonly book: Book;
  /** Pays for what he makes; without one he makes nothing. */
  readonly bank: BankCap | null;
  /** What classes there are, to be read. */
  readonly classes: ClassList | null;
  /** Where he writes classes. */
  readonly desk: FacetOf<typeof Desk, 'owner'> | null;
}

export interface PlayerSpec extends ThingSpec, Pick<Means, 'home' | 'book'> {
  readonly bank?: BankCap;
  readonly classes?: ClassList;
  readonly desk?: FacetOf<typeof Desk, 'owner'>;
}

/** Whether his lines go into the draft on his desk: the source of a class that could not be begun is no list of commands. */
export type Writing = boolean | 'thrown away';

export interface PlayerRecord extends CarrierRecord {
  readonly means: Means | null;
  readonly ring: FacetOf<typeof Keyring, 'owner'> | null;
  readonly sessions: number;
  readonly newborn: boolean;
  readonly it: AnyCap | null;
  readonly writing: Writing;
  readonly payer: BankCap | null;
  /** Hashes of the classes that he has been warned of. */
  readonly met: readonly string[];
}

/** The record of a player who was made before there were classes to write: he can write none, and was warned of none. */
export function upToDate(record: Partial<PlayerRecord>): Partial<PlayerRecord> {
  const means = record.means ?? null;
  return {
    writing: false,
    payer: null,
    met: [],
    ...record,
    means: means === null ? null : { ...means, classes: means.classes ?? null, desk: means.desk ?? null },
  };
}
