import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { AT_ONCE } from '../../clients/loop-turns.ts';
import { endAll, metric, onEnd, Page, Player, startPortal, untilCount, untilReceived } from './harness.ts';

afterEach(endAll);

describe('frames', () => {
  test('a frame of the largest size passes, a larger one ends the connection', async () => {
    const portal = await startPortal({ frameBytes: 1000, lineLength: 1000 });
    const ann = await Player.enter(portal);
    ann.send('x'.repeat(1000));
    expect(await ann.next()).toBe(`[1] ${'x'.repeat(1000)}`);
    ann.send('x'.repeat(1001));
    expect((await ann.closed)[0]).toBe(1009);
  });

  test('a frame of as many fragments as the limit passes, one of more ends the connection', async () => {
    const portal = await startPortal({ frameFragments: 3 });
    const ann = await Player.enter(portal);
    for (const part of ['x', '', 'y']) ann.socket.send(part, { fin: part === 'y' });
    expect(await ann.next()).toBe('[1] xy');
    for (let n = 0; n < 4; n += 1) ann.socket.send('', { fin: false });
    expect((await ann.closed)[0]).toBe(1008);
  });

  test('who sends pongs without end is ended, and who sends a few is not', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    for (let n = 0; n < AT_ONCE; n += 1) ann.socket.pong();
    ann.send('x');
    expect(await ann.next()).toBe('[1] x');
    for (let n = 0; n < 100 * AT_ONCE; n += 1) ann.socket.pong();
    expect((await ann.closed)[0]).toBe(1006);
    expect(await metric(portal, 'keystead_broken_frames_total')).toBe(1);
  });

  test('many fragments do not get around the size', async () => {
    const portal = await startPortal({ frameBytes: 1000 });
    const ann = await Player.enter(portal);
    for (let i = 0; i < 11; i += 1) ann.socket.send('x'.repeat(100), { fin: false });
    expect((await ann.closed)[0]).toBe(1009);
  });

  test('a line of the greatest length passes, a longer one is refused and nothing else happens', async () => {
    const portal = await startPortal({ lineLength: 100 });
    const ann = await Player.enter(portal);
    ann.send('x'.repeat(101), 'x'.repeat(100));
    expect(await ann.next()).toContain('(LineTooLong)');
    expect(await ann.next()).toBe(`[1] ${'x'.repeat(100)}`);
  });

  test('a binary frame ends the connection', async () => {
    const ann = await Player.enter(await startPortal());
    ann.socket.send(Buffer.from('look'));
    expect((await ann.closed)[0]).toBe(1003);
  });

  test('who was told to go may have sent more before he heard of it, and is not waited for when he goes on', async () => {
    const portal = await startPortal({ unwantedBytes: 60_000 });
    const bob = await Player.enter(portal);
    const { port } = new URL(portal.running.url);
    const socket = connect(Number(port), '127.0.0.1');
    onEnd(() => socket.destroy());
    const closed = once(
      socket.on('error', () => {}),
      'close',
    );
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
    );
    const binary = Buffer.from([0x82, 0x80, 0, 0, 0, 0]);
    socket.write(binary);
    let heard = '';
    while (!heard.includes('NotText')) heard += String(await once(socket, 'data'));
    const more = Buffer.concat(Array.from({ length: 5_000 }, () => binary));
    socket.write(more); // half of what may come
    bob.send('hello');
    await bob.next();
    expect(socket.closed).toBe(false);
    socket.write(more);
    socket.write(more);
    await closed;
  });

  test('a text frame that is no UTF-8 ends the connection', async () => {
    const ann = await Player.enter(await startPortal());
    ann.socket.send(Buffer.from([0x6c, 0xff, 0x6b]), { binary: false });
    expect((await ann.closed)[0]).toBe(1007);
  });

  test.each([
    ['no JSON'],
    ['{"t":"line"}'],
    ['{"t":"line","n":-1,"line":"x"}'],
    ['{"t":"resume","sid":"x","key":"y","have":0}'],
  ])('a page that says %j is no page of ours', async (frame) => {
    const page = await Page.open(await startPortal());
    page.player.send(frame);
    expect(await page.player.closed).toEqual([1008, expect.stringContaining('BadFrame')]);
  });
});

test('whoever sends without end keeps nobody else from being answered', async () => {
  const portal = await startPortal();
  const [ann, bob] = [await Player.connect(portal), await Player.connect(portal)];
  await bob.next();
  const { linesIn } = portal.running.portal.counts;
  const flood = 5_000;
  for (let n = 0; n < flood; n += 1) ann.send('x');
  // All of it is there, and is not looked at before what came after it.
  bob.send('help');
  await bob.next();
  expect(linesIn.count).toBeGreaterThan(0);
  expect(linesIn.count).toBeLessThan(flood / 10);
  while (linesIn.count < flood + 1) await new Promise((resolve) => setImmediate(resolve));
});

test('all that somebody sent comes in order, and is taken also when he goes at once', async () => {
  const portal = await startPortal();
  const [ann, bob] = [await Player.enter(portal), await Player.enter(portal)];
  const lines = Array.from({ length: 300 }, (_, n) => `line ${n}`);
  ann.send(...lines);
  for (const [n, line] of lines.entries()) expect(await ann.next()).toBe(`[${n + 1}] ${line}`);
  const { linesIn } = portal.running.portal.counts;
  const before = linesIn.count;
  bob.send(...lines);
  bob.socket.close();
  await untilReceived(portal, 'end');
  expect(linesIn.count).toBe(before + lines.length);
});

test('what is over the rate waits, and comes through in order', async () => {
  const portal = await startPortal({ lineBurst: 5, linesPerSecond: 100 });
  const ann = await Player.enter(portal);
  const started = performance.now();
  ann.send(...Array.from({ length: 30 }, (_, i) => `line ${i}`));
  for (let i = 0; i < 30; i += 1) expect(await ann.next()).toBe(`[${i + 1}] line ${i}`);
  expect(performance.now() - started).toBeGreaterThan(200);
});

test('while the world is away as many lines are kept as the limit says, and the others are refused', async () => {
  const portal = await startPortal({ linesHeld: 3 });
  const ann = await Player.enter(portal);
  ann.send('die a', 'two', 'three', 'four', 'five');
  const frames = [await ann.next(), await ann.next(), await ann.next(), await ann.next(), await ann.next()];
  expect(frames).toEqual([
    expect.stringContaining('(TooManyLines)'),
    expect.stringContaining('(TooManyLines)'),
    '[1] die a',
    '[2] two',
    '[3] three',
  ]);
});

test('who does not read what is sent is dropped, and who does may be sent as much', async () => {
  const portal = await startPortal({ unreadBytes: 200_000 });
  const ann = await Player.enter(portal);
  const bob = await Player.enter(portal);
  bob.send('flood 300', 'end');
  await bob.until('end');
  ann.socket.pause();
  ann.send('flood 12000');
  await untilCount(portal, 'keystead_not_reading_total', 1);
  bob.send('still here');
  await bob.until('still here');
}, 60_000);

test('of several who do not read less is kept for each than for one alone', async () => {
  const portal = await startPortal({ unreadBytes: 100_000_000, unreadBytesInAll: 16_000_000 });
  const [ann, bob] = [await Player.enter(portal), await Player.enter(portal)];
  ann.socket.pause();
  ann.send('flood 16000');
  await untilCount(portal, 'keystead_chunks_out_total', 16_002);
  expect(await metric(portal, 'keystead_not_reading_total')).toBe(0);
  bob.socket.pause();
  bob.send('flood 16000');
  await untilCount(portal, 'keystead_not_reading_total', 1);
}, 60_000);

test('what is kept for all who do not read is bounded, also when who was first is sent nothing more', async () => {
  const portal = await startPortal({ unreadBytes: 100_000_000, unreadBytesInAll: 48_000_000 });
  const [ann, bob] = [await Player.enter(portal), await Player.enter(portal)];
  ann.socket.pause();
  ann.send('flood 44000');
  await untilCount(portal, 'keystead_chunks_out_total', 44_002);
  bob.socket.pause();
  bob.send('flood 24000', 'still here');
  await untilCount(portal, 'keystead_chunks_out_total', 68_003);
  expect(await metric(portal, 'keystead_not_reading_total')).toBe(1);
  bob.socket.resume();
  await bob.until('still here');
}, 60_000);

test('whoever has read what he was behind by leaves the others their room, also if he is sent nothing more', async () => {
  const portal = await startPortal({ unreadBytes: 100_000_000, unreadBytesInAll: 16_000_000 });
  const [ann, bob] = [await Player.enter(portal), await Player.enter(portal)];
  let read = 0;
  const all = new Promise<void>((resolve) => {
    ann.socket.on('message', (data: Buffer) => {
      read += data.length;
      if (read >= 12_000_000) resolve();
    });
  });
  ann.socket.pause();
  ann.send('flood 12000');
  await untilCount(portal, 'keystead_chunks_out_total', 12_002);
  ann.socket.resume();
  await all;
  bob.socket.pause();
  bob.send('flood 12000');
  await untilCount(portal, 'keystead_chunks_out_total', 24_002);
  expect(await metric(portal, 'keystead_not_reading_total')).toBe(0);
}, 60_000);

test('who does not log in in time is told so and sent away', async () => {
  const portal = await startPortal({ loginSeconds: 0.1 });
  const ann = await Player.connect(portal);
  ann.send('connect guest');
  await ann.until('Hello');
  const bob = await Player.connect(portal);
  expect((await bob.until('LoginTooSlow')).length).toBe(2);
  expect((await bob.closed)[0]).toBe(1008);
  ann.send('look');
  expect(await ann.next()).toBe('[1] look');
});

test('who asks again and again for a session that never was has no more time to log in than others', async () => {
  const portal = await startPortal({ loginSeconds: 0.3 });
  const page = await Page.open(portal);
  const asking = setInterval(() => page.resume({ sid: 'A'.repeat(22), key: 'key' }, 0), 20);
  onEnd(() => clearInterval(asking));
  expect((await page.player.closed)[0]).toBe(1008);
});

test('a peer that vanished is noticed', async () => {
  const portal = await startPortal({ aliveSeconds: 0.1 });
  const ann = await Player.connect(portal, [], { autoPong: false });
  const bob = await Player.connect(portal);
  expect((await ann.closed)[0]).toBe(1006);
  expect(bob.socket.readyState).toBe(WebSocket.OPEN);
});

test('guessing passwords is slowed, over several connections', async () => {
  const portal = await startPortal({ failedLoginsPerName: 2 });
  const answers: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    const guesser = await Player.connect(portal);
    await guesser.next();
    guesser.send('connect Ann wrong password');
    answers.push(await guesser.next());
  }
  expect(answers).toEqual([
    expect.stringContaining('(WrongPassword)'),
    expect.stringContaining('(WrongPassword)'),
    expect.stringContaining('(LoginTooOften)'),
  ]);
  expect(portal.received().filter((line) => line === 'login connect')).toHaveLength(2);
});

test('a password that the world has not looked at, because too many come in, is no guess', async () => {
  const portal = await startPortal({ failedLoginsPerName: 1 });
  const ann = await Player.connect(portal);
  await ann.next();
  for (const [password, answer] of [
    ['too many', '(TooManyLogins)'],
    ['too many', '(TooManyLogins)'],
    ['wrong password', '(WrongPassword)'],
    ['right password', '(LoginTooOften)'],
  ]) {
    ann.send(`connect Ann ${password}`);
    expect(await ann.next()).toContain(answer);
  }
});

test('nothing that a player types is logged, whatever goes wrong', async () => {
  let logged = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  const portal = await startPortal({}, { log: pino({ level: 'trace' }, sink) });
  const ann = await Player.connect(portal);
  ann.send('connect Ann hunter2hunter2', 'create hunter2_hunter2 x', 'create Ann hunter2hunter2');
  await ann.until('Hello');
  ann.send('die hunter2hunter2');
  await ann.until('[1] die');
  await portal.running.stop();
  expect(logged).toContain('the world process died');
  expect(logged).not.toContain('hunter2');
});
