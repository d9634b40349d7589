import { withoutControls } from './command-line.ts';
import { CLOSE, type Client, type ClientEvents } from './client.ts';
import { Conversation } from './conversation.ts';
import type { Limits } from './limits.ts';
import { GREETING, HELP, parsePromptLine } from './login-prompt.ts';
import { loginRequest } from './login-request.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Counts } from './metrics.ts';
import type { Powers } from './powers.ts';
import type { SessionState } from './session-state.ts';
import type {
  Login,
  LoginAnswer,
  LoginHow,
  Out,
  Refused,
  Resume,
  ResumeAnswer,
  SessionId,
  ToWorld,
} from './wire.ts';

/** What a session needs of the portal that keeps it. */
export interface SessionHost {
  readonly limits: Limits;
  readonly powers: Powers;
  readonly counts: Counts;
  readonly throttle: LoginThrottle;
  /** Why the world takes no input, if it said so. */
  readonly halted: { readonly code: string; readonly message: string } | undefined;
  /** To the world, if it is ready; otherwise nowhere: `worldReady` is the time to say it again. */
  tell(message: ToWorld): void;
  /** Like `tell`, but kept until the world is ready. */
  tellSurely(message: ToWorld): void;
  isReady(): boolean;
  /** The session is the one that has `sid` from now on. */
  claim(sid: SessionId, session: Session): void;
  release(sid: SessionId, session: Session): void;
  holderOf(sid: SessionId): Session | undefined;
  /** The session asks for `sid`; whoever else was asking is put off. */
  startResuming(sid: SessionId, session: Session): void;
  /** A fresh number for a `who` of this session. */
  askWho(session: Session): number;
  /** The world is to be told soon what the client has seen. */
  ackSoon(talk: Conversation): void;
  /** Lines of the session wait for the rate to allow them; `pump` is to be called again. */
  pumpSoon(session: Session): void;
  /** The client is gone and may come back. */
  linger(session: Session): void;
  /** Nothing is left of the session. */
  over(session: Session): void;
}

/** One client at the portal, from its connection to the end of its session (which may be long after). */
export class Session implements ClientEvents {
  readonly #host: SessionHost;
  #state: SessionState;
  /** The number of a `who` that is not answered yet. */
  #asking: number | undefined;
  #cancelTimeout: () => void = () => {};

  constructor(client: Client, host: SessionHost) {
    this.#host = host;
    this.#state = { at: 'prompt', client };
    this.#startTimeout();
    client.notice(GREETING);
  }

  get state(): SessionState {
    return this.#state;
  }

  get client(): Client | undefined {
    return 'client' in this.#state ? this.#state.client : undefined;
  }

  // What the client does.

  typed(alleged: string, n?: number): void {
    const state = this.#state;
    if (state.at === 'closing' || state.at === 'detached') return;
    const { limits } = this.#host;
    if (alleged.length > limits.lineLength) {
      const message = `A line may have ${limits.lineLength} characters; that one has ${alleged.length}.`;
      return this.#refuse(state.client, n, 'LineTooLong', message);
    }
    const line = withoutControls(alleged);
    switch (state.at) {
      case 'prompt':
        if (n !== undefined && n > 0)
          return this.#refuse(state.client, n, 'NoSession', 'Nobody is logged in here.');
        return this.#atPrompt(state.client, line);
      case 'logging in':
        if (n !== undefined)
          return this.#refuse(state.client, n, 'Busy', 'Your log-in is still being checked.');
        if (state.early.length >= limits.earlyLines) {
          return this.#refuse(state.client, n, 'TooManyLines', 'Wait until you are logged in.');
        }
        state.early.push(line);
        return;
      case 'resuming':
        return this.#refuse(state.client, n, 'Busy', 'Your session is still being looked for.');
      case 'live':
        return this.#say(state.client, state.talk, line, n);
    }
  }

  acked(n: number): void {
    if (this.#state.at !== 'live') return;
    const { talk } = this.#state;
    if (talk.ack(n)) this.#host.tell({ t: 'ack', sid: talk.sid, n });
  }

  resume(sid: SessionId, key: string, have: number): void {
    if (this.#state.at !== 'prompt') return;
    const request: Resume = { t: 'resume', sid, key, have };
    this.#state = { at: 'resuming', client: this.#state.client, request };
    this.#host.startResuming(sid, this);
    this.#host.tell(request);
  }

  lost(): void {
    const state = this.#state;
    this.#cancelTimeout();
    switch (state.at) {
      case 'prompt':
      case 'resuming':
        return this.#end();
      case 'logging in':
        this.#state = { at: 'closing', owed: { login: state.login, address: state.client.address } };
        return;
      case 'live':
        if (!state.client.resumes) return this.endNow();
        this.#state = { at: 'detached', sid: state.talk.sid, talk: state.talk };
        return this.#host.linger(this);
      case 'detached':
      case 'closing':
        return;
    }
  }

  // What the world says.

  loginAnswered(answer: LoginAnswer): void {
    const state = this.#state;
    if (state.at === 'closing' && state.owed?.login.sid === answer.sid) {
      this.#giveBack(state.owed.login, state.owed.address, answer);
      if (answer.ok) this.#host.tellSurely({ t: 'end', sid: answer.sid });
      this.#host.release(answer.sid, this);
      return this.#end();
    }
    if (state.at !== 'logging in') return;
    const { client, login, key, early, outs } = state;
    this.#giveBack(login, client.address, answer);
    if (answer.ok) {
      const now = this.#host.powers.now();
      this.#goLive(client, new Conversation(answer.sid, answer.in, 0, this.#host.limits, now), key, answer);
      for (const out of outs) this.out(out);
    } else {
      this.#host.counts.refusedLogins.inc({ code: answer.code });
      this.#host.release(answer.sid, this);
      this.#state = { at: 'prompt', client };
      client.refused(0, answer.code, answer.message);
    }
    for (const line of early) this.typed(line);
  }

  /** A password that was right, or was not even looked at, is no guess. */
  #giveBack({ how, name = '' }: Login, address: string, answer: LoginAnswer): void {
    if (how !== 'connect' || (!answer.ok && answer.code !== 'TooManyLogins')) return;
    this.#host.throttle.givenBack(address, name, this.#host.powers.now());
  }

  resumeAnswered(answer: ResumeAnswer): void {
    const state = this.#state;
    if (state.at !== 'resuming') return this.#resumedForNobody(answer);
    const { client, request } = state;
    if (!answer.ok) return this.#backToPrompt(client);
    const before = this.#host.holderOf(answer.sid)?.yield();
    const { limits, powers } = this.#host;
    // Of a world that was restored there may be less than the client has: the next chunks are others under those numbers.
    const have = Math.min(request.have, answer.out);
    const talk = before ?? new Conversation(answer.sid, answer.in, have, limits, powers.now());
    before?.reopen(answer.in, have);
    this.#goLive(client, talk, request.key, answer);
  }

  /** The client went before the answer came. The world takes the session for held now: as one that was lost, it has its time. */
  #resumedForNobody({ ok, sid }: ResumeAnswer): void {
    if (this.#state.at !== 'closing' || !ok || this.#host.holderOf(sid) !== undefined) return;
    this.#state = { at: 'detached', sid, talk: undefined };
    this.#host.claim(sid, this);
    this.#host.linger(this);
  }

  out(out: Out): void {
    const state = this.#state;
    if (state.at === 'logging in') state.outs.push(out);
    if (state.at === 'detached') state.talk?.commit(out.in);
    if (state.at === 'live') {
      const { client, talk } = state;
      const news = talk.commit(out.in);
      if (talk.show(out.n)) {
        client.show(out);
        this.#host.counts.chunksOut.inc();
        if (!client.resumes) this.#host.ackSoon(talk);
      } else if (news) client.committed(out.in);
    }
    if (out.close === true) this.#close(CLOSE.done, 'the session is over');
  }

  refused({ n, code, message }: Refused): void {
    if (this.#state.at !== 'live') return;
    this.#state.talk.drop(n);
    this.#state.client.refused(n, code, message);
  }

  whoAnswered(id: number, lines: readonly string[]): void {
    if (this.#asking !== id) return;
    this.#asking = undefined;
    this.client?.notice(lines.length === 0 ? 'Nobody is here.' : lines.join('\n'));
  }

  /** The world process is a new one. `committed`: the last input that it has of this session, if it has the session. */
  worldReady(committed: number | undefined): void {
    const state = this.#state;
    if (this.#asking !== undefined) this.#host.tell({ t: 'who', id: this.#asking });
    switch (state.at) {
      case 'prompt':
        return;
      case 'logging in':
        return this.#host.tell(state.login);
      case 'resuming':
        return this.#host.tell(state.request);
      case 'live':
        if (committed === undefined) {
          this.#host.release(state.talk.sid, this);
          return this.#backToPrompt(state.client);
        }
        state.talk.rewind(committed);
        return this.pump();
      case 'detached':
        this.#state = { at: 'detached', sid: state.sid, talk: undefined };
        return;
      case 'closing':
        if (state.owed === undefined) return;
        this.#host.tell({ t: 'end', sid: state.owed.login.sid });
        this.#host.release(state.owed.login.sid, this);
        return this.#end();
    }
  }

  // What the portal wants.

  /** Sends the lines that wait on to the world, as far as the rate allows. */
  pump(): void {
    const talk = 'talk' in this.#state ? this.#state.talk : undefined;
    if (talk === undefined || !this.#host.isReady()) return;
    const now = this.#host.powers.now();
    for (let line = talk.next(now); line !== undefined; line = talk.next(now)) this.#host.tell(line);
    if (talk.waiting) this.#host.pumpSoon(this);
  }

  /** Another connection has the session now. Returns its conversation, if it is still of use. */
  yield(): Conversation | undefined {
    const state = this.#state;
    const talk = 'talk' in state ? state.talk : undefined;
    if ('client' in state) state.client.close(CLOSE.takenOver, 'TakenOver: the session goes on elsewhere');
    this.#end();
    return talk;
  }

  /** Ends the session here and in the world, with its client gone. */
  endNow(): void {
    const state = this.#state;
    const sid = state.at === 'live' ? state.talk.sid : state.at === 'detached' ? state.sid : undefined;
    if (sid !== undefined) {
      this.#host.tellSurely({ t: 'end', sid });
      this.#host.release(sid, this);
    }
    this.#end();
  }

  /** Closes the connection; what follows is as if the client had. */
  hangUp(code: number, reason: string): void {
    this.client?.close(code, reason);
  }

  #atPrompt(client: Client, line: string): void {
    this.#host.counts.linesIn.inc();
    const command = parsePromptLine(line);
    switch (command.does) {
      case 'nothing':
        return;
      case 'help':
        return client.notice(HELP);
      case 'quit':
        client.notice('Goodbye.');
        return client.close(CLOSE.done, 'goodbye');
      case 'refuse':
        return client.refused(0, command.code, command.message);
      case 'who':
        return this.#who(client);
      case 'guest':
        return this.#login(client, 'guest');
      case 'create':
      case 'connect':
        return this.#login(client, command.does, command.name, command.password);
    }
  }

  #who(client: Client): void {
    if (this.#asking !== undefined) return client.refused(0, 'Busy', 'You have asked already.');
    this.#asking = this.#host.askWho(this);
    this.#host.tell({ t: 'who', id: this.#asking });
  }

  #login(client: Client, how: LoginHow, name?: string, password?: string): void {
    const { halted, powers, throttle, counts } = this.#host;
    if (halted !== undefined) return client.refused(0, halted.code, halted.message);
    const wait = throttle.attempt(how, client.address, name, powers.now());
    if (wait > 0) {
      counts.refusedLogins.inc({ code: 'LoginTooOften' });
      return client.refused(
        0,
        'LoginTooOften',
        `Too many attempts. Try again in ${Math.ceil(wait / 1000)} s.`,
      );
    }
    const key = powers.randomName();
    const login = loginRequest(powers.randomName() as SessionId, key, how, client, name, password);
    this.#state = { at: 'logging in', client, login, key, early: [], outs: [] };
    this.#host.claim(login.sid, this);
    this.#host.tell(login);
  }

  #say(client: Client, talk: Conversation, line: string, n: number | undefined): void {
    const { halted, limits, counts } = this.#host;
    if (n === 0) return this.#refuse(client, n, 'Busy', 'You are logged in already.');
    if (halted !== undefined) return this.#refuse(client, n, halted.code, halted.message);
    const offered = talk.offer(n ?? talk.nextNumber, line);
    if (offered === 'known') return;
    if (offered === 'held') {
      counts.linesIn.inc();
      return this.pump();
    }
    const bounds = `${limits.linesHeld} lines or ${limits.charactersHeld} characters`;
    this.#refuse(client, n, 'TooManyLines', `The world is behind: ${bounds} of yours are waiting already.`);
  }

  #refuse(client: Client, n: number | undefined, code: string, message: string): void {
    this.#host.counts.refusedLines.inc();
    client.refused(n ?? 0, code, message);
  }

  #goLive(
    client: Client,
    talk: Conversation,
    key: string,
    answer: { name: string; in: number; out: number },
  ): void {
    this.#cancelTimeout();
    this.#state = { at: 'live', client, talk };
    this.#host.claim(talk.sid, this);
    client.started({ sid: talk.sid, key, name: answer.name, in: answer.in, out: answer.out });
    this.pump();
  }

  #backToPrompt(client: Client): void {
    // Whoever was not logged in has what is left of his time.
    if (this.#state.at === 'live') this.#startTimeout();
    this.#state = { at: 'prompt', client };
    client.gone();
    client.notice(GREETING);
  }

  #startTimeout(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#host.powers.after(this.#host.limits.loginSeconds * 1000, () => {
      this.client?.notice('Nobody logged in, so the line is being closed. (LoginTooSlow)');
      this.#close(CLOSE.refused, 'LoginTooSlow: nobody logged in');
    });
  }

  /** Closes the connection of a session that the world has ended, or that never began. */
  #close(code: number, reason: string): void {
    const state = this.#state;
    if ('client' in state) state.client.close(code, reason);
    if (state.at === 'live') this.#host.release(state.talk.sid, this);
    if (state.at === 'detached') this.#host.release(state.sid, this);
    if (state.at === 'logging in') {
      this.#state = { at: 'closing', owed: { login: state.login, address: state.client.address } };
      return;
    }
    this.#end();
  }

  #end(): void {
    this.#cancelTimeout();
    this.#state = { at: 'closing' };
    this.#host.over(this);
  }
}
