import { constants, createReadStream, openSync } from 'node:fs';
import { lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, Readable, type Writable } from 'node:stream';
import { reasonOf, StoreError, systemCode } from '../../storage/errors.ts';
import { leaveRoom, syncAbove } from '../../storage/files.ts';

/** Where an export goes. */
export interface ArchiveWriter {
  /** Rejects with `Unwritable`. */
  readonly write: (text: string) => Promise<void>;
  /** All of it is written: a file gets its name only now. */
  readonly end: () => Promise<void>;
  /** Nothing is to be left of it. */
  readonly drop: () => Promise<void>;
}

/** What "-" is: standard output, or standard input. */
const STANDARD = '-';

/**
 * Opens what an export goes to: a file, which replaces an older one of that name when it is complete, or standard output.
 * The file is for its owner only: it holds the tokens of everything. A device or a pipe is refused: a file would take its
 * place. Of a link what it leads to is replaced, for the same reason: `/dev/stdout` is one. What an export that was killed
 * left there goes, and nothing else. On the disk of the world, whose folder `data` is, room is left to its commits. When
 * `signal` aborts, nobody is waited for who does not read.
 */
export async function archiveWriter(
  named: string,
  standardOutput: Writable,
  data: string,
  signal?: AbortSignal,
): Promise<ArchiveWriter> {
  if (named === STANDARD) return streamWriter(standardOutput, signal);
  const failed = (error: unknown): never => {
    throw new StoreError('Unwritable', `cannot write "${named}": ${reasonOf(error)}`, error);
  };
  const file = await placeOf(named).catch(failed);
  const part = unfinished(file);
  await rm(part, { force: true }).catch(failed);
  const disk = (await stat(data).catch(failed)).dev;
  const handle = await open(part, 'wx', 0o600).catch(failed);
  const { ino, dev } = await handle.stat();
  /** Whoever exports to the same place later has put a file of theirs there, and taken it away again when it was complete. */
  const isOurs = async (): Promise<boolean> =>
    (
      await stat(part).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      })
    )?.ino === ino;
  return {
    write: async (text) => {
      if (dev === disk) await leaveRoom(dirname(part), Buffer.byteLength(text)).catch(failed);
      await handle.writeFile(text).catch(failed);
    },
    end: async () => {
      try {
        await handle.sync();
        await handle.close();
        if (!(await isOurs())) throw new Error('another export to it was begun meanwhile');
        await rename(part, file);
        await syncAbove(file);
      } catch (error) {
        failed(error);
      }
    },
    drop: async () => {
      await handle.close().catch(() => {});
      if (await isOurs().catch(() => false)) await rm(part, { force: true }).catch(() => {});
    },
  };
}

/** The file that is to be replaced, or made. Rejects where there is what can be neither. */
async function placeOf(named: string): Promise<string> {
  const nothing = (error: unknown): undefined => {
    if (systemCode(error) !== 'ENOENT') throw error;
  };
  if ((await lstat(named).catch(nothing)) === undefined) return named;
  const there = await stat(named).catch(nothing);
  if (there === undefined) throw new Error('it is a link to what is not there');
  if (!there.isFile()) throw new Error('it is no file, and "-" is standard output');
  return realpath(named);
}

/** Where an export is written before it is complete: hidden, and called as nobody calls a file of his own. */
function unfinished(file: string): string {
  return join(dirname(file), `.${basename(file)}.keystead-export`);
}

function streamWriter(stream: Writable, signal: AbortSignal | undefined): ArchiveWriter {
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  stream.on('error', onError);
  const check = (): void => {
    if (broken !== undefined) throw new StoreError('Unwritable', `cannot write: ${reasonOf(broken)}`, broken);
  };
  return {
    write: async (text) => {
      check();
      if (!stream.write(text)) await drained(stream, signal);
      check();
    },
    end: async () => {
      await Promise.resolve();
      check();
    },
    drop: async () => {},
  };
}

/** Resolves when a stream can take more, and also when it never will, or the signal aborts: who writes next is told why. */
function drained(stream: Writable, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.once(event, done);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}

/**
 * Opens an export to be read, as often as it is asked for. What comes from standard input, or from a pipe that has a name, is
 * kept in the scratch folder meanwhile, where `makeWorld` takes it away. Rejects with `Missing` or `Unreadable` while it is read.
 */
export async function archiveSource(
  file: string,
  standardInput: Readable,
  scratch: string,
  signal: AbortSignal,
): Promise<() => AsyncIterable<Uint8Array>> {
  // Of a file that is not there whoever reads it is told.
  const found = file === STANDARD ? undefined : await stat(file).catch(() => undefined);
  if (file !== STANDARD && (found === undefined || found.isFile())) return () => chunksOf(file);
  const named = (): Readable => (found?.isFIFO() === true ? openPipe(file) : Readable.from(chunksOf(file)));
  const from = file === STANDARD ? standardInput : named();
  const kept = join(scratch, '.archive');
  const handle = await open(kept, 'wx', 0o600);
  try {
    for await (const chunk of addAbortSignal(signal, from)) {
      await leaveRoom(scratch, (chunk as Uint8Array).length);
      await handle.writeFile(chunk as Uint8Array);
    }
  } finally {
    await handle.close();
  }
  return () => chunksOf(kept);
}

/**
 * Not as a file: a thread that waits for who may never write to the pipe cannot be stopped, and a process does not end before its
 * threads.
 */
function openPipe(file: string): Readable {
  try {
    return new Socket({ fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }))
      yield chunk as Uint8Array;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): StoreError {
  const code = systemCode(error) === 'ENOENT' ? 'Missing' : 'Unreadable';
  return new StoreError(code, `cannot read "${file}": ${reasonOf(error)}`, error);
}
