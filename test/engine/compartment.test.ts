import { types } from 'node:util';
import { evaluateClass, type MadeClass } from '../../engine/compartment.ts';
import { VERBS } from '../../engine/endowments.ts';
import { LANGUAGE } from '../../engine/language.ts';
import { checkSource, type CheckedSource } from '../../engine/source-check.ts';
import { SourceError } from '../../engine/source-problem.ts';
import { library } from '../../world/library.ts';
import { Thing } from '../../world/thing.ts';

const GIVEN = { ...VERBS, ...library, Thing };

function made(source: string, given: Readonly<Record<string, unknown>> = GIVEN): MadeClass {
  return evaluateClass(checkSource('Dog', source), given);
}

type Anything = Record<string, (...args: unknown[]) => unknown>;

/** An object of a class, with its methods at hand. */
function dog(members: string, before = ''): Anything {
  return new (made(`${before}\nclass Dog { ${members} }`))() as Anything;
}

function failing(body: () => unknown): {
  readonly line: number;
  readonly column: number;
  readonly what: string;
} {
  try {
    body();
  } catch (error) {
    if (error instanceof SourceError && error.problems[0] !== undefined) return error.problems[0];
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a class is made', () => {
  test('with its base, its statics, its constants and functions', () => {
    const Dog = made(`
const SOUNDS = ['wau', 'wuff'];
function loud(text) { return words.capital(text) + '!'; }
class Dog extends Thing {
  static facets = { ...Thing.facets, owner: { ...Thing.facets.owner, bark: M.call().returns(M.string()) } };
  #at = 0;
  bark() { this.#at += 1; return loud(SOUNDS[this.#at % SOUNDS.length]); }
}`);
    expect(Dog.name).toBe('Dog');
    const one = new Dog() as Thing & { bark(): string };
    expect(one).toBeInstanceOf(Thing);
    expect([one.bark(), one.bark()]).toEqual(['Wuff!', 'Wau!']);
    expect((new Dog() as typeof one).bark()).toBe('Wuff!');
    expect(Object.keys((Dog as unknown as typeof Thing).facets)).toEqual(Object.keys(Thing.facets));
  });

  test('whatever the source ends with, or says in comments', () => {
    for (const end of ['// x', '/* x */', ';', '\n', ' //# here'])
      expect(made(`class Dog {}${end}`).name).toBe('Dog');
  });

  test('with functions, constants and the class in any order', () => {
    const one = new (made(
      'class Dog { bark() { return both(); } } function both() { return [LATER, typeof Dog]; } const LATER = 1;',
    ))();
    expect((one as Anything)['bark']?.()).toEqual([1, 'function']);
  });

  test('each by itself: nothing of one is in the other', () => {
    const one = made('const A = 1; class Dog { a() { return A; } }');
    expect(made('const A = 2; class Dog { a() { return A; } }').prototype).not.toBe(one.prototype);
    expect(failing(() => made('class Dog { a() { return A; } }')).what).toMatch(/^A is not known here/);
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'])
      expect(failing(() => made(`class Dog { a() { return ${name}; } }`)).what).toContain('not known here');
  });

  test('strict: this is nothing in a plain call, and no function tells who called it', () => {
    const one = dog(
      `
      self() { return (function () { return this; })(); }
      top() { return plain(); }
      caller() { return plain.caller; }`,
      'function plain() { return this; }',
    );
    expect(one['self']?.()).toBeUndefined();
    expect(one['top']?.()).toBeUndefined();
    expect(one['caller']?.()).toBeUndefined();
  });
});

describe('nothing outside of the objects changes', () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ['the class', 'Dog.count = 1;'],
    ['a static field', 'Dog.held = 1;'],
    ['what a static field holds', 'Dog.held.count = 1;'],
    ['deep inside of it', 'Dog.held.list[0].count = 1;'],
    ['an array in it', 'Dog.held.list.push(1);'],
    ['a function in it', 'Dog.held.f.count = 1;'],
    ['what a function in it has as its prototype', 'Dog.held.f.prototype.count = 1;'],
    ['the prototype', 'Dog.prototype.count = 1;'],
    ['a method', 'this.run.count = 1;'],
    ['a static method', 'Dog.still.count = 1;'],
    ['what the class inherits from', 'Object.setPrototypeOf(Dog, {});'],
    ['a constant', 'CONSTANT.count = 1;'],
    ['a function', 'plain.count = 1;'],
    ["a function's prototype", 'plain.prototype.count = 1;'],
    ['an arrow function', 'arrow.count = 1;'],
    ['a pattern', 'PATTERN.lastIndex = 1;'],
    ['a pattern made anew', "PATTERN.compile('y');"],
    ['a guard', 'GUARD.count = 1;'],
    ['a verb', 'send.count = 1;'],
    ['M', 'M.count = 1;'],
    ['a matcher', 'M.string.count = 1;'],
    ['words', 'words.count = 1;'],
    ['a function of words', 'words.the.count = 1;'],
    ['the base', 'Thing.count = 1;'],
    ["the base's prototype", 'Thing.prototype.count = 1;'],
    ['a method of the base', 'Thing.prototype.describe.count = 1;'],
    ["the base's facets", 'Thing.facets.public.count = 1;'],
    ['the language', 'Object.count = 1;'],
    ['its prototypes', 'Array.prototype.count = 1;'],
    ['prototypes without a name', 'Object.getPrototypeOf([].values()).next = null;'],
    ['Math', 'Math.count = 1;'],
    [
      'the last match',
      "/(x)/.exec('x'); if (RegExp.$1 !== 'x' && RegExp.lastMatch === undefined) throw new TypeError();",
    ],
    [
      'how deep stacks go',
      'Error.stackTraceLimit = 1; if (Error.stackTraceLimit !== 1) throw new TypeError();',
    ],
    [
      'how stacks look',
      'Error.prepareStackTrace = () => 1; if (new Error().stack !== 1) throw new TypeError();',
    ],
  ];
  test.each(cases)('%s', (_what, attempt) => {
    const Dog = made(`
const CONSTANT = { count: 0 };
const PATTERN = /x/;
const GUARD = M.call(M.string()).returns();
const arrow = () => 1;
function plain() {}
class Dog extends Thing {
  static held = { count: 0, list: [{ count: 0 }], f: function () {} };
  static still() {}
  run() { ${attempt} }
}`);
    expect(new Dog() as Anything).toBeInstanceOf(Thing);
    expect(() => (new Dog() as Anything)['run']?.()).toThrow(TypeError);
  });

  test('nor what two objects could share in their private methods, fields or accessors', () => {
    const one = dog(`
      #secret = 0;
      get #more() { return this.#secret; }
      #both() { return this.#more; }
      add() { this.#secret += 1; return this.#both(); }`);
    expect(one['add']?.()).toBe(1);
    const Dog = (one as unknown as { constructor: MadeClass }).constructor;
    expect((new Dog() as Anything)['add']?.()).toBe(1);
  });

  test('no object of others takes a private field: a base is a class, not a function that gives back what it likes', () => {
    const shared = {};
    const Stamp = function Stamp(): object {
      return shared;
    };
    const source = 'class Dog extends Stamp { #mark = 1; }';
    expect(failing(() => made(source, { Stamp })).what).toMatch(/not a class that can be extended/);
    for (const base of [undefined, null, {}, () => shared, Object.create, 'class']) {
      expect(failing(() => made(source, { Stamp: base }))).toMatchObject({ line: 1, column: 19 });
    }
    class Stamped {}
    expect(made(source, { Stamp: Stamped }).name).toBe('Dog');
  });
});

describe('what cannot be made', () => {
  test.each([
    [
      'a constant used before it is there',
      'const A = B;\nconst B = 1;\nclass Dog {}',
      1,
      11,
      /before initialization/,
    ],
    ['in a static field', 'class Dog {\n  static a = Thing.facets.nobody.at;\n}', 2, 34, /undefined/],
    ['on the first line', 'class Dog { static a = null.b; }', 1, 29, /null/],
    ['what is not iterable', 'class Dog {\n  static a = {};\n  static b = [...Dog.a];\n}', 3, 18, /iterable/],
    [
      'a chain that a guard has not',
      'const G = M.string().returns();\nclass Dog {}',
      1,
      22,
      /not a function/,
    ],
    [
      'a guard that is none',
      'class Dog {\n  static facets = {\n    a: M.call(M.gte(() => 1)),\n  };\n}',
      3,
      17,
      /./,
    ],
    [
      'behind what is spread',
      'const A = { ...{} };\nconst B = [+true, { [`${1 - 1}`]: 1 }];\nclass Dog { static b = { ...[], ...Dog.c.c }; }',
      3,
      42,
      /undefined/,
    ],
  ])('%s: with line and column', (_what, source, line, column, words) => {
    const problem = failing(() => made(source));
    expect(problem.what).toMatch(/^The class cannot be made: /);
    expect(problem.what).toMatch(words);
    expect([problem.line, problem.column]).toEqual([line, column]);
  });

  test('unknown names come first, with their places', () => {
    expect(failing(() => made('class Dog extends Thnig {\n}'))).toMatchObject({
      line: 1,
      column: 19,
      what: 'Thnig is not known here; did you mean Thing?',
    });
  });

  test('constants that are heavier than they look', () => {
    const facts = { big: Array.from({ length: 70_000 }, () => 0) };
    expect(failing(() => made('class Dog {\n  static a = facts.big; }', { facts })).what).toMatch(
      /too large/,
    );
    const deep = `const a0 = []; ${Array.from({ length: 120 }, (_, at) => `const a${at + 1} = [a${at}];`).join(' ')}`;
    expect(failing(() => made(`${deep} class Dog {}`)).what).toMatch(/too deep/);
  });

  test('the host may not give the language another meaning', () => {
    expect(() => made('class Dog { a = Map; }', { Map: 1 })).toThrow(TypeError);
  });

  test("where little of the stack is left it is nobody's mistake", () => {
    const checked = checkSource('Dog', 'class Dog {}');
    const ends = new Set<string>();
    const deeper = (): void => {
      try {
        deeper();
      } catch (error) {
        if (ends.has('none')) throw error;
        try {
          evaluateClass(checked, {});
          ends.add('none');
        } catch (failed) {
          ends.add(String((failed as { code?: unknown }).code ?? (failed as Error).message));
        }
        throw error;
      }
    };
    expect(deeper).toThrow(/call stack/i);
    expect([...ends].filter((end) => !/^Overflow$|^none$|call stack size/.test(end))).toEqual([]);
  });
});

describe('even where the check had missed a name', () => {
  /** As if the check had not seen any of it. */
  function unchecked(expression: string): unknown {
    const source = `class Dog { static it() { return ${expression}; } }`;
    const checked: CheckedSource = {
      ...checkSource('Dog', 'class Dog {}'),
      source,
      compiled: { text: source, back: (offset) => offset },
      free: new Set(),
      firstUse: new Map(),
    };
    return (evaluateClass(checked, GIVEN) as unknown as { it(): unknown }).it();
  }

  test('no global is there', () => {
    const names = new Set([
      ...Object.getOwnPropertyNames(globalThis),
      ...Object.getOwnPropertyNames(new Compartment().globalThis),
      ...Object.getOwnPropertyNames(Object.prototype),
      ...Object.keys(GIVEN),
    ]);
    const here = [...names].filter(
      (name) => /^[\w$]+$/.test(name) && unchecked(`typeof ${name}`) !== 'undefined',
    );
    // What every object inherits is found in SES's own scope objects: these functions have nothing to act on.
    const inherited = Object.getOwnPropertyNames(Object.prototype);
    expect(here.sort()).toEqual(['Infinity', 'NaN', ...inherited].sort());
    for (const name of inherited) {
      const value = unchecked(name);
      expect(value === null || Object.isFrozen(value)).toBe(true);
    }
  });

  test('none can be made', () => {
    for (const way of ['(stash = 1)', '(undefined = 1)', '(NaN = 1)']) expect(() => unchecked(way)).toThrow();
  });
});

/** A class whose object brings home all that it can reach; `walk(call)` calls whatever it finds, too. */
const WALKER = `
const ROOTS = () => ({ Array, Boolean, Error, Infinity, JSON, Map, Math, NaN, Number, Object, RangeError, Reflect, RegExp,
  Set, String, TypeError, WeakMap, WeakSet, decodeURI, decodeURIComponent, encodeURI, encodeURIComponent, harden, isFinite,
  isNaN, parseFloat, parseInt, undefined, after, attempt, attenuate, cancel, create, destroy, emit, facet, fail, hangUp, isLive, M,
  only, revoke, send, words, Thing, Dog, ROOTS, PATTERN, GUARD });
const PATTERN = /x/;
const GUARD = M.call(M.string()).returns(M.any());
function caught(body) { try { return body(); } catch (error) { return error; } }
class Dog extends Thing {
  #secret() { return 1; }
  values() {
    function named() { return arguments; }
    const { get } = Object.getOwnPropertyDescriptor({ get x() { return 1; } }, 'x');
    return [named, named(1), () => 1, get, { m() {} }.m, [], {}, '', 1, true, /x/g, new Map(), new Set(), new WeakMap(), new WeakSet(),
      [].values(), ''[Object.getOwnPropertySymbols(String.prototype)[0]](), new Map().entries(), new Set().values(), 'x'.matchAll(/x/g),
      Object.getOwnPropertySymbols(Array.prototype)[0], caught(() => null.x), caught(() => decodeURI('%')), caught(() => JSON.parse('{')),
      caught(() => { later; let later; }), caught(() => new Array(-1)), caught(() => fail(1)), caught(() => emit('x')),
      caught(() => this.#secret()), caught(() => named.caller), JSON.stringify({}), Object.entries(this), this.constructor,
      caught(function () { return this; }), caught(() => send.constructor('return 1')), new.target];
  }
  walk(call, most) {
    const seen = new Map();
    const queue = [];
    const note = (value, path, own) => {
      if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
        if (!seen.has(value)) { seen.set(value, { path, own }); queue.push(value); }
      } else if (typeof value === 'symbol') note(Object.getPrototypeOf(value), path + '.symbol', own);
      else if (value !== undefined && value !== null) note(Object.getPrototypeOf(value), path + '.' + typeof value, own);
    };
    note(this, 'this', true);
    for (const [name, value] of Object.entries(ROOTS())) note(value, name, false);
    for (const [at, value] of this.values().entries()) note(value, 'value ' + at, true);
    const tries = [[], [[]], ['x'], [{}], [[], (x) => x], [0, 0], [this], [Object], [{}, 'x', { value: 1 }]];
    for (let at = 0; at < queue.length && at < most; at += 1) {
      const value = queue[at];
      const { path, own } = seen.get(value);
      note(Reflect.getPrototypeOf(value), path + '.[prototype]', false);
      for (const key of Reflect.ownKeys(value)) {
        const found = Reflect.getOwnPropertyDescriptor(value, key);
        const name = path + '.' + (typeof key === 'symbol' ? '@' + key.description : key);
        note(key, name + ' key', false);
        note(found.value, name, own);
        note(found.get, name + ' get', own);
        note(found.set, name + ' set', own);
        if (found.get !== undefined) note(caught(() => Reflect.apply(found.get, value, [])), name + ' got', true);
      }
      if (!call || typeof value !== 'function' || own) continue;
      for (const args of tries) {
        note(caught(() => Reflect.apply(value, undefined, args)), path + '()', true);
        note(caught(() => Reflect.apply(value, args[0], args.slice(1))), path + '.call()', true);
        note(caught(() => Reflect.construct(value, args)), 'new ' + path, true);
      }
    }
    return [...seen].map(([value, { path, own }]) => ({ value, path, own }));
  }
}`;

interface Found {
  readonly value: object;
  readonly path: string;
  /** Made for or by whoever walks: the object itself, what a call gave. */
  readonly own: boolean;
}

/** What must not be reached: every global of the host and of a Compartment that is not of the language. */
function powers(): Map<object, string> {
  const inside = new Compartment().globalThis as Record<string, unknown>;
  const allowed = new Set<unknown>(LANGUAGE.map((name) => inside[name]));
  // Reached through what is left, and harmless.
  const harmless = [
    'Symbol',
    'Iterator',
    'EvalError',
    'ReferenceError',
    'SyntaxError',
    'URIError',
    'AggregateError',
  ];
  const mayBe = new Set<unknown>(harmless.map((name) => inside[name]));
  const found = new Map<object, string>();
  for (const [where, all] of [
    ['host', globalThis],
    ['Compartment', inside],
  ] as const) {
    for (const name of Object.getOwnPropertyNames(all)) {
      const held = Object.getOwnPropertyDescriptor(all, name);
      for (const value of [held?.value, held?.get] as unknown[]) {
        if ((typeof value !== 'function' && typeof value !== 'object') || value === null) continue;
        if (allowed.has(value) || mayBe.has(value)) continue;
        found.set(value, `${name} of the ${where}`);
        const { prototype } = value as { prototype?: unknown };
        // Those that stand for a function of the language inside of Compartments share its prototype.
        if (
          typeof prototype === 'object' &&
          prototype !== null &&
          !/^(?:Function|Error|RegExp|Symbol)$/.test(name)
        ) {
          found.set(prototype, `${name}.prototype of the ${where}`);
        }
      }
    }
  }
  for (const name of ['Function', 'Error', 'RegExp', 'Symbol'] as const)
    found.set(globalThis[name], `the host's ${name}`);
  return found;
}

describe('from inside of a class', () => {
  const found = (call: boolean): readonly Found[] =>
    (new (made(WALKER))() as unknown as { walk(call: boolean, most: number): Found[] }).walk(call, 20_000);

  test('everything is frozen but the object itself, and nothing has hidden state', () => {
    const all = found(false);
    expect(all.length).toBeGreaterThan(500);
    const loose = all.filter(({ value, own }) => !own && !Object.isFrozen(value));
    expect(loose.map(({ path }) => path)).toEqual([]);
    const keeps = [
      types.isMap,
      types.isSet,
      types.isWeakMap,
      types.isWeakSet,
      types.isDate,
      types.isPromise,
      types.isProxy,
      types.isArrayBuffer,
      types.isSharedArrayBuffer,
      types.isArrayBufferView,
      types.isGeneratorObject,
    ];
    const keeping = all.filter(({ value, own }) => !own && keeps.some((is) => is(value)));
    expect(keeping.map(({ path }) => path)).toEqual([]);
  });

  test('none of the powers of the language or the host is reached, also by calling what is', () => {
    const dangerous = powers();
    const named = ['Promise', 'Proxy', 'Date', 'eval', 'Uint8Array', 'process', 'SharedArrayBuffer'];
    for (const name of named) expect([...dangerous.values()].join()).toContain(`${name} of the `);
    const all = found(true);
    expect(all.length).toBeGreaterThan(1_000);
    const reached = all.filter(({ value }) => dangerous.has(value));
    expect(reached.map(({ value, path }) => `${path} is ${dangerous.get(value)}`)).toEqual([]);
    const odd = all.filter(
      ({ value }) =>
        types.isPromise(value) ||
        types.isProxy(value) ||
        types.isArrayBufferView(value) ||
        types.isAnyArrayBuffer(value) ||
        types.isDate(value) ||
        types.isGeneratorObject(value),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  test('nothing that was set through an accessor is found there by somebody else', () => {
    const stuck: string[] = [];
    for (const { value, path, own } of found(false)) {
      if (own) continue;
      for (const [key, { get, set }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
        if (set === undefined) continue;
        const mark = { mark: true };
        try {
          Reflect.apply(set, value, [mark]);
        } catch {}
        if (get !== undefined) {
          try {
            if (Reflect.apply(get, value, []) === mark) stuck.push(`${path}.${key}`);
          } catch {}
        }
      }
    }
    expect(stuck).toEqual([]);
  });

  test('no function makes code', () => {
    const one = dog(`
      tries() {
        const makers = [(() => 1).constructor, Reflect.getPrototypeOf(() => 1).constructor, Object.getPrototypeOf(Dog).constructor,
          Dog.prototype.tries.constructor, send.constructor, M.string.constructor];
        return makers.map((maker) => { try { return maker('return 1')(); } catch (error) { return error.name; } });
      }`);
    expect(one['tries']?.()).toEqual(Array.from({ length: 6 }, () => 'TypeError'));
  });

  test('no clock and no chance', () => {
    const one = dog(`
      chance() { const { random } = Math; return random(); }
      hidden() { return Reflect.get(Math, 'ran' + 'dom')(); }
      stack() { try { null.x; } catch (error) { return [error.stack, new Error('x').stack]; } }
      captured() { const it = {}; Error.captureStackTrace?.(it); return it.stack ?? ''; }`);
    expect(one['chance']).toThrow(TypeError);
    expect(one['hidden']).toThrow(TypeError);
    expect(one['stack']?.()).toEqual(['', '']);
    expect(String(one['captured']?.())).not.toMatch(/file:|node:|\\.js/);
  });
});
