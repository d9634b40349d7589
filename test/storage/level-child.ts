import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const moduleUrl = (name: string) => JSON.stringify(new URL(`../../storage/${name}`, import.meta.url).href);

/** A process of its own that runs a script with `openLevelStore`, `openJournal`, `say` and `folder` in scope. */
export class LevelChild {
  readonly process: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly gone: Promise<unknown>;

  constructor(folder: string, script: string) {
    const source = `
      import { openLevelStore } from ${moduleUrl('level-store.js')};
      import { openJournal } from ${moduleUrl('journal.js')};
      const folder = ${JSON.stringify(folder)};
      const say = (text) => process.stdout.write(text + '\\n');
      ${script}`;
    this.process = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    this.gone = once(this.process, 'close');
    this.lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error('the process ended without a word');
    return value;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.gone;
  }
}
