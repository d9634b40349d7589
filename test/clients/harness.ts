import { httpAnswer } from '../http-answer.ts';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { WebSocket, type ClientOptions } from 'ws';
import type { Limits } from '../../clients/limits.ts';
import { start, type Running, type StartOptions } from '../../clients/start.ts';
import type { ToPage } from '../../clients/web-protocol.ts';

export const ECHO_WORLD = fileURLToPath(new URL('./echo-world.js', import.meta.url));

/** A portal in front of the echo world, on a folder of its own. */
export interface Portal {
  readonly running: Running;
  readonly data: string;
  /** What the world wrote down of what it received, without pings. */
  received(): string[];
}

const endings: (() => unknown)[] = [];

/** To be called after each test: ends all that was started, the last one first. */
export async function endAll(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end();
}

export function onEnd(end: () => unknown): void {
  endings.push(end);
}

export function freshFolder(mode?: string): string {
  const data = mkdtempSync(join(tmpdir(), 'keystead-'));
  onEnd(() => rmSync(data, { recursive: true, force: true }));
  mkdirSync(data, { recursive: true });
  if (mode !== undefined) writeFileSync(join(data, 'mode'), mode);
  return data;
}

export async function startPortal(
  limits: Partial<Limits> = {},
  others: Partial<StartOptions> & { mode?: string } = {},
): Promise<Portal> {
  const { mode, ...options } = others;
  const data = freshFolder(mode);
  const running = await start({
    world: {
      data,
      checkpointEvery: 0,
      checkpointsKept: 1,
      collectEvery: 0,
      garbageGrace: 0,
      evictAlways: false,
    },
    node: process,
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
    worldProcess: ECHO_WORLD,
    limits: { stopMs: 3000, ...limits },
    ...options,
  });
  onEnd(() => running.stop());
  return { running, data, received: () => written(data).filter((line) => !line.startsWith('ping')) };
}

function written(data: string): string[] {
  return readFileSync(join(data, 'received'), 'utf8').trim().split('\n');
}

/** Reads `/metrics` until the number is the one that is waited for. */
export async function untilCount(portal: Portal, name: string, value: number): Promise<void> {
  for (;;) if ((await metric(portal, name)) === value) return;
}

export async function metric(portal: Portal, name: string): Promise<number> {
  const { text } = await httpAnswer(`${portal.running.url}/metrics`);
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Waits until the echo world has written down this line. */
export async function untilReceived(portal: Portal, line: string): Promise<void> {
  while (!written(portal.data).includes(line)) await new Promise((resolve) => setImmediate(resolve));
}

/** One WebSocket client. Frames wait in order until a test takes them. */
export class Player {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  /** Close code and reason. */
  readonly closed: Promise<[number, string]>;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (frame: Buffer) => {
      this.frames.push(frame.toString());
      this.#wake();
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve([code, reason.toString()])),
    );
    socket.on('error', () => {});
    onEnd(() => socket.terminate());
  }

  static connect(portal: Portal, protocols: string[] = [], options: ClientOptions = {}): Promise<Player> {
    const socket = new WebSocket(`${portal.running.url.replace('http', 'ws')}/ws`, protocols, options);
    const player = new Player(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(player));
      socket.once('error', reject);
    });
  }

  /** A plain player that is logged in and has been greeted. */
  static async enter(portal: Portal): Promise<Player> {
    const player = await Player.connect(portal);
    player.send('connect guest');
    await player.until('Hello, Guest.');
    return player;
  }

  send(...lines: string[]): void {
    for (const line of lines) this.socket.send(line);
  }

  /** The next frame. */
  async next(): Promise<string> {
    while (this.frames.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.frames.shift() ?? '';
  }

  /** Takes frames up to the first that holds `text`; returns all of them. */
  async until(text: string): Promise<string[]> {
    const taken: string[] = [];
    for (;;) {
      const frame = await this.next();
      taken.push(frame);
      if (frame.includes(text)) return taken;
    }
  }
}

/** One client of keystead.v1, as the page is one, but by hand. */
export class Page {
  readonly player: Player;

  constructor(player: Player) {
    this.player = player;
  }

  static async open(portal: Portal): Promise<Page> {
    return new Page(await Player.connect(portal, ['keystead.v1']));
  }

  /** A page that is logged in; its session is returned too. */
  static async enter(portal: Portal): Promise<{ page: Page; session: Extract<ToPage, { t: 'session' }> }> {
    const page = await Page.open(portal);
    page.line(0, 'connect guest');
    return { page, session: await page.until('session') };
  }

  line(n: number, line: string): void {
    this.player.send(JSON.stringify({ t: 'line', n, line }));
  }

  ack(n: number): void {
    this.player.send(JSON.stringify({ t: 'ack', n }));
  }

  resume(session: { readonly sid: string; readonly key: string }, have: number): void {
    this.player.send(JSON.stringify({ t: 'resume', sid: session.sid, key: session.key, have }));
  }

  /** Resolves when the portal has read all that was sent. */
  async isHeard(): Promise<void> {
    this.player.socket.ping();
    await once(this.player.socket, 'pong');
  }

  async next(): Promise<ToPage> {
    return JSON.parse(await this.player.next()) as ToPage;
  }

  /** The next message of this kind; those before it are dropped. */
  async until<T extends ToPage['t']>(t: T): Promise<Extract<ToPage, { t: T }>> {
    for (;;) {
      const message = await this.next();
      if (message.t === t) return message as Extract<ToPage, { t: T }>;
    }
  }
}
