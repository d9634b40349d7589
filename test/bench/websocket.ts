import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client that does no more than a load needs, so that the load is not what is measured: text frames that
 * were made ready before, and whatever comes looked at where it lies. It masks what it sends, as clients must.
 */
export class LoadSocket {
  /** What is called with each text frame; the bytes are good until it returns. */
  onText: (payload: Buffer) => void = () => {};
  onClosed: (why: string) => void = () => {};
  readonly #socket: Socket;
  #partial: Buffer = NOTHING;
  #open = false;
  #opened: (error?: Error) => void = () => {};

  private constructor(port: number) {
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: READ_INTO, // one for all: what was read is used up before the next read
        callback: (length, buffer) => {
          this.#read((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    const key = randomBytes(16).toString('base64');
    this.#socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('the server closed the connection'));
  }

  static open(port: number): Promise<LoadSocket> {
    return new Promise((resolve, reject) => {
      const socket = new LoadSocket(port);
      socket.#opened = (error) => (error === undefined ? resolve(socket) : reject(error));
    });
  }

  /** Sends what `frame` made. */
  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  close(): void {
    this.onClosed = () => {};
    this.#socket.destroy();
  }

  #end(why: string): void {
    this.#opened(new Error(why));
    this.onClosed(why);
    this.onClosed = () => {};
  }

  #read(received: Buffer): void {
    const data = this.#partial.length === 0 ? received : Buffer.concat([this.#partial, received]);
    this.#partial = NOTHING;
    if (!this.#open) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#partial = Buffer.from(data);
        return;
      }
      const status = data.subarray(0, data.indexOf('\r\n')).toString();
      if (!status.includes(' 101 ')) return this.#end(`the server answered ${status}`);
      this.#open = true;
      this.#opened();
      // Whoever awaits the socket has a handler only after this step; what came with the handshake waits till then.
      this.#partial = Buffer.from(data.subarray(end + 4));
      setImmediate(() => this.#read(NOTHING));
      return;
    }
    this.#frames(data);
  }

  #frames(data: Buffer): void {
    let at = 0;
    while (data.length - at >= 2) {
      const kind = (data[at] ?? 0) & 15;
      let length = (data[at + 1] ?? 0) & 127;
      let start = at + 2;
      if (length === 126) {
        if (data.length - at < 4) break;
        length = data.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (data.length - at < 10) break;
        length = Number(data.readBigUInt64BE(start));
        start += 8;
      }
      const end = start + length;
      if (end > data.length) break;
      if (kind === TEXT) this.onText(data.subarray(start, end));
      else if (kind === PING) this.#socket.write(masked(PONG, data.subarray(start, end)));
      else if (kind === CLOSE)
        this.#end(`the server said goodbye: ${data.subarray(start + 2, end).toString()}`);
      at = end;
    }
    if (at < data.length) this.#partial = Buffer.from(data.subarray(at));
  }
}

/** A text frame, ready to be sent any number of times. */
export function frame(text: string): Buffer {
  return masked(TEXT, Buffer.from(text));
}

const NOTHING: Buffer = Buffer.alloc(0);
const READ_INTO = Buffer.alloc(65_536);
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const MASK = [0x37, 0xfa, 0x21, 0x3d];

function masked(kind: number, payload: Buffer): Buffer {
  const head = payload.length < 126 ? [128 | kind, 128 | payload.length] : longHead(kind, payload.length);
  const body = Buffer.from(payload);
  for (let at = 0; at < body.length; at += 1) body[at] = (body[at] ?? 0) ^ (MASK[at & 3] ?? 0);
  return Buffer.concat([Buffer.from(head), Buffer.from(MASK), body]);
}

function longHead(kind: number, length: number): number[] {
  if (length > 65_535) throw new RangeError('The bench sends short lines only.');
  return [128 | kind, 128 | 126, length >> 8, length & 255];
}
