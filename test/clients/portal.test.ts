import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Client } from '../../clients/client.ts';
import type { Session } from '../../clients/session.ts';
import { httpAnswer } from '../http-answer.ts';
import { endAll, Page, Player, startPortal, untilReceived } from './harness.ts';

afterEach(endAll);

test('a plain client logs in, types, is answered, and leaves', async () => {
  const portal = await startPortal();
  const ann = await Player.connect(portal);
  expect(await ann.next()).toContain('Welcome');
  ann.send('create Ann secret77');
  expect(await ann.next()).toBe('Hello, Ann.');
  ann.send('look', 'say hi\r\n');
  expect(await ann.next()).toBe('[1] look');
  expect(await ann.next()).toBe('[2] say hi');
  ann.send('quit');
  expect(await ann.next()).toBe('Goodbye.');
  expect((await ann.closed)[0]).toBe(1000);
});

test('what one chunk holds comes as one frame, and structured items are left out for plain clients', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  ann.send('pair', 'scene', 'silent', 'end');
  expect(await ann.next()).toBe('one\ntwo');
  expect(await ann.next()).toBe('You are in the yard.');
  expect(await ann.next()).toBe('[4] end');
});

test('what all are told at once comes to each of them, with numbers of their own', async () => {
  const portal = await startPortal();
  const [{ page: ann }, { page: bob }] = [await Page.enter(portal), await Page.enter(portal)];
  for (const page of [ann, bob]) await page.until('out');
  bob.line(1, 'look');
  await bob.until('out');
  const plain = await Player.enter(portal);
  plain.send('all hello');
  const items = ['Guest: hello'];
  expect(await ann.next()).toEqual({ t: 'out', n: 2, in: 0, items });
  expect(await bob.next()).toEqual({ t: 'out', n: 3, in: 1, items });
  expect(await plain.next()).toBe('Guest: hello');
});

test('the login prompt answers help, who, and what it does not know, each with its code', async () => {
  const portal = await startPortal();
  await Player.enter(portal);
  const ann = await Player.connect(portal);
  await ann.next();
  ann.send('help', 'who', 'dance', 'connect Ann wrong password', 'quit');
  expect(await ann.next()).toContain('create NAME PASSWORD');
  expect(await ann.next()).toContain('(UnknownCommand)');
  expect(await ann.next()).toBe('Guest');
  expect(await ann.next()).toContain('(WrongPassword)');
  expect(await ann.next()).toBe('Goodbye.');
});

test('a client may type ahead while its log-in is checked', async () => {
  const portal = await startPortal({ earlyLines: 2 });
  const ann = await Player.connect(portal);
  ann.send('connect guest', 'one', 'two', 'three');
  const frames = await ann.until('[2] two');
  expect(frames.slice(1)).toEqual([
    expect.stringContaining('(TooManyLines)'),
    'Hello, Guest.',
    '[1] one',
    '[2] two',
  ]);
});

test('characters that could move a cursor are taken out of a line', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  ann.send('say \u001b[2Jhi\u0007\tthere\u009b');
  expect(await ann.next()).toBe('[1] say [2Jhi\tthere');
});

test('a stop lets the world end by itself, and closes the sockets with the reason', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  expect(await portal.running.stop()).toBe(true);
  expect(await ann.closed).toEqual([1001, expect.stringContaining('Stopping')]);
  expect(portal.received().at(-1)).toBe('stop');
});

test('a world that takes no more input says so to everyone, and is not sent any', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  ann.send('halt');
  expect(await ann.next()).toContain('(DiskFull)');
  ann.send('look');
  expect(await ann.next()).toContain('(DiskFull)');
  const bob = await Player.connect(portal);
  await bob.next();
  bob.send('connect guest');
  expect(await bob.next()).toContain('(DiskFull)');
  expect((await httpAnswer(`${portal.running.url}/healthz`)).status).toBe(503);
});

test('a line that the world refuses is shown with its code', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  ann.send('refuse', 'look');
  expect(await ann.next()).toBe('That line is not for this world. (Unfit)');
  expect(await ann.next()).toBe('[2] look');
});

test('a plain session ends with its socket', async () => {
  const portal = await startPortal();
  const ann = await Player.enter(portal);
  ann.socket.terminate();
  await untilReceived(portal, 'end');
});

test('a world that has gone silent is not healthy, and its figures are left out', async () => {
  const portal = await startPortal({
    quietMs: 100,
    metricsMs: 50,
    silentMs: 60_000,
    busyMs: 60_000,
    stopMs: 100,
  });
  const read = async (path: string): Promise<string> =>
    (await httpAnswer(`${portal.running.url}/${path}`)).text;
  expect(await read('healthz')).toBe('ok\n');
  expect(await read('metrics')).toMatch(/^keystead_world_told 1\n[^]*^echo_world 1$/m);
  const player = await Player.enter(portal);
  player.send('mute now');
  let health = '';
  while (!health.startsWith('WorldSilent')) health = await read('healthz');
  const metrics = await read('metrics');
  expect(metrics).toMatch(/^keystead_world_told 0$/m);
  expect(metrics).toMatch(/^keystead_world_ready 0$/m);
  expect(metrics).not.toContain('echo_world');
});

test('nothing is kept of whoever asked who is there while the world was away, and left before the answer', async () => {
  const at = await startPortal({ pauseShownMs: 5 });
  const { portal } = at.running;
  const page = await Page.open(at);
  const client = { address: '127.0.0.1', notice: () => {}, world: () => {} } as unknown as Client;
  const ask = (): WeakRef<Session> => {
    const session = portal.admit(client);
    session.typed('who');
    session.lost();
    return new WeakRef(session);
  };
  writeFileSync(join(at.data, 'mode'), 'dies');
  process.kill(portal.link.pid ?? 0, 'SIGKILL');
  expect((await page.until('world')).state).toBe('paused');
  const asked = ask();
  rmSync(join(at.data, 'mode'));
  expect((await page.until('world')).state).toBe('running');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(asked.deref()).toBe(undefined);
});
