import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether whoever asks may have a WebSocket. Programs send no `Origin` and may; browsers always send one, and pages of other sites
 * must not connect in a visitor's name.
 *
 * A page is of this site when it was read from the host that it asks. On a connection to this machine from itself that host must
 * be an address or localhost besides: whose name it is has it lead where he likes, to here too, when his page is open already
 * (DNS rebinding). `allowed` are origins, as `https://example.org`, that may connect in any case.
 */
export function mayConnect(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed.includes(origin)) return true;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false;
  if (host === undefined || url.host !== host.toLowerCase()) return false;
  return !isLoopback(request.socket.localAddress ?? '') || isNobodysName(url.hostname);
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\./.test(address) || address === '::1';
}

/** An address, or what a browser takes for this machine without asking anybody. */
function isNobodysName(hostname: string): boolean {
  const isAddress = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
  return isAddress || hostname === 'localhost' || hostname.endsWith('.localhost');
}
