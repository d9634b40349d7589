import type { Socket } from 'node:net';

/**
 * Characters in one line of the control socket. A source that somebody types is far below; a page of a view that is nothing but
 * the largest object, with the labels of all its grants, has 18 million.
 */
const LINE_MOST = 32 * 1024 * 1024;

/** One end of a conversation on the control socket: lines of text, both ways. */
export interface Lines {
  /** The next line, without its end; undefined when the other side has said all that it will. Rejects if it broke off. */
  next(): Promise<string | undefined>;
  /** Resolves when the other side can take more. Rejects if it is gone. */
  write(line: string): Promise<void>;
  /** Says no more, and waits for nothing. Idempotent. */
  end(): void;
}

/** Makes lines of a socket, which belongs to them from then on. */
export function linesOf(socket: Socket): Lines {
  const waiting: ((line: string | undefined) => void)[] = [];
  const failing: ((error: Error) => void)[] = [];
  const arrived: string[] = [];
  /** The pieces of a line that has no end yet: put together once, however many they are. */
  let rest: string[] = [];
  let length = 0;
  let over = false;
  let broken: Error | undefined;
  const close = (error?: Error): void => {
    if (over) return;
    over = true;
    broken = error;
    for (const fail of failing.splice(0)) if (error !== undefined) fail(error);
    for (const take of waiting.splice(0)) if (error === undefined) take(undefined);
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      const line = rest.length === 0 ? part : [...rest, part].join('');
      rest = [];
      length = 0;
      failing.shift();
      const take = waiting.shift();
      if (take === undefined) arrived.push(line);
      else take(line);
    }
    if (last !== '') rest.push(last);
    length += last.length;
    if (length > LINE_MOST) socket.destroy(new Error('a line of the control socket is too long'));
    // Who sends more than is being read waits.
    else if (arrived.length > 0) socket.pause();
  });
  socket.on('end', () => {
    close();
  });
  socket.on('error', (error) => {
    close(error);
  });
  socket.on('close', () => {
    close(new Error('the other side of the control socket is gone'));
  });
  return {
    next: () => {
      const line = arrived.shift();
      if (arrived.length === 0) socket.resume();
      if (line !== undefined) return Promise.resolve(line);
      if (broken !== undefined) return Promise.reject(broken);
      if (over) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        failing.push(reject);
      });
    },
    write: (line) => {
      if (socket.destroyed || socket.writableEnded)
        return Promise.reject(broken ?? new Error('the other side of the control socket is gone'));
      if (socket.write(`${line}\n`)) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const drained = (): void => {
          socket.removeListener('close', gone);
          resolve();
        };
        const gone = (): void => {
          socket.removeListener('drain', drained);
          reject(new Error('the other side of the control socket is gone'));
        };
        socket.once('drain', drained).once('close', gone);
      });
    },
    end: () => {
      socket.end();
      socket.resume();
    },
  };
}
