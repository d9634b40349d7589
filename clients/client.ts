import type { Out, SessionId } from './wire.ts';

/** What a client that can resume has to keep. */
export interface Started {
  readonly sid: SessionId;
  /** What it has to show to get its session back. Whoever has it has the session. */
  readonly key: string;
  readonly name: string;
  /** The last committed input and the last chunk of output. */
  readonly in: number;
  readonly out: number;
}

/**
 * A connected client, as its session sees it: one per kind of protocol. Nothing here waits or throws; what is sent to
 * a client that is gone goes nowhere. A client that does not read is dropped by its protocol, which then says `lost`.
 */
export interface Client {
  /** The address it comes from. */
  readonly address: string;
  /** Whether it can come back after losing its socket, and says itself what it has shown. */
  readonly resumes: boolean;
  /** Whether it shows text alone, and nothing of items that have a kind. */
  readonly textOnly: boolean;
  /** Text outside the numbered output: the login prompt, notices. */
  notice(text: string): void;
  started(session: Started): void;
  show(out: Out): void;
  committed(n: number): void;
  refused(n: number, code: string, message: string): void;
  /** The session that it asked for or had does not exist; it is at the login prompt. */
  gone(): void;
  world(state: 'paused' | 'running'): void;
  /** Closes the connection when all that was sent has been taken. `code` is one of WebSocket's. */
  close(code: number, reason: string): void;
}

/** What a client does; its session. */
export interface ClientEvents {
  /** A line. `n` is its number if the client numbers its lines; 0 at the login prompt. */
  typed(line: string, n?: number): void;
  acked(n: number): void;
  resume(sid: SessionId, key: string, have: number): void;
  /** The connection is gone. Nothing follows. */
  lost(): void;
}

/** WebSocket close codes that we use. Those from 4000 are ours. */
export const CLOSE = { done: 1000, stopping: 1001, refused: 1008, takenOver: 4001 } as const;

/** The same for every client that is a terminal of sorts. */
export const PAUSED = '[The world holds its breath.]';
export const RUNNING = '[... and goes on.]';
