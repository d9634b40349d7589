import type { LoggedCommit, LoggedTurn } from './line.ts';
import type { Logged } from './reader.ts';

/** Whatever could draw on a terminal or turn the direction of what is written there, and half characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text that came from the world, in quotation marks, without anything that a terminal would obey. */
function shown(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(UNSAFE, escaped)}"`;
}

/** A name that should be plain, and is shown as it is if that is so. */
function plain(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : shown(text);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** One turn as a line of JSON, with the number and time of its commit. */
export function turnAsJson({ seq, at }: LoggedCommit, turn: LoggedTurn): string {
  return JSON.stringify({ seq, at, ...turn }).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}${low(character)}`,
  );
}

/** The second half of a character that JSON writes as two. */
function low(character: string): string {
  return character.length < 2 ? '' : `\\u${character.charCodeAt(1).toString(16)}`;
}

/** One turn in words, on lines without their ends. */
export function turnAsText({ seq, at }: LoggedCommit, turn: LoggedTurn): readonly string[] {
  const head = `${new Date(at).toISOString()}  ${seq === null ? '-' : seq}  ${came(turn)}  ${duration(turn.us)}`;
  const waited = (turn.waited ?? 0) >= WORTH_SAYING ? ` after ${duration(turn.waited ?? 0)}` : '';
  const blamed = turn.blamed === undefined ? '' : ` in ${plain(turn.blamed)}`;
  const error = turn.error === undefined ? '' : `  failed: ${plain(turn.error)}${blamed}`;
  return [`${head}${waited}${error}`, ...effects(turn).map((line) => `    ${line}`)];
}

/** Microseconds of waiting below which nobody cares. */
const WORTH_SAYING = 10_000;

function came(turn: LoggedTurn): string {
  const ran = turn.ran === undefined ? '' : ` ${plain(turn.ran)}`;
  const who = turn.who === undefined ? '' : ` ${plain(turn.who)}`;
  switch (turn.kind) {
    case 'command':
      return `${who.trimStart()}${ran}  ${shown(turn.line ?? '')}`;
    case 'message':
    case 'timer': {
      const from = turn.from === undefined ? '' : ` from ${plain(turn.from)}`;
      return `${turn.kind} ${turn.number ?? '?'}${from} to${ran}.${plain(turn.method ?? '?')}`;
    }
    case 'login':
      return `login${who}`;
    case 'end':
      return `end of a session of${who}${ran}`;
    case 'host':
      return turn.line === undefined ? 'host' : `host  ${shown(turn.line)}`;
    case 'start':
      break;
  }
  return turn.kind;
}

function effects(turn: LoggedTurn): readonly string[] {
  const { changed, created, destroyed, sent, said, more = {} } = turn;
  const lines: string[] = [];
  const rest = (name: string): string => (more[name] === undefined ? '' : ` and ${more[name]} more`);
  const add = (name: string, ids: readonly string[] | undefined): void => {
    if (ids !== undefined) lines.push(`${name} ${ids.map(plain).join(' ')}${rest(name)}`);
  };
  add('created', created);
  add('changed', changed);
  add('destroyed', destroyed);
  if (sent !== undefined) {
    const each = sent.map(([number, to, method]) => `${number} to ${plain(to)}.${plain(method)}`);
    lines.push(`sent ${each.join(', ')}${rest('sent')}`);
  }
  for (const [text, to] of said ?? []) lines.push(`said to ${to.map(plain).join(' ')}: ${shown(text)}`);
  if (more['said'] !== undefined) lines.push(`said${rest('said')}`);
  return lines;
}

function duration(us: number): string {
  return us < 1000 ? `${us} us` : `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
}

/** What a log does not have, in words. */
export function missingAsText(logged: Exclude<Logged, { what: 'commit' }>): string {
  if (logged.what === 'gap') {
    const { from, to } = logged;
    const which = from === to ? `commit ${from} is` : `commits ${from} to ${to} are`;
    return `-- ${which} not in the log: it was off, or a crash came before they were written to it`;
  }
  return logged.cut
    ? `-- the last line of ${shown(logged.file)} was cut by a crash`
    : `-- a line of ${shown(logged.file)} cannot be read`;
}

export function missingAsJson(logged: Exclude<Logged, { what: 'commit' }>): string {
  if (logged.what === 'gap') return JSON.stringify({ gap: [logged.from, logged.to] });
  return JSON.stringify({ unreadable: logged.file, cut: logged.cut });
}
