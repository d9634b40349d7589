import { createHash } from 'node:crypto';
import type { Session, SessionOut } from '../engine/sessions.ts';
import type { World } from '../engine/world.ts';
import { sameText, type Accounts } from './accounts.ts';
import { codeOf, PortalError } from './errors.ts';
import { outJson } from './wire.ts';
import type { Hello, In, Login, Resume, SessionId, ToPortal, ToWorld } from './wire.ts';

export interface WorldDeskOptions {
  readonly world: World;
  readonly accounts: Accounts;
  readonly send: (message: ToPortal) => void;
  /** The same for a message that has been written as JSON already. */
  readonly sendJson: (message: string) => void;
  readonly stop: () => void;
  /** The figures of this process, as Prometheus reads them. */
  readonly figures: () => Promise<string>;
  readonly later: (milliseconds: number, job: () => void) => () => void;
  readonly report: (what: string, error: unknown) => void;
}

/** How long a session that can be resumed waits for its client after the portal itself died, in milliseconds. */
export const RESUME_WITHIN = 10 * 60_000;

/**
 * Characters of unread output that are told before the event loop goes on, and what a chunk costs besides its own: some
 * milliseconds. A whole class that lost its network comes back in one moment, each with thousands of chunks.
 */
const UNREAD_AT_ONCE = 64 * 1024;
const PER_CHUNK = 200;

/** Sessions that one message shows the same, at most: what one line of the pipe may hold is bounded. */
export const MOST_IN_ONE = 100;

/** Milliseconds until it is tried again to tell what the disk did not give: it need not be told of more often. */
export const AGAIN_AFTER = 5_000;

/** The world's side of the wire: turns messages of the portal into calls on the world, and what it tells into messages. */
export class WorldDesk {
  readonly #options: WorldDeskOptions;
  /** The sessions that this portal holds; others have nobody to tell. */
  readonly #held = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  /** Those that are still to be told what is kept for them, and after which chunk. New ones come with that. */
  readonly #behind = new Map<string, number>();
  /** Those of them for whom the disk did not give it, for a while. */
  readonly #stalled = new Set<string>();
  #room = UNREAD_AT_ONCE;
  #pausing = false;
  /** Questions who is here that no turn has looked at yet. One is on its way where there are any. */
  readonly #asked: number[] = [];

  constructor(options: WorldDeskOptions) {
    this.#options = options;
  }

  receive(message: ToWorld): void {
    switch (message.t) {
      case 'hello':
        this.#hello(message);
        return;
      case 'login':
        this.#login(message).catch((error: unknown) => {
          this.#options.report('login', error);
        });
        return;
      case 'resume':
        this.#resume(message);
        return;
      case 'in':
        this.#in(message);
        return;
      case 'ack':
        this.#options.world.acknowledge(message.sid, message.n);
        return;
      case 'end':
        this.#end(message.sid);
        return;
      case 'who':
        if (this.#asked.push(message.id) === 1) void this.#who();
        return;
      case 'ping':
        this.#options.send({ t: 'pong', id: message.id });
        return;
      case 'metrics':
        void this.#metrics(message.id);
        return;
      case 'stop':
        this.#options.stop();
        return;
    }
  }

  /** After a commit. */
  tell(outs: readonly SessionOut[]): void {
    /** Those that follow one another and have one text. */
    let same: SessionOut[] = [];
    for (const out of outs) {
      if (!this.#held.has(out.sid)) continue;
      const isBehind = this.#behind.has(out.sid);
      if (isBehind && out.close) this.#tellUnread(out.sid, Number.POSITIVE_INFINITY);
      if (isBehind && out.n !== 0) continue;
      if (out.close || out.text !== same[0]?.text || same.length === MOST_IN_ONE) {
        this.#tellSame(same);
        same = [];
      }
      if (out.close) this.#tellOne(out);
      else same.push(out);
    }
    this.#tellSame(same);
  }

  /** Tells a session what is kept for it after `have`, now or bit by bit. */
  #catchUp(sid: string, have: number): void {
    this.#behind.set(sid, have);
    if (this.#room > 0) this.#tellBehind();
  }

  #tellBehind(): void {
    for (const sid of this.#behind.keys()) {
      if (this.#room <= 0) break;
      if (this.#stalled.has(sid)) continue;
      this.#room -= this.#tellUnread(sid, this.#room);
    }
    if (this.#pausing || this.#room === UNREAD_AT_ONCE) return;
    this.#pausing = true;
    this.#options.later(0, () => {
      this.#pausing = false;
      this.#room = UNREAD_AT_ONCE;
      if (!this.#options.world.closed) this.#tellBehind();
    });
  }

  /** Tells about so many characters of what a session is behind by, and gives how many there were. */
  #tellUnread(sid: string, most: number): number {
    const { world } = this.#options;
    const { durable = 0, acknowledged = 0 } = world.session(sid) ?? {};
    let told = 0;
    let at = Math.max(this.#behind.get(sid) ?? 0, acknowledged);
    while (at < durable && told < most) {
      const outs = this.#unread(sid, at + 1);
      if (outs === null) break;
      at += 1;
      told += PER_CHUNK;
      for (const out of outs) {
        this.#tellOne(out);
        told += out.text.length;
      }
    }
    if (at >= durable) this.#behind.delete(sid);
    else this.#behind.set(sid, at);
    return told;
  }

  /** A chunk, if it is kept; null where it cannot be read now: what came after it has to wait, as its client would never miss it. */
  #unread(sid: string, n: number): readonly SessionOut[] | null {
    const { world, later, report } = this.#options;
    try {
      return world.unread(sid, n - 1, n);
    } catch (error) {
      if (world.closed) return null; // the next one tells it
      report('unread', error);
      this.#stalled.add(sid);
      later(AGAIN_AFTER, () => {
        this.#stalled.delete(sid);
        if (!world.closed) this.#tellBehind();
      });
      return null;
    }
  }

  #hello(hello: Hello): void {
    const { world, later } = this.#options;
    const live = new Map(hello.live.map(({ sid, have }) => [sid as string, have]));
    const away = new Set<string>(hello.away ?? []);
    const ready: { sid: SessionId; in: number }[] = [];
    for (const session of world.sessions) {
      if (live.has(session.sid)) {
        this.#held.add(session.sid);
        ready.push({ sid: session.sid as SessionId, in: session.durableIn });
      } else if (away.has(session.sid) && !session.closing) {
        this.#held.add(session.sid);
      } else if (session.keep && !session.closing) {
        this.#waiting.set(
          session.sid,
          later(RESUME_WITHIN, () => this.#end(session.sid)),
        );
      } else {
        this.#end(session.sid);
      }
    }
    this.#options.send({ t: 'ready', sessions: ready });
    for (const { sid } of ready) {
      this.#catchUp(sid, live.get(sid) ?? 0);
      if (world.session(sid)?.closing !== true) continue;
      if (this.#behind.has(sid)) this.#tellUnread(sid, Number.POSITIVE_INFINITY);
      // Told the rest later, it ends when its client says that it has that.
      if (!this.#stalled.has(sid)) this.#end(sid);
    }
  }

  async #login(login: Login): Promise<void> {
    const { accounts, send } = this.#options;
    const { sid, keyHash, keep, place, textOnly = false, name = '', password = '' } = login;
    const terms = { sid, keyHash, keep, ...(textOnly ? { textOnly } : {}) };
    let session: Session;
    try {
      if (login.how === 'create') session = await accounts.create(terms, name, password, place);
      else if (login.how === 'connect') session = await accounts.connect(terms, name, password, place);
      else session = await accounts.guest(terms);
    } catch (error) {
      // A world that is closing has begun nothing: the portal asks the next one again.
      if (codeOf(error) === 'WorldClosed') return;
      // A refusal is the player's business; anything else is a fault of ours.
      const refused = error instanceof PortalError || codeOf(error) !== 'Unknown';
      if (!refused) this.#options.report('login', error);
      const message = error instanceof Error ? error.message : 'That did not work.';
      send({ t: 'login', sid, ok: false, code: codeOf(error), message });
      return;
    }
    this.#held.add(sid);
    send({ t: 'login', sid, ok: true, name: session.name, in: session.durableIn, out: session.durable });
    this.#catchUp(sid, 0);
  }

  #resume({ sid, key, have }: Resume): void {
    const { world, send } = this.#options;
    const session = world.session(sid);
    const hash = createHash('sha256').update(key).digest('base64url');
    if (session === undefined || !session.keep || !sameText(hash, session.keyHash)) {
      const message = 'That session has ended; log in again.';
      send({ t: 'resumed', sid, ok: false, code: 'NoSession', message });
      return;
    }
    this.#waiting.get(sid)?.();
    this.#waiting.delete(sid);
    this.#held.add(sid);
    send({ t: 'resumed', sid, ok: true, name: session.name, in: session.durableIn, out: session.durable });
    this.#catchUp(sid, Math.min(have, session.durable)); // more of it was seen before the world was restored
  }

  #in({ sid, n, line }: In): void {
    try {
      this.#options.world.input(sid, n, line);
    } catch (error) {
      const code = codeOf(error);
      // A world that is closing has not taken the line: it stays with whoever sent it, and comes again.
      if (code === 'WorldClosed') return;
      const message = error instanceof Error ? error.message : 'refused';
      this.#options.send({ t: 'refused', sid, n, code, message });
    }
  }

  #end(sid: string): void {
    this.#held.delete(sid);
    this.#waiting.delete(sid);
    this.#behind.delete(sid);
    // A world that is closing ends it when it starts again.
    if (this.#options.world.closed) return;
    this.#options.world.end(sid).catch((error: unknown) => {
      this.#options.report('end', error);
    });
  }

  /** One turn answers all who have asked when it begins: anybody may ask, at the door, as often as he likes. */
  async #who(): Promise<void> {
    const { world, send } = this.#options;
    const asked: number[] = [];
    // A turn that was stopped is run again.
    const take = (): unknown => asked.push(...this.#asked.splice(0));
    let lines: readonly string[] = [];
    try {
      lines = await world.run((invoke) => {
        take();
        return invoke(world.roots.gate, 'who', []) as readonly string[];
      });
    } catch (error) {
      if (codeOf(error) === 'WorldClosed') return; // as above
      if (asked.length === 0) take();
      this.#options.report('who', error);
    }
    for (const id of asked) send({ t: 'who', id, lines });
  }

  async #metrics(id: number): Promise<void> {
    const { figures, send, report } = this.#options;
    try {
      send({ t: 'metrics', id, text: await figures() });
    } catch (error) {
      report('metrics', error);
      send({ t: 'metrics', id, text: '' });
    }
  }

  #tellSame([first, ...also]: readonly SessionOut[]): void {
    if (first !== undefined) this.#options.sendJson(outJson(first, also));
  }

  #tellOne(out: SessionOut): void {
    if (out.close) this.#held.delete(out.sid); // nobody is at it from now on
    this.#options.sendJson(outJson(out));
  }
}
