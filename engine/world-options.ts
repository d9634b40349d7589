import type { Journal } from '../storage/journal.ts';
import type { ObjectClass } from '../wrappers/class-spec.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { AnyCap, FacetOf } from './authoring.ts';
import type { BankOwner } from './bank.ts';
import type { ClassRegistry } from './class-registry.ts';
import type { ChangedClass } from './classes.ts';
import type { Collected } from './collector.ts';
import type { WorldLimits } from './limits.ts';
import type { SessionOut } from './sessions.ts';
import type { Storage } from './storage-object.ts';
import type { TurnWatch } from './turn-log.ts';

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
  /** SHA-256 as 64 hexadecimal digits. */
  readonly digest: (text: string) => string;
  /** Milliseconds with fractions, that only ever go up: for what turns cost. */
  readonly stopwatch: () => number;
  /**
   * Runs `body`, and stops it, wherever it is and with no `catch` or `finally`, if it takes longer than `milliseconds`.
   * False: it was stopped.
   */
  readonly guard: (milliseconds: number, body: () => void) => boolean;
  /** Whether what was stopped last had waited for the machine most of its time. */
  readonly starved: () => boolean;
  /** Whether what need not be in memory is to be let go of. Asked after each run of turns; left out: never. */
  readonly isHeapTight?: () => boolean;
  /** Keeps a short text where the death of the process is survived; null: nothing is running. See `running-job.ts`. */
  readonly noteRunning: (running: string | null) => void;
  /** Something an admin should know; never what a player wrote. */
  readonly report: (event: WorldEvent) => void;
}

export type WorldEvent =
  /** An object that was at fault: its turn was stopped, or it is set aside. */
  | {
      readonly what: 'blamed';
      readonly id: string;
      readonly className: string;
      readonly author: string;
      readonly code: string;
      readonly message: string;
      readonly aside: boolean;
    }
  | {
      readonly what: 'broken class';
      readonly className: string;
      readonly version: number;
      readonly message: string;
    }
  | {
      readonly what: 'failed upgrade';
      readonly id: string;
      readonly className: string;
      readonly to: number;
      readonly message: string;
    }
  /** Built-in classes are others than when the world was last open. */
  | { readonly what: 'changed classes'; readonly changed: readonly ChangedClass[] }
  /** A message that was running at two deaths of the process is not tried again. */
  | { readonly what: 'killer'; readonly running: string; readonly id: string | null }
  | ({ readonly what: 'collected' } & Collected)
  /** The store is of an older format, and made one of the present: first its keys are read, none at first, then written. */
  | { readonly what: 'migrating'; readonly done: 'read' | 'written'; readonly keys: number }
  /** The store was of an older format, and is of the present one now. */
  | { readonly what: 'migrated'; readonly from: number; readonly to: number }
  | { readonly what: 'failed errand'; readonly cause: unknown }
  | { readonly what: 'damaged'; readonly id: string; readonly message: string }
  /** There were too many dead letters: one that nobody has looked at made room. */
  | { readonly what: 'dropped letter'; readonly number: number }
  /** What could not be delivered, and whose sender named nobody to tell: it is kept as a dead letter. */
  | { readonly what: 'undelivered'; readonly method: string; readonly error: KeysteadError }
  /** `cause` is there when it was not an error of ours: a fault in a class, or in the engine. */
  | { readonly what: 'failed turn'; readonly error: KeysteadError; readonly cause: unknown };

/** What a new world is built with; the capabilities that nobody but it holds yet. */
interface GenesisPowers {
  readonly bank: BankOwner;
  /** Sources of classes for the new world, by their names: see `WorldOptions.sources`. */
  readonly sources: Readonly<Record<string, string>>;
  /** For whoever is to write classes. */
  readonly classes: FacetOf<typeof ClassRegistry, 'define'>;
  readonly storage: FacetOf<typeof Storage, 'full'>;
}

export interface WorldOptions {
  /** Owned by the world from here on: closed with it. */
  readonly journal: Journal;
  readonly classes: readonly ObjectClass[];
  /** Those of `classes` that classes written in the world may name. */
  readonly shared?: readonly ObjectClass[];
  /** Functions and constants that classes written in the world find beside the verbs; frozen, and they lead nowhere. */
  readonly library?: Readonly<Record<string, unknown>>;
  /** What `noteRunning` was told last before the process died, '' if that was nothing; null if the world was closed. */
  readonly lastRunning?: string | null;
  /** That process crashed, or hung and was killed for it; nobody else killed it. */
  readonly lastOwnDoing?: boolean;
  /** Builds a new world, in its first turn. What it returns is all that the host keeps. */
  readonly genesis: (powers: GenesisPowers) => { readonly gate: AnyCap };
  /** Sources that `genesis` may make classes of. From then on they are the world's own, and only a new world needs them. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly powers: WorldPowers;
  readonly limits?: Partial<WorldLimits>;
  /** Objects kept in memory at most, about: those of the running turn and unsaved ones may be more. */
  readonly resident?: number;
  /** Milliseconds that an object stays after it was found to be garbage for the first time; a day if left out. */
  readonly garbageGrace?: number;
  /** For tests: every object is written down and dropped after every turn. */
  readonly evictAlways?: boolean;
  /** What each session is to be told, after its commit. */
  readonly onOut: (outs: readonly SessionOut[]) => void;
  /** Who wants to know of turns. */
  readonly watch?: TurnWatch;
  /** Commits fail: the world has stopped. */
  readonly onHalt: (error: Error) => void;
  /** An object with wizardry asks for a checkpoint. */
  readonly onCheckpoint: () => void;
  /** An object with wizardry asks for all code to be loaded anew: the process is to be started again. */
  readonly onReload?: () => void;
  /** A turn was stopped where it may not be: the process has to end without writing anything more. */
  readonly onTorn?: () => void;
}

/** The roots that the host holds. */
export interface Roots {
  readonly gate: AnyCap;
  readonly bank: BankOwner;
  readonly classes: FacetOf<typeof ClassRegistry, 'define'>;
  readonly storage: FacetOf<typeof Storage, 'full'>;
}
