import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  integer,
  oneof,
  property,
  string,
  tuple,
} from 'fast-check';
import { Duplex, PassThrough } from 'node:stream';
import { AT_ONCE, Pipe } from '../../clients/pipe.ts';
import {
  asSessionId,
  asToPortal,
  asToWorld,
  outJson,
  type SessionId,
  type ToPortal,
  type ToWorld,
} from '../../clients/wire.ts';
import { anything, jsonText } from '../arbitrary.ts';

const sid = 'AAAAAAAAAAAAAAAAAAAAAA' as SessionId;
const keyHash = 'B'.repeat(43);

const toWorld: readonly ToWorld[] = [
  { t: 'hello', live: [{ sid, have: 3 }], away: [sid] },
  { t: 'hello', live: [] },
  { t: 'login', sid, keyHash, how: 'create', name: 'Ann', password: 'secret77', keep: true, place: '::1' },
  { t: 'login', sid, keyHash, how: 'guest', keep: false, place: '' },
  { t: 'resume', sid, key: 'k', have: 0 },
  { t: 'in', sid, n: 1, line: 'look' },
  { t: 'ack', sid, n: 1 },
  { t: 'end', sid },
  { t: 'who', id: 1 },
  { t: 'ping', id: 1 },
  { t: 'stop' },
];

const toPortal: readonly ToPortal[] = [
  { t: 'ready', sessions: [{ sid, in: 0 }] },
  { t: 'login', sid, ok: true, name: 'Ann', in: 0, out: 0 },
  { t: 'login', sid, ok: false, code: 'NameTaken', message: 'no' },
  { t: 'resumed', sid, ok: true, name: 'Ann', in: 4, out: 9 },
  { t: 'resumed', sid, ok: false, code: 'NoSession', message: 'no' },
  { t: 'out', sid, in: 1, n: 1, items: ['a', ['scene', { room: 'Yard' }]], close: true },
  { t: 'out', sid, in: 1, n: 0 },
  { t: 'out', sid, in: 1, n: 2, items: ['a'], also: [[sid, 0, 1]] },
  { t: 'refused', sid, n: 1, code: 'TooLong', message: 'no' },
  { t: 'who', id: 1, lines: ['Ann'] },
  { t: 'pong', id: 1 },
  { t: 'halt', code: 'DiskFull', message: 'no' },
  { t: 'fatal', code: 'InUse', message: 'no' },
];

test('every message is read as itself', () => {
  for (const message of toWorld) expect(asToWorld(message)).toBe(message);
  for (const message of toPortal) expect(asToPortal(message)).toBe(message);
});

test('a message without one of its fields, or with a wrong one, is none', () => {
  const spared = new Set(['away', 'items', 'close', 'also', 'name', 'password']);
  for (const [messages, read] of [
    [toWorld, asToWorld],
    [toPortal, asToPortal],
  ] as const) {
    for (const message of messages) {
      for (const name of Object.keys(message)) {
        const wrong = { ...message, [name]: Symbol('wrong') };
        expect([message.t, name, read(wrong)]).toEqual([message.t, name, undefined]);
        const { [name]: _, ...without } = message as unknown as Record<string, unknown>;
        if (!spared.has(name)) expect([message.t, name, read(without)]).toEqual([message.t, name, undefined]);
      }
    }
  }
});

test('what a session is shown goes as it was stored, and is read as the message that it is', () => {
  const value = jsonText().map((text) => JSON.parse(text) as unknown);
  const items = array(oneof(string({ unit: 'binary' }), tuple(constant('scene'), value)), { minLength: 1 });
  assert(
    property(items, integer({ min: 1 }), boolean(), (shown, n, close) => {
      const out = JSON.parse(outJson({ sid, in: 2, n, text: JSON.stringify(shown), close })) as unknown;
      const stored = JSON.parse(JSON.stringify(shown)) as unknown;
      expect(out).toEqual({ t: 'out', sid, in: 2, n, items: stored, ...(close ? { close } : {}) });
      expect(asToPortal(out)).toBe(out);
    }),
  );
  const nothing = JSON.parse(outJson({ sid, in: 2, n: 0, text: '', close: false })) as unknown;
  expect(nothing).toEqual({ t: 'out', sid, in: 2, n: 0 });
  expect(asToPortal(nothing)).toBe(nothing);
});

test('who is shown the same is named beside, with numbers of his own', () => {
  const outs = [1, 2, 3].map((n) => ({ sid, in: n + 5, n, text: '["hello"]', close: false }));
  const [first = outs[0] as (typeof outs)[number], ...also] = outs;
  const message = JSON.parse(outJson(first, also)) as { also: unknown };
  const others = [
    [sid, 7, 2],
    [sid, 8, 3],
  ];
  expect(message).toEqual({ t: 'out', sid, in: 6, n: 1, items: ['hello'], also: others });
  expect(asToPortal(message)).toBe(message);
  for (const wrong of [
    [[sid, 1]],
    [[sid, 1, 2, 3]],
    [['', 1, 2]],
    [[sid, -1, 2]],
    [[sid, 1, '2']],
    [{}],
    {},
  ]) {
    expect([wrong, asToPortal({ ...message, also: wrong })]).toEqual([wrong, undefined]);
  }
});

test('a login with a name needs name and password', () => {
  expect(
    asToWorld({ t: 'login', sid, keyHash, how: 'connect', name: 'Ann', keep: false, place: '' }),
  ).toBeUndefined();
});

test('what is no message is refused, whatever it is', () => {
  const refused = (alleged: unknown): boolean =>
    asToWorld(alleged) === undefined && asToPortal(alleged) === undefined;
  assert(property(anything(), refused));
  assert(property(jsonText(), (text) => refused(JSON.parse(text))));
  for (const t of ['constructor', '__proto__', 'toString']) expect(asToWorld({ t })).toBeUndefined();
});

test('a session id is 22 characters of base64url', () => {
  expect(asSessionId(sid)).toBe(sid);
  for (const wrong of ['', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}/`, `${'A'.repeat(21)}\n`, 5]) {
    expect(asSessionId(wrong)).toBeUndefined();
  }
});

/** A pipe whose input the test writes, and whose output it reads; with a log of what happened. */
function openPipe(maxLine?: number) {
  const from = new PassThrough();
  const to = new PassThrough();
  const log: unknown[] = [];
  let finish = () => {};
  const closed = new Promise<void>((resolve) => (finish = resolve));
  const pipe = new Pipe<ToWorld, ToPortal>(Duplex.from({ readable: from, writable: to }), {
    read: asToWorld,
    onMessage: (message) => log.push(message),
    onClosed: (error) => {
      log.push((error as { code?: string } | undefined)?.code ?? 'closed');
      finish();
    },
    ...(maxLine === undefined ? {} : { maxLine }),
  });
  return { pipe, from, to, log, closed };
}

test('messages arrive whole and in order, however the bytes are cut', async () => {
  const sent: ToWorld[] = [...toWorld, { t: 'in', sid, n: 2, line: 'Zürich \u{1f511} \u2028' }];
  const bytes = Buffer.from(sent.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await assert(
    asyncProperty(array(integer({ min: 1, max: 60 }), { minLength: 1 }), async (sizes) => {
      const { from, log, closed } = openPipe();
      for (let at = 0, i = 0; at < bytes.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        from.write(bytes.subarray(at, at + size));
        at += size;
      }
      from.end();
      await closed;
      expect(log).toEqual([...sent, 'closed']);
    }),
    { numRuns: 30 },
  );
});

test('what gathers in one tick leaves as soon as it is much, so that the other side can begin', () => {
  const { pipe, to } = openPipe();
  const frame = JSON.stringify({ t: 'pong', id: 1 }).length + 1;
  for (let n = 1; n * frame < AT_ONCE; n += 1) pipe.send({ t: 'pong', id: 1 });
  expect(to.readableLength).toBe(0);
  pipe.send({ t: 'pong', id: 1 });
  expect(to.readableLength).toBe(Math.ceil(AT_ONCE / frame) * frame);
  pipe.send({ t: 'pong', id: 1 });
  expect(to.readableLength).toBe(Math.ceil(AT_ONCE / frame) * frame);
});

test('what is little and sent in one tick leaves as one write', async () => {
  const { pipe, to } = openPipe();
  pipe.send({ t: 'pong', id: 1 });
  pipe.send({ t: 'pong', id: 2 });
  expect(to.readableLength).toBe(0);
  const chunk = await new Promise<Buffer>((resolve) => to.once('data', resolve));
  expect(chunk.toString()).toBe('{"t":"pong","id":1}\n{"t":"pong","id":2}\n');
});

test.each([
  ['no JSON', 'nonsense\n', 'PipeGarbage'],
  ['JSON that is no message', '{"t":"in"}\n', 'PipeGarbage'],
  ['a line that is too long', `${'x'.repeat(101)}\n`, 'PipeLineTooLong'],
  ['a line that never ends', 'x'.repeat(101), 'PipeLineTooLong'],
])('the pipe ends with an error on %s, and delivers nothing after it', async (_, text, code) => {
  const { from, log, closed } = openPipe(100);
  from.write(`{"t":"ping","id":1}\n${text}{"t":"ping","id":2}\n`);
  await closed;
  expect(log).toEqual([{ t: 'ping', id: 1 }, code]);
});

test('a line of exactly the limit passes', async () => {
  const { from, log, closed } = openPipe(100);
  const line = `{"t":"ping","id":1,"x":"${'x'.repeat(100 - 26)}"}`;
  expect(line).toHaveLength(100);
  from.end(`${line}\n`);
  await closed;
  expect(log).toHaveLength(2);
});
