import type { Journal } from '../storage/journal.ts';
import type { ObjectClass } from '../wrappers/class-spec.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { AnyCap, BankCap, FacetOf } from './authoring.ts';
import type { WorldLimits } from './limits.ts';
import type { SessionOut } from './sessions.ts';
import type { Storage } from './storage-object.ts';

/** What a world may use of the outside, handed down by the composition root. */
export interface WorldPowers {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Runs `job` soon, after what else waits in the event loop. */
  readonly soon: (job: () => void) => void;
  /** Runs `job` after so many milliseconds; gives what takes that back. */
  readonly later: (milliseconds: number, job: () => void) => () => void;
  /** 128 bits from a cryptographic source as 22 characters of base64url. */
  readonly random: () => string;
  readonly isProxy: (value: object) => boolean;
  /** Something an admin should know; never what a player wrote. */
  readonly report: (event: WorldEvent) => void;
}

export type WorldEvent =
  | { readonly what: 'damaged'; readonly id: string; readonly message: string }
  | { readonly what: 'undelivered'; readonly method: string; readonly error: KeysteadError }
  /** `cause` is there when it was not an error of ours: a fault in a class, or in the engine. */
  | { readonly what: 'failed turn'; readonly error: KeysteadError; readonly cause: unknown };

/** What a new world is built with; the capabilities that nobody but it holds yet. */
interface GenesisPowers {
  readonly bank: BankCap;
  readonly storage: FacetOf<typeof Storage, 'full'>;
}

export interface WorldOptions {
  /** Owned by the world from here on: closed with it. */
  readonly journal: Journal;
  readonly classes: readonly ObjectClass[];
  /** Builds a new world, in its first turn. What it returns is all that the host keeps. */
  readonly genesis: (powers: GenesisPowers) => { readonly gate: AnyCap };
  readonly powers: WorldPowers;
  readonly limits?: Partial<WorldLimits>;
  /** Objects kept in memory at most, about: those of the running turn and unsaved ones may be more. */
  readonly resident?: number;
  /** For tests: every object is written down and dropped after every turn. */
  readonly evictAlways?: boolean;
  /** What each session is to be told, after its commit. */
  readonly onOut: (outs: readonly SessionOut[]) => void;
  /** Commits fail: the world has stopped. */
  readonly onHalt: (error: Error) => void;
  /** An object with wizardry asks for a checkpoint. */
  readonly onCheckpoint: () => void;
}

/** The roots that the host holds. */
export interface Roots {
  readonly gate: AnyCap;
  readonly bank: BankCap;
  readonly storage: FacetOf<typeof Storage, 'full'>;
}
