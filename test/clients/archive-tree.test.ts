import * as fc from 'fast-check';
import { LineError, printTree, quoted, readTree, type Line } from '../../clients/archive/tree.ts';
import { jsonText } from '../arbitrary.ts';

function linesOf(text: string): Line[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, at) => ({ number: at + 1, text: line.trimStart() }));
}

function read(text: string): string {
  const [first = { number: 1, text: '' }, ...rest] = linesOf(text);
  let at = 0;
  const json = readTree(first, () => rest[(at += 1) - 1]);
  expect(at).toBe(rest.length);
  return json;
}

const text = fc.string({ unit: 'binary', maxLength: 40 });

test('any JSON comes back as it was, to the character', () => {
  fc.assert(
    fc.property(jsonText(), (json) => {
      expect(read(printTree(JSON.parse(json), '', ''))).toBe(json);
    }),
    { numRuns: 500 },
  );
});

test('no text has more than one line, or a character that a terminal would obey', () => {
  fc.assert(
    fc.property(text, (value) => {
      const shown = quoted(value);
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      expect(JSON.parse(shown)).toBe(value);
    }),
  );
});

test('names that are numbers come back in the order of JSON, wherever they stand in the file', () => {
  expect(read('{\n  b: 1\n  "10": {\n    "1": 1\n    "0": 2\n  }\n  "2": 3\n}')).toBe(
    '{"2":3,"10":{"0":2,"1":1},"b":1}',
  );
});

test('names are plain where they can be, and hostile ones are still names', () => {
  const tree = JSON.parse(
    '{"name":1,"":2,"a b":3,"__proto__":{"x":[]},"\\u0000":4,"a: {":5,"}":6}',
  ) as object;
  const printed = printTree(tree, '', '');
  expect(printed.split('\n')[1]).toBe('  name: 1');
  expect(read(printed)).toBe(JSON.stringify(tree));
});

test.each([
  ['an open brace', '{\n  a: 1', 1, 'has no end'],
  ['an open bracket', '{\n  a: [\n    1', 2, 'has no end'],
  ['a member without a name', '{\n  1\n}', 2, 'NAME: VALUE'],
  ['a comma', '{\n  a: 1,\n}', 2, 'expected a text in quotes'],
  ['a text without its end', '[\n  "x\n]', 2, 'text in quotes'],
  ['a number of no JSON', '[\n  01\n]', 2, 'expected a text in quotes'],
  ['a bare word', '[\n  undefined\n]', 2, 'expected a text in quotes'],
  ['a capability where none may be', '[\n  <o1#1 Room>\n]', 2, 'a capability cannot stand here'],
  ['a number that JSON has not', '[\n  1e999\n]', 2, 'too large to be kept'],
  ['a name that is there twice', '{\n  a: 1\n  b: 2\n  "a": 3\n}', 4, '"a" is there twice in this record'],
  ['the wrong end', '{\n  a: 1\n]', 3, 'NAME: VALUE'],
])('%s is refused, with its line', (_, broken, line, message) => {
  let thrown: unknown;
  try {
    read(broken);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(LineError);
  expect([(thrown as LineError).line, (thrown as LineError).message]).toEqual([
    line,
    expect.stringContaining(message),
  ]);
});
