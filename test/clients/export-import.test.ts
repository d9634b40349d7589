import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { jsonText } from '../arbitrary.ts';
import { openFixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import {
  allOf,
  exported,
  imported,
  ledgerWorld,
  playedWorld,
  storeOf,
  type Contents,
} from './stored-world.ts';
import { archiveWriter } from '../../clients/archive/archive-file.ts';
import { StoreError } from '../../storage/errors.ts';
import { FORMAT_VERSION } from '../../storage/format.ts';
import { Looks } from '../../clients/dump/capabilities.ts';
import { stanzaOf } from '../../clients/dump/kinds.ts';
import { checkWorld } from '../../clients/check/check-world.ts';
import { itemsOf } from '../items-of.ts';
import { WatchedFiles } from '../storage/watched-files.ts';
import { viewOf } from './stored-world.ts';

let played: Contents;
beforeAll(async () => {
  played = await playedWorld();
});

async function findings(contents: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const found: string[] = [];
  await checkWorld(viewOf(await storeOf(contents)), {
    onFinding: ({ key, what }) => found.push(`${key}: ${what}`),
  });
  return found;
}

test('a world that was played is the same after export and import, with all that follows from it', async () => {
  const first = await exported(await storeOf(played));
  expect(first.missing).toEqual([]);
  expect(first.text).not.toContain('raw:');
  const store = await imported(first.text);
  expect(await allOf(store)).toEqual(new Map([...played].sort(([a], [b]) => (a < b ? -1 : 1))));
  expect((await exported(store)).text).toBe(first.text);
});

test('however few bytes come at a time', async () => {
  const { text } = await exported(await storeOf(played));
  expect(await allOf(await imported(text, false, 7))).toEqual(await allOf(await imported(text)));
});

test('objects stand in the order of their numbers, each as a stanza, with its capabilities by number', async () => {
  const { text } = await exported(await storeOf(played));
  const numbers = [...text.matchAll(/^object o(\d+)$/gm)].map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(100);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(text).toMatch(/^ {4}door: <o\d+#\d+ \w+\.door>$/m);
});

test('a token stands once in the file: at its grant', async () => {
  const { text } = await exported(await storeOf(played));
  const object = JSON.parse(played.get('o/o5') ?? '') as { grants: readonly (readonly string[])[] };
  const [[token = ''] = []] = object.grants;
  expect(text.split(token)).toHaveLength(2);
});

test('with new tokens no old one is left, and the world goes on as it was', async () => {
  const { text, missing } = await exported(await storeOf(played), 'new');
  expect(missing).toEqual([]);
  const old = new Set<string>();
  for (const [key, value] of played)
    if (/^[oemtas]\//.test(key))
      for (const [, token = ''] of value.matchAll(/o\d+\.([\w-]{22})\.\d/g)) old.add(token);
  expect(old.size).toBeGreaterThan(50);
  for (const token of old) expect(text).not.toContain(token);
  const store = await imported(text);
  const contents = await allOf(store);
  expect(await findings(contents)).toEqual([]);
  expect(contents.size).toBe(played.size);
  // Another time they are others.
  expect((await exported(await storeOf(played), 'new')).text).not.toBe(text);
  const again = await exported(store);
  expect(again.text.replace(' tokens keep\n', ' tokens new\n').split('\nend ')[0]).toBe(
    text.split('\nend ')[0],
  );

  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
  fixture.world.input('sid-1', 12, 'look');
  await fixture.settle();
  const said = fixture.outs.filter(({ sid }) => sid === 'sid-1').flatMap(itemsOf);
  expect(JSON.stringify(said)).toContain('Ways out');
  await fixture.close();
});

test('with new tokens an object that is not as the world writes it is left out, and the file can be imported all the same', async () => {
  const slots = [...played].flatMap(([key, value]) =>
    key === 'o/o30' ? [] : [...value.matchAll(/o30\.[\w-]{22}/g)],
  );
  expect(slots.length).toBeGreaterThan(0);
  const { text, missing } = await exported(
    await storeOf(new Map([...played, ['o/o30', `${played.get('o/o30')} `]])),
    'new',
  );
  expect(missing).toEqual([expect.stringContaining('o/o30')]);
  for (const [slot] of slots) expect(text).not.toContain(slot.slice(4));
  const contents = await allOf(await imported(text));
  expect(contents.has('o/o30')).toBe(false);
  expect(contents.size).toBeGreaterThan(played.size - 20);
});

test('a class can call its facets what it likes: its objects are as the world writes them, also with new tokens', async () => {
  const named = new Map(
    [...played].map(([key, value]) => [
      key,
      key.startsWith('shape/') ? value.replace('"facet":"holder"', '"facet":"in hand \\u001b[2J>"') : value,
    ]),
  );
  const { text, missing } = await exported(await storeOf(named), 'new');
  expect(missing).toEqual([]);
  expect(text).not.toContain('raw:');
  expect(await findings(await allOf(await imported(text)))).toEqual([]);
  const kept = await exported(await storeOf(named));
  expect(await allOf(await imported(kept.text))).toEqual(await allOf(await storeOf(named)));
});

test.each([
  ['a source that is not what its hash names', /^src\//, 'class Other {}\n'],
  ['an entry of a collection that is null', /^e\//, 'null'],
  ['an object of no class', /^o\//, '{"bank":null,"grants":[],"body":"#{}","slots":[]}'],
  [
    'an object that does not say who pays for it',
    /^o\//,
    '{"class":"Room","grants":[],"body":"#{}","slots":[]}',
  ],
])('%s is exported and imported as it is', async (_, pattern, value) => {
  const [key = ''] = [...played.keys()].filter((each) => pattern.test(each));
  const contents = new Map([...played, [key, value]]);
  const { text, missing } = await exported(await storeOf(contents));
  expect(missing).toEqual([]);
  const store = await imported(text);
  expect((await allOf(store)).get(key)).toBe(value);
  expect((await exported(store)).text).toBe(text);
});

test('the name by which backups know a world is nothing damaged, and goes with the world', async () => {
  const named = new Map([...played, ['meta/name', 'Qm9hdHMgYW5kIGhhcmJvcn']]);
  expect(await findings(named)).toEqual([]);
  for (const tokens of ['keep', 'new'] as const) {
    const { text, missing } = await exported(await storeOf(named), tokens);
    expect(missing).toEqual([]);
    expect((await allOf(await imported(text))).get('meta/name')).toBe('Qm9hdHMgYW5kIGhhcmJvcn');
  }
  const { fields } = stanzaOf(
    'meta/name',
    'Qm9hdHMgYW5kIGhhcmJvcn',
    await Looks.read(viewOf(await storeOf(named))),
  );
  expect(fields).toEqual({ value: 'Qm9hdHMgYW5kIGhhcmJvcn' });
});

test.each([
  ['lines that end as on Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\ufeff${text}`],
])('a file that was given %s makes the same world', async (_, given) => {
  const { text } = await exported(await storeOf(played));
  for (const size of [1, 2, 65_536]) {
    const store = await imported(given(text), false, size);
    expect((await exported(store)).text).toBe(text);
  }
});

test('what is changed by hand in the file is seen in the world', async () => {
  const { text } = await exported(await storeOf(played));
  const before = /description: "(A stone slip[^"]*)"/.exec(text)?.[0] ?? 'nothing';
  const edited = text.replace(before, 'description: "A beach of \\u00e9clairs."');
  expect(edited).not.toBe(text);
  await expect(imported(edited)).rejects.toThrow('--edited');
  const contents = await allOf(await imported(edited, true));
  expect(await findings(contents)).toEqual([]);
  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
  fixture.world.input('sid-1', 12, 'home');
  fixture.world.input('sid-1', 13, 'look');
  await fixture.settle();
  expect(JSON.stringify(fixture.outs)).toContain('A beach of éclairs.');
  await fixture.close();
});

const id = fc.integer({ min: 1, max: 2_000 }).map((number) => `o${number}`);
const seq = fc.nat(9_999).map((number) => String(number).padStart(16, '0'));
const hash = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 64,
  maxLength: 64,
});
const word = fc.constantFrom('mail', 'a', 'Z9');
const key = fc.oneof(
  id.map((each) => `o/${each}`),
  id.map((each) => `o/vat:${each}`),
  fc.nat(300).map((number) => `shape/${number}`),
  fc.constantFrom('meta/roots', 'meta/counters', 'meta/new-thing', 'a/ada', 'a/caf%C3%A9'),
  fc.constantFrom('s/a_-B', 's/b'),
  seq.map((each) => `u/b/${each}`),
  seq.map((each) => `m/${each}`),
  fc.tuple(seq, seq).map(([due, number]) => `t/${due}/${number}`),
  seq.map((each) => `dead/${each}`),
  fc.tuple(fc.constantFrom('x', 'w', 'r', 'g', 'd'), id).map((parts) => parts.join('/')),
  hash.map((each) => `safe/${each}`),
  fc.tuple(id, word, hash).map((parts) => `e/${parts.join('/')}`),
);
const slot = fc
  .tuple(id, fc.constantFrom('A'.repeat(22), `${'b'.repeat(21)}_`), fc.nat(4))
  .map((parts) => parts.join('.'));
const body = fc.oneof(
  jsonText().map((text) => `#${text}`),
  fc.constantFrom(
    '#["$0.Alleged: Room","$1.Alleged: Room","$0"]',
    '#{"a":"$0.Alleged: X y"}',
    '#"$7"',
    '{}',
    '',
  ),
);
const grant = fc.tuple(
  fc.constantFrom('A'.repeat(22), `${'b'.repeat(21)}_`, 'short'),
  fc.nat(4),
  fc.integer({ min: -1, max: 2 }),
  fc.string({ unit: 'binary' }),
  fc.option(fc.string({ unit: 'binary' })),
  fc.option(fc.nat()),
  fc.option(fc.nat()),
);
const data = fc.record({ body, slots: fc.array(slot, { maxLength: 3 }) });
const value = fc.oneof(
  jsonText(),
  fc.string({ unit: 'binary' }).map((each) => (each as string & { toWellFormed(): string }).toWellFormed()),
  data.map((each) => JSON.stringify(each)),
  fc
    .tuple(fc.constantFrom('Thing', 'a\nb'), fc.array(grant, { maxLength: 3 }), data)
    .map(([name, grants, rest]) => JSON.stringify({ class: name, bank: null, grants, ...rest })),
  fc
    .record({ className: fc.constantFrom('Room', 'X y'), methods: fc.constant(['a']) })
    .map((each) => JSON.stringify(each)),
  slot.map((each) => JSON.stringify({ slot: each, name: '\u009b' })),
  data.map((each) => JSON.stringify({ capability: JSON.stringify(each), raw: 1 })),
  data.map((each) => JSON.stringify({ before: null, after: null, data: each })),
);
const source = fc
  .string({ unit: 'binary' })
  .map((each) => (each as string & { toWellFormed(): string }).toWellFormed())
  .map((text) => [`src/${createHash('sha256').update(text).digest('hex')}`, text] as const);

test('whatever stands in a store comes back as it was', async () => {
  const entries = fc.array(fc.oneof(fc.tuple(key, value), source), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(entries, async (some) => {
      const contents = new Map<string, string>([...some, ['format', played.get('format') ?? '']]);
      const { text, missing } = await exported(await storeOf(contents));
      expect(missing).toEqual([]);
      const store = await imported(text);
      const all = await allOf(store);
      for (const [each] of all) if (/^(?:of|ref)\//.test(each)) all.delete(each);
      expect(all).toEqual(new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1))));
      expect((await exported(store)).text).toBe(text);
    }),
    { numRuns: 300 },
  );
});

describe('a file that is not what an export writes', () => {
  let text: string;
  let lines: string[];
  beforeAll(async () => {
    ({ text } = await exported(await storeOf(played)));
    lines = text.split('\n');
  });

  const mistake = async (broken: string, edited = true): Promise<string> => {
    try {
      await imported(broken, edited);
    } catch (error) {
      expect((error as { code?: unknown }).code).toBe('BadArchive');
      return (error as Error).message;
    }
    return 'imported';
  };
  const withLine = (pattern: RegExp, replacement: string): [string, number] => {
    const at = lines.findIndex((line) => pattern.test(line));
    expect(at).toBeGreaterThan(0);
    return [[...lines.slice(0, at), replacement, ...lines.slice(at + 1)].join('\n'), at + 1];
  };

  test.each([
    [/^ {4}door: </, '    door: <o1#1 Bank.own>', 'this capability is a Bank.owner, not a Bank.own'],
    [/^ {4}door: </, '    door: <o999999#1 Room.door>', 'there is no object o999999'],
    [/^ {4}door: </, '    door: <o28#99 Room.door>', 'the object o28 has no grant 99'],
    [/^ {4}door: </, '    door: door', 'expected a text in quotes'],
    [/^ {2}grant 2 /, '  grant 3 x', 'expected grant NUMBER TOKEN SHAPE'],
    [/^ {2}grant 1 /, `  grant 2 ${'x'.repeat(22)} 0 X`, 'the next grant of this object is 1'],
    [/^ {2}bank "o1"/, '  bank', 'expected a field'],
    [/^object o7$/, 'object seven', 'what stands behind "object" is not what it needs'],
    [/^object o7$/, 'objekt o7', 'expected a heading: '],
    [/^object o7$/, 'object o6', 'twice, or not in the order'],
    [/^ {2}\| /, '  class X {', 'expected a line of source'],
    [/^session /, 'object o1', 'this stanza stands too late'],
    [/^account /, '  nothing', 'expected a field'],
    [/^ {2}bank "o1"/, '  class "Room"', '"class" is there twice in this stanza'],
    [/^ {2}bank "o1"/, '  banc "o1"', 'an object has no "banc": expected class'],
  ])('%s, changed to %s', async (pattern, replacement, message) => {
    const [broken, at] = withLine(pattern, replacement);
    expect(await mistake(broken)).toContain(message);
    expect(await mistake(broken)).toMatch(new RegExp(`^line (${[at, at - 1].join('|')}|\\d+): `, 'm'));
  });

  test('grants behind the record, where nobody would see them', async () => {
    const broken = text.replace(/( {2}grant 2 .*\n)((?:.*\n)*?)\n/, '$2$1\n');
    expect(await mistake(broken)).toMatch(/^line \d+: grants stand before the record$/m);
  });

  const within = (pattern: RegExp, replacement: string): string => {
    const line = lines.find((each) => pattern.test(each)) ?? 'nothing';
    return withLine(pattern, line.replace(pattern, replacement))[0];
  };

  test.each([
    ['uses -1', '"uses" needs a whole number from 0'],
    ['expires -5', '"expires" needs a whole number from 0'],
    ['payer "o1"', '"payer" needs the bank that pays for the grant'],
  ])('a grant with %s', async (term, message) => {
    expect(await mistake(within(/^( {2}grant 2 \S+ \d+ \S+).*/, `$1 ${term}`))).toContain(message);
  });

  const nested = `[\n${'    [\n'.repeat(39)}${'    ]\n'.repeat(40)}`;
  const wide = `[\n${'1\n'.repeat(20_001)}]\n`.replaceAll(/^/gm, '    ').trim();
  test.each([
    ['a grant whose payer is not there', /^( {2}grant 2 .*)/, '$1 payer o99999', 'o/o99999: the bank that'],
    ['an object whose bank is not there', /^ {2}bank "o1"/, '  bank "o99999"', 'o/o99999: the bank that'],
    ['an object whose bank is no object', /^ {2}bank "o1"/, '  bank ""', 'it does not say who pays for it'],
    ['a bank that is none', /^ {2}bank "o1"/, '  bank "o7"', 'o/o7: it pays for'],
    ['a long text', /^( {4}description: )/, `$1"${'x'.repeat(262_145)}"\n    more: `, 'may have 262144'],
    ['a deep one', /^( {4}description: )/, `$1${nested}    more: `, 'may be 32'],
    ['a wide one', /^( {4}description: )/, `$1${wide}\n    more: `, 'may have 20000'],
    ['a session of no number', /^ {2}in \d+/, '  in -1', 'it is no session'],
    ['a class that is not there', /^ {2}class "Room"/, '  class "Roam"', 'no built-in class is called Roam'],
  ])('%s, which the world would choke on', async (_, pattern, replacement, message) => {
    const told = await mistake(within(pattern, replacement));
    expect(told).toContain('the world of this file is not whole');
    expect(told).toContain(message);
  });

  test('whatever one line is made into, the file is refused, or its world opens and is played', async () => {
    const first = lines.findIndex((line) => line.startsWith('object '));
    const last = lines.findLastIndex((line) => line.startsWith('source '));
    const at = fc.oneof(
      fc.integer({ min: 2, max: lines.length - 4 }),
      fc.integer({ min: 2, max: first }),
      fc.integer({ min: last, max: lines.length - 4 }),
    );
    const value = fc.oneof(
      fc.constantFrom('-1', '0', '1.5', '1e21', '1e999', '9007199254740993', 'null', 'true', '{}', '[]'),
      fc.constantFrom(
        '""',
        '"x"',
        '"o1"',
        '"$0"',
        '"!"',
        '"#undefined"',
        '"+5"',
        '"__proto__"',
        '<o1#1 Bank.owner>',
      ),
    );
    const change = fc.oneof(
      fc.constantFrom<(line: string) => string[]>(
        () => [],
        (line) => [line, line],
      ),
      value.map((text) => (line: string) => [line.replace(/: .*$/, `: ${text}`)]),
      value.map((text) => (line: string) => [line.replace(/^( {2}\w+) .*$/, `$1 ${text}`)]),
      fc.nat(300).map((number) => (line: string) => [line.replace(/o\d+/, `o${number}`)]),
      fc
        .constantFrom('-1', '0', '7', '99999999')
        .map((text) => (line: string) => [line.replace(/\b\d+\b/, text)]),
    );
    await fc.assert(
      fc.asyncProperty(at, change, async (where, changed) => {
        const made = [...lines.slice(0, where), ...changed(lines[where] ?? ''), ...lines.slice(where + 1)];
        let contents: Contents;
        try {
          contents = await allOf(await imported(made.join('\n'), true));
        } catch (error) {
          expect((error as { code?: unknown }).code).toBe('BadArchive');
          return;
        }
        const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
        if (contents.has('s/sid-1')) {
          fixture.world.input('sid-1', 12, 'home');
          fixture.world.input('sid-1', 13, 'look');
        }
        await fixture.advance(3_600_000);
        await fixture.world.collect();
        await fixture.close();
      }),
      { numRuns: 40 },
    );
  }, 90_000);

  test('what is wrong with the world is told with the line of its stanza', async () => {
    const [broken] = withLine(/^ {2}class "Room"/, '  class "Roam"');
    const told = await mistake(broken);
    const [, line = '', id = ''] = /^line (\d+): o\/(o\d+): no built-in/m.exec(told) ?? [];
    expect(broken.split('\n')[Number(line) - 1]).toBe(`object ${id}`);
  });

  test('banks that pay for one another', async () => {
    const of = (id: string, bank: string): RegExp =>
      new RegExp(`^object ${id}\n  class "Bank"\n  bank ${bank}$`, 'm');
    const [, first = '', above = ''] =
      /^object (o\d+)\n {2}class "Bank"\n {2}bank "(o\d+)"$/m.exec(text) ?? [];
    expect(text).toMatch(of(above, 'null'));
    const broken = text.replace(of(above, 'null'), `object ${above}\n  class "Bank"\n  bank "${first}"`);
    expect(await mistake(broken)).toContain('this bank is paid for by itself, or by one that it pays for');
  });

  test('a source that does not fit its hash is told the one that it has', async () => {
    const [broken] = withLine(/^ {2}\| /, '  | changed');
    expect(await mistake(broken)).toMatch(/of the text as it stands it is [0-9a-f]{64}/);
  });

  test('several mistakes are told at once, with their lines', async () => {
    const [once, first] = withLine(/^ {2}bank "o1"/, '  bank "o1');
    const all = once.split('\n');
    const second = all.findLastIndex((line) => line.startsWith('  keep '));
    all[second] = '  keep maybe';
    const told = await mistake(all.join('\n'));
    expect(told).toContain(`line ${first}: `);
    expect(told).toContain(`line ${second + 1}: `);
  });

  test.each([0.1, 0.5, 0.9, 0.999])('one that is cut off after %d of it', async (share) => {
    const broken = text.slice(0, Math.floor(text.length * share));
    expect(await mistake(broken, false)).toMatch(/cut off|no export/);
    expect(await mistake(broken, true)).toMatch(/cut off|no export/);
  });

  test('one with a changed character, or a stanza less', async () => {
    expect(await mistake(text.replace('the', 'thE'), false)).toContain('is not what this line says');
    const without = text.replace(/^object o7\n(?:.+\n)+\n/m, '');
    expect(await mistake(without, false)).toContain('is not what this line says');
  });

  test('one with something behind its end, one that is empty, another file', async () => {
    expect(await mistake(`${text}object o1\n`)).toContain('nothing follows the last line');
    expect(await mistake('')).toContain('line 1: the file is empty');
    expect(await mistake('{"json":1}\n')).toContain('line 1: this is no export');
    expect(await mistake(text.replace('keystead export 1', 'keystead export 2'))).toContain('of version 2');
    expect(await mistake(text.replace(`format ${FORMAT_VERSION}`, 'format 99'))).toContain('newer Keystead');
  });
});

test('what is damaged is left out and told; the rest is there', async () => {
  const store = await storeOf(played);
  store.damage('o/o7');
  const { text, missing, leftOut } = await exported(store);
  expect([missing, leftOut]).toEqual([['o/o7'], 1]);
  expect(text).not.toContain('\nobject o7\n');
  expect((await allOf(await imported(text))).has('o/o8')).toBe(true);
});

test('objects are told as left out whatever their numbers, and so is a part of the database that is lost', async () => {
  const store = await storeOf(new Map(played).set('o/o12345678', 'x'));
  // The only one with a number of so many digits.
  store.damage('o/o12345678');
  expect((await exported(store)).missing).toEqual(['o/o12345678']);
  const whole = await storeOf(played);
  const range = whole.range.bind(whole);
  whole.range = async function* (asked) {
    yield* range(asked);
    // A block of objects is lost: the database says so at the end of each range with it.
    if (asked.gte <= 'o/o30' && 'o/o30' < asked.lt)
      asked.onDamaged?.('', new StoreError('Damaged', 'a part of the database is damaged'));
  };
  expect((await exported(whole)).missing).toEqual(['']);
});

test('a value that is nested too deeply to be laid out is kept as it is', async () => {
  const key = [...played.keys()].find(
    (each) => each.startsWith('o/') && /\\"name\\":\\"/.test(played.get(each) ?? ''),
  );
  const object = JSON.parse(played.get(key ?? '') ?? '') as Record<string, unknown>;
  const deep = JSON.stringify({
    ...object,
    body: `#${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    slots: [],
  });
  const contents = new Map(played).set(key ?? '', deep);
  const { text } = await exported(await storeOf(contents));
  expect((await allOf(await imported(text))).get(key ?? '')).toBe(deep);
  expect(await findings(contents)).toContain(
    `${key}: the object cannot be read: its body is nested too deeply`,
  );
});

test('an export takes the place of no device and no pipe', async () => {
  await expect(archiveWriter('/dev/null', process.stdout, tmpdir())).rejects.toMatchObject({
    code: 'Unwritable',
  });
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  try {
    await expect(archiveWriter(folder, process.stdout, tmpdir())).rejects.toMatchObject({
      code: 'Unwritable',
    });
    writeFileSync(join(folder, 'older'), 'older');
    const watched = new WatchedFiles();
    const writer = await archiveWriter(join(folder, 'older'), process.stdout, tmpdir());
    await writer.write('newer');
    await writer.end();
    watched.end();
    expect(watched.unsynced).toEqual([]);
    expect(readFileSync(join(folder, 'older'), 'utf8')).toBe('newer');
    expect(readdirSync(folder)).toEqual(['older']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an export to a link replaces what it leads to, and the link stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  const [link, astray] = [join(folder, 'link'), join(folder, 'astray')];
  try {
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'world'), 'older');
    symlinkSync(join('other', 'world'), link);
    symlinkSync('nowhere', astray);
    const writer = await archiveWriter(link, process.stdout, tmpdir());
    await writer.write('newer');
    await writer.end();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'other', 'world'), 'utf8')).toBe('newer');
    await expect(archiveWriter(astray, process.stdout, tmpdir())).rejects.toThrow(
      'a link to what is not there',
    );
    expect(readdirSync(folder).sort()).toEqual(['astray', 'link', 'other']);
    expect(readdirSync(join(folder, 'other'))).toEqual(['world']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an export touches no other file, and two to one place do not mix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  const file = join(folder, 'world');
  try {
    writeFileSync(`${file}.part`, 'mine');
    const first = await archiveWriter(file, process.stdout, tmpdir());
    await first.write('first');
    const second = await archiveWriter(file, process.stdout, tmpdir());
    await second.write('sec');
    await expect(first.end()).rejects.toMatchObject({ code: 'Unwritable' });
    await first.drop();
    await second.write('ond');
    await second.end();
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(readFileSync(`${file}.part`, 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['world', 'world.part']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
