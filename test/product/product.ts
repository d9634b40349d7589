import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));

/** What a run of the command came to. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `keystead` with arguments until it ends. */
export async function keystead(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = gathered(child.stdout);
  const err = gathered(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out(), err: err() };
}

function gathered(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

/** A world that runs as players meet it: the real command, real processes, a real folder. */
export interface RunningWorld {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has written to standard error. */
  err(): string;
  /** Ends it by SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a world and resolves when it says that players can connect. */
export async function startWorld(data: string, ...args: readonly string[]): Promise<RunningWorld> {
  const child = spawn(process.execPath, [COMMAND, 'start', '--data', data, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const err = gathered(child.stderr);
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /^listening (http:\/\/\S+)$/.exec(line);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    child.once('close', () => {
      reject(new Error(`the world did not start: ${err()}`));
    });
  });
  return {
    url,
    child,
    err,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const closed = once(child, 'close') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await closed)[0];
    },
  };
}

/** A folder of its own, and what removes it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'keystead-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A plain-text WebSocket client that waits for what it expects. */
export class PlainClient {
  readonly #socket: WebSocket;
  readonly #waiting: { pattern: RegExp; resolve: (text: string) => void }[] = [];
  #seen = '';

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#seen += `${data.toString()}\n`;
      this.#check();
    });
  }

  static async connect(url: string): Promise<PlainClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    const client = new PlainClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(line: string): void {
    this.#socket.send(line);
  }

  /** Sends a line and gives all text up to and with what matches. */
  async ask(line: string, pattern: RegExp): Promise<string> {
    this.send(line);
    return this.expect(pattern);
  }

  /** The text since the last answer, up to the end of what has come when it matches. */
  expect(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ pattern, resolve });
      this.#check();
    });
  }

  async closed(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close');
  }

  close(): void {
    this.#socket.terminate();
  }

  #check(): void {
    const next = this.#waiting[0];
    if (next === undefined || !next.pattern.test(this.#seen)) return;
    this.#waiting.shift();
    const text = this.#seen;
    this.#seen = '';
    next.resolve(text);
    this.#check();
  }
}
