/**
 * The wire between the portal and the world process: every message in both directions, and what each must look like.
 *
 * Messages travel as one JSON object a line over one duplex pipe (file descriptor 3 of the world process); see
 * `pipe.ts`. Neither side trusts the other blindly: whatever does not fit its shape here ends the pipe.
 *
 * How a conversation goes:
 *
 *   portal                                   world
 *   hello (the sessions it holds)   ->
 *                                   <-       ready (the last committed input of each of them; those it leaves out
 *                                            do not exist any more) or fatal
 *   login ... (unanswered ones again)
 *   in ... (uncommitted ones again, in order)
 *                                   <-       out (what was not yet seen, then what is new)
 *
 * Everything the portal sends may arrive twice, before and after a crash of the world: a login with the same `sid` has
 * the same answer, an input with a number that is not greater than the last committed one is dropped. Input numbers
 * of a session grow, but may leave gaps (a line that the portal refused has a number too). Output chunks are numbered
 * from 1 without gaps; the portal drops a chunk that it has.
 *
 * `have` says from where to send on. It is no acknowledgement: only `ack` lets the world forget a chunk.
 */

import type { SessionOut } from '../engine/sessions.ts';

/** The name of a session: 128 random bits in base64url, made by the portal. */
export type SessionId = string & { readonly brand: 'SessionId' };

/** `alleged` as a session id, or undefined when it cannot be one. */
export function asSessionId(alleged: unknown): SessionId | undefined {
  return isSessionId(alleged) ? alleged : undefined;
}

/** Plain data, as JSON has it. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One thing to show: text (which may hold line ends), or a kind and its data for clients that know that kind. */
export type Item = string | readonly [kind: string, data: Json];

export type LoginHow = 'create' | 'connect' | 'guest';

/**
 * The first message of a new pipe: the sessions that the portal holds, also those whose login is not answered yet.
 * `away`: those whose clients were lost. What they missed is told when they come back; the portal ends them when
 * their time is over. Left out: none.
 */
export interface Hello {
  readonly t: 'hello';
  readonly live: readonly { readonly sid: SessionId; readonly have: number }[];
  readonly away?: readonly SessionId[];
}

/** `name` and `password` are there unless `how` is 'guest'. `keep`: resumable with the key whose SHA-256 is `keyHash`. */
export interface Login {
  readonly t: 'login';
  readonly sid: SessionId;
  readonly keyHash: string;
  readonly how: LoginHow;
  readonly name?: string;
  readonly password?: string;
  readonly keep: boolean;
  /** What counts as one place of those that log-ins come from. */
  readonly place: string;
  /** The client shows nothing of items that have a kind. Left out: it does. */
  readonly textOnly?: boolean;
}

/** A client that lost its socket (or whose portal died) asks for its session again. */
export interface Resume {
  readonly t: 'resume';
  readonly sid: SessionId;
  readonly key: string;
  readonly have: number;
}

/** One command line, numbered within its session from 1. */
export interface In {
  readonly t: 'in';
  readonly sid: SessionId;
  readonly n: number;
  readonly line: string;
}

/** All chunks up to `n` are in the client's hands and may be forgotten. Sent late and seldom, never missing for good. */
interface Ack {
  readonly t: 'ack';
  readonly sid: SessionId;
  readonly n: number;
}

/** The session is over: its plain socket closed, or nobody came back to it in time. */
interface End {
  readonly t: 'end';
  readonly sid: SessionId;
}

interface Who {
  readonly t: 'who';
  readonly id: number;
}

interface Ping {
  readonly t: 'ping';
  readonly id: number;
}

/** Asks for the figures of the world process. */
interface MetricsQuestion {
  readonly t: 'metrics';
  readonly id: number;
}

/** Commit what is under way, close the store, exit with 0. */
interface Stop {
  readonly t: 'stop';
}

export type ToWorld = Hello | Login | Resume | In | Ack | End | Who | Ping | MetricsQuestion | Stop;

/** The store is open. `in`: the last committed input of each session named in `hello` that still exists. */
export interface Ready {
  readonly t: 'ready';
  readonly sessions: readonly { readonly sid: SessionId; readonly in: number }[];
}

interface Denied {
  readonly sid: SessionId;
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

interface Granted {
  readonly sid: SessionId;
  readonly ok: true;
  /** The name of the player. */
  readonly name: string;
  /** The last committed input. */
  readonly in: number;
  /** The last chunk of output so far. */
  readonly out: number;
}

export type LoginAnswer = { readonly t: 'login' } & (Granted | Denied);

/** When granted, the unread chunks after the `have` of the request follow. */
export type ResumeAnswer = { readonly t: 'resumed' } & (Granted | Denied);

/**
 * What a session is shown, after its commit. `in`: the last committed input. `n`: the number of this chunk, or 0 when
 * only `in` moved and there is nothing to show. `close`: hang up when it has been shown.
 */
export interface Out {
  readonly t: 'out';
  readonly sid: SessionId;
  readonly in: number;
  readonly n: number;
  readonly items?: readonly Item[];
  readonly close?: boolean;
  /** Others that are shown the same, as what is said in a room is: each with its own `in` and `n`. */
  readonly also?: readonly (readonly [sid: SessionId, input: number, n: number])[];
}

/**
 * An `Out` as JSON. `text` is its items as they were written down when they were stored, or '': most of what goes over the pipe
 * is these, and need not be written twice. `also`: others with the same text, none of which is to close.
 */
export function outJson(
  { sid, in: input, n, text, close }: SessionOut,
  also: readonly SessionOut[] = [],
): string {
  const items = text === '' ? '' : `,"items":${text}`;
  let others = '';
  for (const each of also)
    others += `${others === '' ? ',"also":[' : ','}["${each.sid}",${each.in},${each.n}]`;
  if (others !== '') others += ']';
  return `{"t":"out","sid":"${sid}","in":${input},"n":${n}${items}${close ? ',"close":true' : ''}${others}}`;
}

/** An input that was refused before any turn. */
export interface Refused {
  readonly t: 'refused';
  readonly sid: SessionId;
  readonly n: number;
  readonly code: string;
  readonly message: string;
}

interface WhoAnswer {
  readonly t: 'who';
  readonly id: number;
  readonly lines: readonly string[];
}

/** The answer to a ping; with the number 0, which none has, a world that takes long to start says that it is about it. */
export interface Pong {
  readonly t: 'pong';
  readonly id: number;
}

/** In the text format of Prometheus. */
interface MetricsAnswer {
  readonly t: 'metrics';
  readonly id: number;
  readonly text: string;
}

/** Commits fail: the world takes no more input. */
export interface Halt {
  readonly t: 'halt';
  readonly code: string;
  readonly message: string;
}

/** The world cannot start, and starting it again will not help. */
export interface Fatal {
  readonly t: 'fatal';
  readonly code: string;
  readonly message: string;
}

export type ToPortal =
  Ready | LoginAnswer | ResumeAnswer | Out | Refused | WhoAnswer | Pong | MetricsAnswer | Halt | Fatal;

/** `alleged` as a message to the world, or undefined. The value itself is returned, not a copy. */
export function asToWorld(alleged: unknown): ToWorld | undefined {
  return fits(TO_WORLD, alleged) ? (alleged as ToWorld) : undefined;
}

/** `alleged` as a message to the portal, or undefined. The value itself is returned, not a copy. */
export function asToPortal(alleged: unknown): ToPortal | undefined {
  return fits(TO_PORTAL, alleged) ? (alleged as ToPortal) : undefined;
}

type Check = (alleged: unknown) => boolean;

/** A check for a record; every field of `T` must have its own, so that a new field breaks the compile. */
function record<T>(checks: { readonly [K in Exclude<keyof T, 't'>]-?: Check }): Check {
  const fields = Object.entries<Check>(checks);
  return (alleged) => {
    if (typeof alleged !== 'object' || alleged === null) return false;
    const fieldsOf = alleged as Record<string, unknown>;
    for (const [name, check] of fields) if (!check(fieldsOf[name])) return false;
    return true;
  };
}

const SESSION_ID = /^[A-Za-z0-9_-]{22}$/;
const KEY_HASH = /^[A-Za-z0-9_-]{43}$/;

function isSessionId(alleged: unknown): alleged is SessionId {
  return typeof alleged === 'string' && SESSION_ID.test(alleged);
}
const isText: Check = (alleged) => typeof alleged === 'string';
const isBoolean: Check = (alleged) => typeof alleged === 'boolean';
const isCount: Check = (alleged) => Number.isSafeInteger(alleged) && (alleged as number) >= 0;
const isKeyHash: Check = (alleged) => typeof alleged === 'string' && KEY_HASH.test(alleged);
const isOther: Check = (alleged) =>
  Array.isArray(alleged) &&
  alleged.length === 3 &&
  isSessionId(alleged[0]) &&
  isCount(alleged[1]) &&
  isCount(alleged[2]);
const isItem: Check = (alleged) =>
  typeof alleged === 'string' ||
  (Array.isArray(alleged) && alleged.length === 2 && typeof alleged[0] === 'string');

const optional =
  (check: Check): Check =>
  (alleged) =>
    alleged === undefined || check(alleged);
const listOf =
  (check: Check): Check =>
  (alleged) =>
    Array.isArray(alleged) && alleged.every((each) => check(each));
const oneOf =
  (...values: readonly unknown[]): Check =>
  (alleged) =>
    values.includes(alleged);

const isLogin = record<Login>({
  sid: isSessionId,
  keyHash: isKeyHash,
  how: oneOf('create', 'connect', 'guest'),
  name: optional(isText),
  password: optional(isText),
  keep: isBoolean,
  place: isText,
  textOnly: optional(isBoolean),
});

const TO_WORLD: Readonly<Record<ToWorld['t'], Check>> = {
  hello: record<Hello>({
    live: listOf(record<Hello['live'][number]>({ sid: isSessionId, have: isCount })),
    away: optional(listOf(isSessionId)),
  }),
  login: (alleged) => {
    if (!isLogin(alleged)) return false;
    const { how, name, password } = alleged as Login;
    return how === 'guest' || (name !== undefined && password !== undefined);
  },
  resume: record<Resume>({ sid: isSessionId, key: isText, have: isCount }),
  in: record<In>({ sid: isSessionId, n: isCount, line: isText }),
  ack: record<Ack>({ sid: isSessionId, n: isCount }),
  end: record<End>({ sid: isSessionId }),
  who: record<Who>({ id: isCount }),
  ping: record<Ping>({ id: isCount }),
  metrics: record<MetricsQuestion>({ id: isCount }),
  stop: () => true,
};

const isGranted = record<Granted>({
  sid: isSessionId,
  ok: oneOf(true),
  name: isText,
  in: isCount,
  out: isCount,
});
const isDenied = record<Denied>({ sid: isSessionId, ok: oneOf(false), code: isText, message: isText });
const isAnswer: Check = (alleged) => isGranted(alleged) || isDenied(alleged);

const TO_PORTAL: Readonly<Record<ToPortal['t'], Check>> = {
  ready: record<Ready>({
    sessions: listOf(record<Ready['sessions'][number]>({ sid: isSessionId, in: isCount })),
  }),
  login: isAnswer,
  resumed: isAnswer,
  out: record<Out>({
    sid: isSessionId,
    in: isCount,
    n: isCount,
    items: optional(listOf(isItem)),
    close: optional(isBoolean),
    also: optional(listOf(isOther)),
  }),
  refused: record<Refused>({ sid: isSessionId, n: isCount, code: isText, message: isText }),
  who: record<WhoAnswer>({ id: isCount, lines: listOf(isText) }),
  pong: record<Pong>({ id: isCount }),
  metrics: record<MetricsAnswer>({ id: isCount, text: isText }),
  halt: record<Halt>({ code: isText, message: isText }),
  fatal: record<Fatal>({ code: isText, message: isText }),
};

function fits(shapes: Readonly<Record<string, Check>>, alleged: unknown): boolean {
  if (typeof alleged !== 'object' || alleged === null) return false;
  const { t } = alleged as { t?: unknown };
  return typeof t === 'string' && Object.hasOwn(shapes, t) && shapes[t]?.(alleged) === true;
}
