import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, ECHO_WORLD, Page, Player, startPortal, untilCount, untilReceived } from './harness.ts';
import { pino } from 'pino';
import type { Client } from '../../clients/client.ts';
import { Session, type SessionHost } from '../../clients/session.ts';
import { start } from '../../clients/start.ts';
import type { LoginAnswer, SessionId } from '../../clients/wire.ts';

afterEach(endAll);

describe('a client of keystead.v1', () => {
  test('is told its session, numbers its lines, and hears which are committed', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    expect(session).toMatchObject({ name: 'Guest', in: 0, sid: expect.any(String), key: expect.any(String) });
    expect(await page.next()).toEqual({ t: 'out', n: 1, in: 0, items: ['Hello, Guest.'] });
    page.line(1, 'look');
    expect(await page.next()).toEqual({ t: 'out', n: 2, in: 1, items: ['[1] look'] });
    page.line(2, 'silent');
    expect(await page.next()).toEqual({ t: 'in', n: 2 });
    page.line(3, 'scene');
    expect((await page.until('out')).items[0]).toEqual([
      'scene',
      expect.objectContaining({ room: 'The Yard' }),
    ]);
  });

  test('gets back its session over a new socket: what it has not seen, and nothing twice', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    await page.until('out');
    page.line(1, 'one');
    await page.until('out');
    page.ack(1);
    page.player.socket.terminate();
    await page.player.closed;
    const bob = await Player.enter(portal);
    bob.send('all hello');
    await bob.until('hello');
    const again = await Page.open(portal);
    again.resume(session, 2);
    expect(await again.until('session')).toMatchObject({ sid: session.sid, in: 1, out: 3 });
    expect(await again.next()).toEqual({ t: 'out', n: 3, in: 1, items: ['Guest: hello'] });
    again.line(1, 'one');
    again.line(2, 'two');
    expect(await again.next()).toEqual({ t: 'out', n: 4, in: 2, items: ['[2] two'] });
  });

  test('gets back its session after the portal was stopped and started', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    await page.until('out');
    await portal.running.stop();
    const later = await startPortal();
    const running = await start({
      world: {
        data: portal.data,
        checkpointEvery: 0,
        checkpointsKept: 1,
        collectEvery: 0,
        garbageGrace: 0,
        evictAlways: false,
      },
      node: process,
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'silent' }),
      worldProcess: ECHO_WORLD,
    });
    try {
      const again = await Page.open({ ...later, running });
      again.resume(session, 1);
      expect(await again.until('session')).toMatchObject({ name: 'Guest', in: 0 });
      again.line(1, 'one');
      expect(await again.until('out')).toMatchObject({ n: 2, items: ['[1] one'] });
    } finally {
      await running.stop();
    }
  });

  test('gets back its session when the world died while it was away', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    await page.until('out');
    page.line(1, 'die x');
    page.player.socket.terminate();
    const again = await Page.open(portal);
    again.resume(session, 1);
    await again.until('session');
    again.line(1, 'die x');
    expect(await again.until('out')).toMatchObject({ n: 2, in: 1, items: ['[1] die x'] });
  });

  test('has its time to come back also when the world has died meanwhile', async () => {
    const portal = await startPortal();
    const { page } = await Page.enter(portal);
    await page.until('out');
    const bob = await Player.enter(portal);
    page.player.socket.terminate();
    await page.player.closed;
    await untilCount(portal, 'keystead_sessions_lingering', 1);
    bob.send('die x');
    await bob.until('[1] die x');
    // The world is told of it too, and leaves it to the portal to end it.
    const hellos = portal.received().filter((line) => line.startsWith('hello'));
    expect(hellos.at(-1)).toMatch(/ 1 away$/);
  });

  test('of a world that was restored from before hears what comes next, though it has seen more than there is', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    await page.until('out');
    page.player.socket.terminate();
    const again = await Page.open(portal);
    again.resume(session, 9);
    expect(await again.until('session')).toMatchObject({ out: 1 });
    again.line(1, 'one');
    expect(await again.next()).toEqual({ t: 'out', n: 2, in: 1, items: ['[1] one'] });
  });

  test('takes its session over from a socket that is still open, which is told', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    await page.until('out');
    const again = await Page.open(portal);
    again.resume(session, 1);
    await again.until('session');
    expect(await page.player.closed).toEqual([4001, expect.stringContaining('TakenOver')]);
    again.line(1, 'one');
    expect(await again.until('out')).toMatchObject({ n: 2, items: ['[1] one'] });
  });

  test('with several sockets that ask at once, only the last one gets it, and misses nothing', async () => {
    const portal = await startPortal();
    const { page, session } = await Page.enter(portal);
    for (const n of [1, 2, 3]) page.line(n, `line ${n}`);
    await page.until('out');
    page.player.socket.terminate();
    const first = await Page.open(portal);
    const second = await Page.open(portal);
    const last = await Page.open(portal);
    for (const [i, each] of [first, second, last].entries()) each.resume(session, 3 - i);
    await last.until('session');
    const seen = [];
    while (seen.at(-1) !== 4) seen.push((await last.until('out')).n);
    expect(seen).toEqual([2, 3, 4]);
  });

  test('with several sockets that ask while the world is away, only the last one gets it, and misses nothing', async () => {
    const portal = await startPortal({ pauseShownMs: 5 });
    const { page, session } = await Page.enter(portal);
    for (const n of [1, 2, 3]) page.line(n, `line ${n}`);
    for (let n = 1; n <= 4; n += 1) await page.until('out');
    const first = await Page.open(portal);
    const last = await Page.open(portal);
    const bob = await Player.enter(portal);
    writeFileSync(join(portal.data, 'mode'), 'dies');
    bob.send('die x');
    expect((await first.until('world')).state).toBe('paused');
    first.resume(session, 3);
    await first.isHeard();
    first.player.socket.pause(); // it is lost, and nobody knows
    last.resume(session, 1);
    await last.isHeard();
    rmSync(join(portal.data, 'mode'));
    await last.until('session');
    const seen = [];
    while (seen.at(-1) !== 4) seen.push((await last.until('out')).n);
    expect(seen).toEqual([2, 3, 4]);
  });

  test('with a wrong key, or a session that never was, is back at the prompt', async () => {
    const portal = await startPortal();
    const { session } = await Page.enter(portal);
    const thief = await Page.open(portal);
    thief.resume({ sid: session.sid, key: 'A'.repeat(22) }, 0);
    await thief.until('gone');
    thief.resume({ sid: 'A'.repeat(22), key: session.key }, 0);
    await thief.until('gone');
    thief.line(0, 'connect guest');
    await thief.until('session');
  });

  test('that does not come back in time is ended', async () => {
    const portal = await startPortal({ lingerSeconds: 0.05 });
    const { page, session } = await Page.enter(portal);
    page.player.socket.terminate();
    await untilReceived(portal, 'end');
    const again = await Page.open(portal);
    again.resume(session, 0);
    await again.until('gone');
  });

  test('when too many are away, the one that was lost first is ended', async () => {
    const portal = await startPortal({ lingering: 1 });
    const first = await Page.enter(portal);
    const second = await Page.enter(portal);
    first.page.player.socket.terminate();
    await untilCount(portal, 'keystead_sessions_lingering', 1);
    second.page.player.socket.terminate();
    await untilCount(portal, 'keystead_sessions', 0);
    const again = await Page.open(portal);
    again.resume(first.session, 0);
    await again.until('gone');
    again.resume(second.session, 0);
    await again.until('session');
  });

  test('hears when the world is away and when it is back', async () => {
    const portal = await startPortal({ pauseShownMs: 20, restartFirstMs: 300 });
    const { page } = await Page.enter(portal);
    page.line(1, 'die a');
    page.line(2, 'die b');
    expect(await page.until('world')).toEqual({ t: 'world', state: 'paused' });
    expect(await page.until('world')).toEqual({ t: 'world', state: 'running' });
  });
});

test('a session that was asked for by a client which went before the answer came is ended in time, too', () => {
  const told: string[] = [];
  const holders = new Map<string, Session>();
  const lingering: Session[] = [];
  const powers = { now: () => 0, after: () => () => {} };
  const host = {
    limits: { loginSeconds: 60 },
    powers,
    tell: ({ t }: { readonly t: string }) => told.push(t),
    tellSurely: ({ t }: { readonly t: string }) => told.push(t),
    startResuming: () => {},
    holderOf: (sid: string) => holders.get(sid),
    claim: (sid: string, session: Session) => holders.set(sid, session),
    release: (sid: string) => holders.delete(sid),
    linger: (session: Session) => lingering.push(session),
    over: () => {},
  };
  const client = { notice: () => {}, close: () => {}, resumes: true };
  const session = new Session(client as unknown as Client, host as unknown as SessionHost);
  const sid = 'sid' as SessionId;
  session.resume(sid, 'key', 0);
  session.lost();
  session.resumeAnswered({ t: 'resumed', sid, ok: true, name: 'Guest', in: 0, out: 0 });
  // The world takes it for held now. Whoever comes back has the time that is left to who was lost.
  expect(holders.get(sid)).toBe(session);
  expect(lingering).toEqual([session]);
  session.endNow();
  expect(told).toEqual(['resume', 'end']);
  expect(holders.size).toBe(0);
});

test('a password that was right is no guess, also when its client went before the answer came', () => {
  const back: string[] = [];
  const host = {
    limits: { loginSeconds: 60, lineLength: 100 },
    powers: { now: () => 0, after: () => () => {}, randomName: () => 'B'.repeat(22) },
    counts: { linesIn: { inc: () => {} }, refusedLogins: { inc: () => {} } },
    throttle: { attempt: () => 0, givenBack: (address: string, name: string) => back.push(address, name) },
    tell: () => {},
    tellSurely: () => {},
    claim: () => {},
    release: () => {},
    over: () => {},
  };
  const client = { notice: () => {}, address: '127.0.0.1', resumes: false, textOnly: true };
  const answered = (answer: { readonly ok: boolean; readonly code?: string }): string[] => {
    back.length = 0;
    const session = new Session(client as unknown as Client, host as unknown as SessionHost);
    session.typed('connect Ann secret77');
    session.lost();
    session.loginAnswered({ t: 'login', sid: 'B'.repeat(22), ...answer } as LoginAnswer);
    return back;
  };
  expect(answered({ ok: true })).toEqual(['127.0.0.1', 'Ann']);
  expect(answered({ ok: false, code: 'TooManyLogins' })).toEqual(['127.0.0.1', 'Ann']);
  expect(answered({ ok: false, code: 'BadLogin' })).toEqual([]);
});
