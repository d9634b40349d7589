import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { READ, sizeOf } from '../../storage/files.ts';
import { PortalError } from '../errors.ts';
import { listLogFiles, statLogFiles, type LogFile } from './files.ts';
import { TURN_LOG_LIMITS } from './limits.ts';
import { parseLogLine, type LoggedCommit } from './line.ts';

/** What is read from a log, in its order. */
export type Logged =
  | { readonly what: 'commit'; readonly commit: LoggedCommit }
  /** Commits that the log does not have: it was switched off, or a crash came before they were written to it. */
  | { readonly what: 'gap'; readonly from: number; readonly to: number }
  /** Lines that cannot be read. One at the end of a file was cut by a crash; others are damage. */
  | { readonly what: 'unreadable'; readonly file: string; readonly cut: boolean };

export interface LogReading {
  readonly folder: string;
  /**
   * Of the commits that are there when reading begins, those that were durable before it are passed over: milliseconds since
   * the epoch. What comes later is new, whatever the clock was set to.
   */
  readonly since?: number;
  /** Goes on with what comes, until `over`. */
  readonly follow?: boolean;
  readonly over?: AbortSignal;
  /** Waits between two looks at a file that has no more; resolves early when it is `over`. */
  readonly pause?: () => Promise<void>;
}

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;

/** Characters of a line that is read. The writer drops what is longer: it is damage, of a size that memory may not have. */
const LONGEST = TURN_LOG_LIMITS.waitingCharacters.value;

/**
 * Reads a log, whether or not a world is writing it; nothing is locked, and nothing is changed. Throws `NoLog` where there
 * is none, and `Unreadable`.
 */
export async function* readLog(asked: LogReading): AsyncGenerator<Logged> {
  const { folder, since = 0, follow = false } = asked;
  let isNew = false;
  const reading = {
    ...asked,
    pause: async (): Promise<void> => {
      await asked.pause?.();
      isNew = true; // all that was there has been read
    },
  };
  if ((await sizeOf(folder)) === undefined) {
    throw new PortalError(
      'NoLog',
      `There is no log of turns in '${folder}': no world has run there, or it was switched off (--log-kept 0).`,
    );
  }
  let seq: number | null = null;
  const all = await statLogFiles(folder);
  // The last one may be written to at any time.
  let next = (all.find((file) => file.written >= since) ?? all.at(-1))?.number ?? 0;
  for (;;) {
    const file = await fileFrom(folder, next, reading);
    if (file === undefined) return;
    next = file.number + 1;
    for await (const logged of linesOf(file, folder, reading)) {
      if (logged.what !== 'commit') {
        yield logged;
        continue;
      }
      const { commit } = logged;
      const isWanted = isNew || commit.at >= since;
      if (commit.seq !== null) {
        if (seq !== null && commit.seq > seq + 1 && isWanted)
          yield { what: 'gap', from: seq + 1, to: commit.seq - 1 };
        seq = commit.seq;
      }
      if (isWanted) yield logged;
    }
    if (!follow && (await listLogFiles(folder)).every(({ number }) => number < next)) return;
    if (isOver(reading)) return;
  }
}

/** The first file from a number on; waits for one when following. */
async function fileFrom(folder: string, number: number, reading: LogReading): Promise<LogFile | undefined> {
  for (;;) {
    const found = (await listLogFiles(folder)).find((file) => file.number >= number);
    if (found !== undefined) return found;
    if (reading.follow !== true || isOver(reading)) return undefined;
    await reading.pause?.();
  }
}

async function* linesOf(file: LogFile, folder: string, reading: LogReading): AsyncGenerator<Logged> {
  let handle;
  try {
    handle = await open(file.path, READ);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      yield { what: 'unreadable', file: file.path, cut: false };
    return; // else it was pruned meanwhile
  }
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK);
  let rest = '';
  let tooLong = false; // what the line that `rest` is of has had so far
  let ended = false;
  try {
    if (!(await handle.stat()).isFile()) {
      yield { what: 'unreadable', file: file.path, cut: false };
      return;
    }
    for (;;) {
      if (isOver(reading)) return;
      const bytesRead = await handle.read(buffer, 0, CHUNK, null).then(
        (read) => read.bytesRead,
        () => null, // the disk does not give it: what is in the next file may be there
      );
      if (bytesRead === null) {
        yield { what: 'unreadable', file: file.path, cut: false };
        return;
      }
      if (bytesRead > 0) {
        ended = false;
        const parts = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          const commit = tooLong ? undefined : parseLogLine(part);
          tooLong = false;
          if (commit === undefined) yield { what: 'unreadable', file: file.path, cut: false };
          else yield { what: 'commit', commit };
        }
        tooLong ||= rest.length > LONGEST;
        if (tooLong) rest = '';
      } else if (ended || reading.follow !== true) {
        break;
      } else if ((await listLogFiles(folder)).some(({ number }) => number > file.number)) {
        ended = true; // one more look: it may have been written to before the next one was begun
      } else {
        await reading.pause?.();
      }
    }
  } finally {
    await handle.close();
  }
  // Where nobody writes any more. Else it is a line that is being written now.
  const isLast = (await listLogFiles(folder)).every(({ number }) => number <= file.number);
  if (tooLong) yield { what: 'unreadable', file: file.path, cut: false };
  else if (rest !== '' && !isLast) yield { what: 'unreadable', file: file.path, cut: true };
}

function isOver({ over }: LogReading): boolean {
  return over?.aborted === true;
}
