import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { mayConnect } from '../../clients/origin.ts';
import { httpAnswer } from '../http-answer.ts';
import { endAll, onEnd, Player, startPortal, untilCount, type Portal } from './harness.ts';

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

  test('takes pages under names that can only be this machine, and no other that leads here, unless it is allowed', async () => {
    const portal = await startPortal({}, { origins: ['https://play.example'] });
    const { port } = new URL(portal.running.url);
    const under = (name: string, origin = `http://${name}:${port}`) => ({
      Host: `${name}:${port}`,
      Origin: origin,
    });
    for (const name of ['localhost', 'LOCALHOST', 'my.localhost', '127.0.0.1', '[::1]', '192.168.1.2']) {
      const headers = under(name, `http://${name.toLowerCase()}:${port}`);
      expect(await (await Player.connect(portal, [], { headers })).next()).toContain('Welcome');
    }
    for (const name of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil-localhost'])
      expect([name, await refusedHandshake(portal, [], under(name))]).toEqual([name, '403 OriginRefused']);
    const headers = under('evil.example', 'https://play.example');
    expect(await (await Player.connect(portal, [], { headers })).next()).toContain('Welcome');
  });

  test.each([
    ['192.0.2.7', true],
    ['2001:db8::7', true],
    ['127.0.0.1', false],
    ['::ffff:127.0.0.1', false],
    ['::1', false],
  ])('on the address %s a name that leads here is this world: %s', (localAddress, may) => {
    const headers = { host: 'play.example', origin: 'https://play.example' };
    expect(mayConnect({ headers, socket: { localAddress } } as IncomingMessage, [])).toBe(may);
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
    expect((await httpAnswer(`${portal.running.url}/healthz`)).text).toBe('ok\n');
    expect(await (await Player.connect(portal)).next()).toContain('Welcome');
    // Those that it may have it keeps, and others take the place of those that it ends.
    const kept = () => silent.filter((socket) => !socket.closed);
    while (kept().length > 20) await new Promise((resolve) => setImmediate(resolve));
    expect(kept().length).toBe(20);
    for (const socket of kept().slice(0, 2)) socket.destroy();
    // As soon as the portal has heard that they are gone; it ends what comes before that.
    const isLetIn = async (): Promise<boolean> => {
      const url = `${portal.running.url.replace('http', 'ws')}/ws`;
      const again = new WebSocket(url, { localAddress: '127.0.0.2' });
      onEnd(() => again.terminate());
      return once(again, 'open').then(
        () => true,
        () => false,
      );
    };
    while (!(await isLetIn()));
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
