import { execFileSync, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keystead, temporaryFolder } from './product.ts';

/* What is written to standard output, and to standard error, where there is no room for it, or nobody reads it. */

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
/** A device that has no room for anything; not every system has it. */
const FULL = '/dev/full';
const testFull = existsSync(FULL) ? test : test.skip;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function folder(): string {
  const { path, remove } = temporaryFolder();
  endings.push(remove);
  return path;
}

function full(): number {
  const file = openSync(FULL, 'w');
  endings.push(() => {
    closeSync(file);
  });
  return file;
}

function run(stdio: StdioOptions, ...args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio });
  endings.push(() => child.kill('SIGKILL'));
  let err = '';
  child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return { child, closed, err: () => err };
}

testFull('a world whose log has no room for a line goes on, and ends with 0', async () => {
  const data = join(folder(), 'data');
  const start = ['start', '--data', data, '--port', '0', '--log-level', 'debug'];
  const { child, closed } = run(['ignore', 'pipe', full()], ...start);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  expect(await keystead('checkpoint', '--data', data)).toMatchObject({ code: 0, out: 'checkpoint 1\n' });
  expect(await keystead('checkpoint', '--data', data)).toMatchObject({ code: 0, out: 'checkpoint 2\n' });
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
});

test('a world whose log goes to somebody who reads no more goes on, and ends with 0', async () => {
  const dir = folder();
  const data = join(dir, 'data');
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, 'r+');
  const log = openSync(pipe, 'w');
  const filler = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  endings.push(() => {
    for (const file of [reader, log, filler]) closeSync(file);
  });
  const start = ['start', '--data', data, '--port', '0', '--log-level', 'debug'];
  const { child, closed } = run(['ignore', 'pipe', log], ...start);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const read = Buffer.alloc(64 * 1024);
  let lines = '';
  let pid: string | undefined;
  expect(await keystead('checkpoint', '--data', data)).toMatchObject({ code: 0 }); // which it logs
  while ((pid = /"pid":(\d+),"name":"world"/.exec(lines)?.[1]) === undefined) {
    lines += read.toString('latin1', 0, readSync(reader, read));
  }
  for (const size of [1024, 1]) {
    expect(() => {
      for (;;) writeSync(filler, 'x'.repeat(size));
    }).toThrow('EAGAIN');
  }
  // Which both of them have to say something about.
  process.kill(Number(pid), 'SIGKILL');
  while ((await keystead('checkpoint', '--data', data)).code !== 0);
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
}, 60_000);

testFull(
  'a command that has no room for what it says fails in words, and has done its work',
  async () => {
    const data = join(folder(), 'data');
    const start = run(['ignore', full(), 'pipe'], 'start', '--data', data, '--port', '0');
    await once(start.child.stderr as NodeJS.ReadableStream, 'data');
    expect(start.err()).toMatch(/^keystead: .*no space left.* \(ENOSPC\)\n$/);
    for (const args of [
      ['checkpoint'],
      ['check'],
      ['log'],
      ['restore', '--list'],
      ['dump'],
      ['repl', '-e', '1'],
    ]) {
      const { closed, err } = run(['ignore', full(), 'pipe'], ...args, '--data', data);
      expect([args, await closed]).toEqual([args, [1, null]]);
      expect(err()).toMatch(/^keystead: .*no space left.* \(ENOSPC\)\n$/);
    }
    const checked = run(['ignore', 'ignore', full()], 'restore', '--list', '--verify', '--data', data);
    expect(await checked.closed).toEqual([0, null]);
    expect((await keystead('restore', '--list', '--data', data)).out).toMatch(/^ +1 /);
    start.child.kill('SIGTERM');
    expect(await start.closed).toEqual([0, null]);
  },
  60_000,
);

test('who closes the pipe has seen enough, and is no failure', async () => {
  const data = join(folder(), 'data');
  const start = run(['ignore', 'pipe', 'pipe'], 'start', '--data', data, '--port', '0');
  await once(start.child.stdout as NodeJS.ReadableStream, 'data');
  for (const args of [['check'], ['checkpoint'], ['restore', '--list']]) {
    const { child, closed, err } = run(['ignore', 'pipe', 'pipe'], ...args, '--data', data);
    child.stdout?.destroy();
    expect([args, await closed, err()]).toEqual([args, [0, null], '']);
  }
  start.child.kill('SIGTERM');
  expect(await start.closed).toEqual([0, null]);
}, 60_000);
