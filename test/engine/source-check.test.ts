import { checkSource, unknownNames, type CheckedSource } from '../../engine/source-check.ts';
import { problemText, SourceError, type Problem } from '../../engine/source-problem.ts';
import { SOURCE_CHARACTERS } from '../../engine/source-text.ts';
import { SOURCE_DEPTH } from '../../engine/source-tree.ts';

/** A source with something before the class and something inside of it. */
function dog(inside: string, before = ''): string {
  return `${before}class Dog extends Thing { ${inside} }`;
}

function method(body: string): string {
  return dog(`bark(a, b) { ${body} }`);
}

function problems(source: string, name = 'Dog'): readonly Problem[] {
  try {
    checkSource(name, source);
    return [];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return error.problems;
  }
}

/** What is said first, or 'none'. */
function said(source: string): string {
  return problems(source)[0]?.what ?? 'none';
}

/** Refused with these words, and the like of it that is not refused. */
type Case = readonly [what: string, refused: string, words: RegExp, allowed: string];

const top = (statement: string): string => dog('', `${statement}\n`);
const field = (initialiser: string): string => dog(`static field = ${initialiser};`);

const anywhere: readonly Case[] = [
  ['an async method', dog('async bark() {}'), /Nothing here waits/, dog('bark() {}')],
  ['an async function', top('async function f() {}'), /Nothing here waits/, top('function f() {}')],
  [
    'an async arrow function',
    method('return async () => 1;'),
    /Nothing here waits/,
    method('return () => 1;'),
  ],
  ['await', top('await f;'), /Nothing here waits/, top('const awaited = 1;')],
  ['for await', method('for await (const x of a) {}'), /Nothing here waits/, method('for (const x of a) {}')],
  ['a generator', top('function* f() {}'), /generators/, top('function f() { return []; }')],
  ['a generator method', dog('*bark() {}'), /generators/, dog('bark() {}')],
  [
    'a generator in an object',
    method('return { *x() { yield 1; } };'),
    /generators/,
    method('return { x() {} };'),
  ],
  ['import', top("import { f } from 'f';"), /imported/, top('const imported = 1;')],
  ['import()', method("return import('fs');"), /import\(/, method("return 'import';")],
  ['import() in a comment', method('// the import (of tea)\n'), /import\(/, method('// the import of tea\n')],
  ['import.meta', method('return import.meta;'), /imported/, method('return a.meta;')],
  ['export', 'export class Dog {}', /exported/, 'class Dog {}'],
  ['export default', 'export default class Dog {}', /exported/, 'class Dog {};'],
  ['eval', method("return eval('1');"), /no eval/, method("return 'eval';")],
  ['eval in a text', method("return 'eval (it)';"), /no eval/, method("return 'evaluate (it)';")],
  ['an HTML comment', method('<!-- here'), /put a space/, method('return a < !--b;')],
  ['the end of an HTML comment', method('while (a --> 0) {}'), /put a space/, method('while (a-- > 0) {}')],
  [
    'a name of its own for the file',
    dog('') + '\n//# sourceURL=world.js',
    /leave this comment/,
    dog('') + '\n// url',
  ],
  ['a source map', dog('') + '\n/*@ sourceMappingURL=a */', /leave this comment/, dog('') + '\n/* map */'],
  ['debugger', method('debugger;'), /debugger/, method('a.debugger;')],
  ['with', method('with (a) {}'), /with|strict/i, method('a.with(b);')],
  ['a class in a method', method('return class {};'), /one class/, method('return { class: 1 };')],
  ['a second class', top('class Cat {}'), /one class/, top('const cat = {};')],
  ['a class as a constant', top('const Cat = class {};'), /one class/, top('const cat = { class: 1 };')],
  ['a class in a field', dog('static kin = class {};'), /one class/, dog('static kin = {};')],
  ['a tagged template', method('return a`x`;'), /tag/, method('return a(`x`);')],
  [
    'a tag that is a private method',
    dog('#a() {} b() { this.#a`x`; }'),
    /tag/,
    dog('#a() {} b() { this.#a(`x`); }'),
  ],
  ['Math.random', method('return Math.random();'), /chance/, method('return Math.max(a, b);')],
  [
    'this outside of the class',
    top('const f = () => this;'),
    /`this` is nothing/,
    top('function f() { return this; }'),
  ],
  [
    'this in a default outside',
    top('const f = (a = this) => a;'),
    /`this` is nothing/,
    top('const f = (a = 1) => a;'),
  ],
  ['a name with an escape', method('let \\u0061b;'), /ab: a name is made/, method("return '\\u0061b';")],
  ['a name that looks like another', method('let сat;'), /letters a to z/, method("return 'сat größe';")],
  ['an invisible character', method("return 'a\u200bb';"), /U\+200B/, method("return 'a\\u200bb';")],
  ['text that runs backwards', method('// \u202e\n'), /U\+202E/, method('// ה\n')],
  ['a line end that editors do not show', method('//\u2028return a;'), /U\+2028/, method('//\r\nreturn a;')],
  ['a bare carriage return', method('// x\rreturn a;'), /U\+000D/, method('// x\nreturn a;')],
  ['the flag v', method('return /a/v;'), /flag v/, method('return /a/u;')],
  [
    'a pattern that begins in too many ways',
    method(`return /${'(?:[ab]|[cd]|[ef]|[gh]|[ij]|[kl])'.repeat(8)}/;`),
    /branches too much/,
    method(`return /${'(?:ab|cd|ef|gh)'.repeat(5)}/;`),
  ],
  [
    'patterns that are long together',
    method(`return [/${'a'.repeat(4_000)}/, /${'b'.repeat(97)}/];`),
    /together/,
    method(`return [/${'a'.repeat(4_000)}/, /${'b'.repeat(96)}/];`),
  ],
  ['a big integer', method('return 1n;'), /2 \*\* 53/, method('return 1;')],
  ['for-in', method('for (const x in a) {}'), /Object\.keys/, method('for (const x of Object.keys(a)) {}')],
  [
    'the rest of a parameter',
    dog('bark({ a, ...rest }) {}'),
    /in the body/,
    method('const { c, ...rest } = a;'),
  ],
  [
    'the rest of each of many',
    method('for (const { c, ...rest } of a) {}'),
    /in the body/,
    method('for (const each of a) { const { c, ...rest } = each; }'),
  ],
  [
    'the rest of an error',
    method('try {} catch ({ message, ...rest }) {}'),
    /in the body/,
    method('try {} catch ({ message }) {}'),
  ],
  [
    'the rest of a part',
    method('const { c: { d, ...rest } } = a;'),
    /at the top of a pattern/,
    method('const { c, ...rest } = a; ({ ...a.d } = b);'),
  ],
  ['the rest of an element', method('[{ ...a.d }] = b;'), /at the top of a pattern/, method('[...a.d] = b;')],
  ["a name of the program's", method('return own$(a);'), /of the program's/, method('return a.own$$;')],
  ['half a character', method("return '\ud83d';"), /half of a character/, method("return '🐕';")],
];

const outside: readonly Case[] = [
  ['let', top('let count = 0;'), /use const/, top('const count = 0;')],
  ['var', top('var count = 0;'), /use const/, method('var count = 0;')],
  ['a statement', top('f();'), /only const and function/, top('function f() {}')],
  ['a block', top('{ }'), /only const and function/, top(';')],
  ['if', top('if (true) {}'), /only const and function/, method('if (true) {}')],
  ['a directive', top("'use strict';"), /strict/, top("const strict = 'use strict';")],
  [
    'a constant with a name of the language',
    top('const Map = 1;'),
    /name of the language/,
    top('const map = 1;'),
  ],
  ['a function named M', top('function M() {}'), /name of the language/, top('function m() {}')],
  ['no class', 'const a = 1;', /class is missing/, 'const a = 1; class Dog {}'],
  ['another name for the class', 'class Dgo {}', /must have that name/, 'class Dog {}'],
  [
    'a constant that is assigned to',
    top('const a = 1; function f() { a = 2; }'),
    /stays as it is/,
    top('function f() { let a; a = 2; }'),
  ],
  [
    'a function that is assigned to',
    top('function f() { f = null; }'),
    /stays as it is/,
    top('function f(f) { f = null; }'),
  ],
  [
    'the class assigned to outside',
    dog('', 'function f() { Dog = null; }'),
    /stays as it is/,
    dog('', 'function f(Dog) { Dog = null; }'),
  ],
  ['the class assigned to inside', method('Dog = null;'), /stays as it is/, method('let Dog; Dog = null;')],
  ['a function counted up', top('function f() { f++; }'), /stays as it is/, method('a++;')],
  [
    'a function as the target of a pattern',
    method('[a, { b: helper }] = b;') + 'function helper() {}',
    /helper stands .* stays/,
    method('[a, { b: a.helper }] = b;'),
  ],
  [
    'a function as the target of a loop',
    method('for (helper of a) {}') + 'function helper() {}',
    /helper stands .* stays/,
    method('for (a of b) {}'),
  ],
  [
    'a name that nobody declares assigned to',
    method('count = 1;'),
    /count is not declared.*let/,
    method('let count = 1;'),
  ],
  ['a base of its own', dog('', 'function Thing() {}'), /extends a class of the world/, dog('')],
  [
    'an expression as the base',
    'class Dog extends (0, Thing) {}',
    /extends a class/,
    'class Dog extends Thing {}',
  ],
  [
    'a call as the base',
    'class Dog extends mixed(Thing) {}',
    /extends a class/,
    'class Dog extends (Thing) {}',
  ],
  ['null as the base', 'class Dog extends null {}', /extends a class/, 'class Dog {}'],
  [
    'a class of the language as the base',
    'class Dog extends Map {}',
    /extends a class/,
    'class Dog extends Atlas {}',
  ],
  ['a verb as the base', 'class Dog extends facet {}', /extends a class/, 'class Dog extends Facet {}'],
  ['itself as the base', 'class Dog extends Dog {}', /extends a class/, 'class Dog extends Cat {}'],
];

const members: readonly Case[] = [
  ['a constructor', dog('constructor() { super(); }'), /init/, dog('init() { super.init(); }')],
  ['a constructor in quotes', dog("'constructor'() { super(); }"), /init/, dog("'construct'() {}")],
  ['a static block', dog('static { }'), /static block/, dog('static block = {};')],
  ['a static private field', dog('static #count = 0;'), /nothing that can change/, dog('#count = 0;')],
  [
    'a static getter',
    dog('static get facets() { return {}; }'),
    /Write a method/,
    dog('static facets = {};'),
  ],
  ['a static setter', dog('static set x(v) {}'), /Write a method/, dog('static x(v) {}')],
  [
    'a static private accessor',
    dog('static get #x() { return 1; }'),
    /Write a method/,
    dog('get #x() { return 1; }'),
  ],
  [
    'a getter that others see',
    dog('get toRecord() { return () => {}; }'),
    /Write a method/,
    dog('toRecord() {}'),
  ],
  ['a computed method', dog("['a' + 'b']() {}"), /written out/, dog("'ab'() {}")],
  ['a computed field', dog('[name] = 1;'), /written out/, dog('name = 1;')],
  ['a computed static field', dog('static [name] = 1;'), /written out/, dog('static it = 1;')],
  ['a static named name', dog("static name = 'Cat';"), /of its own/, dog("static title = 'Cat';")],
  ['a static method named name', dog('static name() {}'), /of its own/, dog('name() {}')],
  ['a static named toString', dog('static toString() {}'), /of its own/, dog('toString() {}')],
  ['a static named then', dog('static then = 1;'), /of its own/, dog('static later = 1;')],
  ['a static named __proto__', dog("static '__proto__' = {};"), /of its own/, dog('static proto = {};')],
  [
    'a private method as a value',
    dog('#a() {} b() { return this.#a; }'),
    /only be called/,
    dog('#a() {} b() { return this.#a(); }'),
  ],
  [
    'a member of a private method',
    dog('#a() {} b() { this.#a.n = 1; }'),
    /only be called/,
    dog('#a = {}; b() { this.#a.n = 1; }'),
  ],
  [
    'a private method handed on',
    dog('#a() {} b(x) { x.map(this.#a); }'),
    /only be called/,
    dog('#a() {} b(x) { x.map((y) => this.#a(y)); }'),
  ],
  [
    'a bound private method',
    dog('#a() {} b() { return this.#a.bind(this); }'),
    /only be called/,
    dog('#a() {} b() { return this?.#a?.(1); }'),
  ],
  [
    'a static private method as a value',
    dog('static #a() {} static b() { return Dog.#a; }'),
    /only be called/,
    dog('static #a() {} static b() { return Dog.#a(); }'),
  ],
];

const pure: readonly Case[] = [
  ['a call', top('const a = f();'), /Only M/, top('const a = () => f();')],
  [
    'a call of a verb',
    field("fail('A', 'b')"),
    /Only M/,
    field('M.call(M.string()).optional(M.number()).rest(M.any()).returns()'),
  ],
  ['a method of the language', top("const a = 'a,b'.split(',');"), /Only M/, top("const a = ['a', 'b'];")],
  ['a function called at once', top('const a = (() => 1)();'), /Only M/, top('const a = 1;')],
  [
    'a matcher that is not there',
    field('M.strng()'),
    /no M\.strng; did you mean M\.string\?/,
    field('M.string()'),
  ],
  ['a matcher far from any', field('M.abracadabra()'), /no M\.abracadabra/, field("M.kind('copyRecord')")],
  ['a guard of something that waits', field('M.callWhen()'), /no M\.callWhen/, field('M.call()')],
  ['what M has behind it', field('M.constructor.assign({}, {})'), /Only M|no M/, field('M.call()')],
  ['a member of M that is computed', field("M['call']()"), /Only M/, field('M.call()')],
  ['an optional call', field('M.call?.()'), /Only M/, field('M.call()')],
  ['a chain that no guard has', field('M.call().bind()'), /Only M/, field('M.call().returns()')],
  ['harden of two', top('const a = harden({}, {});'), /Only M/, top('const a = harden({});')],
  [
    'Object.assign',
    top('const a = Object.assign({}, {});'),
    /Only M/,
    top('const a = Object.freeze({ b: [] });'),
  ],
  ['new', top('const a = new Map();'), /`new` makes/, dog('seen = new Map();')],
  ['new in a static field', field('new Set()'), /`new` makes/, dog('seen = new Set();')],
  ['a pattern that remembers', top('const a = /x/g;'), /flag g or y/, top('const a = /x/iu;')],
  ['a sticky pattern', field('/x/y'), /flag g or y/, method('return /x/y;')],
  [
    'a getter in an object',
    top('const a = { get b() { return 1; } };'),
    /Write a method/,
    top('const a = { b() { return 1; } };'),
  ],
  ['a setter in an object', field('{ set b(v) {} }'), /Write a method/, method('return { set b(v) {} };')],
  [
    'what an object inherits',
    top('const a = { __proto__: null };'),
    /inherits/,
    top("const a = { ['__proto__']: null };"),
  ],
  ['a prototype', field('Thing.prototype.name'), /cannot be read/, field('Thing.facets.public')],
  ['a prototype by a text', field("Thing['prototype']"), /cannot be read/, field("Thing['facets']")],
  [
    'a prototype by a pattern',
    top('const { prototype: a } = Thing;'),
    /cannot be read/,
    top('const { facets: { public: a } } = Thing;'),
  ],
  ['a constructor', top('const a = [].constructor;'), /cannot be read/, top('const a = [].length;')],
  [
    'a key that is worked out',
    top("const k = 'b'; const a = Thing[k];"),
    /written out/,
    top("const k = 'b'; const a = { [k]: 1 };"),
  ],
  [
    'a key of an object that is an object',
    top('const a = { [{}]: 1 };'),
    /calculated/,
    top('const a = { [1 + 2]: 1 };'),
  ],
  [
    'a key of a pattern that is worked out',
    top('const { [`a`]: b } = Thing;'),
    /written out/,
    top("const { 'a': b } = Thing;"),
  ],
  [
    'an object made into text',
    top('const a = { toString() {} }; const b = `${a}`;'),
    /calculated/,
    top("const a = 'x'; const b = `${a} ${1}`;"),
  ],
  [
    'an object added up',
    top('const a = {}; const b = a + 1;'),
    /calculated/,
    top('const a = 2; const b = a * 60 + 1;'),
  ],
  [
    'an object compared by its value',
    top('const a = {}; const b = a == 1;'),
    /calculated/,
    top('const a = {}; const b = a === 1;'),
  ],
  [
    'an object made into a number',
    top('const a = {}; const b = -a;'),
    /calculated/,
    top('const a = 1; const b = -a; const c = !{}; const d = typeof c; const e = void 0;'),
  ],
  [
    'a member calculated with',
    top('const a = Thing.price + 1;'),
    /calculated/,
    top('const a = Math.PI * 2 + Number.EPSILON;'),
  ],
  ['in', top("const a = 'b' in Thing;"), /worked out once/, method("return 'b' in a;")],
  [
    'instanceof',
    top('const a = Thing instanceof Dog;'),
    /worked out once/,
    method('return a instanceof Dog;'),
  ],
  ['delete', top('const a = delete Thing.b;'), /worked out once/, method('delete a.b;')],
  ['an assignment', top('const a = {}; const b = (a.b = 1);'), /worked out once/, top('const a = { b: 1 };')],
  ['a comma', top('const a = (1, 2);'), /worked out once/, top('const a = [1, 2];')],
  [
    'a default with a call',
    top('const { a = f() } = Thing;'),
    /Only M/,
    top('const { a = 1, ...b } = Thing; const [c, , d = 2, ...e] = [1];'),
  ],
  [
    'a choice with a call',
    top('const a = true ? f() : 1;'),
    /Only M/,
    top('const a = true ? 1 : Thing ?? 2; const b = Thing?.a || 1;'),
  ],
  [
    'constants that double each other',
    top(`const a = [0, 0]; ${doubled('[...x, ...x]')}`),
    /too large/,
    top('const a = [0, 0]; const b = [...a, ...a];'),
  ],
  [
    'texts that double each other',
    top(`const a = 'xxxxxxxx'; ${doubled('x + x')}`),
    /too large/,
    top("const a = 'x'; const b = a + a;"),
  ],
  [
    'trees that double each other',
    top(`const a = [0, 0]; ${doubled('[x, x]')}`),
    /too large/,
    top('const a = [0]; const b = [a, a];'),
  ],
  [
    'static fields that double each other',
    dog(`static a = [0, 0]; ${statics('[...Dog.x, ...Dog.x]')}`),
    /too large/,
    dog('static a = [0]; static b = [...Dog.a];'),
  ],
  [
    'spreading what is not known without end',
    field(`[${'...Thing.all,'.repeat(300)}]`),
    /too large/,
    field('{ ...Thing.facets, a: { ...Thing.facets.owner } }'),
  ],
];

/** Constants (from `a` on) of which each is twice the one before. */
function doubled(of: string): string {
  const names = 'abcdefghijklmnopqrstuvwxyz';
  return Array.from(names.slice(1))
    .map((name, at) => `const ${name} = ${of.replaceAll('x', names[at] ?? '')};`)
    .join(' ');
}

function statics(of: string): string {
  return doubled(of)
    .replaceAll('const', 'static')
    .replace(/Dog\.(\w)/g, 'this.$1');
}

describe.each([
  ['anywhere', anywhere],
  ['outside of the class', outside],
  ['among the members', members],
  ['in what is worked out once', pure],
])('refused %s', (_where, cases) => {
  test.each(cases)('%s', (_what, refused, words) => {
    expect(said(refused)).toMatch(words);
  });
});

describe.each([
  ['anywhere', anywhere],
  ['outside of the class', outside],
  ['among the members', members],
  ['in what is worked out once', pure],
])('the like of it is allowed %s', (_where, cases) => {
  test.each(cases)('instead of %s', (_what, _refused, _words, allowed) => {
    expect(said(allowed)).toBe('none');
  });
});

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
