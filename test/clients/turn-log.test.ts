import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isChosen } from '../../clients/turn-log/choice.ts';
import { TURN_LOG_LIMITS } from '../../clients/turn-log/limits.ts';
import { logLine, parseLogLine, turnText, type LoggedTurn } from '../../clients/turn-log/line.ts';
import { missingAsText, turnAsJson, turnAsText } from '../../clients/turn-log/print.ts';
import { latestTurns } from '../../clients/turn-log/latest.ts';
import { readLog, type Logged } from '../../clients/turn-log/reader.ts';
import { TurnLogWriter } from '../../clients/turn-log/writer.ts';
import type { EndedTurn } from '../../engine/turn-log.ts';
import type { Session } from '../../engine/sessions.ts';
import type { TurnEffects } from '../../engine/turn-effects.ts';
import { endAll, freshFolder, onEnd } from './harness.ts';

afterEach(endAll);

const HOUR = 3_600_000;

/** A line of a commit with one turn. */
function line(seq: number | null, at = 1_000, more: Partial<LoggedTurn> = {}): string {
  return JSON.stringify({ seq, at, us: 5, turns: [{ kind: 'host', us: 7, ...more }] });
}

/** A writer whose clock stands still, and what it told of problems. */
function writing(options: { hours?: number; bytes?: number } = {}) {
  const data = freshFolder();
  const folder = join(data, 'log');
  const problems: string[] = [];
  const clock = { now: 10_000 * HOUR };
  /** `jobs`: takes what is to be done later; without it nothing is. */
  const begin = (jobs: (() => void)[] = []): TurnLogWriter => {
    const writer = new TurnLogWriter({
      folder,
      hours: 24,
      bytes: 1_000_000,
      ...options,
      clock: () => clock.now,
      later: (milliseconds, job) => {
        if (milliseconds < 1_000) jobs.push(job);
        return () => {};
      },
      onProblem: (code) => problems.push(code),
    });
    onEnd(() => writer.close());
    return writer;
  };
  return { folder, problems, clock, begin };
}

async function read(folder: string, since?: number): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const logged of readLog({ folder, ...(since === undefined ? {} : { since }) }))
    seen.push(inShort(logged));
  return seen;
}

function inShort(logged: Logged): string {
  if (logged.what === 'commit') return String(logged.commit.seq);
  if (logged.what === 'gap') return `gap ${logged.from}-${logged.to}`;
  return logged.cut ? 'cut' : 'unreadable';
}

describe('what is written', () => {
  test('is there after the writer is closed, for the owner only, and in a new file by each writer', async () => {
    const { folder, begin } = writing();
    for (const seq of [1, 2]) {
      const writer = begin();
      writer.add(line(seq));
      await writer.close();
    }
    expect(readdirSync(folder)).toEqual(['00000001.log', '00000002.log']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '00000001.log')).mode & 0o777).toBe(0o600);
    expect(await read(folder)).toEqual(['1', '2']);
  });

  test('goes on behind a file of the highest number that has eight digits', async () => {
    const { folder, problems, begin } = writing();
    mkdirSync(folder);
    writeFileSync(join(folder, '99999999.log'), '');
    for (const seq of [1, 2]) {
      const writer = begin();
      writer.add(line(seq));
      await writer.close();
    }
    expect([await read(folder), problems]).toEqual([['1', '2'], []]);
  });

  test('stays below its size: the oldest files go', async () => {
    const bytes = 24_000;
    const { folder, begin } = writing({ bytes });
    for (let seq = 1; seq <= 60; seq += 1) {
      const writer = begin();
      writer.add(line(seq, 1_000, { line: 'x'.repeat(900) }));
      await writer.close();
      const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes);
    }
    const seen = await read(folder);
    expect(seen.at(-1)).toBe('60');
    expect(seen.length).toBeGreaterThan(15);
  });

  test('goes when it is older than its hours', async () => {
    const { folder, begin, clock } = writing({ hours: 2 });
    const first = begin();
    first.add(line(1));
    await first.close();
    utimesSync(join(folder, '00000001.log'), clock.now / 1000, (clock.now - 3 * HOUR) / 1000);
    const second = begin();
    second.add(line(2));
    await second.close();
    expect(readdirSync(folder)).toEqual(['00000002.log']);
  });

  test('begins a new file when the clock was put back', async () => {
    const { folder, begin, clock } = writing({ hours: 2 });
    const writer = begin();
    writer.add('{"v":1,"seq":1}');
    await writer.flushed();
    clock.now -= 5_000 * HOUR;
    writer.add('{"v":1,"seq":2}');
    await writer.flushed();
    writer.add('{"v":1,"seq":3}');
    await writer.close();
    expect(readdirSync(folder).sort()).toEqual(['00000001.log', '00000002.log']);
  });

  test('goes on in a new folder where somebody removed the one that there was', async () => {
    const { folder, problems, begin } = writing();
    const soon: (() => void)[] = [];
    const writer = begin(soon);
    const written = async (seq: number, there: () => boolean): Promise<void> => {
      writer.add(line(seq));
      while (!there()) {
        for (const job of soon.splice(0)) job();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await written(1, () => existsSync(join(folder, '00000001.log')));
    rmSync(folder, { recursive: true });
    await written(2, () => writer.dropped === 1);
    await written(3, () => existsSync(join(folder, '00000002.log')));
    await writer.close();
    expect([await read(folder), problems, writer.dropped]).toEqual([['3'], ['ENOENT'], 1]);
  });

  test('is not written where the folder of the world was moved away', async () => {
    const { folder, problems, begin } = writing();
    const writer = begin();
    rmSync(dirname(folder), { recursive: true });
    writer.add(line(1));
    await writer.close();
    expect([existsSync(dirname(folder)), problems, writer.dropped]).toEqual([false, ['ENOENT'], 1]);
  });

  test('goes on where an old file cannot be removed, and the others are', async () => {
    const { folder, begin, problems } = writing();
    // A folder is no file; nor is one that somebody has made immutable to be removed.
    mkdirSync(join(folder, '00000001.log'), { recursive: true });
    writeFileSync(join(folder, '00000002.log'), '');
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1, 1);
    const writer = begin();
    writer.add(line(1));
    await writer.close();
    expect([writer.dropped, problems]).toEqual([0, []]);
    expect(readdirSync(folder)).toEqual(['00000001.log', '00000003.log']);
  });

  test('is left out, counted and told once when the folder cannot be written, and goes on when it can', async () => {
    const { folder, begin, problems } = writing();
    writeFileSync(folder, 'a file in its place');
    const writer = begin();
    writer.add(line(1));
    writer.add(line(2));
    await writer.close();
    expect([writer.dropped, problems]).toEqual([2, ['EEXIST']]);
  });

  test('is dropped and counted beyond what may wait', async () => {
    const { begin, problems } = writing();
    const writer = begin();
    const most = TURN_LOG_LIMITS.waitingCharacters.value;
    const long = 'x'.repeat(TURN_LOG_LIMITS.flushCharacters.value);
    for (let n = 0; n < (2 * most) / long.length; n += 1) writer.add(long);
    expect(writer.dropped).toBeGreaterThan(0);
    expect(problems).toEqual(['Full']);
    await writer.close();
  });
});

describe('what is read', () => {
  test('says which commits the log does not have, and passes over a line that a crash has cut', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n${line(2)}\n${line(3).slice(0, 20)}`);
    writeFileSync(join(folder, '00000007.log'), `${line(6)}\n${line(null)}\nnonsense\n${line(7)}\n`);
    expect(await read(folder)).toEqual(['1', '2', 'cut', 'gap 3-5', '6', 'null', 'unreadable', '7']);
  });

  test('passes over a line whose time no calendar has', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n${line(2, 9e15)}\n${line(3)}\n`);
    expect(await read(folder)).toEqual(['1', 'unreadable', 'gap 2-2', '3']);
  });

  test('goes on behind a file that the disk does not give, which is told of', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n`);
    symlinkSync('/proc/self/mem', join(folder, '00000002.log')); // who reads its beginning is told of an I/O error
    writeFileSync(join(folder, '00000003.log'), `${line(2)}\n`);
    expect(await read(folder)).toEqual(['1', 'unreadable', '2']);
  });

  test('goes on behind a line that is longer than any text, which is told of', async () => {
    const folder = freshFolder();
    const hole = join(folder, '00000001.log');
    writeFileSync(hole, `${line(1)}\n`);
    truncateSync(hole, 512 * 1024 * 1024);
    appendFileSync(hole, `\n${line(2)}\n`);
    truncateSync(hole, 544 * 1024 * 1024);
    writeFileSync(join(folder, '00000002.log'), `${line(3)}\n`);
    expect(await read(folder)).toEqual(['1', 'unreadable', '2', 'unreadable', '3']);
  });

  test('begins where it is asked to', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1, 1_000)}\n${line(2, 2_000)}\n${line(3, 3_000)}\n`);
    expect(await read(folder, 2_000)).toEqual(['2', '3']);
    expect(await read(folder, Date.now() + HOUR)).toEqual([]);
  });

  test('goes on behind a pipe or a folder under the name of a file of it, which is told of', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n`);
    execFileSync('mkfifo', [join(folder, '00000002.log')]);
    mkdirSync(join(folder, '00000003.log'));
    writeFileSync(join(folder, '00000004.log'), `${line(2)}\n`);
    expect(await read(folder)).toEqual(['1', 'unreadable', 'unreadable', '2']);
  });

  test('gives its newest turns, from one file to the one before, without a line that is cut or damaged', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n${line(2)}\n`);
    writeFileSync(join(folder, '00000002.log'), `${line(3)}\n{"seq":4\n${line(5)}\n`);
    writeFileSync(join(folder, '00000003.log'), `${line(6)}\n{"seq":7,"at`);
    const numbers = async (most: number): Promise<readonly string[]> =>
      (await latestTurns(folder, most)).map((text) => text.split('  ')[1] ?? '');
    expect(await numbers(2)).toEqual(['5', '6']);
    expect(await numbers(4)).toEqual(['2', '3', '5', '6']);
    expect(await numbers(100)).toEqual(['1', '2', '3', '5', '6']);
    appendFileSync(join(folder, '00000003.log'), `\n${line(8)}${' '.repeat(3_000_000)}\n${line(9)}\n`);
    expect(await numbers(100)).toEqual(['9']); // and no more than the end is read
    rmSync(folder, { recursive: true });
    expect(await numbers(100)).toEqual([]);
  });

  test('goes on behind a file that cannot be opened, and is refused where the folder cannot be read', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, '00000001.log'), `${line(1)}\n`);
    symlinkSync('00000002.log', join(folder, '00000002.log'));
    writeFileSync(join(folder, '00000003.log'), `${line(2)}\n`);
    expect(await read(folder).catch((error: unknown) => error)).toEqual(['1', 'unreadable', '2']);
    const file = join(folder, '00000001.log');
    await expect(read(file)).rejects.toMatchObject({ code: 'Unreadable' });
  });

  test('is refused where there is no log', async () => {
    await expect(read(join(freshFolder(), 'log'))).rejects.toMatchObject({ code: 'NoLog' });
  });

  test('is followed as it is written, half lines too, and from one file to the next', async () => {
    const folder = freshFolder();
    const file = (number: number): string => join(folder, `0000000${number}.log`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(1), `${line(1)}\n${line(2).slice(0, 10)}`);
    const over = new AbortController();
    const steps = [
      () => appendFileSync(file(1), `${line(2).slice(10)}\n`),
      () => writeFileSync(file(2), `${line(3)}\n`),
      () => appendFileSync(file(2), `${line(5)}\n`),
      () => over.abort(),
    ];
    const seen: string[] = [];
    const pause = (): Promise<void> => {
      steps.shift()?.();
      return Promise.resolve();
    };
    for await (const logged of readLog({ folder, follow: true, over: over.signal, pause }))
      seen.push(inShort(logged));
    expect(seen).toEqual(['1', '2', '3', 'gap 4-4', '5']);
  });

  test('is followed also when the clock is set back', async () => {
    const folder = freshFolder();
    const file = join(folder, '00000001.log');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${line(1, 1_000)}\n${line(2, 5_000)}\n`);
    const over = new AbortController();
    const steps = [() => appendFileSync(file, `${line(3, 2_000)}\n${line(5, 2_001)}\n`), () => over.abort()];
    const seen: string[] = [];
    const pause = (): Promise<void> => {
      steps.shift()?.();
      return Promise.resolve();
    };
    for await (const logged of readLog({ folder, since: 5_000, follow: true, over: over.signal, pause }))
      seen.push(inShort(logged));
    expect(seen).toEqual(['2', '3', 'gap 4-4', '5']);
  });
});

function ended(more: Partial<EndedTurn>, effects: Partial<TurnEffects> | null = {}): EndedTurn {
  const session = { object: 'o5', name: 'Ann' } as Session;
  const none = { changed: [], created: [], destroyed: [], outputs: [], messages: [] };
  return {
    cause: { what: 'command', since: 0, session, line: 'look "\u001b[2J' },
    waited: 1.5,
    milliseconds: 0.031,
    effects: effects === null ? null : ({ ...none, ...effects } as unknown as TurnEffects),
    error: null,
    blamed: null,
    idOf: () => null,
    ...more,
  };
}

function written(turn: EndedTurn, hears: (id: string) => boolean = () => true): LoggedTurn | undefined {
  const texts = [turnText(turn, hears) ?? []].flat();
  const text = logLine({ seq: 4, turns: 1, texts, milliseconds: 2 }, 1_000);
  const commit = parseLogLine(text);
  expect(commit).toMatchObject({ seq: 4, at: 1_000, us: 2_000 });
  return commit?.turns[0];
}

describe('a line', () => {
  const wrapper = (id: string) => ({ id });
  const says = (id: string, item: unknown) => ({ from: wrapper(id), item });

  test('says what came in and what it did; who does not hear is left out', () => {
    const made = wrapper('o9');
    const effects = {
      changed: [{ wrapper: wrapper('o5') }, { wrapper: made }],
      created: [made],
      destroyed: [wrapper('o3')],
      outputs: [
        says('o5', 'You "look".'),
        says('o6', 'Ann looks.'),
        says('o7', 'Ann looks.'),
        says('o8', 'Ann looks.'),
        says('o5', ['scene', { secret: 1 }]),
      ],
    } as unknown as TurnEffects;
    expect(written(ended({}, effects), (id) => id !== 'o7')).toEqual({
      kind: 'command',
      ran: 'o5',
      who: 'Ann',
      line: 'look "\u001b[2J',
      us: 31,
      waited: 1_500,
      changed: ['o5'],
      created: ['o9'],
      destroyed: ['o3'],
      said: [
        ['You "look".', ['o5']],
        ['Ann looks.', ['o6', 'o8']],
        ['[scene]', ['o5']],
      ],
    });
  });

  test('of an entry of a REPL says what was typed, and of what else the host does nothing', () => {
    const host = (typed: string | null): LoggedTurn | undefined =>
      written(ended({ cause: { what: 'host', since: null, typed } }));
    const turn = host('print("\u001b[2J")');
    expect(turn).toMatchObject({ kind: 'host', line: 'print("\u001b[2J")' });
    expect(turnAsText({ seq: 4, at: 1_000, us: 1, turns: [] }, turn as LoggedTurn)[0]).toContain(
      '  host  "print(\\"\\u{1b}[2J\\")"',
    );
    expect(host(null)).not.toHaveProperty('line');
    const { lineCharacters } = TURN_LOG_LIMITS;
    expect(host('x'.repeat(lineCharacters.value))?.line).toHaveLength(lineCharacters.value);
    expect(host('x'.repeat(lineCharacters.value + 1))?.line).toBe(`${'x'.repeat(lineCharacters.value)}…`);
  });

  test('is cut where it would be too long, and says how much is left out', () => {
    const { lineCharacters, textCharacters, textsPerTurn, namesPerList } = TURN_LOG_LIMITS;
    const long = (length: number): EndedTurn => {
      const session = { object: 'o5', name: 'Ann' } as Session;
      return ended({ cause: { what: 'command', since: null, session, line: 'x'.repeat(length) } });
    };
    expect(written(long(lineCharacters.value))?.line).toHaveLength(lineCharacters.value);
    expect(written(long(lineCharacters.value + 1))?.line).toBe(`${'x'.repeat(lineCharacters.value)}…`);

    const texts = (count: number, length: number) =>
      ended({}, {
        outputs: Array.from({ length: count }, (_, n) => says('o5', String(n).padStart(length, '-'))),
      } as unknown as TurnEffects);
    expect(written(texts(textsPerTurn.value, textCharacters.value))).not.toHaveProperty('more');
    const more = written(texts(textsPerTurn.value + 2, textCharacters.value + 1));
    expect(more?.more).toEqual({ said: 2 });
    expect(more?.said?.[0]?.[0]).toHaveLength(textCharacters.value + 1);

    const heardBy = (count: number) =>
      ended({}, {
        outputs: Array.from({ length: count }, (_, n) => says(`o${n + 1}`, 'Boo.')),
        changed: Array.from({ length: count }, (_, n) => ({ wrapper: wrapper(`o${n + 1}`) })),
      } as unknown as TurnEffects);
    expect(written(heardBy(namesPerList.value))).not.toHaveProperty('more');
    expect(written(heardBy(namesPerList.value + 1))?.more).toEqual({ changed: 1, said: 1 });
  });

  test('of a turn that failed names the code and the object', () => {
    const error = Object.assign(new Error('no'), { code: 'Locked' }) as unknown as EndedTurn['error'];
    const turn = ended({ error, blamed: 'o7' as EndedTurn['blamed'] }, null);
    expect(written(turn)).toMatchObject({ error: 'Locked', blamed: 'o7' });
    expect(isChosen(written(turn) as LoggedTurn, { failed: true, object: 'o7' })).toBe(true);
  });

  test.each([
    ['no JSON', '{'],
    ['no record', '7'],
    ['no turns', '{"seq":1,"at":1,"us":1}'],
    ['a turn of no kind', '{"seq":1,"at":1,"us":1,"turns":[{"kind":"x","us":1}]}'],
    ['a list that is none', '{"seq":1,"at":1,"us":1,"turns":[{"kind":"host","us":1,"changed":"o1"}]}'],
    ['an error that is no text', '{"seq":1,"at":1,"us":1,"turns":[{"kind":"host","us":1,"error":{}}]}'],
  ])('that has %s is not read', (_, text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });
});

test('nothing that is shown can draw on a terminal', () => {
  const hostile = '\u001b[2J\u0007\u009b31m\u202e\u2066\ufeff\r\n"\ud800';
  const turn: LoggedTurn = {
    kind: 'command',
    ran: hostile,
    who: hostile,
    line: hostile,
    us: 1,
    error: hostile,
    blamed: hostile,
    changed: [hostile],
    sent: [[1, hostile, hostile]],
    said: [[hostile, [hostile]]],
  };
  const commit = { seq: 1, at: 0, us: 1, turns: [turn] };
  const shown = [...turnAsText(commit, turn), turnAsJson(commit, turn)].join('');
  expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(turnAsJson(commit, turn))).toMatchObject({ line: hostile });
  expect(missingAsText({ what: 'unreadable', file: hostile, cut: true })).not.toMatch(/\p{Cc}/u);
});

test('docs/looking.md has the limits of the log', () => {
  const page = readFileSync('docs/looking.md', 'utf8');
  for (const [name, { value, unit, why }] of Object.entries(TURN_LOG_LIMITS))
    expect(page).toContain(`| \`${name}\` | ${value} | ${unit} | ${why} |`);
});
