import { raise, type KeysteadError } from './errors.ts';
import type { ObjectId } from './names.ts';
import type { Shape } from './shape.ts';
import type { Wrapper } from './wrapper.ts';

/** What a call on a capability needs to know of the turn that it happens in. The engine's Turn is one. */
export interface CallContext {
  /** Changes with every savepoint: a wrapper whose `mark` equals it has been noted since. */
  readonly mark: number;
  /** The object whose method is running; null for the host. */
  current: Wrapper | null;
  depth: number;
  readonly maxDepth: number;
  /** True while toRecord, fromRecord or a constructor runs: nothing may be called or done. */
  closed: boolean;
  /** The first error that crossed a wrapper and was not undone by `attempt`: the turn will fail with it. */
  failure: KeysteadError | null;
  /** The object in whose code `failure` came up; null for the host. Says nothing while `failure` is null. */
  failedIn: Wrapper | null;
  /** Milliseconds since the epoch; the same for the whole turn. */
  readonly now: number;
  /** Remembers the wrapper's state before its first call since the savepoint; gives it an instance. May throw. */
  note(wrapper: Wrapper): void;
  /** The same, and runs nothing of it: it need not have an instance. For what is done to its grants. */
  take(wrapper: Wrapper): void;
  /** The wrapper must be stored with this turn although its record may be as it was. */
  grantsChanged(wrapper: Wrapper): void;
  /** What takes back a change to grants, run if the turn or the attempt fails. */
  onUndo(undo: () => void): void;
  /** Brings an object that is set aside or of an older version of its class up to date, or raises why it takes no calls. */
  attend(wrapper: Wrapper): void;
  /** Raises why an object that is running already may not be changed by another call. */
  reenter(wrapper: Wrapper): void;
  /** Raises why an object of a `metered` class may not run now. */
  admit(wrapper: Wrapper): void;
  /**
   * The running code is that of `wrapper` from here on, until `leave`: what it costs is its own. Only for `metered` classes.
   * Raises why it may not run; `leave` is then not called.
   */
  enter(wrapper: Wrapper): void;
  leave(): void;
  /** A bank pays so many blocks when the turn ends, or gets them back. */
  owe(bank: ObjectId, blocks: number): void;
  /** Counts a new grant towards the turn's limit. Raises `TooMany`. */
  grantMade(): void;
  /** The same for a new set of method names, which somebody may have to pay for. */
  shapeMade(shape: Shape): void;
}

let running: CallContext | null = null;

/** The turn that is running, or null between turns. Turns are synchronous, so there is never more than one. */
export function runningCall(): CallContext | null {
  return running;
}

/** Runs `body` with `context` as the running turn. Turns do not nest. */
export function withinCall<T>(context: CallContext, body: () => T): T {
  if (running !== null) throw new Error('A turn may not begin inside another.');
  running = context;
  try {
    return body();
  } finally {
    running = null;
  }
}

/** A turn was stopped from outside, which runs no `finally`. */
export function abandonCall(): void {
  running = null;
}

/** The running turn, if calls are allowed at this moment. */
export function openCall(): CallContext {
  const call = running;
  if (call === null) return raise('NoTurn', 'Capabilities can be called only inside a turn.');
  if (call.closed)
    return raise('NoCallsHere', 'toRecord, fromRecord and constructors may not call anything outside.');
  return call;
}
