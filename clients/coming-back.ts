import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WORLD_FOLDER } from '../storage/world-folder.ts';
import { socketPath } from './control-socket.ts';
import { codeOf } from './errors.ts';

/**
 * How long a world that left its socket behind is asked again, in milliseconds, and how often. It was killed, and a
 * portal that still runs has started it again within a second; who opened its folder meanwhile would be in its way.
 */
const COMING_BACK = 1000;
const ASK_AGAIN = 50;
/** The same for one that has said that it comes back, and takes its time where the machine is busy. */
const SAID_SO = 10_000;

/**
 * Asks the world of a data folder, again and again while none answers that may yet come back: it is being started again. Throws
 * what `ask` throws; `NoWorld` as soon as there is none to wait for. When `signal` aborts, nothing is waited for.
 */
export async function whileItComesBack<T>(
  data: string,
  workingFolder: string,
  ask: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let patience = 0;
  for (let waited = 0; ; waited += ASK_AGAIN) {
    try {
      return await ask();
    } catch (error) {
      if (codeOf(error) !== 'NoWorld') throw error;
      // One that ends takes its socket away before it leaves its word there.
      patience = Math.max(
        patience,
        await patienceWith(socketPath(join(data, WORLD_FOLDER.control), workingFolder)),
      );
      if (waited >= patience) throw error;
      await sleep(ASK_AGAIN, undefined, { signal });
    }
  }
}

/** How long a world that does not answer may yet come back, in milliseconds, by what stands in the place of its socket. */
async function patienceWith(socket: string): Promise<number> {
  const there = await lstat(socket).catch(() => undefined);
  if (there === undefined) return 0;
  if (!there.isFile()) return COMING_BACK;
  // One that never came back, because it was told to stop or cannot start, has left its word there for good.
  return Math.min(SAID_SO, SAID_SO - (Date.now() - there.mtimeMs));
}
