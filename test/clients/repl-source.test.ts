import { isCommand, isOpen, stepsOf } from '../../clients/repl-source.ts';
import { terminalText } from '../../clients/terminal-text.ts';

test.each([
  ['', false],
  ['1 + 1', false],
  ['f(', true],
  ['f(1,\n  2', true],
  ['const a = {', true],
  ['function f() {\n  return 1;', true],
  ['`text', true],
  ['/* comment', true],
  ['1 +', true],
  ['if (a) {\n} else', true],
  ["'text", false],
  ['/pattern', false],
  ['f(;', false],
  ['f)', false],
  ['f( // more', true],
])('%j needs more lines: %s', (source, open) => {
  expect(isOpen(source)).toBe(open);
  expect(isOpen(`${source}\n`)).toBe(open);
});

test('a command begins with a point and a word that stands alone', () => {
  expect(['.help', '  .dump o1', '.exit'].map(isCommand)).toEqual([true, true, true]);
  expect(['.map(x)', '...a', '.5', 'a.b', '. help', '.log(1)'].map(isCommand)).toEqual(Array(6).fill(false));
});

test('a script is made of statements and commands, each with its line', () => {
  const script = `// first
const a = [1, 2]
  .map((x) => x)
  .filter(Boolean);
if (a) print(a);
else {
  print('none');
}

.dump o1
print(1); print(2)
print(\`
.help
\`)
.checkpoint`;
  expect(stepsOf(script)).toEqual([
    { line: 2, what: 'entry', text: 'const a = [1, 2]\n  .map((x) => x)\n  .filter(Boolean);' },
    { line: 5, what: 'entry', text: "if (a) print(a);\nelse {\n  print('none');\n}" },
    { line: 10, what: 'command', text: '.dump o1' },
    { line: 11, what: 'entry', text: 'print(1);' },
    { line: 11, what: 'entry', text: 'print(2)' },
    { line: 12, what: 'entry', text: 'print(`\n.help\n`)' },
    { line: 15, what: 'command', text: '.checkpoint' },
  ]);
});

test('a line that goes on with an expression is no command, unless one has that name', () => {
  expect(stepsOf('[1, 2]\n  .map((x) => x)\n  .length\nprint(1)\n.checkpoint\n')).toEqual([
    { line: 1, what: 'entry', text: '[1, 2]\n  .map((x) => x)\n  .length' },
    { line: 4, what: 'entry', text: 'print(1)' },
    { line: 5, what: 'command', text: '.checkpoint' },
  ]);
  // There is nothing that it could go on with.
  expect(stepsOf('const a = 1;\n.length')).toEqual([
    { line: 1, what: 'entry', text: 'const a = 1;' },
    { line: 2, what: 'command', text: '.length' },
  ]);
  expect(stepsOf('// nothing\n.length').map(({ what }) => what)).toEqual(['command']);
});

test('what is no JavaScript is left in one piece, from its first line on', () => {
  expect(stepsOf('.help\n\nprint(1);\nprint(;\n')).toEqual([
    { line: 1, what: 'command', text: '.help' },
    { line: 2, what: 'entry', text: '\nprint(1);\nprint(;\n' },
  ]);
  expect(stepsOf('\n \n')).toEqual([]);
});

test('nothing draws on a terminal', () => {
  expect(terminalText('a\tb\nc\r\u001b[2J\u009b\u202e\u200f\u2028\ud800é🙂')).toBe(
    'a\tb\nc\\u{d}\\u{1b}[2J\\u{9b}\\u{202e}\\u{200f}\\u{2028}\\u{d800}é🙂',
  );
});
