import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Handshake } from './handshake.ts';
import type { Limits } from './limits.ts';
import { Taken, type LoopTurns } from './loop-turns.ts';
import { placeOf } from './login-throttle.ts';
import type { Metrics } from './metrics.ts';

/** One file of the web page, read when the portal starts. */
export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
}

export interface HttpOptions {
  readonly handshake: Handshake;
  readonly limits: Limits;
  readonly turns: LoopTurns;
  readonly metrics: Metrics;
  /** The files of the page by path; `/` is its HTML. Nothing else is served. */
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Why the world takes no commands now; undefined if it does. */
  readonly whyNotHealthy: () => { readonly code: string; readonly message: string } | undefined;
  /** The figures of the world process; undefined if they cannot be had. */
  readonly worldFigures: () => Promise<string | undefined>;
}

/** The page may run its own script and connect to its own host, and nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Cache-Control': 'no-cache',
};

/** The HTTP side of the portal: the page, `/healthz`, `/metrics`, and the upgrade to a WebSocket at `/ws`. */
export function createHttp(options: HttpOptions): Server {
  const { limits, handshake } = options;
  const figures = figuresFor(options);
  const isTooMany = requestsAtOnce(options.turns);
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestSeconds * 1000,
      headersTimeout: limits.requestSeconds * 1000,
      // Node looks every half minute, whatever the limits are.
      connectionsCheckingInterval: limits.requestSeconds * 100,
      noDelay: true,
    },
    (request, response) => {
      if (isTooMany(request.socket)) {
        request.socket.destroy();
        return;
      }
      answer(options, figures, request, response).catch(() => {
        response.destroy();
      });
    },
  );
  // A page needs a few sockets of its own beside the WebSocket.
  server.maxConnections = limits.connections + limits.connectionsPerAddress;
  boundEachPlace(server, 2 * limits.connectionsPerAddress + FEW);
  server.on('upgrade', (request, stream, head) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') handshake.upgrade(request, stream, head);
    else answerLast(server, request);
  });
  return server;
}

/**
 * Answers who would rather speak something else, as HTTP/2, which a server may ignore. Node has let go of the socket by then: it
 * is of no more use. One on which an earlier request is not answered yet takes no other answer, and is ended.
 */
function answerLast(server: Server, request: IncomingMessage): void {
  const { socket } = request;
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket);
  } catch {
    socket.destroy();
    return;
  }
  response.once('finish', () => {
    socket.destroySoon();
  });
  server.emit('request', request, response);
}

/** Sockets that one address may have in any case: of a page, and of who asks for figures. */
const FEW = 16;

/** Ends sockets of an address that has too many: it needs not say a word on them to keep everybody else out. */
function boundEachPlace(server: Server, most: number): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const place = placeOf(socket.remoteAddress ?? 'unknown');
    const count = counts.get(place) ?? 0;
    if (count >= most) {
      socket.destroy();
      return;
    }
    counts.set(place, count + 1);
    socket.once('close', () => {
      const left = (counts.get(place) ?? 1) - 1;
      if (left === 0) counts.delete(place);
      else counts.set(place, left);
    });
  });
}

/** Whether a socket asks for more at once than is taken of it: thousands of requests would be answered before anybody else is. */
function requestsAtOnce(turns: LoopTurns): (socket: Socket) => boolean {
  const taken = new WeakMap<Socket, Taken>();
  return (socket) => {
    const requests = taken.get(socket) ?? new Taken(turns);
    taken.set(socket, requests);
    return !requests.more();
  };
}

/**
 * Gives the figures of both processes to a connection: undefined to one that waits for them already, whose answers would all be
 * kept until it reads them. However many ask at the same time, they are gathered once.
 */
function figuresFor({ worldFigures, metrics }: HttpOptions): (socket: Socket) => Promise<Buffer | undefined> {
  const waiting = new WeakSet<Socket>();
  let gathering: Promise<Buffer> | undefined;
  const gather = async (): Promise<Buffer> => {
    const world = await worldFigures();
    metrics.worldTold(world !== undefined);
    return Buffer.from((await metrics.text()) + (world ?? ''));
  };
  return async (socket) => {
    if (waiting.has(socket)) return undefined;
    waiting.add(socket);
    try {
      gathering ??= gather().finally(() => (gathering = undefined));
      return await gathering;
    } finally {
      waiting.delete(socket);
    }
  };
}

async function answer(
  options: HttpOptions,
  figures: ReturnType<typeof figuresFor>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Nothing here takes a body.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendText(request, response, 405, 'MethodRefused: only GET and HEAD are served.\n');
  }
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  if (path === '/healthz') {
    const why = options.whyNotHealthy();
    return why === undefined
      ? sendText(request, response, 200, 'ok\n')
      : sendText(request, response, 503, `${why.code}: ${why.message}\n`);
  }
  if (path === '/metrics') {
    const text = await figures(request.socket);
    if (text !== undefined) return send(request, response, 200, options.metrics.contentType, text);
    request.socket.destroy();
    return;
  }
  if (path === '/ws') {
    response.setHeader('Upgrade', 'websocket');
    return sendText(request, response, 426, 'This address speaks WebSocket.\n');
  }
  const file = options.files.get(path);
  if (file === undefined)
    return sendText(request, response, 404, 'NotFound: there is nothing at this address.\n');
  return send(request, response, 200, file.type, file.body);
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, 'text/plain; charset=utf-8', Buffer.from(text));
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: Buffer,
): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}
