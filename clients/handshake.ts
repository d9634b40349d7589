import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { PortalError, type PortalErrorCode } from './errors.ts';
import type { Limits } from './limits.ts';
import type { LoopTurns } from './loop-turns.ts';
import { placeOf } from './login-throttle.ts';
import type { Metrics } from './metrics.ts';
import { mayConnect } from './origin.ts';
import { PlainClient } from './plain-protocol.ts';
import type { Portal } from './portal.ts';
import type { Powers } from './powers.ts';
import { Behind, Socket } from './socket.ts';
import { WEB_PROTOCOL, WebClient } from './web-protocol.ts';

export interface HandshakeOptions {
  readonly portal: Portal;
  readonly limits: Limits;
  readonly powers: Powers;
  readonly turns: LoopTurns;
  readonly metrics: Metrics;
  /** Origins (as `https://example.org`) of pages that may connect although they come from another host. */
  readonly origins: readonly string[];
}

/** Turns HTTP upgrades into clients of the portal, or refuses them with an HTTP status and a code. */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<Socket>();
  /** Those whose peers have not read what they were sent. */
  readonly #behind = new Behind();
  readonly #perPlace = new Map<string, number>();
  #cancelAlive: () => void = () => {};

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.frameBytes,
      maxFragments: options.limits.frameFragments,
      handleProtocols: (asked) => (asked.has(WEB_PROTOCOL) ? WEB_PROTOCOL : false),
    });
    this.#checkAlive();
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Takes over the socket of an upgrade request, whatever becomes of it. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    const address = request.socket.remoteAddress ?? 'unknown';
    const place = placeOf(address);
    const refusal = this.#refusal(request, place);
    if (refusal !== undefined) return this.#refuse(stream, ...refusal);
    this.#perPlace.set(place, (this.#perPlace.get(place) ?? 0) + 1);
    const left = () => {
      const others = (this.#perPlace.get(place) ?? 1) - 1;
      if (others === 0) this.#perPlace.delete(place);
      else this.#perPlace.set(place, others);
    };
    stream.once('close', left);
    this.#server.handleUpgrade(request, stream, head, (webSocket) => {
      const { portal, limits, metrics, turns } = this.#options;
      const socket = new Socket(webSocket, address, limits, metrics.counts, this.#behind, turns);
      this.#sockets.add(socket);
      webSocket.once('close', () => this.#sockets.delete(socket));
      const client = webSocket.protocol === WEB_PROTOCOL ? new WebClient(socket) : new PlainClient(socket);
      client.listen(portal.admit(client));
      stream.on('data', (chunk: Buffer) => {
        socket.came(chunk.length);
      });
    });
  }

  /** Ends what has not ended by itself. */
  close(): void {
    this.#cancelAlive();
    for (const socket of this.#sockets) socket.terminate();
  }

  #refusal(request: IncomingMessage, place: string): [status: string, error: PortalError] | undefined {
    const { limits, origins } = this.#options;
    if (pathOf(request) !== '/ws') return refusal('404 Not Found', 'NotFound', 'The WebSocket is at /ws.');
    if (!mayConnect(request, origins)) {
      return refusal(
        '403 Forbidden',
        'OriginRefused',
        'That page may not connect here. Open the one on this host, or have its admin allow it (keystead start --allow-origin).',
      );
    }
    const asked = request.headers['sec-websocket-protocol'];
    if (asked !== undefined && !asked.split(',').some((name) => name.trim() === WEB_PROTOCOL)) {
      const message = `Ask for no subprotocol (plain text) or for ${WEB_PROTOCOL}.`;
      return refusal('400 Bad Request', 'UnknownSubprotocol', message);
    }
    if (this.#sockets.size >= limits.connections) {
      return refusal('503 Service Unavailable', 'TooManyConnections', 'The world is full. Try again later.');
    }
    if ((this.#perPlace.get(place) ?? 0) >= limits.connectionsPerAddress) {
      return refusal(
        '429 Too Many Requests',
        'TooManyFromAddress',
        'Too many connections from your address.',
      );
    }
    return undefined;
  }

  #refuse(stream: Duplex, status: string, error: PortalError): void {
    this.#options.metrics.counts.refusedHandshakes.inc({ code: error.code });
    const body = `${error.code}: ${error.message}\n`;
    const headers = [
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${body.length}`,
    ];
    // Nobody else counts this socket or ends it, and the client may leave its side open for good.
    stream.once('finish', () => stream.destroy());
    stream.end([`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n'));
  }

  #checkAlive(): void {
    this.#cancelAlive = this.#options.powers.after(this.#options.limits.aliveSeconds * 1000, () => {
      for (const socket of this.#sockets) socket.checkAlive();
      this.#checkAlive();
    });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').replace(/\?.*$/s, '');
}

function refusal(status: string, code: PortalErrorCode, message: string): [string, PortalError] {
  return [status, new PortalError(code, message)];
}
