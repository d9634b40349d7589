/**
 * A world process for the tests of the portal: it says back what it hears, keeps its sessions in a file, and dies,
 * hangs or dawdles when told to. It commits by writing the whole file, before it says anything.
 *
 *   die ONCE, hang ONCE, mute ONCE   before the commit; with the same word ONCE a second time it goes on
 *   gone ONCE                        dies after the commit, before the answer
 *   late                             answers only with the next line
 *   all TEXT                         to every session        scene     a structured item
 *   flood N                          N chunks of 1000        quit      hangs up
 *   silent                           commits, and shows nothing         pair      one chunk of two lines
 *   halt                             takes no more input     refuse    refuses this line
 *
 * The file `mode` in its folder may hold `fatal`, `dies` (at start), `stubborn` (does not stop) or `unwell` (fails as it does),
 * or `untold` (has no figures).
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Pipe } from '../../clients/pipe.ts';
import { asToWorld, type Item, type SessionId, type ToPortal, type ToWorld } from '../../clients/wire.ts';
import { parseWorldOptions } from '../../clients/world-options.ts';

interface Kept {
  name: string;
  keyHash: string;
  keep: boolean;
  in: number;
  out: number;
  unread: { n: number; items: Item[] }[];
}

const { data } = parseWorldOptions(process.argv[2]);
mkdirSync(data, { recursive: true });
const file = join(data, 'sessions.json');
const sessions = new Map<SessionId, Kept>(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
const attached = new Set<SessionId>();
const mode = existsSync(join(data, 'mode')) ? readFileSync(join(data, 'mode'), 'utf8') : '';
let late: (() => void) | undefined;
let mute = false;
let ignored = 0;

const say = (text: string) => appendFileSync(join(data, 'received'), `${text}\n`);
say('start');
process.on('SIGINT', () => {}).on('SIGTERM', () => {});
if (mode === 'dies') process.kill(process.pid, 'SIGKILL');

const pipe = new Pipe<ToWorld, ToPortal>(new Socket({ fd: 3 }), {
  read: asToWorld,
  onMessage: (message) => {
    if (mode === 'fatal') refuseToStart();
    else receive(message);
  },
  onClosed: () => process.exit(0),
});

function refuseToStart(): void {
  pipe.send({ t: 'fatal', code: 'FormatNewer', message: 'The folder was made by a newer version.' });
  void pipe.close().then(() => process.exit(1));
}

function keptOf(sid: SessionId): Kept {
  const kept = sessions.get(sid);
  if (kept === undefined) throw new Error('no such session');
  return kept;
}

function commit(): void {
  writeFileSync(`${file}.new`, JSON.stringify([...sessions]));
  renameSync(`${file}.new`, file);
}

/** Whether this word is heard for the first time, also over restarts. */
function first(word: string): boolean {
  const marker = join(data, `once-${word}`);
  if (existsSync(marker)) return false;
  writeFileSync(marker, '');
  return true;
}

function receive(message: ToWorld): void {
  if (mute) {
    say(`ignored ${(ignored += 1)}`);
    return;
  }
  switch (message.t) {
    case 'hello':
      say(
        `hello ${message.live.map(({ have }) => have).join(' ')}${message.away === undefined ? '' : ` ${message.away.length} away`}`.trim(),
      );
      for (const { sid } of message.live) if (sessions.has(sid)) attached.add(sid);
      for (const [sid, kept] of sessions) if (!kept.keep && !attached.has(sid)) sessions.delete(sid);
      pipe.send({
        t: 'ready',
        sessions: [...attached].map((sid) => ({ sid, in: keptOf(sid).in })),
      });
      for (const { sid, have } of message.live) sendUnread(sid, have);
      return;
    case 'login': {
      say(`login ${message.how}`);
      const { sid, keyHash, keep, how, name = 'Guest' } = message;
      const refuse = (code: string): void => {
        pipe.send({
          t: 'login',
          sid,
          ok: false,
          code,
          message: 'Name or password is wrong, or there are too many.',
        });
      };
      if (how === 'connect' && message.password === 'too many') return refuse('TooManyLogins');
      if (how === 'connect' && message.password !== 'right password') return refuse('WrongPassword');
      if (name === 'Dier' && first('login')) process.kill(process.pid, 'SIGKILL');
      attached.add(sid);
      if (!sessions.has(sid)) {
        sessions.set(sid, { name, keyHash, keep, in: 0, out: 0, unread: [] });
        commit();
        pipe.send({ t: 'login', sid, ok: true, name, in: 0, out: 0 });
        return show(sid, [`Hello, ${name}.`]);
      }
      const { in: committed, out } = keptOf(sid);
      return pipe.send({ t: 'login', sid, ok: true, name, in: committed, out });
    }
    case 'resume': {
      say(`resume ${message.have}`);
      const { sid, key, have } = message;
      const kept = sessions.get(sid);
      if (kept === undefined || createHash('sha256').update(key).digest('base64url') !== kept.keyHash) {
        return pipe.send({
          t: 'resumed',
          sid,
          ok: false,
          code: 'NoSession',
          message: 'There is no such session.',
        });
      }
      attached.add(sid);
      pipe.send({ t: 'resumed', sid, ok: true, name: kept.name, in: kept.in, out: kept.out });
      return sendUnread(sid, have);
    }
    case 'in':
      return input(message.sid, message.n, message.line);
    case 'ack': {
      const kept = sessions.get(message.sid);
      if (kept !== undefined) kept.unread = kept.unread.filter(({ n }) => n > message.n);
      return commit();
    }
    case 'end':
      say('end');
      sessions.delete(message.sid);
      attached.delete(message.sid);
      return commit();
    case 'who':
      return pipe.send({ t: 'who', id: message.id, lines: [...sessions.values()].map(({ name }) => name) });
    case 'ping':
      say(`ping ${message.id}`);
      return pipe.send({ t: 'pong', id: message.id });
    case 'metrics':
      return pipe.send({ t: 'metrics', id: message.id, text: mode === 'untold' ? '' : 'echo_world 1\n' });
    case 'stop':
      say('stop');
      if (mode !== 'stubborn') void pipe.close().then(() => process.exit(mode === 'unwell' ? 1 : 0));
  }
}

function sendUnread(sid: SessionId, have: number): void {
  if (!sessions.has(sid)) return;
  const kept = keptOf(sid);
  for (const { n, items } of kept.unread) {
    if (n > have) pipe.send({ t: 'out', sid, in: kept.in, n, items });
  }
}

function keep(sid: SessionId, items: Item[]): Kept {
  const kept = keptOf(sid);
  kept.out += 1;
  kept.unread.push({ n: kept.out, items });
  return kept;
}

/** In one message, as a world does that tells many the same. */
function showAll(items: Item[]): void {
  const told: [SessionId, number, number][] = [];
  for (const sid of sessions.keys()) {
    const kept = keep(sid, items);
    if (attached.has(sid)) told.push([sid, kept.in, kept.out]);
  }
  commit();
  const [first, ...also] = told;
  if (first !== undefined) pipe.send({ t: 'out', sid: first[0], in: first[1], n: first[2], items, also });
}

function show(sid: SessionId, items: Item[], close = false): void {
  const kept = keep(sid, items);
  if (close) sessions.delete(sid);
  commit();
  if (!attached.has(sid)) return;
  pipe.send({ t: 'out', sid, in: kept.in, n: kept.out, items, ...(close ? { close } : {}) });
}

function input(sid: SessionId, n: number, line: string): void {
  const kept = sessions.get(sid);
  if (kept === undefined || n <= kept.in) return;
  const [word = '', rest = ''] = line.split(/ (.*)/s);
  if (word === 'refuse') {
    return pipe.send({ t: 'refused', sid, n, code: 'Unfit', message: 'That line is not for this world.' });
  }
  if (word === 'die' && first(rest)) process.kill(process.pid, 'SIGKILL');
  if (word === 'hang' && first(rest)) for (;;);
  if (word === 'mute' && first(rest)) {
    mute = true;
    return;
  }
  kept.in = n;
  if (word === 'gone' && first(rest)) {
    kept.out += 1;
    kept.unread.push({ n: kept.out, items: [`[${n}] ${line}`] });
    commit();
    process.kill(process.pid, 'SIGKILL');
  }
  const due = late;
  late = undefined;
  due?.();
  switch (word) {
    case 'late':
      late = () => show(sid, [`[${n}] ${line}`]);
      return;
    case 'all':
      return showAll([`${kept.name}: ${rest}`]);
    case 'scene':
      return show(sid, [
        [
          'scene',
          { room: 'The Yard', exits: [{ name: 'north', to: 'The Hall' }], people: ['Ann'], things: ['lamp'] },
        ],
        'You are in the yard.',
      ]);
    case 'flood':
      for (let i = 1; i < Number(rest); i += 1) {
        kept.out += 1;
        pipe.send({ t: 'out', sid, in: n, n: kept.out, items: ['x'.repeat(1000)] });
      }
      return show(sid, ['x'.repeat(1000)]);
    case 'pair':
      return show(sid, ['one', 'two']);
    case 'quit':
      return show(sid, ['Goodbye.'], true);
    case 'silent':
      commit();
      return pipe.send({ t: 'out', sid, in: n, n: 0 });
    case 'halt':
      commit();
      return pipe.send({
        t: 'halt',
        code: 'DiskFull',
        message: 'The world cannot write, and takes no more commands.',
      });
    default:
      return show(sid, [`[${n}] ${line}`]);
  }
}
