import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLevelStore } from '../../storage/level-store.ts';
import { httpAnswer } from '../http-answer.ts';
import { keystead, PlainClient, startWorld, temporaryFolder, type RunningWorld } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
const running: RunningWorld[] = [];
const folder = temporaryFolder();
let number = 0;

function newData(): string {
  number += 1;
  return join(folder.path, `world${number}`);
}

async function start(data: string, ...args: string[]): Promise<RunningWorld> {
  const world = await startWorld(data, ...args);
  running.push(world);
  return world;
}

afterEach(async () => {
  for (const world of running.splice(0)) await world.stop();
});

afterAll(() => {
  folder.remove();
});

test('a world whose path is too long to look after it is refused in one line, and is not made', async () => {
  const data = join(folder.path, 'x'.repeat(110));
  const { code, out, err } = await keystead('start', '--port', '0', '--data', data);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^keystead: The path of the socket .* \(CannotListen\)\n$/);
  expect(existsSync(data)).toBe(false);
});

test.each([
  ['--no-addons', '', /with "--no-addons", .* NODE_OPTIONS: take that out/],
  ['--disable_proto=throw', '', /with "--disable_proto=throw", /],
  ['--frozen-intrinsics', '', /with "--frozen-intrinsics", /],
  ['', 'ulimit -n 50;', /Only 50 files .* needs 64, and one more for each player.* \(ulimit -n\)/],
])(
  'where no world can run (%s%s) a start says why, in one line, and makes none',
  async (option, shell, why) => {
    const data = newData();
    const child = spawn(
      'sh',
      ['-c', `${shell} exec "$@"`, 'sh', process.execPath, COMMAND, 'start', '--port', '0', '--data', data],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: option } },
    );
    let err = '';
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
      if (!err.startsWith('keystead: ') && !err.includes('Warning')) child.kill('SIGKILL');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const told = err.split('\n').filter((line) => line !== '' && !/Warning|trace-warnings/.test(line));
    expect([code, told]).toEqual([1, [expect.stringMatching(why)]]);
    expect(told[0]).toMatch(/^keystead: .*\(WorldWillNotStart\)$/);
    expect(existsSync(data)).toBe(false);
  },
);

test('a start makes a world, says where it listens, and ends cleanly with 0', async () => {
  const data = newData();
  const world = await start(data);
  expect(world.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await httpAnswer(`${world.url}/healthz`)).status).toBe(200);
  expect((await httpAnswer(`${world.url}/`)).headers['content-type']).toMatch(/text\/html/);
  expect((await httpAnswer(`${world.url}/metrics`)).text).toMatch(/^# HELP keystead_/m);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600);
  expect(await world.stop()).toBe(0);
});

test('what players did is there after a restart', async () => {
  const data = newData();
  let world = await start(data);
  let ada = await PlainClient.connect(world.url);
  await ada.ask('create Ada swordfish99', /Welcome to Keystead, Ada/);
  await ada.ask('say I was here first', /I was here first/);
  await ada.ask('quit', /Goodbye/);
  await ada.closed();
  await world.stop();
  world = await start(data);
  ada = await PlainClient.connect(world.url);
  await ada.ask('connect Ada wrong-password', /no player of that name with that password/);
  await ada.ask('create Ada swordfish99', /taken/);
  await ada.ask('connect Ada swordfish99', /Welcome back, Ada/);
  ada.close();
});

test('a world that can take nothing away from its folder ends cleanly all the same', async () => {
  const data = newData();
  const world = await start(data);
  let log = '';
  world.child.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  rmSync(join(data, 'running')); // as a disk that has become read-only, it is not there to be removed
  expect([await world.stop(), log]).toEqual([0, '']);
});

test('a world that dies while somebody looks into its folder is back when they are done, and its sockets stay open', async () => {
  const data = newData();
  const world = await start(data);
  const ada = await PlainClient.connect(world.url);
  await ada.ask('create Ada swordfish99', /Welcome to Keystead, Ada/);
  const { stderr, pid } = world.child;
  let log = '';
  const refused = new Promise<void>((resolve) => {
    stderr?.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('InUse')) resolve();
    });
  });
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  process.kill(Number(children), 'SIGKILL');
  const store = await openLevelStore(data);
  await refused;
  await store.close();
  await ada.ask('say still here', /still here/);
  ada.close();
}, 40_000);

test('a world that dies when its folder is no longer there ends, and no other one is made in its place', async () => {
  const data = newData();
  const { child, err } = await start(data, '--log-level', 'silent');
  const closed = once(child, 'close');
  renameSync(data, `${data}-elsewhere`);
  process.kill(Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')), 'SIGKILL');
  expect(await closed).toEqual([1, null]);
  expect(err()).toMatch(/^keystead: there is no world in .* any more: .*\(Missing\)\n$/);
  expect(existsSync(data)).toBe(false);
}, 30_000);

test('what stands under the name of one of its files, and is none, is named, with what to do', async () => {
  const data = newData();
  await (await start(data)).stop();
  execFileSync('mkfifo', [join(data, 'running')]);
  const piped = await keystead('start', '--port', '0', '--data', data);
  expect([piped.code, piped.err]).toEqual([
    1,
    `keystead: "${join(data, 'running')}" is no file: take it away, or put back what was there (Unreadable)\n`,
  ]);
  rmSync(join(data, 'running'));
  mkdirSync(join(data, 'control.sock'));
  const { code, err } = await keystead('start', '--port', '0', '--data', data);
  expect(code).toBe(1);
  expect(err).toMatch(/^keystead: The world's socket cannot be made: .*control\.sock\. Take that away\. /);
});

test('a folder that is in use is refused by name, and its owner goes on', async () => {
  const data = newData();
  const world = await start(data);
  const second = await keystead('start', '--data', data, '--port', '0');
  expect(second).toMatchObject({ code: 1, out: '' });
  expect(second.err).toMatch(/in use by another process.*InUse/);
  expect((await httpAnswer(`${world.url}/healthz`)).status).toBe(200);
}, 30_000);

test('a folder that is in use is refused also when somebody has removed its lock, and its owner goes on', async () => {
  const data = newData();
  const world = await start(data);
  rmSync(join(data, 'db', 'LOCK'));
  const { code, err } = await keystead('start', '--port', '0', '--data', data);
  expect([code, err]).toEqual([1, expect.stringMatching(/in use by another process.*\(InUse\)\n$/)]);
  const ada = await PlainClient.connect(world.url);
  await ada.ask('create Ada swordfish99', /Welcome to Keystead, Ada/);
  ada.close();
}, 30_000);

test('a folder with something else in it is refused and left alone', async () => {
  const data = newData();
  mkdirSync(data);
  writeFileSync(join(data, 'diary.txt'), 'dear diary');
  const refused = await keystead('start', '--data', data, '--port', '0');
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/is not a Keystead world.*FormatForeign/);
  expect(readdirSync(data)).toEqual(['diary.txt']);
});

test('a folder of a newer version is refused by name', async () => {
  const data = newData();
  const store = await openLevelStore(data, { create: true });
  const value = JSON.stringify({ format: 'keystead', version: 99, vat: '' });
  await store.batch([{ put: 'format', value }], { sync: true });
  await store.close();
  const refused = await keystead('start', '--data', data, '--port', '0');
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/newer Keystead.*FormatNewer/);
});

test('a port in use is refused by name, before a world is made', async () => {
  const data = newData();
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const refused = await keystead('start', '--data', data, '--port', String(port));
  other.close();
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/PortInUse/);
  expect(existsSync(data)).toBe(false);
});

test('only so many checkpoints are kept', async () => {
  const data = newData();
  await start(data, '--checkpoints-kept', '2');
  for (let n = 1; n <= 4; n += 1)
    expect((await keystead('checkpoint', '--data', data)).out).toBe(`checkpoint ${n}\n`);
  expect(readdirSync(join(data, 'checkpoints')).sort()).toEqual(['000003.checkpoint', '000004.checkpoint']);
}, 30_000);

test('wrong usage is 2, and help is 0', async () => {
  expect((await keystead('start', '--port', 'seven')).code).toBe(2);
  expect((await keystead('fly')).code).toBe(2);
  expect((await keystead('help')).code).toBe(0);
  expect(await keystead('checkpoint', '--data', newData())).toMatchObject({ code: 1 });
}, 30_000);

test('what people play with is no garbage: a world that is asked to collect it finds none', async () => {
  const data = newData();
  const world = await start(data, '--garbage-grace', '0');
  const guest = await PlainClient.connect(world.url);
  await guest.ask('connect guest', /Welcome/);
  await guest.ask('quit', /Goodbye/);
  const ada = await PlainClient.connect(world.url);
  await ada.ask('create Ada swordfish99', /Welcome to Keystead, Ada/);
  await ada.ask('@create Thing named "pebble"', /make a pebble/);
  await ada.ask('drop pebble', /You drop/);
  const { out, code } = await keystead('collect', '--data', data);
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^\d+ objects are reachable; 0 are garbage that still has time; 0 were removed\n$/),
  ]);
  await ada.ask('look', /pebble/);
  ada.close();
});
