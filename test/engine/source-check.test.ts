import { checkSource, unknownNames, type CheckedSource } from '../../engine/source-check.ts';
import { problemText } from '../../engine/source-problem.ts';
import { SOURCE_CHARACTERS } from '../../engine/source-text.ts';
import { SOURCE_DEPTH } from '../../engine/source-tree.ts';
import { field, method, problems, said, top } from './dog-source.ts';

describe('what the check finds out', () => {
  const source = `
const PRICES = { tea: 2, cake: 3 };
const { low, rest: [high = 1, ...others] } = words;
function price(what) { return PRICES[what] ?? fail('None', what); }
class Kiosk extends Thing {
  static facets = { ...Thing.facets, owner: { takings: M.call().returns(M.number()) } };
  #taken = 0;
  buy(by, what) { this.#taken += price(what); send(by, 'hear', [\`You buy \${what}.\`]); return Object.keys(PRICES); }
}`;
  const checked: CheckedSource = checkSource('Kiosk', source);

  test('the name, the base and where the class stands', () => {
    expect(checked).toMatchObject({ className: 'Kiosk', extends: 'Thing', source });
    expect(source.slice(checked.classAt)).toMatch(/^class Kiosk/);
    expect(checkSource('Dog', 'class Dog {}').extends).toBeNull();
  });

  test('the free names, each with its first use', () => {
    expect([...checked.free].sort()).toEqual(['M', 'Object', 'Thing', 'fail', 'send', 'words']);
    expect(source.slice(checked.firstUse.get('send')).slice(0, 5)).toBe('send(');
  });

  test('the names of constants and functions', () => {
    expect([...checked.constants].sort()).toEqual(['PRICES', 'high', 'low', 'others', 'price']);
  });

  test.each([
    ['labels', 'loop: for (;;) { break loop; }', []],
    ['keys and members', '({ x: a.y, z() {} })', []],
    ['shorthand', 'return { x };', ['x']],
    ['computed keys', 'return { [x]: a[y] };', ['x', 'y']],
    [
      'parameters and their defaults',
      'return (p, q = p + x, { r: s = y }, [...t], ...u) => p + q + s + t + u;',
      ['x', 'y'],
    ],
    ['a default that does not see the body', 'return (p = x) => { var x = p; return x; };', ['x']],
    ['var is seen in the whole function', 'x; { var x; }', []],
    ['let is not', '{ let x; } return x;', ['x']],
    ['a function in a block is seen there only', '{ f(); function f() {} } f();', ['f']],
    ['a caught error', 'try {} catch ({ message }) { message; } message;', ['message']],
    ['the variable of a loop', 'for (const x of x) x; for (let i = 0; i < n; i += 1) i; i;', ['i', 'n']],
    [
      'cases share a scope, what is switched on is outside of it',
      'switch (x) { case 1: let x; case y: x; }',
      ['x', 'y'],
    ],
    ['a function by its own name', 'return function again() { again(); };', []],
    ['that name is not seen outside', '(function again() {}); again();', ['again']],
    ['arguments of a function', 'return function () { return arguments; };', []],
    ['assigned patterns', '[a, b.c, ...b[x]] = y; ({ z: a = w } = b);', ['w', 'x', 'y']],
    ['new.target', 'return new.target;', []],
    ['typeof', 'return typeof x;', ['x']],
    ['the class itself', 'return Dog;', []],
  ] as const)('free names: %s', (_what, body, expected) => {
    const found = [...checkSource('Dog', `class Dog { bark(a, b) { ${body} } }`).free];
    expect(found.sort()).toEqual([...expected]);
  });
});

describe('unknown names', () => {
  const source =
    'class Dog extends Dgo {\n  bark(by) { sned(by); }\n  late() { setTimeout(this.bark); gadzooks(); new Zebra(); isNan(1); }\n}';
  const known = new Set(['Thing', 'Dog2', 'send', 'Dogs']);

  test('come with their place and with what may have been meant', () => {
    const found = unknownNames(checkSource('Dog', source), (name) => known.has(name), known);
    expect(found.map(({ line, column }) => [line, column])).toEqual([
      [1, 19],
      [2, 14],
      [3, 12],
      [3, 35],
      [3, 51],
      [3, 60],
    ]);
    const words = [
      /^Dgo is not known here; did you mean Dog\?$/,
      /^sned is not known here; did you mean send\?$/,
      /^setTimeout is not known here: .*after/,
      /^gadzooks is not known here: declare it/,
      /^Zebra is not known here: for a class .* capability/,
      /^isNan is not known here; did you mean isNaN\?$/,
    ];
    for (const [at, each] of words.entries()) expect(found[at]?.what).toMatch(each);
  });

  test('are none where all are known, or of the language', () => {
    const checked = checkSource(
      'Dog',
      'class Dog extends Thing { bark() { return [Math, undefined, harden]; } }',
    );
    expect(unknownNames(checked, (name) => name === 'Thing')).toEqual([]);
  });

  test('what JavaScript has and the world has not is unknown, with the reason', () => {
    for (const name of [
      'Promise',
      'Proxy',
      'Symbol',
      'Date',
      'Function',
      'globalThis',
      'process',
      'arguments',
      'Reflekt',
    ]) {
      const [problem] = unknownNames(
        checkSource(
          'Dog',
          `class Dog { bark = ${name === 'arguments' ? '1; static x = () => { const f = (a = console) => a; }' : name}; }`,
        ),
        () => false,
      );
      expect(problem?.what).toMatch(/is not known here[:;] /);
    }
  });
});

describe('a problem', () => {
  test('has a line, a column, the line itself and a caret under the place', () => {
    const source = 'const A = 1;\n\tconst B = new Map();\nclass Dog {}';
    const [problem] = problems(source);
    expect(problem).toMatchObject({ line: 2, column: 12, text: ' const B = new Map();' });
    const text = problemText('Dog', problems(source)).split('\n');
    expect(text[0]).toMatch(/^Dog, line 2, column 12: `new` makes something/);
    expect(text[1]).toBe('   const B = new Map();');
    expect(text[2]).toBe('             ^');
  });

  test('shows a part of a long line, around the place', () => {
    const before = `const A = [${'1, '.repeat(300)}`;
    const [problem] = problems(`${before}f()]; class Dog {} // ${'x'.repeat(500)}`);
    expect(problem?.column).toBe(before.length + 1);
    expect(problem?.text.length).toBe(200);
    expect(problem?.text.slice(problem.caret)).toMatch(/^f\(\)\]/);
  });

  test('shows no character that a terminal would obey', () => {
    const [problem] = problems('class Dog { a = "\u001b[31m\u202e"; }');
    expect(problem?.text).toBe('class Dog { a = " [31m "; }');
  });

  test('counts lines the same with either line end', () => {
    for (const end of ['\n', '\r\n']) {
      const [problem] = problems(['class Dog {', '  a = 1;', '  constructor() {}', '}'].join(end));
      expect(problem).toMatchObject({ line: 3, column: 3, text: '  constructor() {}' });
    }
  });

  test('stands in the order of the source, five are shown and the others counted', () => {
    const source = `class Dog { ${'constructor() {} '.repeat(1)} ${Array.from({ length: 8 }, (_, at) => `get a${at}() {}`).join(' ')} }`;
    const found = problems(source);
    expect(found.map(({ column }) => column)).toEqual(
      [...found].map(({ column }) => column).sort((a, b) => a - b),
    );
    expect(found.length).toBe(9);
    const text = problemText('Dog', found);
    expect(text.match(/, line /g)?.length).toBe(5);
    expect(text.endsWith('and 4 more.')).toBe(true);
  });

  test('of any kind is told together with the others', () => {
    const found = problems(
      'let a = 1;\nasync function f() { a = this; }\nconst B = new Map(), C = class {};\nclass Dog extends null {\n  static { a = 1; }\n  constructor() {}\n}',
    );
    expect(found.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [2, 1],
      [2, 22],
      [3, 11],
      [3, 26],
      [4, 19],
      [5, 3],
      [5, 12],
      [6, 3],
    ]);
  });

  test('quotes no name at its full length', () => {
    const long = 'x'.repeat(10_000);
    for (const source of [
      method(`${long} = 1;`),
      top(`const ${long} = 1; function f() { ${long} = 2; }`),
      field(`M.${long}()`),
      `class ${long} {}`,
    ]) {
      for (const { what, text } of problems(source)) expect(what.length + text.length).toBeLessThan(500);
    }
    const checked = checkSource('Dog', method(`${long}();`));
    for (const { what } of unknownNames(checked, () => false)) expect(what.length).toBeLessThan(200);
  });
});

describe('what is no JavaScript', () => {
  test.each([
    ['a bracket that is not closed', 'class Dog { bark() { }', 1, /ends here/],
    ['a text that is not closed', "class Dog {\n  a = 'b;\n}", 2, /quotation mark/],
    ['a pattern that is not closed', 'class Dog { a = /b; }', 1, /pattern is not closed/],
    ['a comment that is not closed', 'class Dog {} /* x', 1, /comment is not closed/],
    ['a word too many', 'class Dog { bark() { return a b; } }', 1, /"b" does not belong here/],
    ['types', 'class Dog { bark(a: string) {} }', 1, /no types/],
    ['a strange character', 'class Dog { a = §; }', 1, /no place in code/],
    ['a name declared twice', 'const a = 1;\nconst a = 2; class Dog {}', 2, /already been declared/],
    ['a private field that nobody declared', 'class Dog { a() { return this.#b; } }', 1, /must be declared/],
    ['super outside of a method', 'function f() { super.x; } class Dog {}', 1, /super/],
    ['return outside of a function', 'return 1; class Dog {}', 1, /return/],
    ['old octal numbers', 'class Dog { a = 010; }', 1, /./],
    ['a hashbang', '#!/bin/node\nclass Dog {}', 1, /./],
    ['using', 'class Dog { a() { using x = 1; } }', 1, /does not belong/],
    ['a decorator', 'class Dog { @x a() {} }', 1, /./],
    ['pattern syntax of later years', 'class Dog { a = /(?i:x)/; }', 1, /./],
    ['nothing at all', '', 1, /class is missing/],
  ])('%s', (_what, source, line, words) => {
    const [problem] = problems(source);
    expect(problem?.what).toMatch(words);
    expect(problem?.line).toBe(line);
    expect(problem?.what).not.toMatch(/\(\d+:\d+\)/);
  });

  test('pattern syntax of 2024 is allowed', () => {
    expect(
      said(
        'class Dog { a = /(?<x>a)|(?<y>\\p{L})/u; b = 1_000; c = this?.d ?? 1; #e; f() { return #e in this; } }',
      ),
    ).toBe('none');
  });
});

describe('size', () => {
  const full = (length: number): string => `class Dog {}//${'x'.repeat(length - 14)}`;

  test('the longest source passes, one more character does not', () => {
    expect(said(full(SOURCE_CHARACTERS))).toBe('none');
    expect(said(full(SOURCE_CHARACTERS + 1))).toMatch(/at most 65536 characters, and this one 65537/);
  });

  test('nesting passes up to a depth, and is refused beyond', () => {
    // Program, class, body, method, function, block, return.
    const nested = (depth: number): string => method(`return ${'!'.repeat(depth - 8)}a;`);
    expect(said(nested(SOURCE_DEPTH - 1))).toBe('none');
    expect(said(nested(SOURCE_DEPTH + 1))).toMatch(/nested too deeply/);
  });

  test.each([
    ['brackets', '['.repeat(60_000)],
    ['closed brackets', `const a = ${'['.repeat(30_000)}${']'.repeat(30_000)}; class Dog {}`],
    ['parentheses', `const a = ${'('.repeat(30_000)}1${')'.repeat(30_000)}; class Dog {}`],
    ['functions', `const a = ${'()=>'.repeat(16_000)}1; class Dog {}`],
    ['sums', `const a = ${'1+'.repeat(32_000)}1; class Dog {}`],
    ['choices', `const a = ${'1?1:'.repeat(16_000)}1; class Dog {}`],
    ['calls', method(`a${'()'.repeat(30_000)}`)],
    ['members', method(`a${'.b'.repeat(30_000)}`)],
    ['else', method(`${'if(a);else '.repeat(5_000)};`)],
    ['objects', `const a = ${'{a:'.repeat(10_000)}1${'}'.repeat(10_000)}; class Dog {}`],
    ['templates', `const a = ${'`${'.repeat(10_000)}1${'}`'.repeat(10_000)}; class Dog {}`],
    ['patterns', method(`let ${'['.repeat(20_000)}x${']'.repeat(20_000)} = a;`)],
    ['groups of a pattern', method(`/${'('.repeat(30_000)}${')'.repeat(30_000)}/`)],
    ['blocks', method(`${'{'.repeat(30_000)}${'}'.repeat(30_000)}`)],
    ['labels', method(`${Array.from({ length: 8_000 }, (_, at) => `l${at}:`).join('')};`)],
    ['assignments', method(`${'a='.repeat(30_000)}1`)],
    ['new', method(`${'new '.repeat(15_000)}a`)],
  ])('a great many %s inside of each other are a problem, not a crash', (_what, source) => {
    expect(source.length).toBeLessThanOrEqual(SOURCE_CHARACTERS);
    // Groups are no nodes: only the parser sees them.
    expect(said(source)).toMatch(/nested too deeply|none|ends here|declared/);
  });

  test('a great many problems are cut off', () => {
    expect(problems(`class Dog { ${'get a() {} '.repeat(5_000)} }`).length).toBeLessThanOrEqual(50);
  });

  test("with little of the stack left it is nobody's mistake", () => {
    const ends: string[] = [];
    const source = method(`return ${'['.repeat(90)}${']'.repeat(90)};`);
    const deeper = (): void => {
      try {
        deeper();
      } catch (error) {
        if (ends.at(-1) === 'none') throw error;
        try {
          checkSource('Dog', source);
          ends.push('none');
        } catch (failed) {
          ends.push(String((failed as { code?: unknown }).code ?? (failed as Error).message));
        }
        throw error;
      }
    };
    expect(deeper).toThrow(/call stack/i);
    // Where hardly anything is left, not even that can be told.
    const told = new Set(ends.filter((end) => end !== 'Maximum call stack size exceeded'));
    expect([...told]).toEqual(['Overflow', 'none']);
  });
});

test('a name that no class can have is refused', () => {
  for (const name of ['dog', 'Dog!', '', 'Ünder', 'D'.repeat(65), 'Map', 'M', 'Promise']) {
    expect(problems(`class ${name} {}`, name)[0]?.what).toMatch(/needs a name|name of the language/);
  }
  expect(problems(`class ${'D'.repeat(64)} {}`, 'D'.repeat(64))).toEqual([]);
});
