import { connect } from 'node:net';
import { AT_ONCE } from '../../clients/loop-turns.ts';
import { httpAnswer } from '../http-answer.ts';
import { endAll, metric, onEnd, Page, Player, startPortal, untilCount, untilReceived } from './harness.ts';

afterEach(endAll);

describe('over HTTP', () => {
  test('the page comes with headers that keep it to itself, and has no script in it', async () => {
    const portal = await startPortal();
    const response = await httpAnswer(portal.running.url);
    const policy = response.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    const html = response.text;
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| on[a-z]+=| style=/);
    for (const [, file] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([file, (await httpAnswer(portal.running.url + file)).status]).toEqual([file, 200]);
    }
  });

  test('only what is there is served, and only to be read', async () => {
    const { url } = (await startPortal()).running;
    const status = async (path: string, method = 'GET') => (await httpAnswer(url + path, { method })).status;
    expect(await status('/nothing')).toBe(404);
    expect(await status('/..%2fpackage.json')).toBe(404);
    expect(await status('/tsconfig.json')).toBe(404);
    expect(await status('/', 'POST')).toBe(405);
    expect(await status('/ws')).toBe(426);
    expect(await status('/healthz', 'HEAD')).toBe(200);
  });

  test.each([
    ['a head', 'GET / HTTP/1.1\r\nHost: here\r\nX-Half: '],
    ['a body', 'POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n'],
    ['anything', ''],
  ])('who begins to send %s and does not end is waited for as long as the limit says', async (_, begun) => {
    const { port } = new URL((await startPortal({ requestSeconds: 1 })).running.url);
    const socket = connect(Number(port), '127.0.0.1');
    onEnd(() => socket.destroy());
    socket.write(begun);
    await new Promise((resolve) => socket.resume().once('close', resolve));
  });

  test('who would rather speak something else than HTTP or WebSocket is answered as he asked', async () => {
    const { port } = new URL((await startPortal()).running.url);
    const answered = async (request: string): Promise<string> => {
      const socket = connect(Number(port), '127.0.0.1');
      onEnd(() => socket.destroy());
      let said = '';
      socket.on('data', (bytes) => (said += bytes.toString('latin1')));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      const settings = 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA';
      socket.write(`${request} HTTP/1.1\r\nHost: here\r\nUpgrade: h2c\r\n${settings}\r\n\r\n`);
      await closed;
      return said;
    };
    expect(await answered('GET /healthz')).toMatch(
      /^HTTP\/1.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*\r\nok\n$/,
    );
    expect(await answered('GET /')).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*<\/html>\s*$/);
    expect(await answered('GET /metrics')).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*keystead_world_ready 1/);
    expect(await answered('POST /')).toMatch(/^HTTP\/1.1 405 /);
    expect(await answered('GET /ws')).toMatch(/^HTTP\/1.1 426 [^]*\r\nUpgrade: websocket\r\n/);
    expect(await answered('GET /nothing')).toMatch(/^HTTP\/1.1 404 /);
    // In the middle of an answer there is no way to give another.
    const one = 'GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n';
    expect((await answered(`${one}GET /healthz`)).split('HTTP/1.1 200').length).toBeLessThan(3);
    expect(await answered('GET /healthz')).toMatch(/^HTTP\/1.1 200 OK/);
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
    expect((await httpAnswer(url, { headers: { 'X-Long': 'x'.repeat(1000) } })).status).toBe(200);
    expect((await httpAnswer(url, { headers: { 'X-Long': 'x'.repeat(3000) } })).status).toBe(431);
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

  test('who asks for more at once than is answered is ended, and who asks for less is answered all of it', async () => {
    const portal = await startPortal();
    const ask = async (times: number): Promise<number> => {
      const socket = connect(Number(new URL(portal.running.url).port), '127.0.0.1');
      onEnd(() => socket.destroy());
      let answers = 0;
      const answered = new Promise<void>((resolve) => {
        socket.on('close', resolve).on('error', () => {});
        socket.on('data', (bytes) => {
          answers += bytes.toString('latin1').split('HTTP/1.1 200').length - 1;
          if (answers === times) resolve();
        });
      });
      socket.write('GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(times));
      await answered;
      return answers;
    };
    expect(await ask(AT_ONCE)).toBe(AT_ONCE);
    expect(await ask(10_000)).toBeLessThan(10_000);
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
    expect((await httpAnswer(`${portal.running.url}/healthz`)).status).toBe(200);
  });
});
