import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { WorldStart } from './world-link.ts';
import type { WorldOptions } from './world-options.ts';

/*
 * It imports next to nothing: `keystead start` has the first world process load its code while the portal loads its own.
 */

/** What a world process is spawned with. */
export interface WorldProgram {
  readonly world: WorldOptions;
  readonly logLevel: string;
  /** The Node program to run it with, and the environment of this process: the world is given what of it `FOR_THE_WORLD` names. */
  readonly node: { readonly execPath: string; readonly env: Readonly<Record<string, string | undefined>> };
  /** The program; by default the one beside this file. */
  readonly worldProcess?: string;
}

/**
 * Threads that help V8 to collect garbage and to compile: one for each core but the one that turns run on, at most
 * the four that are Node's default. More than there are cores wait for one another, and the world for all of them: at
 * half load on two cores the 99th percentile of an answer was 15 ms with four and 10 ms with one (median of twelve
 * pairs), and a command took 6% more processor time.
 */
const HELPERS = `--v8-pool-size=${Math.max(1, Math.min(4, availableParallelism() - 1))}`;

/**
 * Where the C library is glibc, so many heaps for all threads instead of eight for each core: 10 MB less resident memory, at no
 * cost that could be measured (`npm run bench`).
 */
const HEAPS = { MALLOC_ARENA_MAX: '2' };

/**
 * Variables of the environment that the world process is given: what Node, the C library and the dynamic linker look at. No secret
 * that is kept in another one is in the process that runs code which nobody trusts.
 */
const FOR_THE_WORLD = /^(?:NODE_.*|LD_.*|MALLOC_.*|LC_.*|LANG|TZ|TMPDIR)$/;
/** Node reads all certificates of that file before anything else, which takes 50 ms of each restart; the world speaks to nobody. */
const NOT_FOR_THE_WORLD = 'NODE_EXTRA_CA_CERTS';

function environmentOf(own: WorldProgram['node']['env']): Record<string, string | undefined> {
  const given = Object.entries(own).filter(
    ([name]) => FOR_THE_WORLD.test(name) && name !== NOT_FOR_THE_WORLD,
  );
  return Object.fromEntries(given);
}

/**
 * Spawns a world process, with a duplex pipe as file descriptor 3. It touches nothing before its `hello` has come through
 * that, and ends when the pipe does.
 */
export function spawnWorld(
  { world, logLevel, node, worldProcess }: WorldProgram,
  { ownDoing, again, readTables }: WorldStart,
): ChildProcess {
  const program = worldProcess ?? fileURLToPath(new URL('./world-process.js', import.meta.url));
  const options: WorldOptions = { ...world, lastOwnDoing: ownDoing, again, readTables };
  // The world's own standard output goes to our standard error: ours is for the one line that says where we listen.
  // No option of V8's: with any of those Node compiles its own code anew at each start, 30 ms of processor time.
  return spawn(node.execPath, [HELPERS, program, JSON.stringify(options)], {
    stdio: ['ignore', 2, 2, 'pipe'],
    // In a group of its own: a terminal sends its signals to all of a group, and the portal decides.
    detached: true,
    env: { ...HEAPS, ...environmentOf(node.env), KEYSTEAD_LOG: logLevel },
  });
}

/**
 * As `spawnWorld`, for a first process that is taken over later. What becomes of it before that is found by `mayBegin`, not by
 * its events, which nobody hears yet.
 */
export function spawnFirstWorld(program: WorldProgram): ChildProcess {
  const spawned = spawnWorld(program, { ownDoing: false, again: false, readTables: false });
  spawned.on('error', () => {});
  return spawned;
}

/** Whether a process that was spawned before is there still: its end is told only once, and nobody may have listened. */
export function mayBegin({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
