import { withinCall } from '../wrappers/call-context.ts';
import { errorFrom, isGenuine, type KeysteadError } from '../wrappers/errors.ts';
import type { Commits } from './commits.ts';
import type { Post } from './post.ts';
import type { Session, Sessions } from './sessions.ts';
import { Turn } from './turn.ts';
import type { TurnEffects } from './turn-effects.ts';
import type { TurnHost } from './turn-host.ts';
import type { WorldPowers } from './world-options.ts';

export type TurnResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: KeysteadError };

export interface TurnRunnerOptions {
  readonly host: TurnHost;
  readonly powers: WorldPowers;
  readonly commits: Commits;
  readonly sessions: Sessions;
  readonly post: Post;
  /** The session was hung up, and its last output is on its way. */
  readonly onHungUp: (session: Session) => void;
  readonly onCheckpoint: () => void;
  /** After every turn, whichever way it ended. */
  readonly afterTurn: () => void;
}

/** Runs turns, one at a time, and hands what they did to those who make it durable: all of it or nothing. */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
  }

  /** `accept` adds to the commit of a turn that succeeded. `unlimited`: for the turn that builds a world. */
  run<T>(body: () => T, accept: (value: T) => void, unlimited = false): TurnResult<T> {
    const { host, powers, afterTurn } = this.#options;
    const turn = new Turn(host, powers.clock(), unlimited);
    let value: T;
    let effects: TurnEffects;
    try {
      [value, effects] = withinCall(turn, () => {
        const result = body();
        return [result, turn.finish()] as const;
      });
    } catch (thrown) {
      turn.rollBack();
      const error = errorFrom(turn.failure ?? thrown, 'The turn', powers.isProxy);
      powers.report({ what: 'failed turn', error, cause: isGenuine(thrown) ? undefined : thrown });
      afterTurn();
      return { ok: false, error };
    }
    accept(value);
    this.#apply(effects);
    afterTurn();
    return { ok: true, value };
  }

  #apply(effects: TurnEffects): void {
    const { commits, sessions, post, onHungUp, onCheckpoint } = this.#options;
    for (const { wrapper } of effects.changed) commits.changed(wrapper);
    for (const wrapper of effects.destroyed) commits.removed(wrapper);
    for (const { from, item } of effects.outputs) sessions.put(from.id, item);
    for (const message of effects.messages) post.accept(message);
    for (const { number, owner } of effects.cancelled) post.cancel(number, owner);
    if (effects.checkpoint) commits.whenDurable(onCheckpoint);
    for (const wrapper of effects.hangUps) {
      for (const session of sessions.hangUp(wrapper.id)) {
        // Only once its last output is on its way: ending takes unread output with it.
        commits.whenDurable(() => {
          onHungUp(session);
        });
      }
    }
  }
}
