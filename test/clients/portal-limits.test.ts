import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import {
  endAll,
  metric,
  onEnd,
  Page,
  Player,
  startPortal,
  untilCount,
  untilReceived,
  type Portal,
} from './harness.ts';

afterEach(endAll);

/** The status and body of a refused handshake. */
function refusedHandshake(
  portal: Portal,
  protocols: string[],
  headers: Record<string, string>,
  path = '/ws',
): Promise<string> {
  const socket = new WebSocket(`${portal.running.url.replace('http', 'ws')}${path}`, protocols, { headers });
  return new Promise((resolve, reject) => {
    socket.on('error', () => {});
    socket.once('open', () => reject(new Error('it was not refused')));
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (text: Buffer) => (body += text.toString()));
      response.on('end', () => resolve(`${response.statusCode} ${body.split(':')[0]}`));
    });
  });
}

describe('the handshake', () => {
  test('takes no Origin (a program), our own, and those that are allowed', async () => {
    const portal = await startPortal({}, { origins: ['https://play.example'] });
    const host = new URL(portal.running.url).host;
    for (const origin of [undefined, `http://${host}`, `https://${host}`, 'https://play.example']) {
      const player = await Player.connect(
        portal,
        [],
        origin === undefined ? {} : { headers: { Origin: origin } },
      );
      expect(await player.next()).toContain('Welcome');
    }
  });

  test('refuses the page of another site', async () => {
    const portal = await startPortal({}, { origins: ['https://play.example'] });
    const wrong = [
      'http://evil.example',
      'null',
      'https://play.example:444',
      'http://play.example',
      'file://',
      'x',
    ];
    for (const Origin of wrong) {
      expect([Origin, await refusedHandshake(portal, [], { Origin })]).toEqual([Origin, '403 OriginRefused']);
    }
  });

  test('refuses subprotocols that it does not know, and takes the one it knows out of several', async () => {
    const portal = await startPortal();
    expect(await refusedHandshake(portal, ['json.mudstandards.org'], {})).toBe('400 UnknownSubprotocol');
    const page = await Player.connect(portal, ['json.mudstandards.org', 'keystead.v1']);
    expect(page.socket.protocol).toBe('keystead.v1');
    const plain = await Player.connect(portal);
    expect(plain.socket.protocol).toBe('');
  });

  test('is only at /ws', async () => {
    expect(await refusedHandshake(await startPortal(), [], {}, '/')).toBe('404 NotFound');
  });

  test('ends the socket of whom it refuses, who may never end it himself', async () => {
    const portal = await startPortal();
    const { hostname, port } = new URL(portal.running.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    onEnd(() => socket.destroy());
    socket.on('error', () => {});
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString()));
    await once(socket, 'end');
    expect(said).toMatch(/^HTTP\/1.1 404 Not Found/);
    // The client keeps its own side open; the portal has to be able to stop all the same.
    expect(socket.writable).toBe(true);
    await portal.running.stop();
  });

  test('offers no compression', async () => {
    const player = await Player.connect(await startPortal(), [], { perMessageDeflate: true });
    expect(player.socket.extensions).toBe('');
  });

  test('admits as many connections as the limit, not one more, and another when one has left', async () => {
    const portal = await startPortal({ connections: 2 });
    const ann = await Player.connect(portal);
    await Player.connect(portal);
    expect(await refusedHandshake(portal, [], {})).toBe('503 TooManyConnections');
    ann.socket.terminate();
    await ann.closed;
    await untilCount(portal, 'keystead_connections', 1);
    await Player.connect(portal);
  });

  test('lets no address keep others out with sockets on which it says nothing', async () => {
    const portal = await startPortal({ connections: 30, connectionsPerAddress: 2 });
    const { hostname, port } = new URL(portal.running.url);
    const silent = Array.from({ length: 60 }, () => {
      const socket = connect({ port: Number(port), host: hostname, localAddress: '127.0.0.2' });
      onEnd(() => socket.destroy());
      return socket.on('error', () => {});
    });
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    expect(await (await fetch(`${portal.running.url}/healthz`)).text()).toBe('ok\n');
    expect(await (await Player.connect(portal)).next()).toContain('Welcome');
    // Those that it may have it keeps, and others take the place of those that it ends.
    const kept = () => silent.filter((socket) => !socket.closed);
    while (kept().length > 20) await new Promise((resolve) => setImmediate(resolve));
    expect(kept().length).toBe(20);
    for (const socket of kept().slice(0, 2)) socket.destroy();
    await untilCount(portal, 'keystead_connections', 1);
    const again = new WebSocket(`${portal.running.url.replace('http', 'ws')}/ws`, {
      localAddress: '127.0.0.2',
    });
    onEnd(() => again.terminate());
    await once(again, 'open');
  });

  test('admits as many from one address as the limit', async () => {
    const portal = await startPortal({ connectionsPerAddress: 1 });
    const ann = await Player.connect(portal);
    expect(await refusedHandshake(portal, [], {})).toBe('429 TooManyFromAddress');
    ann.socket.close();
    await ann.closed;
    await untilCount(portal, 'keystead_connections', 0);
    await Player.connect(portal);
  });
});

describe('frames', () => {
  test('a frame of the largest size passes, a larger one ends the connection', async () => {
    const portal = await startPortal({ frameBytes: 1000, lineLength: 1000 });
    const ann = await Player.enter(portal);
    ann.send('x'.repeat(1000));
    expect(await ann.next()).toBe(`[1] ${'x'.repeat(1000)}`);
    ann.send('x'.repeat(1001));
    expect((await ann.closed)[0]).toBe(1009);
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

describe('over HTTP', () => {
  test('the page comes with headers that keep it to itself, and has no script in it', async () => {
    const portal = await startPortal();
    const response = await fetch(portal.running.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| on[a-z]+=| style=/);
    for (const [, file] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([file, (await fetch(portal.running.url + file)).status]).toEqual([file, 200]);
    }
  });

  test('only what is there is served, and only to be read', async () => {
    const { url } = (await startPortal()).running;
    const status = async (path: string, method = 'GET') => (await fetch(url + path, { method })).status;
    expect(await status('/nothing')).toBe(404);
    expect(await status('/..%2fpackage.json')).toBe(404);
    expect(await status('/tsconfig.json')).toBe(404);
    expect(await status('/', 'POST')).toBe(405);
    expect(await status('/ws')).toBe(426);
    expect(await status('/healthz', 'HEAD')).toBe(200);
  });

  test('the metrics count connections, sessions, lines and restarts', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    await Player.connect(portal);
    ann.send('die x');
    await ann.until('[1] die x');
    expect(await metric(portal, 'keystead_connections')).toBe(2);
    expect(await metric(portal, 'keystead_sessions')).toBe(1);
    expect(await metric(portal, 'keystead_lines_in_total')).toBe(2);
    expect(await metric(portal, 'keystead_chunks_out_total')).toBe(2);
    expect(await metric(portal, 'keystead_world_restarts_total')).toBe(1);
    expect(await metric(portal, 'keystead_world_ready')).toBe(1);
  });

  test('the metrics count a line once that is typed before the log-in is through, or comes once more', async () => {
    const portal = await startPortal();
    const ann = await Player.connect(portal);
    ann.send('create Ann ann-password');
    ann.send('die x'); // while the password is being checked
    await ann.until('[1] die x');
    expect(await metric(portal, 'keystead_lines_in_total')).toBe(2);
    const { page } = await Page.enter(portal);
    for (let times = 0; times < 3; times += 1) page.line(1, 'die y');
    await page.player.until('[1] die y');
    expect(await metric(portal, 'keystead_lines_in_total')).toBe(4);
    expect(await metric(portal, 'keystead_lines_refused_total')).toBe(0);
  });

  test('the metrics count whoever is ended for a frame that is against the protocol', async () => {
    const portal = await startPortal();
    const [ann, bob, page] = [
      await Player.connect(portal),
      await Player.connect(portal),
      await Page.open(portal),
    ];
    ann.socket.send(Buffer.from('look'));
    bob.socket.send(Buffer.from([0x6c, 0xff, 0x6b]), { binary: false });
    page.player.send('no JSON');
    await Promise.all([ann, bob, page.player].map(({ closed }) => closed));
    expect(await metric(portal, 'keystead_broken_frames_total')).toBe(3);
  });

  test('the metrics count nobody as logged in who is not yet', async () => {
    const portal = await startPortal({ silentMs: 60_000, busyMs: 60_000, stopMs: 100 });
    const ann = await Player.enter(portal);
    const bob = await Player.connect(portal);
    ann.send('mute now');
    await untilReceived(portal, 'ignored 1');
    bob.send('connect guest');
    await untilCount(portal, 'keystead_lines_in_total', 3);
    expect(await metric(portal, 'keystead_sessions')).toBe(1);
  });

  test('the metrics say so when the world could not tell its figures', async () => {
    const portal = await startPortal({}, { mode: 'untold' });
    expect(await metric(portal, 'keystead_world_told')).toBe(0);
  });

  test('a request with too large a header is refused', async () => {
    const { url } = (await startPortal({ headerBytes: 2000 })).running;
    expect((await fetch(url, { headers: { 'X-Long': 'x'.repeat(1000) } })).status).toBe(200);
    expect((await fetch(url, { headers: { 'X-Long': 'x'.repeat(3000) } })).status).toBe(431);
  });

  test('who asks for figures before the last ones are there is not answered, nor are answers kept for him', async () => {
    const portal = await startPortal();
    const socket = connect(Number(new URL(portal.running.url).port), '127.0.0.1');
    onEnd(() => socket.destroy());
    let answers = 0;
    socket.on('data', (bytes) => (answers += bytes.toString('latin1').split('HTTP/1.1 200').length - 1));
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
    socket.write('GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(1_000));
    await closed;
    expect(answers).toBeLessThan(2);
    // One after the other, and many at once from many, are answered.
    const all = await Promise.all(Array.from({ length: 20 }, () => metric(portal, 'keystead_connections')));
    expect(new Set(all)).toEqual(new Set([0]));
  });

  test('bytes that are no HTTP close the socket and nothing else', async () => {
    const portal = await startPortal();
    const socket = connect(Number(new URL(portal.running.url).port), '127.0.0.1');
    onEnd(() => socket.destroy());
    socket.resume();
    await new Promise((resolve) =>
      socket
        .on('close', resolve)
        .on('error', () => {})
        .end('GARBAGE \xff\r\n\r\n'),
    );
    expect((await fetch(`${portal.running.url}/healthz`)).status).toBe(200);
  });
});
