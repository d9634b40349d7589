import { setMaxListeners } from 'node:events';
import { statSync, unlinkSync, writeFileSync } from 'node:fs';
import { chmod, rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { relative } from 'node:path';
import { reasonOf, systemCode, wayOutOfFile } from '../storage/errors.ts';
import { linesOf, type Lines } from './control-lines.ts';
import { codeOf, PortalError } from './errors.ts';

/** What a client says first: a name, and whatever else it has to say. */
type ControlRequest = Readonly<Record<string, unknown>>;

/** What can be asked for through the socket, by name. */
export interface ControlHandlers {
  /** Each answers with a text, in one line `{"ok": true, "text"}`. */
  readonly requests: Readonly<Record<string, (request: ControlRequest) => Promise<string>>>;
  /**
   * Each has a conversation of its own in lines, after a line `{"ok": true, "text": ""}`; the connection is closed when it
   * ends. `over` aborts when the world closes: it then has to end soon.
   */
  readonly conversations: Readonly<
    Record<string, (request: ControlRequest, lines: Lines, over: AbortSignal) => Promise<void>>
  >;
}

/** A socket is made under another name, and put in its place when it is ready. */
const NEW = '.new';

/** Unix limits the path of a socket to about 103 bytes; a longer one is tried relative to the working folder. */
const MAX_SOCKET_PATH = 103 - NEW.length;

/**
 * The path to listen on or connect to for a socket in the data folder. Throws `CannotListen` if there is none that is
 * short enough.
 */
export function socketPath(path: string, workingFolder: string): string {
  const shorter = relative(workingFolder, path);
  const found = [path, shorter].find((each) => Buffer.byteLength(each) <= MAX_SOCKET_PATH);
  if (found !== undefined) return found;
  throw new PortalError(
    'CannotListen',
    `The path of the socket '${path}' is longer than the ${MAX_SOCKET_PATH} bytes that the system takes: do this from a folder nearer to the world's, or give that a shorter path.`,
  );
}

/** Whether a world answers at a socket. */
export function isServed(at: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

/**
 * Serves the admin's socket in the data folder. A client says one JSON line `{"t": NAME, ...}` and gets one JSON line,
 * `{"ok": true, "text"}` or `{"ok": false, "text", "code"}`; a conversation then goes on from there.
 * Only the owner of the folder can open the socket, and whoever can is the admin.
 * A socket that a dead process left behind is replaced: the store's lock says that it is dead.
 * `umask` is that of the process, which sets it and gives the one before.
 * `close` takes `comesBack` where the world is to be started again at once: an empty file then stands in the socket's place
 * until it is, so that nobody takes the world for one that is stopped. What another world has put in the socket's place stays.
 * Throws `CannotListen`, naming the file, with what to do.
 */
export async function serveControl(
  at: string,
  handlers: ControlHandlers,
  umask: (mask: number) => number = () => 0,
): Promise<{ close(comesBack?: boolean): Promise<void> }> {
  const sockets = new Set<Socket>();
  const answering = new Set<Promise<void>>();
  const over = new AbortController();
  setMaxListeners(0, over.signal); // each conversation has one
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const answered = serve(linesOf(socket), handlers, over.signal).then(
      () => socket.end(),
      () => void socket.destroy(),
    );
    const done = answered.then(() => void answering.delete(done));
    answering.add(done);
  });
  // Node removes what stands under the name that it listened on, also if that is another world's by then.
  const ino = await place(server, at, umask).catch((error: unknown) => {
    server.close();
    throw unmade(error);
  });
  return {
    close: async (comesBack = false) => {
      over.abort();
      // Whoever asked for what ends the world is still told so; who has said nothing yet is not waited for.
      const all = Promise.all(answering);
      remove(at, ino, comesBack);
      const stopped = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await Promise.race([all, passed(END_WITHIN)]);
      for (const socket of sockets) socket.destroySoon();
      // Who does not read, because it was suspended or is stuck itself, has had the time to.
      await Promise.race([stopped, passed(READ_WITHIN)]);
      for (const socket of sockets) socket.destroy();
      await stopped;
    },
  };
}

/**
 * Listens under another name, and puts the socket in its place; gives what tells it from any other. What stands there stays until
 * then: whoever asks meanwhile waits for a world that comes back, and not for one that is nowhere.
 */
async function place(server: Server, at: string, umask: (mask: number) => number): Promise<number> {
  await free(at + NEW);
  await listen(server, at + NEW, umask);
  await chmod(at + NEW, 0o600);
  const { ino } = await stat(at + NEW);
  await naming(at, () => rename(at + NEW, at));
  return ino;
}

/** Removes what a socket that was never put in its place has left. */
function free(name: string): Promise<void> {
  return naming(name, async () => {
    try {
      await unlink(name);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  });
}

/** Says of what it does that there is a folder under a name, where that is why it fails. */
async function naming(name: string, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    if (systemCode(error) !== 'EISDIR') throw error;
    throw new PortalError(
      'CannotListen',
      `The world's socket cannot be made: there is a folder at ${name}. Take that away.`,
    );
  }
}

function unmade(error: unknown): PortalError {
  if (error instanceof PortalError) return error;
  const message = `The world's socket cannot be made: ${reasonOf(error)}; ${wayOutOfFile(error)}.`;
  return new PortalError('CannotListen', message);
}

/** A disk that takes nothing any more, or a folder that is gone, is no reason not to close. */
function remove(at: string, ino: number, comesBack: boolean): void {
  try {
    if (statSync(at).ino !== ino) return;
    unlinkSync(at);
    if (comesBack) writeFileSync(at, '', { mode: 0o600 });
  } catch {
    // Said above.
  }
}

/** Milliseconds that conversations have to end in when the world closes. */
const END_WITHIN = 2_000;
/** Milliseconds that their clients then have to read the last words in. */
const READ_WITHIN = 1_000;

function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

async function serve(lines: Lines, handlers: ControlHandlers, over: AbortSignal): Promise<void> {
  const line = await firstLine(lines, over);
  if (line === undefined) return;
  try {
    const asked: unknown = JSON.parse(line);
    if (typeof asked !== 'object' || asked === null) throw new Error('a request is a JSON object');
    const { t: name } = asked as { readonly t?: unknown };
    const { requests, conversations } = handlers;
    const request = named(requests, name);
    if (request !== undefined) {
      const text = await request(asked as ControlRequest);
      await lines.write(JSON.stringify({ ok: true, text }));
      return;
    }
    const conversation = named(conversations, name);
    if (conversation === undefined) throw new Error('the world does not know that request');
    await lines.write(JSON.stringify({ ok: true, text: '' }));
    await conversation(asked as ControlRequest, lines, over);
  } catch (error) {
    const text = error instanceof Error ? error.message : 'failed';
    await lines.write(JSON.stringify({ ok: false, text, code: codeOf(error) }));
  }
}

/** What a client says first, unless the world closes before that. */
function firstLine(lines: Lines, over: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => {
      resolve(undefined);
    };
    over.addEventListener('abort', nothing);
    lines
      .next()
      .then(resolve, reject)
      .finally(() => {
        over.removeEventListener('abort', nothing);
      });
  });
}

function named<T>(handlers: Readonly<Record<string, T>>, name: unknown): T | undefined {
  return typeof name === 'string' && Object.hasOwn(handlers, name) ? handlers[name] : undefined;
}

function listen(server: Server, at: string, umask: (mask: number) => number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The socket is made at once, and its mode is set later: whoever connects in between would stay.
    const before = umask(0o177);
    try {
      server.listen(at, () => {
        server.removeListener('error', reject);
        resolve();
      });
    } finally {
      umask(before);
    }
  });
}
