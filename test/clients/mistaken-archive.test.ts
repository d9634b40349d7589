import * as fc from 'fast-check';
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
import { FORMAT_VERSION } from '../../storage/format.ts';

let played: Contents;
beforeAll(async () => {
  played = await playedWorld();
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

  test.each([
    [/^ {2}class "Bank"/, '  raw: null'],
    [/^ {2}class "Bank"/, '  raw: 17'],
    [/^ {2}class "Bank"/, '  raw: {}'],
    [/^ {2}class "Bank"/, '  raw: "\\ud800"'],
    [/^ {2}\| /, '  \\ "\\udc00"'],
  ])('what cannot be stored as a text: %s, changed to %s', async (pattern, replacement) => {
    const [broken, at] = withLine(pattern, replacement);
    const made = broken.split('\n');
    if (replacement.includes('raw')) made.splice(at, made.indexOf('', at) - at);
    expect(await mistake(made.join('\n'))).toContain(`line ${at}: expected a text in quotes, without half`);
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
    ['a grant whose payer is not there', /^( {2}grant 2 .*)/, '$1 payer o99999', 'o/5o99999: the bank that'],
    ['an object whose bank is not there', /^ {2}bank "o1"/, '  bank "o99999"', 'o/5o99999: the bank that'],
    ['an object whose bank is no object', /^ {2}bank "o1"/, '  bank ""', 'it does not say who pays for it'],
    ['a bank that is none', /^ {2}bank "o1"/, '  bank "o7"', 'o/1o7: it pays for'],
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
    const [, line = '', id = ''] = /^line (\d+): o\/\d(o\d+): no built-in/m.exec(told) ?? [];
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
    expect(await mistake(text.replace('the', 'thE'), false)).toContain(
      'is not what this line says (its hash is another one)',
    );
    const without = text.replace(/^object o7\n(?:.+\n)+\n/m, '');
    expect(await mistake(without, false)).toMatch(/is not what this line says \(\d+ stanzas; it has \d+\)/);
  });

  test('one with something behind its end, one that is empty, another file', async () => {
    expect(await mistake(`${text}object o1\n`)).toContain('nothing follows the last line');
    expect(await mistake('')).toContain('line 1: the file is empty');
    expect(await mistake('{"json":1}\n')).toContain('line 1: this is no export');
    expect(await mistake(text.replace('keystead export 1', 'keystead export 2'))).toContain('of version 2');
    expect(await mistake(text.replace(`format ${FORMAT_VERSION}`, 'format 99'))).toContain('newer Keystead');
  });
});
