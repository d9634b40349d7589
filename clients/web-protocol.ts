import { CLOSE, type Client, type ClientEvents, type Started } from './client.ts';
import type { Socket } from './socket.ts';
import { asSessionId, type Item, type Out, type SessionId } from './wire.ts';

/** The WebSocket subprotocol of the page in `web/`: JSON text frames, one message each. */
export const WEB_PROTOCOL = 'keystead.v1';

/**
 * What a page may say. Lines are numbered from 1 within a session, those at the login prompt have 0. After `session`
 * or a resume the page sends again, in order, the lines after `in`. It acknowledges chunks that it has displayed.
 */
type FromPage =
  | { readonly t: 'line'; readonly n: number; readonly line: string }
  | { readonly t: 'ack'; readonly n: number }
  | { readonly t: 'resume'; readonly sid: SessionId; readonly key: string; readonly have: number };

/** What a page is told. `in`: inputs up to this number are committed, and their copies may be dropped. */
export type ToPage =
  | { readonly t: 'text'; readonly text: string }
  | ({ readonly t: 'session' } & Started)
  | {
      readonly t: 'out';
      readonly n: number;
      readonly in: number;
      readonly items: readonly Item[];
      readonly close?: boolean;
    }
  | { readonly t: 'in'; readonly n: number }
  | { readonly t: 'refused'; readonly n: number; readonly code: string; readonly message: string }
  | { readonly t: 'gone' }
  | { readonly t: 'world'; readonly state: 'paused' | 'running' };

export class WebClient implements Client {
  readonly resumes = true;
  readonly textOnly = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get address(): string {
    return this.#socket.address;
  }

  /** A frame that is no message ends the connection: the page is ours, so whoever sends it is not. */
  listen(events: ClientEvents): void {
    this.#socket.listen(
      (text) => {
        const message = readPageMessage(text);
        switch (message?.t) {
          case undefined:
            return this.#socket.refuse(CLOSE.refused, 'BadFrame: not a message of keystead.v1');
          case 'line':
            return events.typed(message.line, message.n);
          case 'ack':
            return events.acked(message.n);
          case 'resume':
            return events.resume(message.sid, message.key, message.have);
        }
      },
      () => events.lost(),
    );
  }

  notice(text: string): void {
    this.#send({ t: 'text', text });
  }

  started(session: Started): void {
    this.#send({ t: 'session', ...session });
  }

  show(out: Out): void {
    const close = out.close === true ? { close: true } : {};
    this.#send({ t: 'out', n: out.n, in: out.in, items: out.items ?? [], ...close });
  }

  committed(n: number): void {
    this.#send({ t: 'in', n });
  }

  refused(n: number, code: string, message: string): void {
    this.#send({ t: 'refused', n, code, message });
  }

  gone(): void {
    this.#send({ t: 'gone' });
  }

  world(state: 'paused' | 'running'): void {
    this.#send({ t: 'world', state });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #send(message: ToPage): void {
    this.#socket.send(JSON.stringify(message));
  }
}

/** A frame as a message, or undefined. */
function readPageMessage(frame: string): FromPage | undefined {
  let alleged: unknown;
  try {
    alleged = JSON.parse(frame);
  } catch {
    return undefined;
  }
  if (typeof alleged !== 'object' || alleged === null) return undefined;
  const { t, n, line, sid, key, have } = alleged as Record<string, unknown>;
  switch (t) {
    case 'line':
      return isCount(n) && typeof line === 'string' ? { t, n, line } : undefined;
    case 'ack':
      return isCount(n) ? { t, n } : undefined;
    case 'resume': {
      const session = asSessionId(sid);
      if (session === undefined || typeof key !== 'string' || key.length > 64 || !isCount(have))
        return undefined;
      return { t, sid: session, key, have };
    }
    default:
      return undefined;
  }
}

function isCount(alleged: unknown): alleged is number {
  return Number.isSafeInteger(alleged) && (alleged as number) >= 0;
}
