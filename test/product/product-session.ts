import { WebSocket } from 'ws';
import type { ToPage } from '../../clients/web-protocol.ts';
import type { TestSession } from '../world-fixture.ts';

const PASSWORD = 'swordfish99';

/** One player of a real world, by `keystead.v1`, as a transcript wants one. Its socket must never close by itself. */
export class ProductSession implements TestSession {
  readonly #socket: WebSocket;
  readonly #entered: Promise<void>;
  #shown: string[] = [];
  #items: (readonly [string, unknown])[] = [];
  #sent = 0;
  #committed = 0;
  #closed = false;
  #wake: () => void = () => {};

  constructor(url: string, name: string | undefined) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'keystead.v1');
    const login = name === undefined ? 'connect guest' : `create ${name} ${PASSWORD}`;
    this.#socket.on('open', () => {
      this.#say(0, login);
    });
    this.#entered = new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      this.#socket.on('close', (code) => {
        this.#closed = true;
        this.#wake();
        reject(new Error(`the connection was closed: ${code}`));
      });
      this.#socket.on('message', (frame: Buffer) => {
        const message = JSON.parse(frame.toString()) as ToPage;
        if (message.t === 'session') resolve();
        else if (message.t === 'refused') reject(new Error(message.message));
        else this.#received(message);
      });
    });
    this.#entered.catch(() => {}); // whoever waits for it is told
  }

  async command(line: string): Promise<string[]> {
    await this.settle(line);
    return this.lines();
  }

  /** Types a line, or nothing, and waits for its answer: all that was shown to this player before has come by then. */
  async settle(line = ''): Promise<void> {
    await this.#entered;
    this.#sent += 1;
    const n = this.#sent;
    this.#say(n, line);
    while (this.#committed < n && !this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  lines(): string[] {
    return this.#shown.splice(0);
  }

  items(): (readonly [string, unknown])[] {
    return this.#items.splice(0);
  }

  closed(): boolean {
    return this.#closed;
  }

  async end(): Promise<void> {
    if (this.#closed) return;
    this.#socket.close();
    while (!this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #received(message: ToPage): void {
    if (message.t === 'out') {
      for (const item of message.items) {
        if (typeof item === 'string') this.#shown.push(...item.split('\n'));
        else this.#items.push(item);
      }
      this.#socket.send(JSON.stringify({ t: 'ack', n: message.n }));
      this.#committed = message.in;
    } else if (message.t === 'in') this.#committed = message.n;
    this.#wake();
  }

  #say(n: number, line: string): void {
    this.#socket.send(JSON.stringify({ t: 'line', n, line }));
  }
}
