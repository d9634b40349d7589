import type { ChildProcess } from 'node:child_process';
import { CLOSE, type Client } from './client.ts';
import type { Conversation } from './conversation.ts';
import type { Limits } from './limits.ts';
import { LoginThrottle } from './login-throttle.ts';
import type { Counts } from './metrics.ts';
import type { Powers } from './powers.ts';
import { Session, type SessionHost } from './session.ts';
import type { Halt, Hello, Out, Ready, SessionId, ToPortal, ToWorld } from './wire.ts';
import { WorldLink, type WorldEvents, type WorldStart } from './world-link.ts';

export interface PortalOptions {
  /** Starts a world process with a duplex pipe as file descriptor 3. */
  readonly spawn: (start: WorldStart) => ChildProcess;
  readonly limits: Limits;
  readonly powers: Powers;
  readonly counts: Counts;
  /** The world takes commands for the first time. */
  readonly onReady: () => void;
  /** The world cannot be started, or not again. */
  readonly onFailed: (error: { readonly code: string; readonly message: string }) => void;
}

/** All sessions, and what goes between them and the world. */
export class Portal implements SessionHost, WorldEvents {
  readonly limits: Limits;
  readonly powers: Powers;
  readonly counts: Counts;
  readonly throttle: LoginThrottle;
  readonly link: WorldLink;
  readonly #options: PortalOptions;
  readonly #sessions = new Set<Session>();
  readonly #bySid = new Map<SessionId, Session>();
  /** Those whose `resume` is not answered yet, in the order of the requests. Only the last one still wants it. */
  readonly #resuming = new Map<SessionId, Session[]>();
  readonly #asking = new Map<number, Session>();
  /** Detached sessions, and what cancels their end; the one that was lost first comes first. */
  readonly #lingering = new Map<Session, () => void>();
  /** Who waits for the figures of the world; each question has a number of its own. */
  readonly #figures = new Map<number, (text: string | undefined) => void>();
  #toAck = new Set<Conversation>();
  #toPump = new Set<Session>();
  #unsaid: ToWorld[] = [];
  #asked = 0;
  #askedFigures: Promise<string | undefined> | undefined;
  #halted: Halt | undefined;
  #wasReady = false;
  #stopping = false;
  #shownPaused = false;
  #cancelPause: () => void = () => {};

  constructor(options: PortalOptions) {
    this.#options = options;
    this.limits = options.limits;
    this.powers = options.powers;
    this.counts = options.counts;
    this.throttle = new LoginThrottle(options.limits);
    this.link = new WorldLink(options.spawn, options.limits, options.powers, this);
  }

  start(): void {
    this.#startPause();
    this.link.start();
  }

  /** A client has connected. Returns its session, to be told what the client does. */
  admit(client: Client): Session {
    const session = new Session(client, this);
    this.#sessions.add(session);
    if (this.#shownPaused) client.world('paused');
    return session;
  }

  /** Lets the world finish, then closes every connection. Resolves to whether the world ended by itself. */
  async stop(): Promise<boolean> {
    this.#stopping = true;
    this.#cancelPause();
    this.#sayAcks();
    const clean = await this.link.stop();
    for (const session of this.#sessions)
      session.hangUp(CLOSE.stopping, 'Stopping: the portal is being stopped');
    for (const cancel of this.#lingering.values()) cancel();
    return clean;
  }

  get sessions(): number {
    // Those whose log-in is not answered have a name already, and are none yet.
    return [...this.#sessions].filter(({ state }) => state.at === 'live').length;
  }

  get lingering(): number {
    return this.#lingering.size;
  }

  /** Why the world takes no commands now; undefined if it does. */
  whyNotHealthy(): { readonly code: string; readonly message: string } | undefined {
    if (this.#stopping) return { code: 'Stopping', message: 'The world is being stopped.' };
    if (this.#halted !== undefined && this.link.isReady) return this.#halted;
    if (!this.link.isReady)
      return this.link.isStarting
        ? { code: 'WorldStarting', message: 'The world is starting.' }
        : { code: 'WorldGone', message: 'There is no world.' };
    if (this.link.isSilent) return { code: 'WorldSilent', message: 'The world does not answer.' };
    return undefined;
  }

  /** The figures of the world process as Prometheus reads them; undefined if it does not tell them in time. */
  worldFigures(): Promise<string | undefined> {
    if (!this.link.isReady) return Promise.resolve(undefined);
    // However many ask at the same time, the world is asked once.
    this.#askedFigures ??= new Promise<string | undefined>((resolve) => {
      this.#asked += 1;
      const id = this.#asked;
      const done = (text: string | undefined): void => {
        cancel();
        this.#figures.delete(id);
        this.#askedFigures = undefined;
        resolve(text);
      };
      const cancel = this.powers.after(this.limits.metricsMs, () => {
        done(undefined);
      });
      this.#figures.set(id, done);
      this.link.send({ t: 'metrics', id });
    });
    return this.#askedFigures;
  }

  // What sessions need.

  get halted(): Halt | undefined {
    return this.#halted;
  }

  isReady(): boolean {
    return this.link.isReady;
  }

  tell(message: ToWorld): void {
    this.link.send(message);
  }

  tellSurely(message: ToWorld): void {
    if (this.link.isReady) this.link.send(message);
    else if (!this.#stopping) this.#unsaid.push(message);
  }

  claim(sid: SessionId, session: Session): void {
    this.#bySid.set(sid, session);
  }

  release(sid: SessionId, session: Session): void {
    if (this.#bySid.get(sid) === session) this.#bySid.delete(sid);
  }

  holderOf(sid: SessionId): Session | undefined {
    return this.#bySid.get(sid);
  }

  startResuming(sid: SessionId, session: Session): void {
    const before = this.#resuming.get(sid);
    before?.at(-1)?.hangUp(CLOSE.takenOver, 'TakenOver: another connection asked for the session');
    if (before === undefined) this.#resuming.set(sid, [session]);
    else before.push(session);
  }

  askWho(session: Session): number {
    this.#asked += 1;
    this.#asking.set(this.#asked, session);
    return this.#asked;
  }

  ackSoon(talk: Conversation): void {
    if (this.#toAck.size === 0) this.powers.after(this.limits.ackEveryMs, () => this.#sayAcks());
    this.#toAck.add(talk);
  }

  pumpSoon(session: Session): void {
    if (this.#toPump.size === 0) {
      this.powers.after(PUMP_EVERY_MS, () => {
        const sessions = this.#toPump;
        this.#toPump = new Set();
        for (const each of sessions) each.pump();
      });
    }
    this.#toPump.add(session);
  }

  linger(session: Session): void {
    this.#lingering.set(
      session,
      this.powers.after(this.limits.lingerSeconds * 1000, () => session.endNow()),
    );
    if (this.#lingering.size > this.limits.lingering) this.#lingering.keys().next().value?.endNow();
  }

  over(session: Session): void {
    this.#sessions.delete(session);
    this.#lingering.get(session)?.();
    this.#lingering.delete(session);
  }

  // What the world says.

  hello(): Hello {
    const live: Hello['live'][number][] = [];
    const away: SessionId[] = [];
    for (const { state } of this.#sessions) {
      if (state.at === 'live') live.push({ sid: state.talk.sid, have: state.talk.seen });
      if (state.at === 'logging in') live.push({ sid: state.login.sid, have: 0 });
      if (state.at === 'detached') away.push(state.sid);
    }
    return { t: 'hello', live, ...(away.length === 0 ? {} : { away }) };
  }

  ready(ready: Ready): void {
    this.#cancelPause();
    this.#halted = undefined;
    const committed = new Map(ready.sessions.map((session) => [session.sid, session.in]));
    // Who has left before his answer is not asked for again.
    for (const [id, session] of this.#asking) if (!this.#sessions.has(session)) this.#asking.delete(id);
    const asking = new Set([...this.#resuming.values()].map((all) => all.at(-1)));
    this.#resuming.clear();
    for (const session of this.#sessions) {
      const { state } = session;
      if (state.at === 'resuming') {
        if (!asking.has(session)) continue; // it has been hung up for another, which asks again
        this.#resuming.set(state.request.sid, [session]);
      }
      session.worldReady(state.at === 'live' ? committed.get(state.talk.sid) : undefined);
    }
    for (const message of this.#unsaid.splice(0)) this.link.send(message);
    if (this.#shownPaused) this.#showWorld('running');
    if (this.#wasReady) return this.counts.worldRestarts.inc();
    this.#wasReady = true;
    this.#options.onReady();
  }

  message(message: Parameters<WorldEvents['message']>[0]): void {
    switch (message.t) {
      case 'out':
        return this.#out(message);
      case 'refused':
        return this.#bySid.get(message.sid)?.refused(message);
      case 'login':
        return this.#bySid.get(message.sid)?.loginAnswered(message);
      case 'resumed':
        return this.#resumed(message);
      case 'who':
        this.#asking.get(message.id)?.whoAnswered(message.id, message.lines);
        this.#asking.delete(message.id);
        return;
      case 'metrics':
        // Nothing is what a world tells that could not gather them, as when its disk cannot be read.
        this.#figures.get(message.id)?.(message.text === '' ? undefined : message.text);
        this.#figures.delete(message.id);
        return;
      case 'halt':
        this.#halted = message;
        this.powers.log.fatal({ code: message.code }, message.message);
        for (const session of this.#sessions) session.client?.notice(`${message.message} (${message.code})`);
        return;
    }
  }

  down(): void {
    if (!this.#stopping) this.#startPause();
  }

  failed(error: { readonly code: string; readonly message: string }): void {
    this.#cancelPause();
    this.#options.onFailed(error);
  }

  #out({ also = [], ...out }: Out): void {
    this.#bySid.get(out.sid)?.out(out);
    for (const [sid, input, n] of also) this.#bySid.get(sid)?.out({ ...out, sid, in: input, n });
  }

  #resumed(answer: Extract<ToPortal, { t: 'resumed' }>): void {
    const waiting = this.#resuming.get(answer.sid);
    const session = waiting?.shift();
    // An answer to one who no longer wants it: chunks that follow it are not for whoever comes next.
    if (waiting?.length === 0) {
      this.#resuming.delete(answer.sid);
      session?.resumeAnswered(answer);
    }
  }

  /** An outage has begun: players hear of it when it lasts. */
  #startPause(): void {
    this.#cancelPause();
    this.#cancelPause = this.powers.after(this.limits.pauseShownMs, () => this.#showWorld('paused'));
  }

  #showWorld(state: 'paused' | 'running'): void {
    this.#shownPaused = state === 'paused';
    for (const session of this.#sessions) session.client?.world(state);
  }

  #sayAcks(): void {
    const talks = this.#toAck;
    this.#toAck = new Set();
    for (const talk of talks)
      if (talk.ack(talk.seen)) this.link.send({ t: 'ack', sid: talk.sid, n: talk.seen });
  }
}

/** How often lines that wait for the rate are looked at: shorter than anyone feels, longer than a tick. */
const PUMP_EVERY_MS = 20;
