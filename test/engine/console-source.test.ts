import { readEntry, type Entry, type KnownNames } from '../../engine/console-source.ts';
import { SourceError, type Problem } from '../../engine/source-problem.ts';
import { SOURCE_CHARACTERS } from '../../engine/source-text.ts';

const FIXED = new Set(['storage', 'print', 'M', 'Math']);
const known: KnownNames = {
  has: (name) => FIXED.has(name) || name === 'before',
  isFixed: (name) => FIXED.has(name),
  all: () => [...FIXED, 'before'],
};

const read = (source: string): Entry => readEntry(source, known);

function problem(source: string): Problem {
  try {
    read(source);
  } catch (error) {
    if (error instanceof SourceError && error.problems[0] !== undefined) return error.problems[0];
    throw error;
  }
  throw new Error('it was taken');
}

test('a record that is too long is refused before it is read', () => {
  const long = `{ a: '${'x'.repeat(SOURCE_CHARACTERS)}' }`;
  expect(problem(long).what).toContain(`and this one ${long.length}: `);
});

test('a mistake in a record is shown where it was typed', () => {
  expect(problem('{ a: befor }')).toMatchObject({ line: 1, column: 6, text: '{ a: befor }', caret: 5 });
});

test.each([
  ['let a = 1', ';void ( a = 1);'],
  ['const a = 1, b = 2;', ';void ( a = 1, b = 2);;'],
  ['let a, b = 1, c\nprint(a)', ';void ( a=undefined, b = 1, c=undefined);\nprint(a)'],
  ['const { a, b: [c = 1, ...d] } = before', ';void ( { a, b: [c = 1, ...d] } = before);'],
  ['const { a, ...b } = before', ';void ( { a, ...b } = own$((before)));'],
  ['let a\n(before)', ';void ( a=undefined);\n(before)'],
  ['if (before) { let a = 1; print(a); }', 'if (before) { let a = 1; print(a); }'],
  ['for (const a of before) print(a)', 'for (const a of before) {go$();print(a)}'],
  [
    'let b, c; for (const a of before) c = { ...b } = a',
    ';void ( b=undefined, c=undefined);; for (const a of before) {go$();c = { ...b } = own$((a))}',
  ],
  [
    'let b; while (before) for (const a of before) b = [...a], { ...b } = a',
    ';void ( b=undefined);; while (before) {go$();for (const a of before) {go$();b = [...go$((a))], { ...b } = own$((a))}}',
  ],
])('%s', (source, text) => {
  expect(read(source).compiled.text.replace(/^ +/, '')).toBe(text);
});

test('what an entry declares or assigns to are variables; what is inside of it is not', () => {
  const { variables, functions } = read(
    'const { a, b: [c, ...d] } = before; let e; f = 1; function g(x) { let y; h = 2; return x + y; } before += 1; { let z; }',
  );
  expect([...variables].sort()).toEqual(['a', 'before', 'c', 'd', 'e', 'f', 'g', 'h']);
  expect(functions).toEqual(['g']);
});

test('each place is found again, and the lines stay', () => {
  const source = 'let a = 1;\nconst { b, ...c } = before;\nnull.x';
  const { compiled } = read(source);
  expect(compiled.text.split('\n')).toHaveLength(3);
  for (const sought of ['a = 1', 'b, ...', 'before', 'null.x'])
    expect(compiled.back(compiled.text.indexOf(sought))).toBe(source.indexOf(sought));
});

test('what begins with a brace is a record if it can be one', () => {
  expect(read('{ a: 1, b: [before] }').source).toBe('({ a: 1, b: [before] }\n)');
  expect(read('{ let a = 1; print(a) }').source).toBe('{ let a = 1; print(a) }');
  expect(read(' {}').source).toBe('( {}\n)');
});

test.each([
  ['let a = ;', 1, 9, /does not belong here/],
  ['before(\n  1,', 2, 5, /something is open/],
  ['print(befor)', 1, 7, /did you mean before\?/],
  ['Promise.resolve()', 1, 1, /nothing here waits/],
  ['process', 1, 1, /not known here/],
  ['await before', 1, 1, /Nothing here waits/],
  ['const f = async () => 1', 1, 11, /Nothing here waits/],
  ['function* f() {}', 1, 1, /generator/i],
  ['import("fs")', 1, 1, /imported/],
  ['import fs from "fs"', 1, 1, /imported/],
  ['eval ("1")', 1, 1, /eval/],
  ['print("\u202e")', 1, 8, /cannot be seen/],
  ['class A {}', 1, 1, /class/],
  ['this.x = 1', 1, 1, /this/],
  ['1n', 1, 1, /./],
  ['for (const k in before) print(k)', 1, 1, /./],
  ['var a = 1', 1, 1, /let instead of var/],
  ['for (;;) { var a = 1; }', 1, 16, /let instead of var/],
  ['let storage = 1', 1, 5, /name of the console/],
  ['storage = 1', 1, 1, /name of the console/],
  ['const a = 1;\na = 2', 2, 1, /use let/],
  ['function f() {}\nf = 1', 2, 1, /use let/],
  ['let a; let a', 1, 12, /a/],
  ['go$()', 1, 1, /program/],
  ['x'.repeat(70_000), 1, 65_537, /at most/],
])('%s is refused where it stands', (source, line, column, what) => {
  const found = problem(source);
  expect([found.line, found.column]).toEqual([line, column]);
  expect(found.what).toMatch(what);
});

test('what is nested too deeply is refused, and nothing overflows', () => {
  expect(problem(`${'['.repeat(5_000)}${']'.repeat(5_000)}`).what).toMatch(/nested too deeply/);
});
