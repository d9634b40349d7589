import { WebSocket } from 'ws';
import type { ToPage } from '../../clients/web-protocol.ts';
import type { Item } from '../../clients/wire.ts';

/** A line that a client has sent in its session, under the number that the session counts it by. */
export interface Sent {
  readonly session: number;
  readonly n: number;
  readonly line: string;
}

/** Who wants to know what a client sends, is shown, and finds wrong. Called in the order in which it happens. */
export interface Watcher {
  sent(client: Client, sent: Sent): void;
  /** One line of numbered output, or a structured item. */
  line(client: Client, text: string): void;
  structured(client: Client, kind: string, data: unknown): void;
  /** Text outside of the numbered output. */
  notice(client: Client, text: string): void;
  refused(client: Client, n: number, code: string): void;
  /** The world breaks a promise of its protocol. */
  wrong(client: Client, what: string): void;
}

/** Both kinds of clients, as the tests use them. `session` counts the sessions that the client has had, from 1. */
export interface Client {
  readonly name: string;
  readonly kind: 'web' | 'plain';
  readonly session: number;
  readonly isConnected: boolean;
  /** Connects and logs in; resolves when the client is shown something by the world. */
  enter(url: string, how: 'create' | 'connect'): Promise<void>;
  /** Connects again after its socket was lost: a web client resumes, a plain one logs in anew. */
  comeBack(url: string): Promise<void>;
  /** Sends a line, or keeps it until the client is back. */
  say(line: string): Sent;
  /** From now on the socket may close without its being wrong, until the client is back. */
  mayLoseSocket(): void;
  /** Loses its socket, without a goodbye. */
  drop(): void;
  /** Resolves when the socket is closed and all that had come is read. */
  lost(): Promise<void>;
  /** Leaves for good. */
  leave(): Promise<void>;
}

/** The clear end of a wait that cannot end well. */
interface Waiting {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** What both kinds have in common: one socket at a time, and that it does not close but when it may. */
abstract class Connected {
  readonly name: string;
  readonly password: string;
  protected readonly watcher: Watcher;
  protected socket: WebSocket | undefined;
  protected waiting: Waiting | undefined;
  #mayClose = false;
  #closed: Promise<void> = Promise.resolve();

  constructor(name: string, password: string, watcher: Watcher) {
    this.name = name;
    this.password = password;
    this.watcher = watcher;
  }

  get isConnected(): boolean {
    return this.socket !== undefined;
  }

  mayLoseSocket(): void {
    this.#mayClose = true;
  }

  drop(): void {
    this.#mayClose = true;
    const socket = this.socket;
    this.socket = undefined;
    socket?.terminate();
  }

  lost(): Promise<void> {
    return this.#closed;
  }

  leave(): Promise<void> {
    this.drop();
    return this.#closed;
  }

  protected abstract received(frame: string): void;
  protected abstract self(): Client;

  protected async open(url: string, protocols: string[], first: () => void): Promise<void> {
    this.drop();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, protocols, { perMessageDeflate: false });
    this.socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    await new Promise<void>((done, failed) => {
      this.waiting = { done, failed };
      socket.on('open', first);
      socket.on('error', failed);
      socket.on('message', (frame: Buffer) => {
        if (this.socket === socket) this.received(frame.toString());
      });
      socket.on('close', (code, reason) => {
        if (this.socket !== socket) return;
        this.socket = undefined;
        failed(new Error(`${this.name}: the socket closed (${code} ${reason.toString()})`));
        if (!this.#mayClose) this.watcher.wrong(this.self(), `the socket closed (${code} ${reason.toString()})`);
      });
    });
    this.waiting = undefined;
    this.#mayClose = false;
  }

  protected lines(text: string): void {
    for (const line of text.split('\n')) this.watcher.line(this.self(), line);
  }
}

/** What a page has to keep to get its session back. */
interface Kept {
  readonly sid: string;
  readonly key: string;
}

/** What a page says: written down again here, since it is the other side that is under test. */
type FromPage =
  | { readonly t: 'line'; readonly n: number; readonly line: string }
  | { readonly t: 'ack'; readonly n: number }
  | { readonly t: 'resume'; readonly sid: string; readonly key: string; readonly have: number };

/** A client of keystead.v1. It numbers its lines, sends again what was not committed, and acknowledges what it has. */
export class WebPlayer extends Connected implements Client {
  readonly kind = 'web';
  session = 0;
  /** The last chunk it has, and the last one that it acknowledged. */
  have = 0;
  acked = 0;
  #kept: Kept | undefined;
  #last = 0;
  #unsent: { readonly n: number; readonly line: string }[] = [];
  #resuming = false;
  readonly #acksNow: () => boolean;

  /** `acksNow` is asked after each chunk whether to acknowledge all that was shown so far. */
  constructor(name: string, password: string, watcher: Watcher, acksNow: () => boolean = () => true) {
    super(name, password, watcher);
    this.#acksNow = acksNow;
  }

  get sid(): string | undefined {
    return this.#kept?.sid;
  }

  async enter(url: string, how: 'create' | 'connect'): Promise<void> {
    this.#kept = undefined;
    await this.open(url, ['keystead.v1'], () => {
      this.#send({ t: 'line', n: 0, line: `${how} ${this.name} ${this.password}` });
    });
  }

  async comeBack(url: string): Promise<void> {
    const kept = this.#kept;
    if (kept === undefined) {
      await this.enter(url, 'connect');
      return;
    }
    this.#resuming = true;
    await this.open(url, ['keystead.v1'], () => {
      this.#send({ t: 'resume', sid: kept.sid, key: kept.key, have: this.have });
    });
  }

  say(line: string): Sent {
    this.#last += 1;
    const sent = { session: this.session, n: this.#last, line };
    this.#unsent.push(sent);
    if (!this.#resuming) this.#send({ t: 'line', n: sent.n, line });
    this.watcher.sent(this, sent);
    return sent;
  }

  override drop(): void {
    this.#resuming = this.#kept !== undefined;
    super.drop();
  }

  protected self(): Client {
    return this;
  }

  protected received(frame: string): void {
    const message = JSON.parse(frame) as ToPage;
    switch (message.t) {
      case 'text':
        this.watcher.notice(this, message.text);
        return;
      case 'session':
        this.#started(message);
        return;
      case 'out':
        this.#out(message);
        return;
      case 'in':
        this.#committed(message.n);
        return;
      case 'refused':
        this.#unsent = this.#unsent.filter(({ n }) => n !== message.n);
        this.watcher.refused(this, message.n, message.code);
        if (message.n === 0) this.waiting?.failed(new Error(`${this.name}: ${message.message} (${message.code})`));
        return;
      case 'gone':
        this.watcher.wrong(this, 'the session is gone');
        this.waiting?.failed(new Error(`${this.name}: the session is gone`));
        return;
      case 'world':
        return;
    }
  }

  #started({ sid, key, in: committed, out }: Extract<ToPage, { t: 'session' }>): void {
    if (this.#kept?.sid !== sid) {
      this.session += 1;
      this.#kept = { sid, key };
      this.have = 0;
      this.acked = 0;
      this.#last = committed;
      this.#unsent = [];
    }
    if (out < this.have) this.watcher.wrong(this, `chunk ${this.have} was shown, and the world has only ${out}`);
    this.#resuming = false;
    this.#committed(committed);
    for (const { n, line } of this.#unsent) this.#send({ t: 'line', n, line });
    this.waiting?.done();
  }

  #out({ n, in: committed, items, close }: Extract<ToPage, { t: 'out' }>): void {
    if (n <= this.have) this.watcher.wrong(this, `chunk ${n} came twice`);
    else if (n > this.have + 1) this.watcher.wrong(this, `after chunk ${this.have} came chunk ${n}`);
    if (n > this.have) {
      this.have = n;
      for (const item of items) this.#item(item);
    }
    this.#committed(committed);
    if (close === true) this.watcher.wrong(this, 'the session was closed');
    if (this.#acksNow()) {
      this.acked = this.have;
      this.#send({ t: 'ack', n: this.have });
    }
  }

  #item(item: Item): void {
    if (typeof item === 'string') this.lines(item);
    else this.watcher.structured(this, item[0], item[1]);
  }

  #committed(upTo: number): void {
    if (upTo > this.#last) this.watcher.wrong(this, `line ${upTo} is committed, and only ${this.#last} were sent`);
    this.#unsent = this.#unsent.filter(({ n }) => n > upTo);
  }

  #send(message: FromPage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}

/** Text that the portal says on its own; all else that a plain client is sent is output of the world. */
const PORTAL_SAYS = /^(Welcome to Keystead\. Type {2}connect|\[The world holds its breath\.\]|\[\.\.\. and goes on\.\])/;
const PORTAL_REFUSES = / \(([A-Z][A-Za-z]+)\)$/;

/** A WebSocket without a subprotocol: lines in, lines out, and nothing kept on this side. */
export class PlainPlayer extends Connected implements Client {
  readonly kind = 'plain';
  session = 0;
  #last = 0;
  #entering = false;

  async enter(url: string, how: 'create' | 'connect'): Promise<void> {
    this.#entering = true;
    await this.open(url, [], () => {
      this.socket?.send(`${how} ${this.name} ${this.password}`);
    });
  }

  comeBack(url: string): Promise<void> {
    return this.enter(url, 'connect');
  }

  say(line: string): Sent {
    this.#last += 1;
    const sent = { session: this.session, n: this.#last, line };
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(line);
    this.watcher.sent(this, sent);
    return sent;
  }

  protected self(): Client {
    return this;
  }

  protected received(frame: string): void {
    if (PORTAL_SAYS.test(frame)) {
      this.watcher.notice(this, frame);
      return;
    }
    const refusal = PORTAL_REFUSES.exec(frame)?.[1];
    if (refusal !== undefined) {
      this.watcher.refused(this, 0, refusal);
      if (refusal === 'NoSession') this.watcher.wrong(this, 'the session is gone');
      if (this.#entering) this.waiting?.failed(new Error(`${this.name}: ${frame}`));
      return;
    }
    if (this.#entering) {
      this.#entering = false;
      this.session += 1;
      this.#last = 0;
    }
    this.lines(frame);
    this.waiting?.done();
  }
}
