import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { relative } from 'node:path';

/** What can be asked for through the socket, by name, with what it says besides; each answers with a line of text. */
export type ControlRequests = Readonly<
  Record<string, (request: Readonly<Record<string, unknown>>) => Promise<string>>
>;

/** Characters in one request. */
const MAX_REQUEST = 4_096;

/** Unix limits the path of a socket to about this many bytes; a longer one is tried relative to the working folder. */
const MAX_SOCKET_PATH = 103;

/** The path to listen on or connect to for a socket in the data folder. */
export function socketPath(path: string, workingFolder: string): string {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  const shorter = relative(workingFolder, path);
  return shorter.length < path.length ? shorter : path;
}

/**
 * Serves the admin's socket in the data folder: one JSON line `{"t": NAME, ...}` in, one JSON line out, `{"ok": true, "text"}`
 * or `{"ok": false, "text"}`. Only the owner of the folder can open it, and whoever can is the admin.
 * A socket that a dead process left behind is replaced: the store's lock says that it is dead.
 */
export async function serveControl(
  at: string,
  requests: ControlRequests,
): Promise<{ close(): Promise<void> }> {
  await rm(at, { force: true });
  const sockets = new Set<Socket>();
  const answering = new Set<Promise<void>>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, requests, answering);
  });
  await listen(server, at);
  await chmod(at, 0o600);
  return {
    close: async () => {
      // Whoever asked for what ends the world is still told so.
      await Promise.all(answering);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroySoon();
      });
    },
  };
}

function serve(socket: Socket, requests: ControlRequests, answering: Set<Promise<void>>): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received += text;
    const end = received.indexOf('\n');
    if (end < 0) {
      if (received.length > MAX_REQUEST) socket.destroy();
      return;
    }
    socket.removeAllListeners('data');
    const answered = answer(received.slice(0, end), requests).then(
      (line) => void socket.end(line),
      () => void socket.destroy(),
    );
    answering.add(answered);
    void answered.then(() => answering.delete(answered));
  });
}

async function answer(line: string, requests: ControlRequests): Promise<string> {
  try {
    const asked: unknown = JSON.parse(line);
    if (typeof asked !== 'object' || asked === null) throw new Error('a request is a JSON object');
    const { t: name } = asked as { readonly t?: unknown };
    const request = typeof name === 'string' && Object.hasOwn(requests, name) ? requests[name] : undefined;
    if (request === undefined) throw new Error('the world does not know that request');
    const text = await request(asked as Readonly<Record<string, unknown>>);
    return `${JSON.stringify({ ok: true, text })}\n`;
  } catch (error) {
    return `${JSON.stringify({ ok: false, text: error instanceof Error ? error.message : 'failed' })}\n`;
  }
}

function listen(server: Server, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
