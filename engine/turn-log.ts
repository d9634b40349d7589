import type { Journal } from '../storage/journal.ts';
import { stateOf } from '../wrappers/capability.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Commits } from './commits.ts';
import type { Session } from './sessions.ts';
import type { Message, TurnEffects } from './turn-effects.ts';

/**
 * What a turn of the host's own is for, while the world runs: the player of a name comes in; or something else, which
 * somebody who looks after the world may have `typed`.
 */
export type HostCause =
  | { readonly what: 'login'; readonly name: string }
  | { readonly what: 'host'; readonly typed: string | null };

/** What a turn is for, and since when it waited, by the stopwatch: null for one that did not. */
export type TurnCause = { readonly since: number | null } & (
  | { readonly what: 'command'; readonly session: Session; readonly line: string }
  | { readonly what: 'message'; readonly message: Message }
  | HostCause
  /** A session has ended, and its object is told. */
  | { readonly what: 'end'; readonly session: Session }
  /** The host's own, while the world is built or opened. */
  | { readonly what: 'start' }
);

/** A turn that has ended, whichever way. What it refers to is the engine's own: to be read at once, and not kept. */
export interface EndedTurn {
  readonly cause: TurnCause;
  /** Milliseconds that it waited in the queue; null if it did not. */
  readonly waited: number | null;
  /** Milliseconds that it ran. */
  readonly milliseconds: number;
  /** What it did; null for a turn that failed. */
  readonly effects: TurnEffects | null;
  /** What it failed with. */
  readonly error: KeysteadError | null;
  /** The object in whose code it failed, as far as that is known. */
  readonly blamed: ObjectId | null;
  /** The object that a capability of a message is on, without a look at it: it may be gone. */
  readonly idOf: (capability: object) => ObjectId | null;
}

function idOf(capability: object): ObjectId | null {
  return stateOf(capability)?.id ?? null;
}

/** Turns whose effects are on disk. */
export interface DurableTurns {
  /** The journal's number of the commit; null if there was nothing to write. */
  readonly seq: number | null;
  /** How many they are. */
  readonly turns: number;
  /** What `textOf` gave for them, in the order in which they ran. */
  readonly texts: readonly string[];
  /** Milliseconds from when the commit was begun until it was durable. */
  readonly milliseconds: number;
}

/** Who wants to know of turns. None of these may throw, nor do anything that takes long. */
export interface TurnWatch {
  /** Right after each turn. */
  readonly onTurn?: (turn: EndedTurn) => void;
  /**
   * What is to be kept of a turn for `onDurable`; null: nothing. The turn itself is not kept: it and all that it
   * refers to are ten times as large, and garbage that lives until a commit is durable is the dearest to collect.
   * Asked at the end of a run of turns: the watchdog may stop what a run does, and should find as little as possible
   * that is no turn's.
   */
  readonly textOf?: (turn: EndedTurn) => string | null;
  /** After each commit, also one that no turn was the cause of. */
  readonly onDurable?: (durable: DurableTurns) => void;
}

export interface TurnLogOptions extends TurnWatch {
  /** Milliseconds with fractions, that only ever go up. */
  readonly stopwatch: () => number;
  readonly journal: Pick<Journal, 'lastSeq'>;
  readonly commits: Pick<Commits, 'whenDurable'>;
}

/**
 * The turns that have ended since the last commit was begun. They are told of when theirs is durable, and not at all if it
 * cannot be written. Without anybody who wants to know it costs nothing.
 */
export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #idle: boolean;
  /** Those of the run that is under way. */
  #ended: EndedTurn[] = [];
  #turns = 0;
  #texts: string[] = [];
  #cause: TurnCause = { what: 'start', since: null };
  #began = 0;

  constructor(options: TurnLogOptions) {
    this.#options = options;
    this.#idle = options.onTurn === undefined && options.onDurable === undefined;
  }

  /** Now, for `TurnCause.since`. */
  now(): number | null {
    return this.#idle ? null : this.#options.stopwatch();
  }

  begin(cause: TurnCause): void {
    if (this.#idle) return;
    this.#cause = cause;
    this.#began = this.#options.stopwatch();
  }

  end(effects: TurnEffects | null, error: KeysteadError | null, blamed: ObjectId | null): void {
    if (this.#idle) return;
    const { onTurn, onDurable, stopwatch } = this.#options;
    const cause = this.#cause;
    const waited = cause.since === null ? null : this.#began - cause.since;
    const turn = { cause, waited, milliseconds: stopwatch() - this.#began, effects, error, blamed, idOf };
    onTurn?.(turn);
    if (onDurable !== undefined) this.#ended.push(turn);
  }

  /** A run of turns is over, and nothing watches what is done now. */
  ran(): void {
    const { textOf } = this.#options;
    for (const turn of this.#ended) {
      this.#turns += 1;
      const text = textOf?.(turn) ?? null;
      if (text !== null) this.#texts.push(text);
    }
    this.#ended = [];
  }

  /** A commit of all that has gathered is about to be written. */
  committing(): void {
    const { onDurable, journal, commits, stopwatch } = this.#options;
    if (onDurable === undefined) return;
    this.ran();
    const turns = this.#turns;
    const texts = this.#texts;
    const before = journal.lastSeq;
    const began = stopwatch();
    this.#turns = 0;
    this.#texts = [];
    commits.whenDurable(() => {
      const seq = journal.lastSeq === before ? null : journal.lastSeq;
      if (seq !== null || turns > 0) onDurable({ seq, turns, texts, milliseconds: stopwatch() - began });
    });
  }
}
