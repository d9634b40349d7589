import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { PortalError, codeOf } from './errors.ts';
import { Handshake } from './handshake.ts';
import { createHttp, type StaticFile } from './http.ts';
import { limitsWith, type Limits } from './limits.ts';
import { Metrics } from './metrics.ts';
import { Portal } from './portal.ts';
import type { Powers } from './powers.ts';
import { processorTime } from './processor-time.ts';
import type { WorldOptions } from './world-options.ts';
import type { WorldStart } from './world-link.ts';

export interface StartOptions {
  readonly world: WorldOptions;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** Origins of pages on other hosts that may connect. */
  readonly origins?: readonly string[];
  /** The Node program to run the world process with, and its environment. */
  readonly node: { readonly execPath: string; readonly env: Readonly<Record<string, string | undefined>> };
  /** The program of the world process; by default the one beside this file. */
  readonly worldProcess?: string;
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
  const portal = new Portal({
    spawn: (start) => spawnWorld(options, start),
    limits,
    powers,
    counts: metrics.counts,
    onReady,
    onFailed: (error) => onFailed(error),
  });
  const handshake = new Handshake({ portal, limits, powers, metrics, origins: options.origins ?? [] });
  const server = createHttp({
    handshake,
    limits,
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

  // The port first: when it is taken, no world is started for nothing.
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

/**
 * Half of V8's default for its young objects, in MiB: about 10 MB less resident memory, for a tenth more processor time
 * in the world (both by `npm run bench`).
 */
const YOUNG_SPACE = '--max-semi-space-size=8';

/**
 * Threads that help V8 to collect garbage and to compile: one for each core but the one that turns run on, at most
 * the four that are Node's default. More than there are cores wait for one another, and the world for all of them: at
 * half load on two cores the 99th percentile of an answer was 15 ms with four and 10 ms with one (median of twelve
 * pairs), and a command took 6% more processor time.
 */
const HELPERS = `--v8-pool-size=${Math.max(1, Math.min(4, availableParallelism() - 1))}`;

/**
 * Where the C library is glibc, so many heaps for all threads instead of eight for each core: 10 MB less resident memory, at no
 * cost that could be measured (`npm run bench`).
 */
const HEAPS = { MALLOC_ARENA_MAX: '2' };

/** The longest that the host's timers can count, in milliseconds (24 days): one that is longer would ring at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** How long clients have to answer the close of their WebSocket before the socket is closed without. */
const GOODBYE_MS = 500;

function spawnWorld(options: StartOptions, { ownDoing, again }: WorldStart): ChildProcess {
  const program = options.worldProcess ?? fileURLToPath(new URL('./world-process.js', import.meta.url));
  const world: WorldOptions = { ...options.world, lastOwnDoing: ownDoing, again };
  // The world's own standard output goes to our standard error: ours is for the one line that says where we listen.
  const flags = [YOUNG_SPACE, HELPERS];
  return spawn(options.node.execPath, [...flags, program, JSON.stringify(world)], {
    stdio: ['ignore', 2, 2, 'pipe'],
    // In a group of its own: a terminal sends its signals to all of a group, and the portal decides.
    detached: true,
    env: { ...HEAPS, ...options.node.env, KEYSTEAD_LOG: options.log.level },
  });
}

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
