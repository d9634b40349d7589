import { attack, unsavable, type Family } from './attack.ts';

const TABLES = (facets: string, members = ''): string => `
class Attack {
  static facets = ${facets};
  given = null;
  init(given) { this.given = given; }
  toRecord() { return { given: this.given }; }
  fromRecord(record) { this.given = record.given; }
  run(given) { return []; }
  ${members}
}`;

const refusedTable = (name: string, facets: string, says: RegExp, members = '') =>
  attack(name, '', { source: TABLES(facets, members), refused: says });

export const facets: Family = {
  family: 'facets, guards, verbs and static members',
  attacks: [
    refusedTable(
      'offers its record hooks to everybody',
      '{ public: { toRecord: M.call().returns(M.any()) } }',
      /toRecord/,
    ),
    refusedTable(
      'offers fromRecord, so that others may write its record',
      '{ public: { fromRecord: M.call(M.any()).returns() } }',
      /fromRecord/,
    ),
    refusedTable(
      'offers its constructor',
      '{ public: { constructor: M.call().returns(M.any()) } }',
      /constructor/,
    ),
    refusedTable(
      'offers init, to be initialised anew',
      '{ public: { init: M.call(M.any()).returns() } }',
      /init/,
    ),
    refusedTable(
      'offers a method that every object has',
      '{ public: { hasOwnProperty: M.call().returns(M.any()), toString: M.call().returns(M.any()) } }',
      /hasOwnProperty|toString/,
    ),
    refusedTable('offers a method without a guard', '{ public: { run: null } }', /run|guard/),
    refusedTable(
      'offers a method with something like a guard',
      "{ public: { run: { returns: 'anything', callKind: 'sync' } } }",
      /run|guard/,
    ),
    refusedTable(
      'offers a method that waits',
      '{ public: { run: M.callWhen().returns(M.any()) } }',
      /run|guard|M\./,
    ),
    refusedTable('offers what is no method', '{ public: { nothing: M.call().returns(M.any()) } }', /nothing/),
    refusedTable(
      'offers a field as a method',
      '{ public: { field: M.call().returns(M.any()) } }',
      /field/,
      'field = () => this.given;',
    ),
    refusedTable(
      'offers an accessor as a method',
      '{ public: { it: M.call().returns(M.any()) } }',
      /\bit\b/,
      'get it() { return () => this.given; }',
    ),
    refusedTable(
      'has another guard for the same method in another facet',
      '{ public: { run: M.call().returns(M.any()) }, owner: { run: M.call(M.any()).returns(M.any()) } }',
      /run|guard/,
    ),
    attack('takes its facets from a table that answers differently the second time', '', {
      source: TABLES('{ get public() { return {}; }, owner: { run: M.call().returns(M.any()) } }'),
      refused: /get|accessor|initial/i,
    }),
    attack('spreads a table that runs code while it is read', '', {
      source: `const T = { get run() { for (;;); } };\n${TABLES('{ public: { ...T } }')}`,
      refused: /get|accessor|initial/i,
    }),
    attack('runs code while its class is made: a text made of an object', '', {
      source: `const T = { toString() { hangUp(); return 'run'; } };\nconst N = \`\${T}\`;\n${TABLES('{ public: {} }')}`,
      refused: /initial|pure|call|template|toString|T/i,
    }),
    attack('runs code while its class is made: an object added to a text', '', {
      source: `const T = { toString() { emit('x'); return 'run'; } };\nconst N = T + '';\n${TABLES('{ public: {} }')}`,
      refused: /initial|pure|operat|T|\+/i,
    }),
    attack('runs code while its class is made: a computed key', '', {
      source: `const T = { toString() { emit('x'); return 'run'; } };\nconst N = { [T]: 1 };\n${TABLES('{ public: {} }')}`,
      refused: /initial|pure|comput|T|key/i,
    }),
    attack('runs code while its class is made: a default in a pattern', '', {
      source: `const f = () => hangUp();\nconst { a = f() } = {};\n${TABLES('{ public: {} }')}`,
      refused: /initial|pure|pattern|name|call|destruct/i,
    }),
    attack('runs code while its class is made: a spread that is gone through', '', {
      source: `const f = () => hangUp();\nconst N = [...f()];\n${TABLES('{ public: {} }')}`,
      refused: /call|initial|pure|spread/i,
    }),
    attack('runs code while its class is made: a static field that calls', '', {
      source: TABLES('{ public: {} }', 'static x = emit("x");'),
      refused: /call|initial|pure/i,
    }),
    attack('runs code while its class is made: a static block', '', {
      source: TABLES('{ public: {} }', 'static { hangUp(); }'),
      refused: /static/i,
    }),
    attack('runs code while its class is made: extends what is made by a call', '', {
      source: 'class Attack extends (() => { hangUp(); return Thing; })() { }',
      refused: /extends|name|class/i,
    }),
    attack('gives M something that runs code when it is read', '', {
      source: TABLES(
        '{ public: { run: M.call(M.splitRecord({ get a() { for (;;); } })).returns(M.any()) } }',
      ),
      refused: /get|accessor|initial/i,
    }),
    attack(
      'has guards whose checking is the work',
      `
      let value = 'x';
      for (let n = 0; n < 20; n += 1) value = [value];
      const tried = attempt(() => facet(this, 'slow').slow(value));
      if (!tried.ok && !['BadArgument', 'OutOfTime', 'TooLarge'].includes(tried.error.code)) loot.push(tried.error.code);`,
      {
        own: 'process',
        members: 'slow() { return null; }',
        more: `slow: { slow: M.call(${Array.from({ length: 5 }).reduce<string>((pattern) => `M.or(M.arrayOf(${pattern.length < 6000 ? pattern : 'M.string()'}), M.arrayOf(${pattern.length < 6000 ? pattern : 'M.number()'}))`, 'M.number()')}).returns(M.any()) },`,
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      },
    ),
    attack('has a table of verbs that calls methods that nobody may call', '', {
      extends: 'Thing',
      members:
        "static verbs = { 'secrets': 'toRecord', 'make': 'constructor', 'pull': '__proto__', 'wipe': 'fromRecord', 'look': 'dispose', 'say *': 'hasOwnProperty' };",
      run: `
      const self = facet(this, 'holder');
      for (const verb of ['secrets', 'make', 'pull', 'wipe', 'say', 'constructor', '__proto__', 'toString', 'valueOf']) { const tried = attempt(() => self.use(verb, given.hall, 'x')); if (tried.ok && tried.value !== undefined && verb !== 'secrets') loot.push(verb + ': ' + tried.value); }`,
      steps: [{ call: 'run', either: true }],
    }),
    attack('has a table of verbs that is no table', '', {
      extends: 'Thing',
      members:
        "static verbs = { '': 'run', '*': 'run', '* * * * * * *': 'run', 'a|b|c|': 'run', 'x\\u001b[2J': 'run', 'UPPER': 'run', 'say': null, 'go *': 7 };",
      run: "const tried = attempt(() => facet(this, 'public').verbs()); if (tried.ok && tried.value.some((each) => typeof each !== 'string' || /[\\u0000-\\u001f]/.test(each))) loot.push('odd verbs');",
      steps: [{ call: 'run', either: true }],
    }),
    attack('says of methods that change things that they only read', 'this.kept = 1;', {
      members: "static reads = ['run', 'again', 'toRecord', 'constructor', '__proto__', 'pay', 7];",
      again: '',
      steps: [{ call: 'run', either: true }, { restart: true }, { call: 'again', either: true }],
    }),
    attack('says of the methods of Thing that they only read', "facet(this, 'owner').rename('other');", {
      extends: 'Thing',
      members: "static reads = [...Thing.reads, 'rename', 'moveTo', 'dispose'];",
      steps: [
        { call: 'run', either: true },
        { call: 'again', either: true },
      ],
    }),
    unsavable('has a static private field', /static|private/i, '', { members: 'static #stash = {};' }),
    unsavable('has a static accessor pair', /static|accessor/i, '', {
      members: 'static set stash(value) {}',
    }),
    unsavable('has an auto-accessor', /accessor|syntax|unexpected/i, '', {
      members: 'static accessor stash = 1;',
    }),
  ],
};
