import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UNFINISHED } from '../../storage/files.ts';
import { judge } from './calls-ledger.ts';
import type { Draw } from './chance.ts';

const SOURCE = fileURLToPath(new URL('../../../test/faults/failing-calls.c', import.meta.url));
const CHILD = fileURLToPath(new URL('./calls-child.js', import.meta.url));

/** Milliseconds after which a process hangs. */
const HANGS = 60_000;

/**
 * How the Nth call fails: `error` and `full` as `failing-calls.c` says; `kill` leaves what the process had given to the system,
 * `power` only what it had synced, and of the rest what the disk happened to have.
 */
export const WAYS = ['error', 'full', 'kill', 'power'] as const;
/** `lie`: as `power`, on a disk that syncs nothing and says that it does. It shows that these trials notice what is lost. */
export type Way = (typeof WAYS)[number] | 'lie';

/** What of the bytes that were not synced is found after the power failed. */
const LEFT = ['nothing', 'some', 'some, and zeros'] as const;

export interface CallsOutcome {
  /** The call that failed, with its file; undefined if there were fewer. */
  readonly call: string | undefined;
  readonly wrong: readonly string[];
}

/** A disk whose calls fail, made with the machine's C compiler. */
export class FailingCalls {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where there is no C compiler, or no Linux. */
  static async make(): Promise<FailingCalls | undefined> {
    if (process.platform !== 'linux') return undefined;
    const folder = await mkdtemp(join(tmpdir(), 'keystead-calls-'));
    const made = new FailingCalls(folder);
    const options = ['-O1', '-fno-builtin', '-shared', '-fPIC', SOURCE, '-o', made.#library, '-ldl'];
    const compiled = spawnSync('cc', options, { encoding: 'utf8' });
    if (compiled.status === 0) return made;
    await made.remove();
    if (compiled.error !== undefined) return undefined;
    throw new Error(`cc: ${compiled.stderr}`);
  }

  get #library(): string {
    return join(this.#folder, 'failing-calls.so');
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }

  /** How many calls so many commits make on a new folder. */
  async count(commits: number): Promise<number> {
    const data = await mkdtemp(join(this.#folder, 'data-'));
    const { calls } = await this.#run(data, commits, 0, 'error');
    await rm(data, { recursive: true });
    return calls.length;
  }

  /** So many commits on a new folder, of whose calls one fails; then what was left is opened, and goes on. */
  async try(commits: number, at: number, way: Way, draw: Draw): Promise<CallsOutcome> {
    const data = await mkdtemp(join(this.#folder, 'data-'));
    const { calls, durable, wrong, said } = await this.#run(data, commits, at, way);
    if (way === 'power' || way === 'lie') {
      for (const left of LEFT) {
        const copy = `${data}-copy`;
        await cp(data, copy, { recursive: true });
        const lost = await loseWhatWasNotSynced(copy, way === 'lie' ? [] : calls, left, draw);
        for (const what of await judge(copy, durable)) wrong.push(`${what} (${left}: ${lost.join(', ')})`);
        await rm(copy, { recursive: true });
      }
    } else {
      wrong.push(...(await judge(data, durable)));
      const after = spawnSync(process.execPath, [CHILD, data, '3'], { encoding: 'utf8', timeout: HANGS });
      if (!after.stdout.endsWith('closed\n')) wrong.push(`it does not go on: ${after.stdout}${after.stderr}`);
    }
    await rm(data, { recursive: true });
    const call = calls[at - 1];
    return { call, wrong: wrong.map((what) => `${what}; before that: ${said}`) };
  }

  async #run(
    data: string,
    commits: number,
    at: number,
    way: Way,
  ): Promise<{ calls: readonly string[]; durable: number; wrong: string[]; said: string }> {
    const log = `${data}.log`;
    await writeFile(log, '');
    const child = spawnSync(process.execPath, [CHILD, data, String(commits)], {
      encoding: 'utf8',
      timeout: HANGS,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        LD_PRELOAD: this.#library,
        CALLS_ROOT: data,
        CALLS_AT: String(at),
        CALLS_HOW: way === 'power' || way === 'lie' ? 'kill' : way,
        CALLS_LOG: log,
      },
    });
    const wrong: string[] = [];
    if (child.error !== undefined) wrong.push(`it hangs: ${child.error.message}`);
    const how = child.signal ?? String(child.status);
    const expected = way === 'error' || way === 'full' ? ['0', '1'] : ['0', 'SIGKILL'];
    if (!expected.includes(how)) wrong.push(`it ends with ${how}: ${child.stderr}`);
    const lines = child.stdout.split('\n');
    const durable = lines.reduce(
      (most, line) => Math.max(most, Number(/^durable (\d+)/.exec(line)?.[1] ?? 0)),
      0,
    );
    const said = lines.filter((line) => !/^(?:durable|$)/.test(line)).join(', ');
    const calls = (await readFile(log, 'utf8')).split('\n').slice(0, -1);
    await rm(log);
    return { calls, durable, wrong, said };
  }
}

/** What LevelDB does not read, or writes under another name until it is whole. */
const KEPT = /^(?:LOG|LOCK|CURRENT)/;

/** Takes from each file what the power failure takes. Gives what was lost, in words. */
async function loseWhatWasNotSynced(
  data: string,
  calls: readonly string[],
  left: (typeof LEFT)[number],
  draw: Draw,
): Promise<readonly string[]> {
  const synced = new Map<string, number>();
  for (const call of calls) {
    const [what = '', size = '', path = ''] = call.split(' ');
    if (what === 'sync') synced.set(path, Number(size));
    if (what === 'rename') synced.set(path, synced.get(path + UNFINISHED) ?? 0);
  }
  const lost: string[] = [];
  for (const folder of ['db', 'checkpoints']) {
    for (const name of await readdir(join(data, folder)).catch(() => [])) {
      const path = `/${folder}/${name}`;
      if (KEPT.test(name)) continue;
      const file = join(data, path);
      const { size } = await stat(file);
      const safe = synced.get(path) ?? 0;
      if (safe >= size) continue;
      const keep = left === 'nothing' ? safe : safe + draw(size - safe + 1);
      lost.push(`${path} ${size} -> ${keep}`);
      if (left === 'some, and zeros') await zero(file, keep, size);
      else if (keep === 0 && !synced.has(path)) await rm(file);
      else await truncate(file, keep);
    }
  }
  return lost;
}

async function zero(file: string, from: number, to: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(to - from), 0, to - from, from);
  await handle.close();
}
