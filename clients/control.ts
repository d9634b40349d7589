import { connect } from 'node:net';
import { join } from 'node:path';
import { socketPath } from './control-socket.ts';
import { PortalError, codeOf } from './errors.ts';

/** What a running world can be asked. */
export type ControlRequest =
  { readonly t: 'checkpoint' } | { readonly t: 'admin'; readonly name: string } | { readonly t: 'reload' };

/**
 * Asks the world that runs on a data folder to do something, through the socket that only the folder's owner can open.
 *
 * The protocol is that of `control-socket.ts`. Resolves to the text of the answer. Throws `NoWorld` when there is none
 * to ask, and `RequestFailed` when it could not do it.
 */
export async function askWorld(
  data: string,
  workingFolder: string,
  request: ControlRequest,
): Promise<string> {
  const path = socketPath(join(data, 'control.sock'), workingFolder);
  const answer = parseAnswer(await exchange(path, `${JSON.stringify(request)}\n`, data));
  if (answer.ok) return answer.text;
  throw new PortalError('RequestFailed', answer.text);
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

function exchange(path: string, request: string, data: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(request));
    let answer = '';
    const noWorld = (why: string) =>
      new PortalError(
        'NoWorld',
        `No world answers on '${data}' (${why}). Start one with: keystead start --data DIR`,
      );
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      const end = answer.indexOf('\n');
      if (end < 0 && answer.length < ANSWER_MOST) return;
      resolve(answer.slice(0, end < 0 ? ANSWER_MOST : end));
      socket.destroy();
    });
    socket.on('error', (error) => reject(noWorld(codeOf(error))));
    socket.on('close', () => reject(noWorld('it closed the connection without an answer')));
  });
}

/** Characters in an answer. */
const ANSWER_MOST = 65_536;

function parseAnswer(line: string): Answer {
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
