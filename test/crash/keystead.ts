import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
/** How long a process may take to start or to die before that counts as a failure, in milliseconds. */
const PATIENCE = 30_000;
/** Time between two looks whether a process that is not our child is gone, in milliseconds. */
const LOOK_EVERY = 2;

/** The real thing: `keystead start` in a process of its own, with a world process of its own, on a folder. */
export class Keystead {
  readonly url: string;
  readonly #portal: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(portal: ChildProcess, ended: Promise<void>, url: string) {
    this.#portal = portal;
    this.#ended = ended;
    this.url = url;
  }

  /** Resolves when players can connect. `complain` is told what the processes write to standard error. */
  static async start(
    data: string,
    options: readonly string[],
    complain: (text: string) => void,
  ): Promise<Keystead> {
    const portal = spawn(process.execPath, [PROGRAM, 'start', '--port', '0', '--data', data, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({ input: portal.stderr }).on('line', complain);
    const ended = new Promise<void>((resolve) => {
      portal.once('exit', () => {
        resolve();
      });
    });
    const lines = createInterface({ input: portal.stdout });
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        portal.kill('SIGKILL');
        reject(new Error(`keystead start has not said "listening" for ${PATIENCE} ms`));
      }, PATIENCE);
      lines.on('line', (line) => {
        const found = /^listening (http:\S+)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      portal.once('exit', (code, signal) => {
        reject(new Error(`keystead start ended with ${signal ?? code}`));
      });
      void ended.then(() => {
        clearTimeout(timer);
      });
      lines.once('line', () => {
        clearTimeout(timer);
      });
    });
    return new Keystead(portal, ended, url);
  }

  /** The process id of the world, or undefined while there is none. */
  get worldPid(): number | undefined {
    return childrenOf(this.#portal.pid as number)[0];
  }

  /** SIGKILL to the world process alone. Returns false when there is none at the moment. */
  killWorld(): boolean {
    const pid = this.worldPid;
    return pid !== undefined && kill(pid, 'SIGKILL');
  }

  /** The world is killed and the portal does not notice until `goOn`: the folder is as the crash left it. */
  async killWorldAndFreeze(): Promise<void> {
    const pid = this.worldPid;
    kill(this.#portal.pid as number, 'SIGSTOP');
    if (pid === undefined) return;
    kill(pid, 'SIGKILL');
    await death(pid);
  }

  /** Stops both until `goOn`, as somebody may with a debugger. */
  freeze(): void {
    for (const pid of [this.#portal.pid, this.worldPid]) if (pid !== undefined) kill(pid, 'SIGSTOP');
  }

  goOn(): void {
    for (const pid of [this.#portal.pid, this.worldPid]) if (pid !== undefined) kill(pid, 'SIGCONT');
  }

  /** SIGKILL to both; resolves when both are dead. */
  async killAll(portalFirst: boolean): Promise<void> {
    const world = this.worldPid;
    const portal = this.#portal.pid as number;
    const order = portalFirst ? [portal, world] : [world, portal];
    for (const pid of order) if (pid !== undefined) kill(pid, 'SIGKILL');
    await this.#ended;
    if (world !== undefined) await death(world);
  }

  /** SIGKILL to the portal alone; the world is left to find that out. */
  async killPortal(): Promise<void> {
    kill(this.#portal.pid as number, 'SIGKILL');
    await this.#ended;
  }

  /** SIGTERM, as an admin would. Returns the exit code. */
  async stop(): Promise<number | null> {
    kill(this.#portal.pid as number, 'SIGTERM');
    await this.#ended;
    return this.#portal.exitCode;
  }
}

/** Copies what is in a world's folder while nobody has it open. */
export async function copyFolder(data: string, to: string): Promise<void> {
  await cp(join(data, 'db'), join(to, 'db'), { recursive: true });
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it is dead already
  }
}

/** State and parent of a process, as Linux tells them; undefined when there is no such process. */
function statusOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function isDead(pid: number): boolean {
  const status = statusOf(pid);
  return status === undefined || status.state === 'Z' || status.state === 'X';
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => statusOf(pid)?.parent === parent && !isDead(pid));
}

/** Waits for the end of a process that need not be our child, which only looking can tell. */
async function death(pid: number): Promise<void> {
  const until = performance.now() + PATIENCE;
  while (!isDead(pid)) {
    if (performance.now() > until) throw new Error(`process ${pid} does not die`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
