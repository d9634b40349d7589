import { InvalidArgumentError, type Command } from 'commander';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isChosen, type TurnChoice } from '../turn-log/choice.ts';
import { missingAsJson, missingAsText, turnAsJson, turnAsText } from '../turn-log/print.ts';
import { readLog, type Logged } from '../turn-log/reader.ts';
import { DATA, type Cli } from './cli.ts';

interface LogFlags extends TurnChoice {
  readonly data: string;
  readonly follow: boolean;
  readonly since?: string;
  readonly json: boolean;
}

/** How often a log that is followed is looked at, in milliseconds. */
const LOOK_EVERY = 100;

/** `keystead log`: the log of turns, of a running or a stopped world. */
export function addLog(program: Command, cli: Cli): void {
  program
    .command('log')
    .description('show what turns came in and what they did; of a running or a stopped world')
    .option(...DATA)
    .option('-f, --follow', 'begin now (or at --since), and go on with what comes until interrupted', false)
    .option(
      '--since <time>',
      'begin there: a time (UTC) as 2026-05-01T12:00, or so long ago as 90s, 15m, 2h, 3d',
      since,
    )
    .option('--object <id>', 'only turns that this object had to do with', objectId)
    .option('--player <name>', 'only what came from this player')
    .option('--failed', 'only turns that failed', false)
    .option('--slow <ms>', 'only turns that ran for so many milliseconds or more', milliseconds)
    .option('--json', 'one JSON object for each turn', false)
    .exitOverride()
    .action((flags: LogFlags) => showLog(flags, cli));
}

async function showLog(flags: LogFlags, { process }: Cli): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  let asked = false;
  const onSignal = (): void => {
    asked = true;
    end();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.on('error', end); // whoever reads has had enough
  const now = Date.now();
  const begin = flags.since === undefined ? undefined : timeOf(flags.since, now);
  const from = begin ?? (flags.follow ? now : undefined);
  try {
    const reading = {
      folder: join(flags.data, 'log'),
      follow: flags.follow,
      over: over.signal,
      pause: () => sleep(LOOK_EVERY, undefined, { signal: over.signal }).catch(() => {}),
      ...(from === undefined ? {} : { since: from }),
    };
    for await (const logged of readLog(reading)) {
      if (over.signal.aborted) break;
      const text = linesFor(logged, flags);
      if (text !== '') await write(process, text, over.signal);
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  // What nobody takes would keep a process that was asked to end.
  if (asked && process.stdout.writableLength > 0) process.exit();
}

function linesFor(logged: Logged, flags: LogFlags): string {
  if (logged.what !== 'commit') return `${flags.json ? missingAsJson(logged) : missingAsText(logged)}\n`;
  const { commit } = logged;
  const lines = commit.turns
    .filter((turn) => isChosen(turn, flags))
    .flatMap((turn) => (flags.json ? [turnAsJson(commit, turn)] : turnAsText(commit, turn)));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Resolves when more can be written, or nobody wants it any more. */
function write({ stdout }: NodeJS.Process, text: string, over: AbortSignal): Promise<void> {
  if (stdout.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stdout.off('drain', done);
      over.removeEventListener('abort', done);
      resolve();
    };
    stdout.on('drain', done);
    over.addEventListener('abort', done);
  });
}

const AGO = /^(\d{1,9})(s|m|h|d)$/;
/** A time that does not say of which zone it is: of that in which the log shows its own. */
const OF_NO_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Milliseconds since the epoch. */
function timeOf(text: string, now: number): number {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count === undefined || unit === undefined) return Date.parse(OF_NO_ZONE.test(text) ? `${text}Z` : text);
  return now - Number(count) * SECONDS[unit as keyof typeof SECONDS] * 1000;
}

function since(text: string): string {
  if (Number.isNaN(timeOf(text, 0)))
    throw new InvalidArgumentError('It is a time as 2026-05-01T12:00, or so long ago as 90s, 15m, 2h, 3d.');
  return text;
}

function objectId(text: string): string {
  const id = text.replace(/^#/, 'o');
  if (!/^o[1-9]\d{0,15}$/.test(id)) throw new InvalidArgumentError('An object is named as o17.');
  return id;
}

function milliseconds(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text))
    throw new InvalidArgumentError('It has to be a number of milliseconds.');
  return Number(text);
}
