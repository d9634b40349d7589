import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { STORE_ERRORS, StoreError, type StoreErrorCode } from '../storage/errors.ts';
import { whileItComesBack } from './coming-back.ts';
import { linesOf, type Lines } from './control-lines.ts';
import { socketPath } from './control-socket.ts';
import { PORTAL_ERRORS, PortalError, codeOf, type PortalErrorCode } from './errors.ts';

/** What a client says first. */
export interface Asked extends Readonly<Record<string, unknown>> {
  readonly t: string;
}

/**
 * Asks the world that runs on a data folder to do something, through the socket that only the folder's owner can open. One that
 * is being started again is waited for.
 *
 * The protocol is that of `control-socket.ts`. Resolves to the text of the answer. Throws `NoWorld` when there is none
 * to ask, `NoAnswer` when it went away meanwhile, and `CannotListen` when the path of the socket is too long; when it could
 * not do it, by the world's own code where that is one of the edge or of the store, and else `RequestFailed`. `unanswered` is
 * what is said of a request then that is more than one turn.
 */
export async function askWorld(
  data: string,
  workingFolder: string,
  request: Asked,
  unanswered: string = WHOLE_OR_NOTHING,
): Promise<string> {
  const { text, lines } = await whileItComesBack(data, workingFolder, () =>
    talk(data, workingFolder, request, { unanswered }),
  );
  lines.end();
  return text;
}

/** What has become of a request, when the world went away before it answered. */
export const WHOLE_OR_NOTHING =
  'this has been done, all of it, or nothing of it has. Look before you try again';

/**
 * Begins a conversation with that world; throws what `askWorld` throws, but `NoWorld` also where that throws `NoAnswer`: nothing
 * has been asked yet. The lines are the caller's to end; when `signal` aborts they break off.
 */
export async function converse(
  data: string,
  workingFolder: string,
  request: Asked,
  signal?: AbortSignal,
): Promise<Lines> {
  try {
    return (await talk(data, workingFolder, request, { signal })).lines;
  } catch (error) {
    if (codeOf(error) !== 'NoAnswer') throw error;
    throw noWorld(data, 'it went away before it answered');
  }
}

async function talk(
  data: string,
  workingFolder: string,
  request: Asked,
  { unanswered = WHOLE_OR_NOTHING, signal }: { unanswered?: string; signal?: AbortSignal | undefined },
): Promise<{ readonly text: string; readonly lines: Lines }> {
  const path = socketPath(join(data, 'control.sock'), workingFolder);
  const socket = await connected(path).catch((error: unknown) => {
    throw noWorld(data, codeOf(error));
  });
  const lines = linesOf(socket);
  if (signal !== undefined) addAbortSignal(signal, socket);
  let said: string | undefined;
  try {
    await lines.write(JSON.stringify(request));
    said = await lines.next();
  } catch {
    // Said below.
  }
  if (said === undefined) {
    throw new PortalError('NoAnswer', `The world on '${data}' went away before it answered: ${unanswered}.`);
  }
  const { ok, text, code } = parseAnswer(said);
  if (ok) return { text, lines };
  lines.end();
  throw refusal(text, code);
}

/** What the world refused with, by its own code where that is one of our tables. */
function refusal(text: string, code: unknown): Error {
  if (typeof code === 'string') {
    if (Object.hasOwn(PORTAL_ERRORS, code)) return new PortalError(code as PortalErrorCode, text);
    if (Object.hasOwn(STORE_ERRORS, code)) return new StoreError(code as StoreErrorCode, text);
  }
  return new PortalError('RequestFailed', text);
}

function noWorld(data: string, why: string): PortalError {
  const way =
    why === 'EACCES' ? 'Only who owns its folder can ask it' : 'Start one with: keystead start --data DIR';
  return new PortalError('NoWorld', `No world answers on '${data}' (${why}). ${way}`);
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

function parseAnswer(line: string): { readonly ok: boolean; readonly text: string; readonly code: unknown } {
  let alleged: unknown;
  try {
    alleged = JSON.parse(line);
  } catch {
    alleged = undefined;
  }
  const { ok, text, code } = (alleged ?? {}) as Record<string, unknown>;
  if (typeof ok === 'boolean' && typeof text === 'string') return { ok, text, code };
  throw new PortalError('NoWorld', 'What answers on the control socket is no world of this version.');
}
