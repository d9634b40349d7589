import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReplLink } from '../../clients/repl-link.ts';
import { shownOf } from '../../clients/repl-show.ts';
import { isCommand } from '../../clients/repl-source.ts';
import { SHOW_LIMITS, SHOW_LIMIT_NOTES } from '../../engine/show-value.ts';
import { Keystead } from '../crash/keystead.ts';
import { blocksOf } from './examples.ts';
import { keystead, PlainClient, temporaryFolder, type Ended } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));

const folder = temporaryFolder();
const data = join(folder.path, 'world');
let world: Keystead;
/** What the processes have written to standard error. */
const complaints: string[] = [];

beforeAll(async () => {
  world = await Keystead.start(data, [], (text) => complaints.push(text));
}, 30_000);
afterAll(async () => {
  for (const child of Person.all) child.kill('SIGKILL');
  await world.stop();
  folder.remove();
});

/** Runs `keystead repl` with something on its standard input. */
async function repl(input: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, 'repl', '--data', data, ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Waits until the world answers again. */
async function untilThere(): Promise<void> {
  for (;;) {
    const link = await ReplLink.open(data, process.cwd()).catch(() => undefined);
    if (link === undefined) continue;
    link.close();
    return;
  }
}

const evaluate = (...expressions: readonly string[]): Promise<Ended> =>
  repl('', ...expressions.flatMap((expression) => ['-e', expression]));

test('-e shows what each comes to, and ends with 0', async () => {
  expect(await evaluate('1 + 1', 'let x = [1, "a"]', 'x', '.checkpoint', 'undefined')).toEqual({
    code: 0,
    out: '2\n[1, "a"]\ncheckpoint 1\n',
    err: '',
  });
});

test('what was typed stands in the log of turns, cut short where it is long', async () => {
  const long = `'${'x'.repeat(3_000)}'.length`;
  expect((await evaluate('let typed = "a"', long, '.dump bank')).code).toBe(0);
  let out = '';
  // It is written a moment after the answer.
  while (!out.includes('dump((bank))')) ({ out } = await keystead('log', '--data', data));
  const typed = [...out.matchAll(/ host {2}(".*") {2}/g)].map(([, line]) => line);
  expect(typed.slice(-3)).toEqual([
    String.raw`"let typed = \"a\""`,
    `"'${'x'.repeat(999)}…"`,
    '"dump((bank))"',
  ]);
});

test('.log shows the last turns, what was typed just before among them', async () => {
  const typed = ['"the first of them"', '"the second"', '"the \\u001b third"'];
  const { code, out } = await evaluate(...typed, '.log 2');
  const turns = out.split('\n').filter((line) => /^\d{4}-\d\d-\d\dT.*  host  /.test(line));
  expect([code, turns.map((line) => /  host  "(.*)"/.exec(line)?.[1])]).toEqual([
    0,
    typed.slice(1).map((text) => text.replace(/["\\]/g, '\\$&')),
  ]);
});

test('-e ends with 1 at the first that fails, which is told on standard error', async () => {
  expect(await evaluate('print("one"); 2', 'null.x', 'print("three")')).toEqual({
    code: 1,
    out: 'one\n2\n',
    err: "Cannot read properties of null (reading 'x') [Threw]\n",
  });
  expect(await evaluate('1 +')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^ {2}1 \+\n {5}\^\nline 1, column 4: .*\[BadSource\]\n$/),
  });
  expect(await evaluate('.fly')).toMatchObject({ code: 1, err: expect.stringContaining('.help lists them') });
  expect(await evaluate(' .exit ', 'print(1)')).toEqual({ code: 0, out: '', err: '' });
});

test.each(['exit', 'checkpoint', 'help', 'aside'])(
  'what follows .%s, which takes nothing, is told, and nothing is done',
  async (name) => {
    expect(await evaluate(`.${name} now`, '1')).toEqual({
      code: 1,
      out: '',
      err: `Nothing may follow .${name}. [BadArgument]\n`,
    });
  },
);

test('a script is run statement by statement, up to the first that fails, whose line is told', async () => {
  const script = `// a chain, and an else
const list = [1, 2, 3]
  .map((x) => x + 1);
if (list.length > 3) print('many');
else print('few');
.help
list;
throw fail('Enough', 'that will do');
print('never');
`;
  const { code, out, err } = await repl(script);
  expect([code, err]).toEqual([1, 'line 8: that will do [Enough]\n']);
  expect(out).toMatch(/^few\n[\s\S]*\.dump X[\s\S]*\n\[2, 3, 4\]\n$/);
  expect(await repl('print(1);\n\nprint(;\n')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('line 3, column 7: '),
  });
  expect(await repl('let a;\n(() => {\n  a.b;\n})()')).toMatchObject({
    err: expect.stringMatching(/^line 3: /),
  });
  expect(await repl('')).toEqual({ code: 0, out: '', err: '' });
  expect(await repl('print(1)\n.exit\nprint(2)')).toEqual({ code: 0, out: '1\n', err: '' });
});

test('an entry that fails half-way, or does not end, changes nothing; the world goes on for everybody', async () => {
  const player = await PlainClient.connect(world.url);
  await player.ask('create Ada swordfish99', /Welcome to Keystead, Ada/);
  const made = await evaluate('const t = storage.make("Thing", { name: "ball" })', 'idOf(t)');
  const id = JSON.parse(made.out) as string;
  const name = `object("${id}").front().name()`;
  expect(await evaluate(`object("${id}").rename("x"); throw fail("No", "no")`)).toMatchObject({ code: 1 });
  const loop = evaluate(`object("${id}").rename("y"); for (;;);`);
  await player.ask('say still here', /You say, "still here"/);
  expect(await loop).toMatchObject({ code: 1, err: expect.stringContaining('[OutOfTime]') });
  expect(await evaluate(name, `object("${id}").rename("z")`, name)).toMatchObject({ out: '"ball"\n"z"\n' });
  expect((await evaluate('.dump Ada')).out).toMatch(/^Player o\d+, [\s\S]*name: "Ada"/);
  player.close();
});

test('what was made in the world cannot draw on a terminal', async () => {
  const text = '\\u001b[2J\\u202e\\u009b1m\\r';
  const { out, err } = await evaluate(
    `const t = storage.make("Thing", { name: "ball" }); print("${text}", ["${text}"]); "${text}"`,
    `.dump t`,
    `throw fail("Bad", "${text}")`,
  );
  expect(out + err).toContain('\\u{202e}');
  expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('a long line to be completed, or with a command, does not hold up the world', async () => {
  const link = await ReplLink.open(data, process.cwd());
  const long = 'a'.repeat(60_000);
  expect(await link.ask({ t: 'complete', text: `${long}(pri` })).toMatchObject({
    names: ['print'],
    begun: 3,
  });
  expect(await link.ask({ t: 'complete', text: `${long}(` })).toMatchObject({ t: 'names' });
  const spaced = `.dump a${' '.repeat(60_000)}b`;
  expect(await link.ask({ t: 'command', line: spaced })).toMatchObject({ ok: false, code: 'LineTooLong' });
  expect(await link.ask({ t: 'entry', source: '1' })).toMatchObject({ ok: true, value: '1' });
  link.close();
});

test('a script is done also where nobody reads what comes of it; an output that is full is told', async () => {
  const into = async (target: string, script: string): Promise<Ended> => {
    const args = [COMMAND, 'repl', '--data', data];
    const command = `"$0" "$@" ${target}`;
    const child = spawn('bash', ['-c', `set -o pipefail; ${command}`, process.execPath, ...args]);
    let err = '';
    child.stdout.resume();
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.stdin.end(script);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out: '', err };
  };
  const script = `print('${'a'.repeat(1000)}');\n`.repeat(300);
  expect(await into('| head -c 1', script)).toEqual({ code: 0, out: '', err: '' });
  const full = await into('> /dev/full', 'print(1)\n');
  expect(full.code).toBe(1);
  expect(full.err).toMatch(/^keystead: ENOSPC: [^\n]+\n$/);
});

test('two at once have variables of their own', async () => {
  const [one, other] = await Promise.all([
    evaluate('let mine = 1', '.checkpoint', 'mine'),
    evaluate('let mine = 2', '.checkpoint', 'mine'),
  ]);
  expect([one.out.at(-2), other.out.at(-2)]).toEqual(['1', '2']);
});

test('without a world, and with wrong usage, it says so', async () => {
  expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600);
  expect(await repl('1', '--data', folder.path)).toMatchObject({
    code: 1,
    err: expect.stringContaining('(NoWorld)'),
  });
  expect(await repl('1', '--frobnicate')).toMatchObject({ code: 2 });
  expect(await repl('1', '-e')).toMatchObject({ code: 2 });
});

/** A person at a terminal: types, and waits for what is shown. */
class Person {
  static readonly all = new Set<ChildProcess>();
  readonly #child = spawn(process.execPath, [COMMAND, 'repl', '-i', '--data', data]);
  #seen = '';
  #wake: () => void = () => {};

  constructor() {
    Person.all.add(this.#child);
    this.#child.stdout.on('data', (text: Buffer) => {
      this.#seen += text.toString();
      this.#wake();
    });
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** All that has been shown since the last time, once that matches. */
  async sees(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#seen)) await new Promise<void>((resolve) => (this.#wake = resolve));
    const seen = this.#seen;
    this.#seen = '';
    return seen;
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    return ((await once(this.#child, 'close')) as [number | null])[0];
  }
}

test('at the prompt: entries of several lines, Ctrl-C, completion, history, Ctrl-D', async () => {
  const person = new Person();
  await person.sees(/keystead> /);
  person.type('const sum = (a,\r');
  await person.sees(/\.\.> /);
  person.type('  b) => a + b;\r');
  await person.sees(/keystead> /);
  person.type('sum(\r');
  await person.sees(/\.\.> /);
  person.type('\u0003');
  await person.sees(/keystead> /);
  person.type('sum(20, 22)\r');
  await person.sees(/\n42\n/);
  person.type('storage.checkp');
  person.type('\t');
  await person.sees(/oint/);
  person.type('\u0015');
  person.type('nothing\r');
  await person.sees(/nothing is not known here.*\[BadSource\]/);
  person.type('\u001b[A');
  person.type('\u001b[A');
  person.type('\r');
  await person.sees(/\n42\n/);
  person.type('\u0004');
  expect(await person.ended()).toBe(0);
  const history = join(data, 'repl-history');
  expect(statSync(history).mode & 0o777).toBe(0o600);
  expect(readFileSync(history, 'utf8').split('\n')[0]).toBe('sum(20, 22)');
  const next = new Person();
  await next.sees(/keystead> /);
  next.type('\u001b[A\r.exit\r');
  await next.sees(/sum is not known here/);
  expect(await next.ended()).toBe(0);
}, 30_000);

test('a world that does not answer is waited for until Ctrl-C was pressed twice, and answers whoever goes on', async () => {
  const [patient, hasty] = [new Person(), new Person()];
  for (const person of [patient, hasty]) await person.sees(/keystead> /);
  world.freeze();
  patient.type('1 + 1\r');
  hasty.type('storage.chec');
  await hasty.sees(/chec/);
  hasty.type('\t');
  hasty.type('kpoints().length\r'); // heard when there was no answer to the Tab
  for (const person of [patient, hasty]) {
    await person.sees(/\n$/);
    person.type('\t');
    person.type('\u0003');
    await person.sees(/has not answered yet/);
  }
  hasty.type('\u0003');
  expect(await hasty.ended()).toBe(1);
  world.goOn();
  await patient.sees(/^2\n[\s\S]*keystead> /);
  patient.type('2 + 3\r');
  await patient.sees(/\n5\n/);
  patient.type('\u0004');
  expect(await patient.ended()).toBe(0);
}, 30_000);

test('a world that dies under an entry has done it or not, and the REPL says so and finds the world again', async () => {
  const person = new Person();
  await person.sees(/keystead> /);
  person.type('let kept = 1\r');
  await person.sees(/keystead> /);
  const made = await evaluate('idOf(storage.make("Thing", { name: "before" }))');
  const thing = `object(${made.out.trim()})`;
  // It runs for 0.3 s, unless the world dies first.
  const running = evaluate(`${thing}.rename("after"); for (;;);`);
  const link = await ReplLink.open(data, process.cwd());
  const asked = link.ask({ t: 'entry', source: `${thing}.rename("after"); for (;;);` });
  expect(world.killWorld()).toBe(true);
  await expect(asked).rejects.toMatchObject({ code: 'NoAnswer' });
  await expect(link.ask({ t: 'entry', source: '1' })).rejects.toMatchObject({ code: 'NoWorld' });
  link.close();
  expect(await running).toMatchObject({ code: 1, out: '' });
  person.type('kept\r');
  await person.sees(
    /nothing of it has been done[\s\S]*there again\. Your variables are gone[\s\S]*keystead> /,
  );
  person.type(`${thing}.front().name()\r`);
  await person.sees(/\n"before"\n/);
  person.type('kept\r');
  await person.sees(/kept is not known here/);
  person.type('\u0004');
  expect(await person.ended()).toBe(0);
}, 30_000);

test('a world that starts anew is found again, and answers before it goes', async () => {
  const link = await ReplLink.open(data, process.cwd());
  const entry = (source: string) => link.ask({ t: 'entry', source });
  expect(await entry('storage.reload(); "anew"')).toMatchObject({ ok: true, value: '"anew"' });
  await expect(entry('1')).rejects.toMatchObject({ code: 'NoWorld' });
  link.close();
  await untilThere();
}, 30_000);

test('each entry that was answered is there after the world was killed, and no half of another', async () => {
  const made = await evaluate('idOf(storage.make("Thing", { name: "n0" }))');
  const thing = `object(${made.out.trim()})`;
  let link = await ReplLink.open(data, process.cwd());
  let answered = 0;
  for (let n = 1; ; n += 1) {
    if (n === 20) setImmediate(() => world.killWorld());
    try {
      await link.ask({ t: 'entry', source: `${thing}.rename("n${n}"); ${thing}.redescribe("n${n}")` });
      answered = n;
    } catch {
      break;
    }
  }
  link.close();
  await untilThere();
  link = await ReplLink.open(data, process.cwd());
  const answer = await link.ask({ t: 'command', line: `.dump ${thing}` });
  link.close();
  const text = answer.t === 'outcome' && answer.ok ? answer.lines.join('\n') : JSON.stringify(answer);
  const [name, description] = ['name', 'description'].map(
    (key) => new RegExp(`${key}: "n(\\d+)"`).exec(text)?.[1],
  );
  expect([text, name]).toEqual([text, description]);
  expect([answered, answered + 1]).toContain(Number(name));
}, 30_000);

/** What is typed in the blocks of a page, and what is shown. */
function transcript(): readonly { readonly typed: string; readonly shown: string }[] {
  const text = blocksOf('docs/repl.md', 'repl').map((block) => block.text);
  return text
    .join('\n')
    .split(/^> /m)
    .slice(1)
    .map((step) => {
      const [typed = '', ...rest] = step.trimEnd().split('\n');
      return { typed, shown: rest.join('\n') };
    });
}

/** Ids and marks are what they are; `...` stands for anything, and as a line for any lines or none. */
function likeness(shown: string): RegExp {
  const escaped = shown
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll(/\bo\d+\b/g, 'o\\d+')
    .replaceAll(/\b[0-9a-f]{10}\b/g, '[0-9a-f]{10}');
  const lines = escaped.replaceAll(/\n *\\\.\\\.\\\.(?=\n|$)/g, '(?:\\n.*)*');
  return new RegExp(`^${lines.replaceAll('\\.\\.\\.', '[\\s\\S]*')}$`);
}

test('a grant is ended by the mark that a dump of the running world tells', async () => {
  const made = await evaluate(
    'const one = storage.make("Thing", { name: "one" }); attenuate(one, { only: ["front"], for: "Cy" }); idOf(one)',
  );
  const id = JSON.parse(made.out) as string;
  const grants = async (): Promise<string> => (await keystead('dump', '--data', data, 'grants', id)).out;
  const mark = /([0-9a-f]{10}) for "Cy"/.exec(await grants())?.[1] ?? '?';
  const ended = await evaluate(`.revoke ${id} ${mark}`);
  expect(ended.out).toMatch(/^ended, with all that was made from it: "Cy" \{front\}/);
  expect(await grants()).not.toContain('Cy');
  expect(await grants()).toContain('facet owner');
});

test('what docs/repl.md shows is what is shown', async () => {
  const link = await ReplLink.open(data, process.cwd());
  const steps = transcript();
  expect(steps.length).toBeGreaterThan(10);
  for (const { typed, shown } of steps) {
    const asked = isCommand(typed)
      ? { t: 'command' as const, line: typed }
      : { t: 'entry' as const, source: typed };
    const answer = await link.ask(asked).catch((error: Error) => {
      throw new Error(`${typed}\n${error.message}\n${complaints.join('\n')}`);
    });
    if (answer.t !== 'outcome') throw new Error('that is no outcome');
    const { out, err } = shownOf(answer, null);
    expect((out + err).trimEnd()).toMatch(likeness(shown));
  }
  link.close();
});

test('docs/repl.md has the limits of what is shown', () => {
  const page = readFileSync('docs/repl.md', 'utf8');
  for (const [name, { unit, why }] of Object.entries(SHOW_LIMIT_NOTES))
    expect(page).toContain(
      `| \`${name}\` | ${SHOW_LIMITS[name as keyof typeof SHOW_LIMITS]} | ${unit} | ${why} |`,
    );
});
