import { setImmediate as turn } from 'node:timers/promises';
import { Accounts } from '../../clients/accounts.ts';
import { loginRequest } from '../../clients/login-request.ts';
import { MOST_IN_ONE, RESUME_WITHIN, WorldDesk } from '../../clients/world-desk.ts';
import { asToPortal, type SessionId, type ToPortal } from '../../clients/wire.ts';
import { StoreError } from '../../storage/errors.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';

const SID = 'session-1'.padEnd(22, '-') as SessionId;
const GUEST = loginRequest(SID, 'key', 'guest', {
  resumes: false,
  textOnly: false,
  address: '127.0.0.1',
});

/** The name of a message as a portal reads it. */
function heard(message: string): string {
  try {
    return asToPortal(JSON.parse(message))?.t ?? 'garbage';
  } catch {
    return 'garbage';
  }
}

/** A desk in front of a world, and all that it says to the portal, by the names of the messages. */
function deskOf(it: Fixture): { readonly desk: WorldDesk; readonly said: string[] } {
  const said: string[] = [];
  const desk = new WorldDesk({
    world: it.world,
    accounts: new Accounts(it.world, it.powers.random),
    send: (message: ToPortal) => void said.push(message.t),
    sendJson: (message) => void said.push(message.includes('\n') ? 'garbage' : heard(message)),
    figures: () => Promise.resolve(''),
    stop: () => {},
    later: it.powers.later,
    report: (what) => void said.push(`fault: ${what}`),
  });
  return { desk, said };
}

test('whoever asks for something while the world is closing has his answer from the next one', async () => {
  const first = await openFixture(starterWorld);
  const { desk, said } = deskOf(first);
  const closing = first.world.close();
  desk.receive(GUEST);
  desk.receive({ t: 'who', id: 1 });
  await closing;
  await turn();
  expect(said).toEqual([]);

  const next = await first.restart();
  const again = deskOf(next);
  // As a portal does when the next world is ready.
  again.desk.receive(GUEST);
  again.desk.receive({ t: 'who', id: 1 });
  await next.settle();
  await turn();
  expect(again.said).toEqual(expect.arrayContaining(['login', 'who']));
  expect(again.said).not.toContainEqual(expect.stringMatching(/^fault/));
  await next.close();
});

test('all who ask who is here before a turn has looked are answered by one, whoever asks later by another', async () => {
  const it = await openFixture(starterWorld);
  const { desk, said } = deskOf(it);
  const turns = jest.spyOn(it.world, 'run');
  for (let id = 1; id <= 500; id += 1) desk.receive({ t: 'who', id });
  await it.settle();
  await turn();
  expect(said).toEqual(Array.from({ length: 500 }, () => 'who'));
  expect(turns).toHaveBeenCalledTimes(1);
  desk.receive({ t: 'who', id: 501 });
  await it.settle();
  await turn();
  expect(said).toHaveLength(501);
  expect(turns).toHaveBeenCalledTimes(2);
  await it.close();
});

test.each([
  ['the portal holds it for a client that was lost: then that ends it', { away: [SID] }, true],
  ['it was the portal that was lost: then it is ended when nobody has come back', {}, false],
])('a session that nobody is at: %s', async (_, held, stays) => {
  const first = await openFixture(starterWorld);
  deskOf(first).desk.receive({ ...GUEST, keep: true });
  await first.settle();
  const next = await first.restart();
  const { desk, said } = deskOf(next);
  desk.receive({ t: 'hello', live: [], ...held });
  await next.advance(RESUME_WITHIN);
  await next.settle();
  expect(next.world.session(SID) !== undefined).toBe(stays);
  expect(said).toEqual(['ready']);
  await next.close();
});

test('whoever comes back to much that is unread is told it bit by bit, in order, and others have their turns meanwhile', async () => {
  const first = await openFixture(starterWorld);
  const { desk } = deskOf(first);
  desk.receive({ ...GUEST, keep: true });
  await first.settle();
  for (let n = 1; n <= 150; n += 1) {
    desk.receive({ t: 'in', sid: SID, n, line: 'help' });
    await first.settle();
  }
  const it = await first.restart();
  const told: unknown[] = [];
  const listener = new WorldDesk({
    world: it.world,
    accounts: new Accounts(it.world, it.powers.random),
    send: (message: ToPortal) => void told.push(message.t),
    sendJson: (message) => void told.push((JSON.parse(message) as { n: number }).n),
    figures: () => Promise.resolve(''),
    stop: () => {},
    later: it.powers.later,
    report: () => {},
  });
  listener.receive({ t: 'hello', live: [] });
  for (let again = 0; again < 3; again += 1) listener.receive({ t: 'resume', sid: SID, key: 'key', have: 0 });
  listener.receive({ t: 'in', sid: SID, n: 151, line: 'look' });
  await it.settle();
  listener.tell(it.outs);
  listener.receive({ t: 'ping', id: 1 });
  expect(told.length).toBeLessThan(120);
  for (let rounds = 0; rounds < 20; rounds += 1) await it.advance(1);
  expect(told.filter((each) => typeof each === 'string')).toEqual([
    'ready',
    ...Array.from({ length: 3 }, () => 'resumed'),
    'pong',
  ]);
  const { out } = it.world.session(SID) ?? { out: 0 };
  const last = told.slice(told.lastIndexOf('resumed')).filter((each) => typeof each === 'number');
  expect(out).toBeGreaterThan(150);
  expect(last).toEqual(Array.from({ length: out }, (_, at) => at + 1));
  await it.close();
});

test('whoever comes back to a restored world having seen more than there is, while others are told much, is told what is new', async () => {
  const it = await openFixture(starterWorld);
  const { desk, said } = deskOf(it);
  desk.receive({ ...GUEST, keep: true });
  await it.settle();
  for (let n = 1; n <= 100; n += 1) desk.receive({ t: 'in', sid: SID, n, line: 'help' });
  await it.settle();
  for (let again = 0; again < 9; again += 1) desk.receive({ t: 'resume', sid: SID, key: 'key', have: 0 });
  desk.receive({ t: 'resume', sid: SID, key: 'key', have: 5_000 });
  said.length = 0;
  it.outs.length = 0;
  desk.receive({ t: 'in', sid: SID, n: 101, line: 'look' });
  await it.settle();
  desk.tell(it.outs);
  await it.advance(1);
  expect(said).toEqual(['out']);
  await it.close();
});

test.each([
  [MOST_IN_ONE, [MOST_IN_ONE]],
  [MOST_IN_ONE + 1, [MOST_IN_ONE, 1]],
])('%d sessions that are shown the same are told of in as few messages as may be', async (many, messages) => {
  const it = await openFixture(starterWorld);
  const told: { readonly sid: string; readonly n: number; readonly also?: readonly unknown[] }[] = [];
  const desk = new WorldDesk({
    world: it.world,
    accounts: new Accounts(it.world, it.powers.random),
    send: () => {},
    sendJson: (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    figures: () => Promise.resolve(''),
    stop: () => {},
    later: it.powers.later,
    report: () => {},
  });
  const sids = Array.from({ length: many }, (_, at) => `session-${at}`.padEnd(22, '-') as SessionId);
  for (const sid of sids) {
    desk.receive({ ...GUEST, sid });
    await it.settle();
    await it.advance(1);
  }
  told.length = 0;
  const outs = sids.map((sid, at) => ({ sid, in: 0, n: at, text: '["A bell rings."]', close: false }));
  desk.tell([...outs, { sid: sids[0] as SessionId, in: 0, n: 0, text: '["It stops."]', close: false }]);
  expect(told.map(({ also = [] }) => 1 + also.length)).toEqual([...messages, 1]);
  const numbers = told.flatMap(({ sid, n, also = [] }) => [[sid, 0, n], ...also]);
  expect(numbers).toEqual([...sids.map((sid, at) => [sid, 0, at]), [sids[0], 0, 0]]);
  await it.close();
});

describe('a session that the portal holds', () => {
  /** What a portal is told by a desk of each chunk: its number, and whether it is to close. */
  const chunksOf = (it: Fixture): { readonly desk: WorldDesk; readonly told: [number, boolean][] } => {
    const told: [number, boolean][] = [];
    const desk = new WorldDesk({
      world: it.world,
      accounts: new Accounts(it.world, it.powers.random),
      send: () => {},
      sendJson: (message) => {
        const { n, close } = JSON.parse(message) as { n: number; close?: boolean };
        told.push([n, close === true]);
      },
      figures: () => Promise.resolve(''),
      stop: () => {},
      later: it.powers.later,
      report: () => {},
    });
    return { desk, told };
  };

  test('and that ends because it leaves too much unread is told to close', async () => {
    const it = await openFixture({ ...starterWorld, limits: { unreadChunks: 3 } });
    const { desk, told } = chunksOf(it);
    desk.receive({ ...GUEST, keep: true });
    for (let n = 1; n <= 4; n += 1) {
      await it.settle();
      desk.receive({ t: 'in', sid: SID, n, line: 'look' });
    }
    await it.settle();
    await it.settle();
    expect(it.world.session(SID)).toBe(undefined);
    desk.tell(it.outs);
    expect(told.at(-1)).toEqual([0, true]);
    await it.close();
  });

  test('is held no more once it was told to close', async () => {
    const it = await openFixture(starterWorld);
    const { desk, told } = chunksOf(it);
    desk.receive(GUEST);
    await it.settle();
    told.length = 0;
    const last = { sid: SID, in: 1, n: 2, text: '["Goodbye."]', close: true };
    desk.tell([last]);
    desk.tell([{ ...last, n: 3 }]);
    expect(told).toEqual([[2, true]]);
    await it.close();
  });

  test('and that is asked for just as its time is over is told to close', async () => {
    const it = await openFixture(starterWorld);
    const { desk, told } = chunksOf(it);
    desk.receive({ ...GUEST, keep: true });
    await it.settle();
    it.outs.length = 0;
    desk.receive({ t: 'end', sid: SID });
    desk.receive({ t: 'resume', sid: SID, key: 'key', have: 1 });
    await it.settle();
    desk.tell(it.outs);
    expect(told.at(-1)).toEqual([0, true]);
    await it.close();
  });
});

test.each(['rubbish', '{}', '[5]', '["a",\n"b"]', null])(
  'lines that are not as they were written, %j, cost nobody the world: their session goes on',
  async (stored) => {
    const first = await openFixture(starterWorld);
    deskOf(first).desk.receive({ ...GUEST, keep: true });
    await first.settle();
    const next = await first.restart();
    const key = next.journal.contents().find(([each]) => each.startsWith('u/'))?.[0] ?? '';
    const get = next.journal.get.bind(next.journal);
    next.journal.get = (each) => {
      if (each !== key) return get(each);
      if (stored === null) throw new StoreError('Damaged', 'the value is damaged');
      return stored;
    };
    const { desk, said } = deskOf(next);
    desk.receive({ t: 'hello', live: [] });
    desk.receive({ t: 'resume', sid: SID, key: 'key', have: 0 });
    desk.receive({ t: 'in', sid: SID, n: 1, line: 'look' });
    await next.settle();
    desk.tell(next.outs);
    desk.receive({ t: 'ack', sid: SID, n: 2 });
    await next.settle();
    expect(said).toContain('out');
    expect(said).not.toContain('garbage');
    expect(next.journal.contents().filter(([each]) => each.startsWith('u/'))).toEqual([]);
    await next.close();
  },
);
