import type { Profiler } from 'node:inspector';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Microseconds between two samples. */
const SAMPLE = 200;

/** How often a process is asked for its inspector before it is given up, every 50 ms. */
const TRIES = 100;

/** The profiler of another process, which was started with `--inspect-port` in its NODE_OPTIONS. */
export class Inspected {
  readonly #socket: WebSocket;
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(pid: number, port: number): Promise<Inspected> {
    process.kill(pid, 'SIGUSR1');
    for (let n = 0; n < TRIES; n += 1) {
      await pause(50);
      const url = await addressAt(port);
      if (url === undefined) continue;
      const socket = new WebSocket(url, { maxPayload: 0 });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const inspected = new Inspected(socket);
      await inspected.#ask('Profiler.enable');
      await inspected.#ask('Profiler.setSamplingInterval', { interval: SAMPLE });
      return inspected;
    }
    throw new Error(`Process ${pid} has no inspector.`);
  }

  async profile(seconds: number): Promise<Profiler.Profile> {
    await this.#ask('Profiler.start');
    await pause(seconds * 1000);
    return ((await this.#ask('Profiler.stop')) as Profiler.StopReturnType).profile;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const onMessage = (text: Buffer): void => {
        const answer = JSON.parse(text.toString()) as {
          id?: number;
          result?: unknown;
          error?: { message: string };
        };
        if (answer.id !== id) return;
        this.#socket.off('message', onMessage);
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(answer.error.message));
      };
      this.#socket.on('message', onMessage);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

async function addressAt(port: number): Promise<string | undefined> {
  try {
    const listed = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    return (listed as readonly { webSocketDebuggerUrl: string }[])[0]?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
