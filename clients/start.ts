import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { PortalError, codeOf } from './errors.ts';
import { Handshake } from './handshake.ts';
import { createHttp, type StaticFile } from './http.ts';
import { limitsWith, type Limits } from './limits.ts';
import { LoopTurns } from './loop-turns.ts';
import { Metrics } from './metrics.ts';
import { Portal } from './portal.ts';
import type { Powers } from './powers.ts';
import { processorTime, waitsForDisk, wouldRun } from './main-thread.ts';
import { mayBegin, spawnWorld, type WorldProgram } from './world-spawn.ts';

export interface StartOptions extends Omit<WorldProgram, 'logLevel'> {
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** Origins of pages on other hosts that may connect. */
  readonly origins?: readonly string[];
  /** The first world process, where there is one already. Before the portal listens it is the caller's to end. */
  readonly spawned?: ChildProcess;
  /** The world cannot go on. Called at most once, and only after `start` has resolved. */
  readonly onFailed?: (error: { readonly code: string; readonly message: string }) => void;
}

export interface Running {
  /** Where players can connect, as `http://HOST:PORT`. */
  readonly url: string;
  readonly portal: Portal;
  /** Ends world and portal. Resolves to whether the world ended by itself. Any further call gives the same. */
  stop(): Promise<boolean>;
  /** Kills the world at once. */
  kill(): void;
}

/**
 * Starts portal and world; resolves when players can connect. When it throws, nothing is left running.
 * This is where the clock, randomness, the network and processes are handed down from.
 */
export async function start(options: StartOptions): Promise<Running> {
  const limits = limitsWith(options.limits);
  const powers: Powers = {
    now: () => performance.now(),
    processorTime,
    waitsForDisk,
    wouldRun,
    randomName: () => randomBytes(16).toString('base64url'),
    after(ms, what) {
      // What keeps the process alive is the server, never a timer.
      const timer = setTimeout(what, Math.min(ms, LONGEST_WAIT)).unref();
      return () => clearTimeout(timer);
    },
    log: options.log,
  };
  const metrics = new Metrics();
  let onReady = () => {};
  let onFailed: (error: { code: string; message: string }) => void = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    onReady = resolve;
    onFailed = reject;
  });
  // Whoever awaits it comes later; until then a failure is no unhandled one.
  ready.catch(() => {});
  let { spawned } = options;
  const portal = new Portal({
    spawn: (start) => {
      const first = spawned;
      spawned = undefined;
      return first !== undefined && mayBegin(first)
        ? first
        : spawnWorld({ ...options, logLevel: options.log.level }, start);
    },
    limits,
    powers,
    counts: metrics.counts,
    onReady,
    onFailed: (error) => onFailed(error),
  });
  const turns = new LoopTurns();
  const origins = options.origins ?? [];
  const handshake = new Handshake({ portal, limits, powers, turns, metrics, origins });
  const server = createHttp({
    handshake,
    limits,
    turns,
    metrics,
    files: readPage(),
    whyNotHealthy: () => portal.whyNotHealthy(),
    worldFigures: () => portal.worldFigures(),
  });
  metrics.watch({
    connections: () => handshake.connections,
    sessions: () => portal.sessions,
    lingering: () => portal.lingering,
    worldReady: () => portal.whyNotHealthy() === undefined,
  });

  // The port first: when it is taken, no world is made for nothing.
  await listen(server, options.host, options.port);
  portal.start();
  const stop = once(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    const clean = await portal.stop();
    server.closeIdleConnections();
    const cancel = powers.after(GOODBYE_MS, () => {
      handshake.close();
      server.closeAllConnections();
    });
    await closed;
    cancel();
    handshake.close();
    return clean;
  });
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  onFailed = (error) => options.onFailed?.(error);
  return { url: urlOf(server.address() as AddressInfo), portal, stop, kill: () => portal.link.kill() };
}

/** The longest that the host's timers can count, in milliseconds (24 days): one that is longer would ring at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** How long clients have to answer the close of their WebSocket before the socket is closed without. */
const GOODBYE_MS = 500;

function readPage(): ReadonlyMap<string, StaticFile> {
  const file = (name: string, type: string): StaticFile => ({
    type,
    body: readFileSync(new URL(`./web/${name}`, import.meta.url)),
  });
  const script = 'text/javascript; charset=utf-8';
  return new Map([
    ['/', file('index.html', 'text/html; charset=utf-8')],
    ['/style.css', file('style.css', 'text/css; charset=utf-8')],
    ['/icon.svg', file('icon.svg', 'image/svg+xml')],
    ...['app.js', 'connection.js', 'display.js'].map((name) => [`/${name}`, file(name, script)] as const),
  ]);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: Error, host: string, port: number): PortalError {
  if (codeOf(error) === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is taken by another process. Choose another with --port (0: any free one).`;
    return new PortalError('PortInUse', message);
  }
  return new PortalError('CannotListen', `Cannot listen on ${host} port ${port}: ${error.message}.`);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
