import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Load, Order } from './load-orders.ts';

/** The file of a program of the bench, or of the product. */
export function program(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** However the bench ends, what it started ends too. The portal takes its world with it. */
function endsWithUs<T extends ChildProcess>(child: T): T {
  const end = () => child.kill('SIGKILL');
  process.prependListener('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  return child;
}

/** Runs a program of the bench to its end; what it prints is JSON. */
export async function runScript<T>(path: string, args: readonly (string | number)[]): Promise<T> {
  return JSON.parse(await run(path, args)) as T;
}

/** Runs a command of the product to its end, and gives what it prints. */
export function runKeystead(args: readonly (string | number)[]): Promise<string> {
  return run('../../clients/keystead.js', args);
}

async function run(path: string, args: readonly (string | number)[]): Promise<string> {
  const child = endsWithUs(
    spawn(process.execPath, [program(path), ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${path} ended with ${code}.`);
  return text;
}

/** How much is kept of what a server writes to its standard error, in characters; shown if it does not start. */
const COMPLAINTS = 4_000;

/** A server that was started, and listens. */
export class Server {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves when the program prints that it listens. */
  static async start(
    path: string,
    args: readonly (string | number)[] = [],
    nodeOptions: string | undefined = process.env['NODE_OPTIONS'],
  ): Promise<Server> {
    const child = endsWithUs(
      spawn(process.execPath, [program(path), ...args.map(String)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }) },
      }),
    );
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaints = (complaints + part).slice(-COMPLAINTS);
    });
    const port = await new Promise<number>((resolve, reject) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const found = /listening http:\S+:(\d+)\n/.exec(text);
        if (found !== null) resolve(Number(found[1]));
      });
      child.once('exit', (code) => reject(new Error(`${path} ended with ${code}:\n${complaints}`)));
    });
    return new Server(child, port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The processes that it has started itself. */
  get children(): readonly number[] {
    return childrenOf(this.pid);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

/** The process that plays the players. */
export class Players {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = endsWithUs(fork(program('./load.js')));
  }

  async order(order: Order): Promise<Load | undefined> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`The load process ended with ${code}.`));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.removeListener('exit', ended);
        resolve(message as Answer);
      });
      this.#child.send(order);
    });
    if (!answer.ok) throw new Error(answer.message);
    return answer.load;
  }

  /** An order that measures. */
  async measure(order: Order): Promise<Load> {
    const load = await this.order(order);
    if (load === undefined) throw new Error(`"${order.t}" measures nothing.`);
    return load;
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await gone;
  }
}

/** Megabytes of memory that a process has in use. */
export function residentMegabytes(pid: number): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(found?.[1]) / 1024;
  } catch {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  }
}

/** Seconds of processor time that a process has used so far; NaN where the system does not tell. */
export function processorSeconds(pid: number): number {
  try {
    return ticksIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

/** The same of its main thread alone. */
export function mainThreadSeconds(pid: number): number {
  try {
    return ticksIn(readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

function ticksIn(stat: string): number {
  const fields = stat.replace(/^\d+ \(.*\) /s, '').split(' '); // from the third on, the state
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Clock ticks in a second, as Linux counts them for programs. */
const TICKS = 100;

function childrenOf(parent: number): readonly number[] {
  let pairs: (readonly [pid: number, parent: number])[];
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    pairs = pids.map((pid) => [Number(pid), parentOf(pid)] as const);
  } catch {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    pairs = listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  }
  return pairs.filter(([, above]) => above === parent).map(([pid]) => pid);
}

function parentOf(pid: string): number {
  try {
    return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0; // ended in the meantime
  }
}
