import type { WebSocket } from 'ws';
import type { Counts } from './metrics.ts';

export interface SocketLimits {
  readonly unreadBytes: number;
  readonly unreadBytesInAll: number;
}

/** Bytes that whoever reads may have before him at any time. With more he is behind. All who may be connected have 40 MB together. */
const BEHIND = 4_096;

/** Sockets whose peers are behind, and by how many bytes: as far as is known, for those that were sent nothing since. */
export class Behind {
  readonly #bytes = new Map<Socket, number>();
  #sum = 0;

  get sum(): number {
    return this.#sum;
  }

  note(socket: Socket, bytes: number): void {
    this.forget(socket);
    if (bytes <= BEHIND) return;
    this.#bytes.set(socket, bytes);
    this.#sum += bytes;
  }

  forget(socket: Socket): void {
    this.#sum -= this.#bytes.get(socket) ?? 0;
    this.#bytes.delete(socket);
  }

  /** Looks at all of them, and gives the one that is behind by most. */
  most(): Socket | undefined {
    let found: Socket | undefined;
    let most = 0;
    this.#sum = 0;
    for (const socket of this.#bytes.keys()) {
      const bytes = socket.unread;
      if (bytes <= BEHIND) {
        this.#bytes.delete(socket);
        continue;
      }
      this.#bytes.set(socket, bytes);
      this.#sum += bytes;
      if (bytes > most) [found, most] = [socket, bytes];
    }
    return found;
  }
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
  readonly #behind: Behind;
  #alive = true;

  /** `behind`: one for all sockets, which keep it themselves. */
  constructor(socket: WebSocket, address: string, limits: SocketLimits, counts: Counts, behind: Behind) {
    this.#socket = socket;
    this.address = address;
    this.#limits = limits;
    this.#counts = counts;
    this.#behind = behind;
    socket.on('pong', () => (this.#alive = true));
    socket.once('close', () => behind.forget(this));
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
    const { unread } = this;
    this.#behind.note(this, unread);
    if (unread > this.#limits.unreadBytes) this.#giveUp();
    while (this.#behind.sum > this.#limits.unreadBytesInAll) {
      // Who has read since and was sent nothing more may be behind no longer.
      const most = this.#behind.most();
      if (most === undefined || this.#behind.sum <= this.#limits.unreadBytesInAll) return;
      most.#giveUp();
    }
  }

  /** Bytes that its peer has not taken yet. */
  get unread(): number {
    return this.#socket.bufferedAmount;
  }

  #giveUp(): void {
    this.#behind.forget(this);
    this.#counts.notReading.inc();
    this.#socket.terminate();
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
