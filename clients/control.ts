import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { linesOf, type Lines } from './control-lines.ts';
import { socketPath } from './control-socket.ts';
import { PortalError, codeOf } from './errors.ts';

/** What a client says first. */
export interface Asked extends Readonly<Record<string, unknown>> {
  readonly t: string;
}

/**
 * Asks the world that runs on a data folder to do something, through the socket that only the folder's owner can open.
 *
 * The protocol is that of `control-socket.ts`. Resolves to the text of the answer. Throws `NoWorld` when there is none
 * to ask, and `RequestFailed` when it could not do it.
 */
export async function askWorld(data: string, workingFolder: string, request: Asked): Promise<string> {
  const { text, lines } = await talk(data, workingFolder, request);
  lines.end();
  return text;
}

/** Begins a conversation with that world; throws what `askWorld` throws. The lines are the caller's to end. */
export async function converse(data: string, workingFolder: string, request: Asked): Promise<Lines> {
  return (await talk(data, workingFolder, request)).lines;
}

async function talk(
  data: string,
  workingFolder: string,
  request: Asked,
): Promise<{ readonly text: string; readonly lines: Lines }> {
  const noWorld = (why: string) =>
    new PortalError(
      'NoWorld',
      `No world answers on '${data}' (${why}). Start one with: keystead start --data DIR`,
    );
  let lines: Lines;
  let said: string | undefined;
  try {
    lines = linesOf(await connected(socketPath(join(data, 'control.sock'), workingFolder)));
    await lines.write(JSON.stringify(request));
    said = await lines.next();
  } catch (error) {
    throw noWorld(codeOf(error));
  }
  if (said === undefined) throw noWorld('it closed the connection without an answer');
  const { ok, text } = parseAnswer(said);
  if (ok) return { text, lines };
  lines.end();
  throw new PortalError('RequestFailed', text);
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function parseAnswer(line: string): { readonly ok: boolean; readonly text: string } {
  let alleged: unknown;
  try {
    alleged = JSON.parse(line);
  } catch {
    alleged = undefined;
  }
  const { ok, text } = (alleged ?? {}) as Record<string, unknown>;
  if (typeof ok === 'boolean' && typeof text === 'string') return { ok, text };
  throw new PortalError('NoWorld', 'What answers on the control socket is no world of this version.');
}
