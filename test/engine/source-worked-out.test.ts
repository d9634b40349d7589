import { dog, field, method, refuses, top, type Case } from './dog-source.ts';

/** A list of some 40,000 members, made of smaller ones, and so many copies of it. */
function copies(many: number): string {
  const eight = (of: string): string => `[${Array.from({ length: 8 }, () => of).join()}]`;
  let text = `const a0 = ${eight('0')};`;
  for (let n = 1; n <= 4; n += 1) text += `const a${n} = ${eight(`...a${n - 1}`)};`;
  for (let n = 1; n <= many; n += 1) text += `const b${n} = [...a4];`;
  return text;
}

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
  [
    'a call by a name that is a constant',
    top("const freeze = 'getPrototypeOf'; const a = Object[freeze]({});"),
    /Only M/,
    top('const a = Object.freeze({});'),
  ],
  ['lists that are copied again and again', top(copies(6)), /grow too large/, top(copies(5))],
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

refuses('in what is worked out once', pure);
