import { WebSocket } from 'ws';

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
export abstract class Connected {
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
        if (!this.#mayClose)
          this.watcher.wrong(this.self(), `the socket closed (${code} ${reason.toString()})`);
      });
    });
    this.waiting = undefined;
    this.#mayClose = false;
  }

  protected lines(text: string): void {
    for (const line of text.split('\n')) this.watcher.line(this.self(), line);
  }
}
