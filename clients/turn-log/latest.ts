import { open } from 'node:fs/promises';
import { READ } from '../../storage/files.ts';
import { listLogFiles } from './files.ts';
import { parseLogLine } from './line.ts';
import { turnAsText } from './print.ts';

/** Bytes at the end of a log that are looked through: it may have hundreds of MB, and the world does not wait for that. */
const MOST_READ = 2 * 1024 * 1024;

/** The newest turns of a log in words, the last one last: lines without their ends. What cannot be read is passed over. */
export async function latestTurns(folder: string, most: number): Promise<readonly string[]> {
  const found: (readonly string[])[] = [];
  let left = MOST_READ;
  for (const { path } of (await listLogFiles(folder)).toReversed()) {
    const { lines, bytes } = await endOf(path, left);
    left -= bytes;
    for (const line of lines.toReversed()) {
      if (found.length >= most) break;
      const commit = parseLogLine(line);
      if (commit === undefined) continue;
      for (const turn of commit.turns.toReversed()) found.push(turnAsText(commit, turn));
    }
    if (found.length >= most || left <= 0) break;
  }
  return found.slice(0, most).toReversed().flat();
}

/** What the last bytes of a file have in whole lines; nothing of one that is not there or cannot be read. */
async function endOf(path: string, most: number): Promise<{ lines: readonly string[]; bytes: number }> {
  const handle = await open(path, READ).catch(() => undefined);
  if (handle === undefined) return NOTHING;
  try {
    const state = await handle.stat();
    if (!state.isFile()) return NOTHING;
    const bytes = Math.min(state.size, most);
    const from = state.size - bytes;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return { lines: lines.slice(from === 0 ? 0 : 1, -1), bytes };
  } catch {
    return NOTHING;
  } finally {
    await handle.close();
  }
}

const NOTHING = { lines: [], bytes: 0 };
