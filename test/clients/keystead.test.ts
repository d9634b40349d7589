import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { serveControl } from '../../clients/control-socket.ts';
import { ECHO_WORLD, endAll, freshFolder, onEnd } from './harness.ts';

const KEYSTEAD = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));

afterEach(endAll);

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
  /** The first line on standard output. */
  readonly firstLine: Promise<string>;
}

function keystead(...args: string[]): Run {
  const child = spawn(process.execPath, [KEYSTEAD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onEnd(() => child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
    });
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, firstLine };
}

const startArgs = (data: string, ...more: string[]) => {
  return ['start', '--data', data, '--port', '0', '--world-process', ECHO_WORLD, ...more];
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  'start says where it listens, and %s ends it with 0',
  async (signal) => {
    const run = keystead(...startArgs(freshFolder()));
    const line = await run.firstLine;
    expect(line).toMatch(/^listening http:\/\/127\.0\.0\.1:\d+$/);
    const socket = new WebSocket(`${line.replace('listening http', 'ws')}/ws`);
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    run.child.kill(signal);
    expect(await closed).toBe(1001);
    expect(await run.ended).toEqual({ code: 0, out: `${line}\n`, err: '' });
  },
);

test('a limit of time that is longer than a timer can count does not ring at once', async () => {
  const limits = ['loginSeconds=10000000', 'aliveSeconds=10000000', 'pingEveryMs=2147483647'];
  const run = keystead(...startArgs(freshFolder(), ...limits.flatMap((limit) => ['--limit', limit])));
  const line = await run.firstLine;
  const socket = new WebSocket(`${line.replace('listening http', 'ws')}/ws`);
  await new Promise((resolve) => socket.once('message', resolve));
  socket.send('who');
  await new Promise((resolve) => socket.once('message', resolve));
  run.child.kill('SIGTERM');
  expect(await run.ended).toEqual({ code: 0, out: `${line}\n`, err: '' });
});

test('a world that does not end when asked is killed, and the exit code says so', async () => {
  const run = keystead(...startArgs(freshFolder('stubborn'), '--limit', 'stopMs=100'));
  await run.firstLine;
  run.child.kill('SIGINT');
  expect(await run.ended).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not end, and is killed'),
  });
});

test('a world that fails as it ends is told of, and the exit code says so', async () => {
  const run = keystead(...startArgs(freshFolder('unwell')));
  await run.firstLine;
  run.child.kill('SIGTERM');
  expect(await run.ended).toMatchObject({
    code: 1,
    err: expect.stringMatching(/"code":"WorldDied","how":"exit code 1".*as it was to end/),
  });
});

test('a world that cannot start ends it with 1 and the reason', async () => {
  expect(await keystead(...startArgs(freshFolder('fatal'))).ended).toEqual({
    code: 1,
    out: '',
    err: 'keystead: The folder was made by a newer version. (FormatNewer)\n',
  });
});

test('a port that is taken ends it with 1, and no world is started', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onEnd(() => server.close());
  const { port } = server.address() as { port: number };
  const { code, err } = await keystead('start', '--data', freshFolder(), '--port', String(port)).ended;
  expect([code, err]).toEqual([1, expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`)]);
  expect(err).toContain('(PortInUse)');
});

test.each([
  ['an unknown command', ['frobnicate']],
  ['no command', []],
  ['an unknown option', ['start', '--frobnicate']],
  ['a port that is none', ['start', '--port', '65536']],
  ['a number that is none', ['start', '--checkpoint-every', '1e3']],
  ['an empty address, which would be all of them', ['start', '--host', '']],
  ['a folder without a name', ['dump', '--data', '']],
  ['a new world without a name', ['start', '--data', '']],
  ['a backup folder without a name', ['start', '--backup', '']],
  ['a place without a name', ['restore', '--checkpoint', '1', '--into', '']],
  ['a file without a name', ['export', '']],
  ['a limit that nothing counts up to', ['start', '--limit', 'requestSeconds=9007199254740991']],
  ['a limit with two values', ['start', '--limit', 'requestSeconds=3=4']],
  ['an unknown limit', ['start', '--limit', 'toString=1']],
  ['an origin that is none', ['start', '--allow-origin', 'example.org']],
  ['a backup in the world itself', ['start', '--data', 'x/y', '--backup', './x/y/']],
  ['restore without a word of what', ['restore']],
  ['restore with both', ['restore', '--list', '--checkpoint', '1']],
  ['restore --verify without --list', ['restore', '--checkpoint', '1', '--verify']],
  ['restore --list with --into', ['restore', '--list', '--into', 'x']],
  ['too many words', ['start', 'now']],
])('%s is wrong usage: 2, and a word about it', async (_, args) => {
  const { code, out, err } = await keystead(...args).ended;
  expect([code, out]).toEqual([2, '']);
  expect(err).not.toBe('');
});

test('help and --version end with 0', async () => {
  for (const args of [['help'], ['--help'], ['help', 'start'], ['--version']]) {
    expect(await keystead(...args).ended).toMatchObject({ code: 0, err: '' });
  }
});

test.each([[['log']], [['restore', '--list']], [['dump']], [['check']], [['restore', '--list', '--backup']]])(
  '%s of a folder that cannot be read says that, and not that nothing is in it',
  async (args) => {
    const loop = `${freshFolder()}/loop`;
    symlinkSync('loop', loop);
    const folder = args.includes('--backup') ? [loop] : ['--data', loop];
    expect(await keystead(...args, ...folder).ended).toMatchObject({
      code: 1,
      err: expect.stringContaining('(Unreadable)'),
    });
  },
);

test('a command that is called in a folder that is gone says so', () => {
  const gone = freshFolder();
  const called = `cd "${gone}" && rmdir "${gone}" && exec "${process.execPath}" "${KEYSTEAD}" dump --data /tmp`;
  const { status, stderr } = spawnSync('sh', ['-c', called], { encoding: 'utf8' });
  expect(stderr).toBe(
    'keystead: the folder that this was called in is gone: call it in another one (ENOENT)\n',
  );
  expect(status).toBe(1);
});

test('checkpoint prints what the running world answers', async () => {
  const data = freshFolder();
  const control = await serveControl(`${data}/control.sock`, {
    requests: { checkpoint: () => Promise.resolve('checkpoint 7') },
    conversations: {},
  });
  onEnd(() => control.close());
  expect(await keystead('checkpoint', '--data', data).ended).toEqual({
    code: 0,
    out: 'checkpoint 7\n',
    err: '',
  });
});

test('what somebody wrote does nothing to the terminal that an error is shown on', async () => {
  const data = freshFolder();
  const control = await serveControl(`${data}/control.sock`, {
    requests: { admin: () => Promise.reject(new Error('no \u001b[31mred\u202e\rone')) },
    conversations: {},
  });
  onEnd(() => control.close());
  expect(await keystead('admin', 'Ann', '--data', data).ended).toMatchObject({
    code: 1,
    err: 'keystead: no \\u{1b}[31mred\\u{202e}\\u{d}one (RequestFailed)\n',
  });
});

test('checkpoint fails with the reason when the world cannot, and when there is none', async () => {
  const data = freshFolder();
  expect(await keystead('checkpoint', '--data', data).ended).toMatchObject({
    code: 1,
    err: expect.stringContaining('(NoWorld)'),
  });
  const control = await serveControl(`${data}/control.sock`, {
    requests: { checkpoint: () => Promise.reject(new Error('disk full')) },
    conversations: {},
  });
  onEnd(() => control.close());
  expect(await keystead('checkpoint', '--data', data).ended).toEqual({
    code: 1,
    out: '',
    err: 'keystead: disk full (RequestFailed)\n',
  });
});

test.each([
  ['checkpoint', 'all of it, or nothing of it has'],
  ['collect', 'what it had removed by then is gone'],
])('%s says what has become of it when the world goes away before it answers', async (asked, told) => {
  const data = freshFolder();
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(`${data}/control.sock`, resolve));
  onEnd(() => server.close());
  const { code, err } = await keystead(asked, '--data', data).ended;
  expect(err).toContain(told);
  expect(err).toContain('(NoAnswer)');
  expect(code).toBe(1);
});

test('an import says behind which line a file has no line ends any more, and leaves nothing', () => {
  const folder = freshFolder();
  const [file, data] = [join(folder, 'file'), join(folder, 'data')];
  writeFileSync(file, 'keystead export 1 format 4 vat "" tokens keep\n\nmeta counters\n');
  truncateSync(file, 420 * 1024 * 1024);
  const { status, stderr } = spawnSync(process.execPath, [KEYSTEAD, 'import', '--data', data, file]);
  expect(stderr.toString()).toMatch(/\nline 4: a line of the file is longer than any line of an export\n/);
  expect([status, existsSync(data)]).toEqual([1, false]);
});
