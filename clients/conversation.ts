import type { Limits } from './limits.ts';
import { TokenBucket } from './rate-limit.ts';
import type { In, SessionId } from './wire.ts';

/** What became of a line: kept and to be sent; had before; or refused because too many wait. */
export type Offered = 'held' | 'known' | 'full';

/**
 * The two directions of one session, as the portal sees them.
 *
 * Lines are held, in order, from when the client typed them until the world has committed them, so that a world that
 * died can be given them again. They go on to the world no faster than the rate. Of the output only numbers are kept:
 * the chunks themselves are the world's until the client has acknowledged them.
 */
export class Conversation {
  readonly sid: SessionId;
  readonly #limits: Limits;
  readonly #rate: TokenBucket;
  #held: In[] = [];
  #sent = 0;
  #characters = 0;
  #last: number;
  #committed: number;
  #seen: number;
  #acked = 0;

  /** `committed`: the last input that the world has. `seen`: the last chunk that the client has. */
  constructor(sid: SessionId, committed: number, seen: number, limits: Limits, now: number) {
    this.sid = sid;
    this.#limits = limits;
    this.#rate = new TokenBucket(limits.lineBurst, 1000 / limits.linesPerSecond, now);
    this.#last = committed;
    this.#committed = committed;
    this.#seen = seen;
  }

  /** The last chunk that was passed on to the client. */
  get seen(): number {
    return this.#seen;
  }

  /** The last input that the client may forget. */
  get committed(): number {
    return this.#committed;
  }

  /** The number for the next line of a client that does not number its lines itself. */
  get nextNumber(): number {
    return this.#last + 1;
  }

  /** Takes a line. One whose number is not greater than that of the last one is known already. */
  offer(n: number, line: string): Offered {
    if (n <= this.#last) return 'known';
    if (this.#held.length >= this.#limits.linesHeld) return 'full';
    if (this.#characters + line.length > this.#limits.charactersHeld) return 'full';
    this.#last = n;
    this.#characters += line.length;
    this.#held.push({ t: 'in', sid: this.sid, n, line });
    return 'held';
  }

  /** The next line to send to the world, if there is one and the rate allows it. */
  next(now: number): In | undefined {
    const line = this.#held[this.#sent];
    if (line === undefined || !this.#rate.take(now)) return undefined;
    this.#sent += 1;
    return line;
  }

  /** Whether lines wait for the rate to allow them. */
  get waiting(): boolean {
    return this.#sent < this.#held.length;
  }

  /** The world has refused this one line: it is not sent again. */
  drop(n: number): void {
    const at = this.#held.findIndex((line) => line.n === n);
    if (at < 0) return;
    for (const line of this.#held.splice(at, 1)) this.#characters -= line.line.length;
    if (at < this.#sent) this.#sent -= 1;
  }

  /** The world has committed the inputs up to `n`. Returns whether that is news. */
  commit(n: number): boolean {
    for (let first = this.#held[0]; first !== undefined && first.n <= n; first = this.#held[0]) {
      this.#held.shift();
      this.#characters -= first.line.length;
      if (this.#sent > 0) this.#sent -= 1;
    }
    if (n <= this.#committed) return false;
    this.#committed = n;
    if (n > this.#last) this.#last = n;
    return true;
  }

  /** The world is a new process, which has committed the inputs up to `n`: all later ones are to be sent again. */
  rewind(n: number): void {
    this.commit(n);
    this.#sent = 0;
  }

  /** The client came back over another connection, having seen `have`. */
  reopen(committed: number, have: number): void {
    this.commit(committed);
    this.#seen = have;
  }

  /** Whether chunk `n` is one that the client does not have; it counts as passed on from now. */
  show(n: number): boolean {
    if (n <= this.#seen) return false;
    this.#seen = n;
    return true;
  }

  /** The client has all chunks up to `n`. Returns whether the world is to be told. */
  ack(n: number): boolean {
    if (n <= this.#acked || n > this.#seen) return false;
    this.#acked = n;
    return true;
  }
}
