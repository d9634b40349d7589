import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { objectKey } from '../../storage/keys.ts';
import { folderOf, playedWorld, type Contents } from '../clients/stored-world.ts';
import { tamper } from '../storage/level-folder.ts';
import { keystead, PlainClient, startWorld, temporaryFolder } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
/** Objects that are added to a world, so that there is time to kill whoever reads it. */
const MANY = 20_000;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function folder(): string {
  const { path, remove } = temporaryFolder();
  endings.push(remove);
  return path;
}

function run(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' });
  endings.push(() => child.kill('SIGKILL'));
  return child;
}

/** Sends a signal as soon as something is so, or the process has ended. Gives how it ended. */
async function signalWhen(
  child: ChildProcess,
  signal: NodeJS.Signals,
  isSo: () => boolean,
): Promise<readonly [code: number | null, signal: string | null]> {
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  while (running() && !isSo()) await turn();
  child.kill(signal);
  return closed;
}

/** The world that was played, with many more objects. */
async function largeWorld(): Promise<Contents> {
  const contents = new Map(await playedWorld());
  const bank = contents.get('o/1o1') ?? '';
  const { object } = JSON.parse(contents.get('meta/counters') ?? '') as { object: number };
  for (let number = object; number < object + MANY; number += 1) {
    const grants = [[`${number}`.padStart(22, 'x'), 0, -1, '', null, null, null]];
    contents.set(
      objectKey(`o${number}`),
      JSON.stringify({
        ...JSON.parse(bank),
        grants,
        body: '#{"closed":false,"left":1,"reports":null}',
        slots: [],
      }),
    );
  }
  contents.set('meta/counters', JSON.stringify({ object: object + MANY, message: 100 }));
  return contents;
}

/** The folder in which a world is being put together. */
const making = (data: string): string =>
  join(
    data,
    existsSync(data) ? (readdirSync(data).find((name) => name.startsWith('.restoring-')) ?? '') : '',
  );

const written = (path: string): number => {
  try {
    return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  } catch {
    return 0;
  }
};

test('export of a running world, import, and export again; the new world runs, and both are without fault', async () => {
  const dir = folder();
  const data = join(dir, 'data');
  const world = await startWorld(data);
  endings.push(() => world.stop());
  const ada = await PlainClient.connect(world.url);
  await ada.ask('create Ada correct-horse-battery', /Welcome to Keystead, Ada/);
  await ada.ask('@create blue box as box', /blue box/);
  await ada.ask('inventory', /You carry/);
  const first = join(dir, 'first.txt');
  expect(await keystead('export', first, '--data', data)).toMatchObject({ code: 0, out: '' });
  expect(statSync(first).mode & 0o777).toBe(0o600);
  expect(await keystead('check', '--data', data)).toMatchObject({
    code: 0,
    out: expect.stringContaining('nothing is wrong'),
  });
  expect(await keystead('check', '--repair', '--data', data)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/a world runs in ".*": stop it before it is repaired \(InUse\)/),
  });
  ada.close();

  const copy = join(dir, 'copy');
  expect(await keystead('import', first, '--data', copy)).toMatchObject({ code: 0 });
  const { code, out } = await keystead('export', '-', '--data', copy);
  expect(code).toBe(0);
  expect(out).toBe(readFileSync(first, 'utf8'));
  expect(await keystead('check', '--data', copy)).toMatchObject({ code: 0 });
  expect(await keystead('import', first, '--data', copy)).toMatchObject({
    code: 1,
    err: expect.stringContaining('(NotEmpty)'),
  });
  const again = await startWorld(copy);
  endings.push(() => again.stop());
  const same = await PlainClient.connect(again.url);
  await same.ask('connect Ada correct-horse-battery', /Welcome back, Ada/);
  await same.ask('inventory', /blue box/);
  same.close();
}, 60_000);

test('a world that runs is not repaired, also where somebody has removed the lock of its database', async () => {
  const data = join(folder(), 'data');
  const world = await startWorld(data);
  endings.push(() => world.stop());
  rmSync(join(data, 'db', 'LOCK'));
  expect(await keystead('check', '--repair', '--data', data)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/a world runs in ".*": stop it before it is repaired \(InUse\)/),
  });
}, 30_000);

test('an import that is killed leaves no world, and can be made again in the same folder', async () => {
  const { data, remove } = await folderOf(await largeWorld());
  endings.push(remove);
  const dir = folder();
  const file = join(dir, 'world.txt');
  expect(await keystead('export', file, '--data', data)).toMatchObject({ code: 0 });
  const copy = join(dir, 'copy');
  for (const bytes of [1, 100_000, 2_000_000]) {
    const [, signal] = await signalWhen(
      run('import', file, '--data', copy),
      'SIGKILL',
      () => written(join(making(copy), 'db')) >= bytes,
    );
    expect(signal).toBe('SIGKILL');
    expect(readdirSync(copy)).toEqual([expect.stringMatching(/^\.restoring-/)]);
    expect(await keystead('check', '--data', copy)).toMatchObject({
      code: 1,
      err: expect.stringContaining('(Missing)'),
    });
    // Nor does a start make another world there.
    expect(await keystead('start', '--data', copy, '--port', '0')).toMatchObject({
      code: 1,
      err: expect.stringContaining('interrupted'),
    });
  }
  expect(await keystead('import', file, '--data', copy)).toMatchObject({ code: 0 });
  expect(readdirSync(copy)).toEqual(['db']);
  expect((await keystead('export', '-', '--data', copy)).out).toBe(readFileSync(file, 'utf8'));
}, 60_000);

test('who stops an import, or an export, finds nothing half-made', async () => {
  const { data, remove } = await folderOf(await largeWorld());
  endings.push(remove);
  const dir = folder();
  const file = join(dir, 'world.txt');
  const part = join(dir, '.world.txt.keystead-export');
  expect(await signalWhen(run('export', file, '--data', data), 'SIGINT', () => existsSync(part))).toEqual([
    1,
    null,
  ]);
  expect(readdirSync(dir)).toEqual([]);
  expect(await keystead('export', file, '--data', data)).toMatchObject({ code: 0 });
  const copy = join(dir, 'copy');
  expect(
    await signalWhen(
      run('import', file, '--data', copy),
      'SIGINT',
      () => written(join(making(copy), 'db')) > 100_000,
    ),
  ).toEqual([1, null]);
  expect(existsSync(copy)).toBe(false);
  // Standard input that never ends is no reason to wait.
  const child = spawn(process.execPath, [COMMAND, 'import', '-', '--data', copy], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  endings.push(() => child.kill('SIGKILL'));
  expect(await signalWhen(child, 'SIGINT', () => existsSync(join(making(copy), '.archive')))).toEqual([
    1,
    null,
  ]);
  expect(existsSync(copy)).toBe(false);
}, 60_000);

test('a repair that is killed at any time can be made again, and ends with a world without fault', async () => {
  const contents = await playedWorld();
  const keys = [...contents.keys()].filter((key) => /^(?:o\/2o[2-9]|e\/|ref\/)/.test(key));
  for (const kind of ['o/', 'e/', 'ref/'])
    expect(keys.filter((key, at) => at % 3 === 0 && key.startsWith(kind))).not.toEqual([]);
  const { data, remove } = await folderOf(contents);
  endings.push(remove);
  await tamper(data, async (db) => {
    for (const [at, key] of keys.entries())
      if (at % 3 === 0) await (key.startsWith('ref/') ? db.del(key) : db.put(key, `${db.getSync(key)}~`));
  });
  const kept = join(data, 'damaged');
  const files = (): number => (existsSync(kept) ? readdirSync(kept).length : 0);
  for (const many of [1, 5, 15]) {
    await signalWhen(run('check', '--repair', '--data', data), 'SIGKILL', () => files() >= many);
    expect(await keystead('check', '--data', data)).toMatchObject({ err: '' });
  }
  const { code, out } = await keystead('check', '--repair', '--data', data);
  expect([code, out]).toEqual([0, expect.stringContaining('nothing is wrong')]);
  expect(await keystead('check', '--repair', '--data', data)).toMatchObject({ code: 0 });
  expect(await keystead('check', '--data', data)).toMatchObject({ code: 0 });
  const world = await startWorld(data);
  expect(await world.stop()).toBe(0);
}, 60_000);

test('what comes through a pipe is read once, also where it has a name', async () => {
  const { data, remove } = await folderOf(await playedWorld());
  endings.push(remove);
  const dir = folder();
  const { out } = await keystead('export', '-', '--data', data);
  const copy = join(dir, 'copy');
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writing = writeFile(pipe, out);
  expect(await keystead('import', pipe, '--data', copy)).toMatchObject({ code: 0 });
  await writing;
  expect(readdirSync(copy)).toEqual(['db']);
  expect((await keystead('export', '-', '--data', copy)).out).toBe(out);
});

test('who waits for a checkpoint when the world ends is told at once that there is none', async () => {
  const { data, remove } = await folderOf(await largeWorld());
  endings.push(remove);
  const world = spawn(process.execPath, [COMMAND, 'start', '--data', data, '--port', '0']);
  endings.push(() => world.kill('SIGKILL'));
  await once(world.stdout, 'data');
  const told = keystead('checkpoint', '--data', data);
  const unfinished = join(data, 'checkpoints', '000001.checkpoint.tmp');
  expect(await signalWhen(world, 'SIGTERM', () => existsSync(unfinished))).toEqual([0, null]);
  expect(await told).toMatchObject({ code: 1, err: expect.stringContaining('The world is closing') });
  expect(readdirSync(join(data, 'checkpoints'))).toEqual([]);
}, 60_000);

/**
 * Sends SIGTERM to a command that asks what looks like a world, and is told the `said` lines and nothing else. Gives what it
 * wrote to standard error, if that is not `taken`.
 */
async function stoppedWhileItAsks(
  said: readonly string[],
  args: readonly string[],
  taken?: number,
): Promise<string> {
  const data = folder();
  const left = [...said];
  const server = createServer((socket) => {
    socket.on('data', () => {
      const line = left.shift();
      if (line === undefined) child.kill('SIGTERM');
      else socket.write(line);
    });
    socket.on('error', () => {});
  });
  endings.push(() => server.close());
  server.listen(join(data, 'control.sock'));
  await once(server, 'listening');
  const child = spawn(process.execPath, [COMMAND, ...args, '--data', data], {
    stdio: ['ignore', 'ignore', taken ?? 'pipe'],
  });
  endings.push(() => child.kill('SIGKILL'));
  let err = '';
  child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  return err;
}

/** A pipe that takes nothing any more, as that of a pager in which nobody turns the page. */
function fullPipe(): number {
  const path = join(folder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  endings.push(() => {
    closeSync(pipe);
  });
  for (const size of [4096, 1])
    try {
      for (;;) writeSync(pipe, 'x'.repeat(size));
    } catch {
      // It is full for so many bytes.
    }
  return pipe;
}

test.each([
  ['to be answered at all', []],
  ['for the next answer', ['{"ok":true,"text":""}\n{"seq":1}\n']],
])(
  'a check, or an export, that waits %s ends at the first signal',
  async (_, said) => {
    expect(await stoppedWhileItAsks(said, ['check'])).toBe(
      'keystead: stopped before it was done; nothing is left half-made. (Interrupted)\n',
    );
    expect(await stoppedWhileItAsks(said, ['export', '-'])).toBe(
      'keystead: stopped before it was done; what standard output got of it is not whole. (Interrupted)\n',
    );
    await stoppedWhileItAsks(said, ['check'], fullPipe());
  },
  30_000,
);

test('a check, or an export, of a world that takes long to be opened ends at the first signal', async () => {
  const { data, remove } = await folderOf(await playedWorld());
  endings.push(remove);
  // A hundred tables that are read before any of them is opened.
  await tamper(data, async (db) => {
    for (let n = 0; n < 100; n += 1) await db.put(`src/${n}`, randomBytes(2 ** 20).toString('latin1'));
  });
  for (const args of [['check'], ['export', '-']]) {
    const child = run(...args, '--data', data);
    const isReading = (): boolean => {
      const files = `/proc/${child.pid}/fd`;
      return readdirSync(files).some((name) => {
        try {
          return /\/db\/\d+\.ldb$/.test(readlinkSync(join(files, name)));
        } catch {
          return false; // closed meanwhile
        }
      });
    };
    expect(await signalWhen(child, 'SIGTERM', isReading)).toEqual([1, null]);
  }
}, 30_000);

test('an import that waits for a pipe nobody writes to can be stopped, and leaves nothing', async () => {
  const dir = folder();
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const child = spawn(process.execPath, [COMMAND, 'import', pipe, '--data', join(dir, 'copy')]);
  endings.push(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  while (!existsSync(join(dir, 'copy'))) await turn();
  child.kill('SIGTERM');
  expect(await closed).toEqual([1, null]);
  expect(readdirSync(dir)).toEqual(['pipe']);
}, 60_000);

test('an edited file whose world would not be whole is refused with its lines, and nothing is made', async () => {
  const { data, remove } = await folderOf(await playedWorld());
  endings.push(remove);
  const dir = folder();
  const file = join(dir, 'world.txt');
  expect(await keystead('export', file, '--data', data)).toMatchObject({ code: 0 });
  const text = readFileSync(file, 'utf8');
  const broken = text.replace('  bank "o1"', '  bank "o99999"');
  writeFileSync(file, broken);
  const copy = join(dir, 'copy');
  const { code, err } = await keystead('import', file, '--edited', '--data', copy);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      /^keystead: the world of this file is not whole\.\no\/5o99999: the bank that pays for .*\n[^]*\(BadArchive\)\n$/,
    ),
  ]);
  expect(existsSync(copy)).toBe(false);
  writeFileSync(file, text.replace('description: "', 'description: "Lo. '));
  expect(await keystead('import', file, '--edited', '--data', copy)).toMatchObject({ code: 0 });
  expect(await keystead('check', '--data', copy)).toMatchObject({ code: 0 });
});

test('a file that is none is refused with its lines, and nothing is made', async () => {
  const dir = folder();
  const file = join(dir, 'world.txt');
  writeFileSync(file, 'keystead export 1 format 2 vat "" tokens keep\n\nobjekt o1\n\nend 1 x\n');
  const copy = join(dir, 'copy');
  const { code, err } = await keystead('import', file, '--edited', '--data', copy);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^keystead: the file cannot be imported\.\nline 5: the file is cut off/),
  ]);
  expect(existsSync(copy)).toBe(false);
  mkdirSync(copy);
  expect(await keystead('import', join(dir, 'none'), '--data', copy)).toMatchObject({
    code: 1,
    err: expect.stringContaining('(Missing)'),
  });
  expect(readdirSync(copy)).toEqual([]);
  rmSync(copy, { recursive: true });
});

test('on a terminal a dump of much tells how far it is, until there is something to read', async () => {
  const { data, remove } = await folderOf(await largeWorld());
  endings.push(remove);
  const dump = `"${process.execPath}" "${COMMAND}" dump --data "${data}"`;
  const shown = execFileSync('script', ['-qec', dump, '/dev/null'], { stdio: 'pipe' }).toString();
  expect(shown).toMatch(/^\rlooking: 4096 keys(\rlooking: \d+ keys)*\r +\ra stopped world\r\n/);
  expect((await keystead('dump', '--data', data)).err).toBe('');
}, 30_000);
