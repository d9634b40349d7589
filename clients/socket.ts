import type { WebSocket } from 'ws';
import { AT_ONCE, Taken, type LoopTurns } from './loop-turns.ts';
import type { Counts } from './metrics.ts';

export interface SocketLimits {
  readonly unreadBytes: number;
  readonly unreadBytesInAll: number;
  readonly unwantedBytes: number;
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
 * Bytes that come at once of whoever sends without end. The system is asked for 64 KiB at a time, and again, up to 2 MiB, while it
 * gives as many.
 */
const LARGE_CHUNK = 16_384;

/**
 * One WebSocket, for the protocols: text frames only, and nobody who does not read.
 *
 * A frame that is binary ends the connection here; one that is too large or no valid UTF-8 was already ended by the
 * library (close codes 1009, for too many fragments 1008, and 1007). Who sends without end waits for all others after some
 * frames: all that has come would be taken for seconds else.
 */
export class Socket {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #limits: SocketLimits;
  readonly #counts: Counts;
  readonly #behind: Behind;
  readonly #frames: Taken;
  readonly #pongs: Taken;
  #alive = true;
  /** What came on top of the frames that are taken at once; null for one that is no text. */
  readonly #late: (string | null)[] = [];
  /** Closed from this side: what comes is not wanted any more. */
  #closed = false;
  /** Bytes that have come since. */
  #unwanted = 0;

  /** `behind` and `turns`: one for all sockets, which keep them themselves. */
  constructor(
    socket: WebSocket,
    address: string,
    limits: SocketLimits,
    counts: Counts,
    behind: Behind,
    turns: LoopTurns,
  ) {
    this.#socket = socket;
    this.address = address;
    this.#limits = limits;
    this.#counts = counts;
    this.#behind = behind;
    this.#frames = new Taken(turns);
    this.#pongs = new Taken(turns);
    socket.on('pong', () => {
      this.#alive = true;
      if (this.#pongs.more() || this.#closed) return;
      this.#counts.brokenFrames.inc();
      this.terminate();
    });
    socket.once('close', () => behind.forget(this));
  }

  listen(onText: (text: string) => void, onLost: () => void): void {
    const take = (text: string | null): void => {
      if (this.#closed) return;
      if (text === null) this.refuse(1003, 'NotText: send text frames');
      else onText(text);
    };
    const takeLate = (): void => {
      for (const text of this.#late.splice(0, AT_ONCE)) take(text);
      if (this.#late.length > 0) setImmediate(takeLate);
      else this.#socket.resume();
    };
    this.#socket.on('message', (data: Buffer, isBinary) => {
      this.#alive = true;
      if (this.#closed) return;
      const text = isBinary ? null : data.toString();
      if (this.#frames.more() && this.#late.length === 0) return take(text);
      if (this.#late.push(text) > 1) return;
      this.#socket.pause();
      setImmediate(takeLate);
    });
    // Every error of the library is followed by 'close'.
    this.#socket.on('error', () => this.#counts.brokenFrames.inc());
    this.#socket.on('close', () => {
      // It came before the end.
      for (const text of this.#late.splice(0)) take(text);
      onLost();
    });
  }

  /** So many bytes have come: of more than anybody types the rest waits until the others have had their turn. */
  came(bytes: number): void {
    if (this.#closed) this.#unwanted += bytes;
    if (this.#unwanted > this.#limits.unwantedBytes) return this.terminate();
    if (bytes < LARGE_CHUNK || this.#late.length > 0) return;
    this.#socket.pause();
    setImmediate(() => {
      if (this.#late.length === 0) this.#socket.resume();
    });
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
    this.terminate();
  }

  /** Closes it for a frame that is against the protocol. */
  refuse(code: number, reason: string): void {
    this.#counts.brokenFrames.inc();
    this.close(code, reason);
  }

  close(code: number, reason: string): void {
    this.#closed = true;
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#closed = true;
    this.#socket.terminate();
  }

  /** Pings the peer, or gives it up when it has said nothing since the last call. */
  checkAlive(): void {
    if (!this.#alive) return this.terminate();
    this.#alive = false;
    this.#socket.ping();
  }
}
