import { abandonCall, withinCall } from '../wrappers/call-context.ts';
import { errorFrom, genuineError, isGenuine, type KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { bounds } from './bounds.ts';
import type { Commits } from './commits.ts';
import { abandonEvaluation } from './compartment.ts';
import type { Post } from './post.ts';
import type { Session, Sessions } from './sessions.ts';
import { Turn } from './turn.ts';
import type { TurnCause, TurnLog } from './turn-log.ts';
import type { TurnEffects } from './turn-effects.ts';
import type { TurnHost } from './turn-host.ts';
import type { WorldPowers } from './world-options.ts';

export type TurnResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: KeysteadError };

/** What is to run in a turn. */
export interface TurnPlan<T> {
  /** Names it where the death of the process is survived; see `running-job.ts`. */
  readonly job: string;
  readonly cause: TurnCause;
  /** The bank whose share of the processor is used; left out for that of the object that is called. */
  readonly payer?: string | null;
  /** It was put off before it was through: see `Meter.begin`. */
  readonly patient?: boolean;
  readonly body: () => T;
  /** Adds to the commit of a turn that succeeded. */
  readonly accept: (value: T) => void;
  /** For the turn that builds a world. */
  readonly unlimited?: boolean;
}

/**
 * The error that it ends with; or it is to be run again, without whoever was to blame; or it was not stopped in its body, so
 * that what is in memory may be torn and must not be written.
 */
export type Stopped = KeysteadError | 'again' | 'torn';

export interface TurnRunnerOptions {
  readonly host: TurnHost;
  readonly powers: WorldPowers;
  readonly commits: Commits;
  readonly sessions: Sessions;
  readonly post: Post;
  readonly log: TurnLog;
  /** The session was hung up, and its last output is on its way. */
  readonly onHungUp: (session: Session) => void;
  readonly onCheckpoint: () => void;
  /** A turn was stopped while code of this object was running; null if no class written in the world was. */
  readonly onBlamed: (blamed: Wrapper | null, error: KeysteadError) => void;
  /** After every turn, whichever way it ended. */
  readonly afterTurn: () => void;
}

/**
 * Runs turns, one at a time, and hands what they did to those who make it durable: all of it or nothing.
 *
 * A turn can be stopped from outside at any point, which runs no `catch` and no `finally`. While its body runs that does
 * no harm: all that the body touches is taken back by `stop`. In the rest, which is short and runs no code of the
 * world, it would; `stop` then says that memory can no longer be trusted.
 */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;
  /** The turn whose body is running. */
  #open: Turn | null = null;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
  }

  /**
   * `careful`: it has failed, and each attempt in it is to find out now whether that is its own doing. It names the objects that
   * attempts had changed and could not take back, or that could not be stored then, each with what the turn failed with.
   */
  run<T>(plan: TurnPlan<T>, careful: ReadonlyMap<ObjectId, KeysteadError> | null = null): TurnResult<T> {
    const { job, cause, payer = null, patient = false, body, accept, unlimited = false } = plan;
    const { host, powers, log } = this.#options;
    log.begin(cause);
    host.meter.begin(job, payer as ObjectId | null, patient);
    const turn = new Turn(host, powers.clock(), unlimited, careful);
    let done = false;
    let value: T;
    let effects: TurnEffects;
    try {
      [value, effects] = withinCall(turn, () => {
        this.#open = turn;
        bounds.held = !unlimited;
        const result = body();
        done = turn.failure === null;
        const all = turn.finish();
        bounds.held = false;
        this.#open = null;
        return [result, all] as const;
      });
    } catch (thrown) {
      bounds.held = false;
      turn.rollBack();
      this.#open = null; // only now: what is stopped in the middle of taking it back takes it back again
      const error = errorFrom(turn.failure ?? thrown, 'The turn', powers.isProxy);
      // It may be what was attempted on others that cannot be stored, or paid for, or taken back: that must not spoil the rest.
      // Or what they have made of somebody who was waiting for them, and was not asked meanwhile.
      const changed = done ? [...turn.spoiled, ...turn.reentered] : turn.spoiled;
      const spoiled = new Map([...(careful ?? []), ...changed.map((id) => [id, error] as const)]);
      const isOther =
        careful === null ? spoiled.size > 0 || (done && turn.attempted) : spoiled.size > careful.size;
      this.#end(null, error, turn.failure === null ? null : turn.failedIn, isOther);
      if (isOther) return this.run(plan, spoiled);
      powers.report({ what: 'failed turn', error, cause: isGenuine(thrown) ? undefined : thrown });
      return { ok: false, error };
    }
    turn.settle(effects);
    accept(value);
    this.#apply(effects);
    this.#end(effects, null, null);
    return { ok: true, value };
  }

  /**
   * After the running turn was stopped: takes it back, and says what becomes of it. `starved`: it was waiting for the processor,
   * and nobody is to blame, unless it has been run `again` already. It is run without whoever is to blame once.
   */
  stop(budget: number, starved: boolean, again: boolean): Stopped {
    const { host, onBlamed } = this.#options;
    const turn = this.#open;
    if (turn === null) return 'torn';
    this.#open = null;
    bounds.held = false;
    abandonCall();
    abandonEvaluation();
    host.membrane.abandon();
    const blamed = host.meter.blamed(budget);
    turn.rollBack();
    host.relink();
    const who = blamed === null ? 'It' : `${blamed.spec.name} ${blamed.id}`;
    const error = genuineError('OutOfTime', `${who} ran for more than ${budget} ms and was stopped.`);
    const excused = starved && !again;
    // What the turn itself had made is gone, and would be made again under another number.
    const benched = blamed !== null && blamed.loaded && !host.meter.hasBenched;
    if (!excused) onBlamed(blamed, error);
    this.#end(null, error, blamed);
    if (excused) return 'again';
    if (!benched) return error;
    host.meter.bench(blamed, error);
    return 'again';
  }

  #end(
    effects: TurnEffects | null,
    error: KeysteadError | null,
    blamed: Wrapper | null,
    again = false,
  ): void {
    const { host, log, afterTurn } = this.#options;
    log.end(effects, error, blamed === null ? null : blamed.id);
    host.meter.end(again);
    afterTurn();
  }

  #apply(effects: TurnEffects): void {
    const { commits, sessions, post, onCheckpoint } = this.#options;
    commits.weigh(effects.weight);
    for (const { wrapper } of effects.changed) commits.changed(wrapper);
    for (const wrapper of effects.destroyed) commits.removed(wrapper);
    for (const [key, value] of effects.writes) {
      if (value === null) commits.delete(key);
      else commits.put(key, value);
    }
    for (const { from, item } of effects.outputs) sessions.put(from.id, item);
    for (const message of effects.messages) post.accept(message);
    for (const { number, owner } of effects.cancelled) post.cancel(number, owner);
    for (const { id } of effects.ended) post.cancelAll(id);
    if (effects.checkpoint) commits.whenDurable(onCheckpoint);
    for (const { id } of effects.hangUps) this.#endSoon(sessions.hangUp(id));
    for (const { id } of effects.ended) this.#endSoon(sessions.hangUp(id, true));
  }

  /** Only once their last output is on its way: ending takes unread output with it. */
  #endSoon(hungUp: readonly Session[]): void {
    const { commits, onHungUp } = this.#options;
    for (const session of hungUp)
      commits.whenDurable(() => {
        onHungUp(session);
      });
  }
}
