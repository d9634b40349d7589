import type { CapData, Marshal } from '../wrappers/marshal.ts';
import type { Commits } from './commits.ts';
import { keyOfMessage, readMessage, storedMessage } from './stored-message.ts';
import { Timers } from './timers.ts';
import type { Message } from './turn-effects.ts';
import type { WaitingMessages } from './waiting.ts';

interface TimedMessage extends Message {
  readonly due: number;
}

/**
 * The stored sends and timers. A message is in the store from the commit of the turn that sent it until the commit of
 * the turn that delivered it, whether that worked or not: so it is delivered once.
 */
export class Post {
  readonly #commits: Commits;
  readonly #marshal: Marshal;
  readonly #timers = new Timers<TimedMessage>();
  /** Timers that are due and wait in the queue for their turn: until then they can be cancelled. */
  readonly #rung = new Map<number, TimedMessage>();
  /** The latest time that the clock has shown, as far as it matters to timers that repeat: earlier now, if it was put back. */
  #shown = Number.NEGATIVE_INFINITY;
  readonly #deliver: (message: Message) => void;

  readonly #waiting: WaitingMessages;

  /** `deliver` queues the delivery of a message that is due. */
  constructor(
    commits: Commits,
    marshal: Marshal,
    waiting: WaitingMessages,
    deliver: (message: Message) => void,
  ) {
    this.#commits = commits;
    this.#marshal = marshal;
    this.#waiting = waiting;
    this.#deliver = deliver;
  }

  #pending = 0;
  #renewed = 0;
  /** Messages that came before the classes changed last. */
  readonly #at = new WeakMap<Message, number>();

  /** Messages that are stored and wait for their turn, without timers that are not due. */
  get sends(): number {
    return this.#pending - this.#timers.size;
  }

  get timers(): number {
    return this.#timers.size;
  }

  accept(message: Message): void {
    this.#commits.weigh(PER_MESSAGE);
    this.#commits.put(keyOfMessage(message), () => `{${this.#marshal.write(storedMessage(message))}}`);
    this.#queue(message);
  }

  /** One that no turn has sent, so that nobody has weighed it yet. */
  acceptOwn(message: Message): void {
    this.#commits.weigh(message.size);
    this.accept(message);
  }

  /**
   * A message from the store, when the world starts. Gives it back instead if it is a timer whose time passed while the
   * world was down, and who set it wants it skipped then.
   */
  restore(text: string, now: number): Message | null {
    const message = readMessage(this.#marshal, JSON.parse(text) as CapData, text.length);
    if (!isTimed(message)) {
      this.#queue(message);
      return null;
    }
    const { due, every, missed } = message;
    if (!isFar(message, now) && (due >= now || missed === 'late')) {
      this.#queue(message);
      return null;
    }
    this.#commits.delete(keyOfMessage(message));
    if (every === null) return message;
    this.acceptOwn({ ...message, due: nextTime(message, every, now) });
    return null;
  }

  /** Takes a message from the queue to deliver it; false for a timer that was cancelled while it waited there. */
  claim(message: Message): boolean {
    return !isTimed(message) || this.#rung.delete(message.number);
  }

  /** A message that was claimed is to be tried again; a timer can be cancelled until then. */
  putBack(message: Message): void {
    if (isTimed(message)) this.#rung.set(message.number, message);
  }

  /** Capabilities may look otherwise from here on. */
  renew(): void {
    this.#renewed += 1;
  }

  /** The message with its capabilities as they look now. */
  asNow(message: Message): Message {
    if (this.#at.get(message) === this.#renewed) return message;
    return readMessage(this.#marshal, this.#marshal.encode(storedMessage(message)), message.size);
  }

  /** The message has had its turn; a timer that repeats waits for its next time. */
  done(message: Message, now: number): void {
    this.#over(message);
    if (isTimed(message) && message.every !== null)
      this.acceptOwn({ ...message, due: nextTime(message, message.every, now) });
  }

  /** The message has had its turn, and no other one follows, even if it is a timer that repeats. */
  end(message: Message): void {
    this.#over(message);
  }

  /** Takes a timer back if `owner` set it. */
  cancel(number: number, owner: string): void {
    const timer = this.#timers.get(number) ?? this.#rung.get(number);
    if (timer === undefined || timer.from !== owner) return;
    this.#timers.remove(number);
    this.#rung.delete(number);
    this.#count(timer, -1);
    this.#commits.forget(keyOfMessage(timer));
  }

  /** Takes back all timers of an object that has ended: nobody could any more. */
  cancelAll(owner: string): void {
    for (const number of this.#waiting.timersOf(owner)) this.cancel(number, owner);
  }

  /** When the next timer is due, in milliseconds since the epoch. */
  nextDue(): number | undefined {
    return this.#timers.next();
  }

  /** Queues the timers that are due; of very many the first ones, and the others are due still. */
  ring(now: number): void {
    if (now < this.#shown) this.#bringNear(now);
    this.#shown = now;
    for (let rung = 0; rung < MOST_RUNG; rung += 1) {
      const timer = this.#timers.take(now);
      if (timer === undefined) return;
      this.#rung.set(timer.number, timer);
      this.#deliver(timer);
    }
  }

  #bringNear(now: number): void {
    for (const timer of this.#timers.all()) {
      if (!isFar(timer, now)) continue;
      this.#timers.remove(timer.number);
      this.#over(timer);
      this.acceptOwn({ ...this.asNow(timer), due: nextTime(timer, timer.every, now) });
    }
  }

  #over(message: Message): void {
    this.#count(message, -1);
    this.#commits.forget(keyOfMessage(message));
  }

  #queue(message: Message): void {
    this.#at.set(message, this.#renewed);
    this.#count(message, 1);
    if (!isTimed(message)) {
      this.#deliver(message);
      return;
    }
    this.#timers.add(message);
    // It may have been set between two times when it was asked what is due: so late it was then at least.
    if (message.every !== null) this.#shown = Math.max(this.#shown, message.due - message.every);
  }

  #count(message: Message, by: 1 | -1): void {
    this.#pending += by;
    this.#waiting.count(message, by);
  }
}

/** Characters that one is stored with besides what it says: names, capabilities, numbers. */
const PER_MESSAGE = 400;

/** Timers that ring before the event loop goes on: some milliseconds. Two hundred players may set two million for one moment. */
const MOST_RUNG = 5_000;

function isTimed(message: Message): message is TimedMessage {
  return message.due !== null;
}

/**
 * Whether one that repeats waits for a time that only a clock can have set which was put forward, and back again since. Put
 * back a little, as clocks are all the time, it is left as it is.
 */
function isFar(timer: TimedMessage, now: number): timer is TimedMessage & { readonly every: number } {
  return timer.every !== null && timer.due > now + 2 * timer.every;
}

/** Times that a timer catches up with at most: the world may have been down for years. */
const MOST_LATE = 1_000;

/**
 * The first time after the one that it had, in step with it: one that is still to come, unless it is to be kept late. Of one
 * that is far the first that is still to come.
 */
function nextTime(timer: TimedMessage, every: number, now: number): number {
  const { due, missed } = timer;
  if (isFar(timer, now)) return due - every * (Math.ceil((due - now) / every) - 1);
  if (missed === 'skip') return due + every * Math.max(1, Math.floor((now - due) / every) + 1);
  const skipped = Math.floor((now - due) / every) - MOST_LATE;
  return due + every * Math.max(1, skipped + 1);
}
