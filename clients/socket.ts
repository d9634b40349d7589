import type { WebSocket } from 'ws';
import type { Counts } from './metrics.ts';

export interface SocketLimits {
  readonly unreadBytes: number;
  readonly unreadBytesInAll: number;
}

/** Bytes that whoever reads may have before him at any time. With more he is behind. */
const BEHIND = 65_536;

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
  readonly #behind: Set<Socket>;
  #alive = true;

  /** `behind`: all sockets whose peers are behind, kept by themselves. */
  constructor(socket: WebSocket, address: string, limits: SocketLimits, counts: Counts, behind: Set<Socket>) {
    this.#socket = socket;
    this.address = address;
    this.#limits = limits;
    this.#counts = counts;
    this.#behind = behind;
    socket.on('pong', () => (this.#alive = true));
    socket.once('close', () => behind.delete(this));
  }

  listen(onText: (text: string) => void, onLost: () => void): void {
    this.#socket.on('message', (data: Buffer, isBinary) => {
      this.#alive = true;
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (isBinary) return this.refuse(1003, 'NotText: send text frames');
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
    const unread = socket.bufferedAmount;
    if (unread <= BEHIND) {
      if (this.#behind.size > 0) this.#behind.delete(this);
      return;
    }
    this.#behind.add(this);
    if (unread <= this.#most()) return;
    // Who has read since and was sent nothing more is behind no longer.
    for (const each of this.#behind) if (each.#socket.bufferedAmount <= BEHIND) this.#behind.delete(each);
    if (unread <= this.#most()) return;
    this.#counts.notReading.inc();
    socket.terminate();
  }

  /** Bytes that may be kept for it. */
  #most(): number {
    const { unreadBytes, unreadBytesInAll } = this.#limits;
    return Math.min(unreadBytes, unreadBytesInAll / this.#behind.size);
  }

  /** Closes it for a frame that is against the protocol. */
  refuse(code: number, reason: string): void {
    this.#counts.brokenFrames.inc();
    this.close(code, reason);
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
