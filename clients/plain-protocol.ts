import { PAUSED, RUNNING, type Client, type ClientEvents } from './client.ts';
import type { Socket } from './socket.ts';
import type { Out } from './wire.ts';

/**
 * The protocol of a WebSocket without a subprotocol, for programs and plain terminals: one frame in is one command
 * line, one frame out is one or more lines joined by "\n". Structured items are left out.
 */
export class PlainClient implements Client {
  readonly resumes = false;
  readonly textOnly = true;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get address(): string {
    return this.#socket.address;
  }

  listen(events: ClientEvents): void {
    this.#socket.listen(
      (text) => events.typed(text.endsWith('\n') ? text.replace(/\r?\n$/, '') : text),
      () => events.lost(),
    );
  }

  notice(text: string): void {
    this.#socket.send(text);
  }

  started(): void {}

  show(out: Out): void {
    const lines = (out.items ?? []).filter((item) => typeof item === 'string');
    if (lines.length > 0) this.#socket.send(lines.join('\n'));
  }

  committed(): void {}

  refused(_n: number, code: string, message: string): void {
    this.#socket.send(`${message} (${code})`);
  }

  gone(): void {
    this.#socket.send('Your session is over. Please connect again. (NoSession)');
  }

  world(state: 'paused' | 'running'): void {
    this.#socket.send(state === 'paused' ? PAUSED : RUNNING);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
