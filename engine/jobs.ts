import { genuineError, type KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import { HOST_JOB, inputJob, messageJob } from './running-job.ts';
import type { Job } from './queue.ts';
import type { Session } from './sessions.ts';
import { PairOrder } from './pair-order.ts';
import { PutOff } from './put-off.ts';
import { RestartOrder } from './restart-order.ts';
import { hostMessage } from './stored-message.ts';
import type { Message } from './turn-effects.ts';
import type { HostCause, TurnCause, TurnLog } from './turn-log.ts';
import type { TurnResult, TurnRunner } from './turn-runner.ts';
import type { WorldParts } from './world-parts.ts';
import type { WorldPowers } from './world-options.ts';

const STOPPED_THE_WORLD = genuineError(
  'SetAside',
  'What you typed stopped the whole world twice, and was not done.',
);

/**
 * How often the end of a session is tried that is stopped: whoever runs too long in it is set aside, or has used up its share,
 * after some of them.
 */
const MOST_ENDINGS = 10;

/**
 * Milliseconds for which those that come after one of a start wait for it: whoever has used up a share has some of it again in a
 * few seconds, but whoever pays a penalty in an hour.
 */
const LONGEST_BEFORE = 60_000;

/** Makes jobs of what comes to a world: each is one turn, and says what is left of it if that fails or is stopped. */
export class Jobs {
  readonly #parts: WorldParts;
  readonly #turns: TurnRunner;
  readonly #powers: WorldPowers;
  readonly #log: TurnLog;

  /** Queues a job behind what objects send. */
  readonly #again: (job: Job) => void;
  readonly #order: PairOrder;
  /** In which the calls of this start come. */
  readonly restarts = new RestartOrder();
  readonly #putOffs: PutOff;
  /** The numbers of messages that were put off because somebody whom they call had used up his share by then. */
  readonly #patient = new Set<number>();

  /** `again` queues a delivery that was put off, or an end that is tried again. */
  constructor(
    parts: WorldParts,
    turns: TurnRunner,
    powers: WorldPowers,
    log: TurnLog,
    again: (job: Job) => void,
  ) {
    this.#parts = parts;
    this.#turns = turns;
    this.#powers = powers;
    this.#log = log;
    this.#again = again;
    this.#order = new PairOrder((capability) => parts.membrane.idOf(capability));
    this.#putOffs = new PutOff({
      // For what the host tells whoever is told pays himself: he is not to wait for others.
      accountOf: ({ payer, to }) =>
        parts.shares.accountOf(payer as ObjectId | null) ?? `to ${parts.membrane.idOf(to)}`,
      later: powers.later,
      tryAgain: (message) => {
        again(this.delivery(message));
      },
    });
  }

  /** A session's numbered input. */
  command(session: Session, n: number, line: string): Job {
    const { sessions, commits, membrane } = this.#parts;
    const cause: TurnCause = { what: 'command', since: this.#log.now(), session, line };
    const failed = (error: KeysteadError): void => {
      sessions.advance(session, n);
      sessions.tell(session, `${error.message} [${error.code}]`);
      commits.urge();
    };
    return {
      run: () => {
        if (sessions.get(session.sid) !== session || session.closing) return;
        if (n <= session.in) {
          sessions.advance(session, session.in);
          commits.urge();
          return;
        }
        if (session.refused?.includes(n) === true) {
          failed(STOPPED_THE_WORLD);
          return;
        }
        const result = this.#turns.run({
          job: inputJob(session.sid, n),
          cause,
          body: () => membrane.invoke(session.capability, 'command', [line]),
          accept: () => {
            sessions.advance(session, n);
          },
        });
        if (result.ok) commits.urge();
        else failed(result.error);
      },
      stopped: failed,
    };
  }

  /** The delivery of a message that is due. */
  delivery(due: Message): Job {
    const { post, membrane, host } = this.#parts;
    const since = this.#log.now();
    const { clock } = this.#powers;
    let message = due;
    let taken = false;
    return {
      run: () => {
        if (!taken && (!post.claim(due) || this.#mustWait(due))) {
          this.#patient.delete(due.number);
          this.#putOffs.over(due);
          return;
        }
        taken = true; // it may be run again after it was stopped
        if (host.meter.mustWait(due.payer as ObjectId | null)) {
          this.#putOff(due);
          return;
        }
        // What it holds may look otherwise since it was sent: a class has changed.
        message = post.asNow(due);
        const { to, method, args, payer, number } = message;
        const result = this.#turns.run({
          job: messageJob(number),
          cause: { what: 'message', since, message },
          payer,
          patient: this.#patient.has(number),
          body: () => membrane.invoke(to, method, args),
          accept: () => {
            post.done(message, clock());
          },
        });
        if (result.ok) this.#goOn(message);
        else if (result.error.code === 'TooBusy') {
          this.#patient.add(number);
          this.#putOff(message);
        } else this.#undelivered(message, result.error);
      },
      stopped: (error) => {
        this.#undelivered(message, error);
      },
    };
  }

  /** A timer whose time passed while the world was down, and that was to be skipped then. */
  missed(message: Message): void {
    const { failed, method, payer } = message;
    const { post, counters } = this.#parts;
    if (failed === null) return;
    const text = `The time to call ${method} passed while the world was down.`;
    const error = Object.freeze({ code: 'Missed', message: text });
    post.acceptOwn({ ...hostMessage(counters.takeMessage(null), ...failed, [error]), payer });
  }

  /** The end of a session; its object is told by `detached`. */
  ending(session: Session, tries = 1): Job {
    const { sessions, membrane } = this.#parts;
    const cause: TurnCause = { what: 'end', since: this.#log.now(), session };
    const failed = ({ code }: KeysteadError): void => {
      // An object that is not told counts as attached for good.
      if (code === 'OutOfTime' && tries < MOST_ENDINGS) this.#again(this.ending(session, tries + 1));
      else sessions.end(session);
    };
    return {
      run: () => {
        if (sessions.get(session.sid) !== session) return;
        const result = this.#turns.run({
          job: HOST_JOB,
          cause,
          body: () => membrane.invoke(session.capability, 'detached', []),
          accept: () => {
            sessions.end(session);
          },
        });
        if (!result.ok) failed(result.error);
      },
      stopped: failed,
    };
  }

  /**
   * A turn of the host's own; `why` says what for. `done` is told how it ended; if it succeeded, not before it is durable.
   */
  host<T>(
    body: () => T,
    accept: (value: T) => void,
    done: (result: TurnResult<T>) => void,
    why: HostCause,
  ): Job {
    const { commits } = this.#parts;
    const since = this.#log.now();
    const cause: TurnCause = { ...why, since };
    return {
      run: () => {
        const result = this.#turns.run({ job: HOST_JOB, cause, body, accept });
        if (!result.ok) {
          done(result);
          return;
        }
        commits.whenDurable(
          () => {
            done(result);
          },
          (error) => {
            done({ ok: false, error: error as KeysteadError });
          },
        );
      },
      stopped: (error) => {
        done({ ok: false, error });
      },
    };
  }

  /** Whether there are others that it has to come after; it will be queued again when they have had their turns. */
  #mustWait(message: Message): boolean {
    if (this.#order.mustWait(message)) {
      const [first = message] = this.#order.lineOf(message);
      // One that waits for others of the start is not late: these are, or it has its turn soon.
      if (!this.restarts.isHeld(first)) this.#boundWait(message);
      return true;
    }
    if (!this.restarts.mustWait(message)) return false;
    this.#order.putOff(message);
    return true;
  }

  /** Its turn comes when the objects of that bank have got some of their share back. It stays stored until then. */
  #putOff(message: Message): void {
    this.#parts.post.putBack(message);
    this.#order.putOff(message);
    this.#putOffs.add(message);
    this.#boundWait(message);
    for (const each of this.#order.lineOf(message)) this.#boundWait(each);
  }

  /** The message is late, by itself or behind another one: those of the start that come after it wait only so long. */
  #boundWait(message: Message): void {
    if (!this.restarts.isLate(message)) return;
    this.#powers.later(LONGEST_BEFORE, () => {
      this.#freeBehind(message);
    });
  }

  #freeBehind(message: Message): void {
    for (const freed of this.restarts.over(message)) this.#again(this.delivery(freed));
  }

  /** Those who waited for this one have their turns. */
  #goOn(message: Message): void {
    this.#patient.delete(message.number);
    this.#putOffs.over(message);
    const next = this.#order.over(message);
    if (next !== undefined) this.#again(this.delivery(next));
    this.#freeBehind(message);
  }

  /** Whether what it calls can never be called again: a timer that repeats would fail for ever. */
  #isDead({ to }: Message): boolean {
    const { membrane } = this.#parts;
    const result = this.#turns.run({
      job: HOST_JOB,
      cause: { what: 'host', since: null, typed: null },
      body: () => membrane.granting.isLive(to),
      accept: () => {},
    });
    return result.ok && !result.value;
  }

  #undelivered(message: Message, error: KeysteadError): void {
    const { post, counters, letters } = this.#parts;
    if (message.every !== null && this.#isDead(message)) post.end(message);
    else post.done(message, this.#powers.clock());
    const { failed, method, payer } = message;
    if (failed === null) {
      letters.keep(message, error);
      this.#powers.report({ what: 'undelivered', method, error });
    } else {
      const number = counters.takeMessage(null);
      const { code, message: text } = error;
      // Whoever sent it pays for hearing of it, too.
      post.acceptOwn({ ...hostMessage(number, ...failed, [Object.freeze({ code, message: text })]), payer });
    }
    this.#goOn(message);
  }
}
