import type { DurableTurns, EndedTurn } from '../../engine/turn-log.ts';
import type { OutputItem, TurnEffects } from '../../engine/turn-effects.ts';
import { TURN_LOG_LIMITS } from './limits.ts';

/**
 * The grammar of the log of turns: files of lines, each one JSON object, in the order of the journal.
 *
 *   line = { "seq": the journal's number of the commit, null if there was nothing to write
 *            "at":  when it was durable, in milliseconds since the epoch
 *            "us":  microseconds that the commit took
 *            "turns": [turn ...] }
 *   turn = { "kind": "command" | "message" | "timer" | "login" | "end" | "host" | "start"
 *            "ran"?: the object that was called       "who"?: the name of the player (command, login, end)
 *            "line"?: what came in (command), or an entry of a REPL (host)
 *            "number"?, "method"?, "from"?: of a message or timer
 *            "us": microseconds that it ran           "waited"?: that it waited for its turn
 *            "error"?: code, of a turn that failed    "blamed"?: the object in whose code it failed
 *            "changed"?, "created"?, "destroyed"?: [object ...]
 *            "sent"?: [[number, to, method] ...]      "said"?: [[text, [to ...]] ...]
 *            "more"?: { LIST: how many the list leaves out } }
 *
 * Objects are ids. What was said that is not text is a text too: '[KIND]'. Only those who are attached to a session hear
 * anything; others are left out. Fields may be added; a reader passes over those that it does not know.
 */
export interface LoggedCommit {
  readonly seq: number | null;
  readonly at: number;
  readonly us: number;
  readonly turns: readonly LoggedTurn[];
}

export interface LoggedTurn {
  readonly kind: TurnKind;
  readonly ran?: string;
  readonly who?: string;
  readonly line?: string;
  readonly number?: number;
  readonly method?: string;
  readonly from?: string;
  readonly us: number;
  readonly waited?: number;
  readonly error?: string;
  readonly blamed?: string;
  readonly changed?: readonly string[];
  readonly created?: readonly string[];
  readonly destroyed?: readonly string[];
  readonly sent?: readonly (readonly [number: number, to: string, method: string])[];
  readonly said?: readonly (readonly [text: string, to: readonly string[]])[];
  readonly more?: Readonly<Record<string, number>>;
}

export const TURN_KINDS = ['command', 'message', 'timer', 'login', 'end', 'host', 'start'] as const;
export type TurnKind = (typeof TURN_KINDS)[number];

export function kindOf({ cause }: EndedTurn): TurnKind {
  return cause.what === 'message' && cause.message.due !== null ? 'timer' : cause.what;
}

/** The object that was called; undefined where the host did something by itself. */
export function ranIn({ cause, idOf }: EndedTurn): string | undefined {
  if (cause.what === 'command' || cause.what === 'end') return cause.session.object;
  return cause.what === 'message' ? (idOf(cause.message.to) ?? undefined) : undefined;
}

/** A line, without its end. `texts` are of its turns: see `turnText`. */
export function logLine({ seq, texts, milliseconds }: DurableTurns, at: number): string {
  return `{"seq":${seq ?? 'null'},"at":${at},"us":${micros(milliseconds)},"turns":[${texts.join(',')}]}`;
}

/**
 * A turn as it stands in a line; null for one that does not: it will be tried again, four times a second. Written by hand,
 * because it is written for every command: three times as fast as making objects for `JSON.stringify`. `hears`: whether a session
 * is attached to the object.
 */
export function turnText(turn: EndedTurn, hears: (id: string) => boolean): string | null {
  if (turn.cause.what === 'message' && turn.error?.code === 'TooBusy') return null;
  // In one piece: it is kept until its commit is durable, and what is added up would be kept piece by piece.
  const pieces = [beginning(turn)];
  addRest(turn, hears, pieces);
  return pieces.join('');
}

function addRest(turn: EndedTurn, hears: (id: string) => boolean, pieces: string[]): void {
  const { waited, milliseconds, effects, error, blamed, idOf } = turn;
  pieces.push(`,"us":${micros(milliseconds)}`);
  if (waited !== null) pieces.push(`,"waited":${micros(waited)}`);
  if (error !== null) pieces.push(`,"error":${quoted(error.code, LINE)}`);
  if (blamed !== null) pieces.push(`,"blamed":"${blamed}"`);
  if (effects !== null) addEffects(effects, hears, idOf, pieces);
  pieces.push('}');
}

function addEffects(
  { changed, created, destroyed, messages, outputs }: TurnEffects,
  hears: (id: string) => boolean,
  idOf: EndedTurn['idOf'],
  pieces: string[],
): void {
  const more: string[] = [];
  if (created.length > 0) pieces.push(list('created', created, ({ id }) => `"${id}"`, more));
  if (changed.length > created.length) {
    const made = created.length === 0 ? null : new Set(created);
    const older = made === null ? changed : changed.filter(({ wrapper }) => !made.has(wrapper));
    pieces.push(list('changed', older, ({ wrapper }) => `"${wrapper.id}"`, more));
  }
  if (destroyed.length > 0) pieces.push(list('destroyed', destroyed, ({ id }) => `"${id}"`, more));
  if (messages.length > 0) {
    const sent = ({ number, to, method }: (typeof messages)[number]): string =>
      `[${number},"${idOf(to)}",${quoted(method, LINE)}]`;
    pieces.push(list('sent', messages, sent, more));
  }
  if (outputs.length > 0) pieces.push(saidText(outputs, hears, more));
  if (more.length > 0) pieces.push(`,"more":{${more.join(',')}}`);
}

function beginning({ cause, idOf }: EndedTurn): string {
  switch (cause.what) {
    case 'command': {
      const { session, line } = cause;
      return `{"kind":"command","ran":"${session.object}","who":${quoted(session.name, LINE)},"line":${quoted(line, LINE)}`;
    }
    case 'message': {
      const { to, method, number, from, due } = cause.message;
      const sender = from === null ? '' : `,"from":"${from}"`;
      const kind = due === null ? 'message' : 'timer';
      return `{"kind":"${kind}","ran":"${idOf(to)}","number":${number},"method":${quoted(method, LINE)}${sender}`;
    }
    case 'login':
      return `{"kind":"login","who":${quoted(cause.name, LINE)}`;
    case 'end':
      return `{"kind":"end","ran":"${cause.session.object}","who":${quoted(cause.session.name, LINE)}`;
    case 'host':
      return cause.typed === null ? '{"kind":"host"' : `{"kind":"host","line":${quoted(cause.typed, LINE)}`;
    case 'start':
      break;
  }
  return `{"kind":"${cause.what}"`;
}

/** What was said, each text once with all who heard it, as long as they were told one after the other. */
function saidText(
  outputs: readonly { readonly from: { readonly id: string }; readonly item: OutputItem }[],
  hears: (id: string) => boolean,
  more: string[],
): string {
  let text = '';
  let texts = 0;
  let before: string | null = null;
  let heard = 0;
  let left = 0;
  for (const { from, item } of outputs) {
    if (!hears(from.id)) continue;
    const said = typeof item === 'string' ? item : `[${item[0]}]`;
    if (said === before) {
      heard += 1;
      if (heard <= NAMES) text += `,"${from.id}"`;
      else left += 1;
    } else if (texts === TEXTS) {
      left += 1;
    } else {
      text += `${before === null ? '' : ']],'}[${quoted(said, TEXT)},["${from.id}"`;
      texts += 1;
      before = said;
      heard = 1;
    }
  }
  if (left > 0) more.push(`"said":${left}`);
  return before === null ? '' : `,"said":[${text}]]]`;
}

function list<T>(name: string, all: readonly T[], write: (each: T) => string, more: string[]): string {
  let text = '';
  const length = Math.min(all.length, NAMES);
  for (let at = 0; at < length; at += 1) text += at === 0 ? write(all[at] as T) : `,${write(all[at] as T)}`;
  if (length < all.length) more.push(`"${name}":${all.length - length}`);
  return `,"${name}":[${text}]`;
}

const LINE = TURN_LOG_LIMITS.lineCharacters.value;
const TEXT = TURN_LOG_LIMITS.textCharacters.value;
const TEXTS = TURN_LOG_LIMITS.textsPerTurn.value;
const NAMES = TURN_LOG_LIMITS.namesPerList.value;

function quoted(text: string, most: number): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}

function micros(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1000));
}

/** Undefined for a text that is no line of the log. */
export function parseLogLine(text: string): LoggedCommit | undefined {
  let alleged: unknown;
  try {
    alleged = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof alleged !== 'object' || alleged === null) return undefined;
  const { seq, at, us, turns } = alleged as Record<string, unknown>;
  if (!(seq === null || isNumber(seq)) || !isNumber(at) || !isNumber(us) || !Array.isArray(turns))
    return undefined;
  if (Number.isNaN(new Date(at).getTime())) return undefined; // no calendar goes that far
  return turns.every(isTurn) ? (alleged as LoggedCommit) : undefined;
}

function isTurn(alleged: unknown): alleged is LoggedTurn {
  if (typeof alleged !== 'object' || alleged === null) return false;
  const turn = alleged as Record<string, unknown>;
  if (!(TURN_KINDS as readonly unknown[]).includes(turn['kind']) || !isNumber(turn['us'])) return false;
  const texts = ['ran', 'who', 'line', 'method', 'from', 'error', 'blamed'];
  const lists = ['changed', 'created', 'destroyed'];
  const isList = (value: unknown, fits: (each: unknown) => boolean): boolean =>
    value === undefined || (Array.isArray(value) && value.every(fits));
  return (
    texts.every((name) => turn[name] === undefined || typeof turn[name] === 'string') &&
    ['number', 'waited'].every((name) => turn[name] === undefined || isNumber(turn[name])) &&
    lists.every((name) => isList(turn[name], isText)) &&
    isList(
      turn['sent'],
      (each) => Array.isArray(each) && isNumber(each[0]) && isText(each[1]) && isText(each[2]),
    ) &&
    isList(
      turn['said'],
      (each) => Array.isArray(each) && isText(each[0]) && Array.isArray(each[1]) && each[1].every(isText),
    ) &&
    isMore(turn['more'])
  );
}

function isMore(alleged: unknown): boolean {
  if (alleged === undefined) return true;
  return typeof alleged === 'object' && alleged !== null && Object.values(alleged).every(isNumber);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
