import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, resolve } from 'node:path';

type Call = (...args: readonly unknown[]) => Promise<unknown>;
type Methods = Record<string, Call>;

const CALLS = [
  'open',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'readFile',
  'writeFile',
  'readdir',
  'stat',
];

/**
 * The file system as this thread calls it, while a test watches: which names a power failure could still take, and a call
 * that fails. LevelDB's own calls are not seen. One at a time.
 */
export class WatchedFiles {
  /** Folders in which there are names that nobody has synced, and those names. */
  readonly #unsynced = new Map<string, Set<string>>();
  /** Files with bytes in them that nobody has synced. */
  readonly #written = new Set<string>();
  /** Each sync of a folder, and each name that came or went, in order: `+ NAME`, `- NAME`, `sync FOLDER`. */
  readonly log: string[] = [];
  readonly #methods = fs.promises as unknown as Methods;
  readonly #real: Methods;
  readonly #failAt: number;
  calls = 0;
  /** Called before each call, but for its own. */
  before: (() => Promise<void>) | undefined;

  /** `failAt`: the call that fails with EIO, counted from 1. */
  constructor(failAt = 0) {
    this.#failAt = failAt;
    this.#real = Object.fromEntries(CALLS.map((name) => [name, this.#methods[name] as Call]));
    for (const name of CALLS) {
      this.#methods[name] = (...args) => this.#called(name, args);
    }
    syncBuiltinESMExports();
  }

  /** Names that a power failure could take, but for those that are not whole yet, and files that it could empty. */
  get unsynced(): string[] {
    const names = [...this.#unsynced.values()].flatMap((each) => [...each]);
    return [...names, ...[...this.#written].map((name) => `what is in ${name}`)].sort();
  }

  end(): void {
    Object.assign(this.#methods, this.#real);
    syncBuiltinESMExports();
  }

  #count(): void {
    this.calls += 1;
    if (this.calls === this.#failAt)
      throw Object.assign(new Error('EIO: a fault'), { code: 'EIO', errno: -5 });
  }

  async #called(name: string, args: readonly unknown[]): Promise<unknown> {
    const { before } = this;
    this.before = undefined;
    await before?.();
    this.before ??= before;
    this.#count();
    const result = await (this.#real[name] as Call).apply(fs.promises, [...args]);
    const path = resolve(String(args[0]));
    if (name === 'mkdir' && typeof result === 'string') {
      for (let at = path; ; at = dirname(at)) {
        this.#came(at);
        if (at === resolve(result)) break;
      }
    } else if (name === 'mkdir' && (args[1] as { recursive?: boolean } | undefined)?.recursive !== true) {
      this.#came(path);
    } else if (name === 'mkdtemp') this.#came(String(result));
    else if (name === 'writeFile' || (name === 'open' && args[1] === 'wx')) this.#came(path);
    else if (name === 'rm' || name === 'rmdir') this.#went(path);
    else if (name === 'rename') {
      const to = resolve(String(args[1]));
      const isWritten = this.#written.has(path);
      this.#went(path);
      this.#came(to);
      if (isWritten) this.#written.add(to);
    }
    if (name === 'open') this.#watchHandle(path, result as object, args[1] === 'r');
    return result;
  }

  #watchHandle(path: string, handle: object, reads: boolean): void {
    const methods = handle as Methods;
    for (const name of ['writeFile', 'sync', 'read']) {
      const real = methods[name] as Call;
      methods[name] = async (...args) => {
        this.#count();
        const result = await real.apply(handle, [...args]);
        if (name === 'sync' && reads) {
          this.#unsynced.delete(path);
          this.log.push(`sync ${path}`);
        }
        if (name === 'writeFile') this.#written.add(path);
        if (name === 'sync') this.#written.delete(path);
        return result;
      };
    }
  }

  #came(path: string): void {
    const names = this.#unsynced.get(dirname(path)) ?? new Set();
    this.#unsynced.set(dirname(path), names.add(path));
    this.log.push(`+ ${path}`);
  }

  #went(path: string): void {
    this.#written.delete(path);
    this.#unsynced.get(dirname(path))?.delete(path);
    for (const folder of this.#unsynced.keys())
      if (folder === path || folder.startsWith(`${path}/`)) this.#unsynced.delete(folder);
    this.log.push(`- ${path}`);
  }
}
