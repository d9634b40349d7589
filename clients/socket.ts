import type { WebSocket } from 'ws';
import type { Counts } from './metrics.ts';

export interface SocketLimits {
  readonly unreadBytes: number;
}

/**
 * One WebSocket, for the protocols: text frames only, and nobody who does not read.
 *
 * A frame that is binary ends the connection here; one that is too large or no valid UTF-8 was already ended by the
 * library (close codes 1009 and 1007).
 */
export class Socket {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #limits: SocketLimits;
  readonly #counts: Counts;
  #alive = true;

  constructor(socket: WebSocket, address: string, limits: SocketLimits, counts: Counts) {
    this.#socket = socket;
    this.address = address;
    this.#limits = limits;
    this.#counts = counts;
    socket.on('pong', () => (this.#alive = true));
  }

  listen(onText: (text: string) => void, onLost: () => void): void {
    this.#socket.on('message', (data: Buffer, isBinary) => {
      this.#alive = true;
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (isBinary) return this.close(1003, 'NotText: send text frames');
      onText(data.toString());
    });
    // Every error of the library is followed by 'close'.
    this.#socket.on('error', () => this.#counts.brokenFrames.inc());
    this.#socket.on('close', onLost);
  }

  send(text: string): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text);
    if (socket.bufferedAmount <= this.#limits.unreadBytes) return;
    this.#counts.notReading.inc();
    socket.terminate();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Pings the peer, or gives it up when it has said nothing since the last call. */
  checkAlive(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
  }
}
