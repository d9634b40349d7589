import { attack, classText, unsavable, type Attack, type Family } from './attack.ts';

const GOOD = classText();
const SMALL = 'class Attack { static facets = { public: {} }; toRecord() { return {}; } fromRecord() {} }';

/** A whole text that may not be saved. */
const text = (name: string, source: string, refused: RegExp): Attack => attack(name, '', { source, refused });

const ANYTHING = /./;

export const sourceText: Family = {
  family: 'tricks with the source text',
  attacks: [
    text('closes what the host wraps around it', `}); emit('out'); (function () {\n${SMALL}`, ANYTHING),
    text('closes what the host wraps around it, at the end', `${SMALL}\n}); emit('out'); ({`, ANYTHING),
    text('returns something else at the top', `${SMALL}\nreturn Object;`, ANYTHING),
    text('returns something else before the class', `return class Attack {};\n${SMALL}`, ANYTHING),
    attack('ends in a comment that swallows what the host puts behind it', '', { source: `${GOOD}\n// and` }),
    text('ends in a comment that never ends', `${SMALL}\n/* and`, ANYTHING),
    text('ends in a text that never ends', `${SMALL}\nconst A = \`and`, ANYTHING),
    text('begins with a hashbang', `#!/usr/bin/env node\n${SMALL}`, ANYTHING),
    text('asks for sloppy mode by an octal number', `const A = 010;\n${SMALL}`, ANYTHING),
    unsavable('uses with', /with|syntax|strict/i, 'with (given) { loot.push(hall); }'),
    unsavable('uses debugger', /debugger/, 'debugger;'),
    unsavable('calls eval', /eval/, "eval('loot.push(1)');"),
    unsavable('calls eval by another name', /eval/, "const e = eval; e('1');"),
    unsavable('calls eval with an escape in its name', /eval|escape/i, "\\u0065val('loot.push(1)');"),
    unsavable('calls Function', /Function/, "new Function('return this')();"),
    unsavable('spells eval in a comment, which the language below refuses', /eval/, "/* eval('x') */"),
    unsavable('spells import in a text', /import/, 'loot.length = 0; const t = "import(\'x\')";'),
    unsavable('spells the start of an HTML comment in a text', /<!--|HTML|comment/i, "const t = '<!--';"),
    unsavable(
      'has an HTML comment, which some parsers skip and others do not',
      /<!--|HTML|comment/i,
      '<!-- loot.push(1);',
    ),
    unsavable(
      'has the end of an HTML comment at the start of a line',
      /-->|HTML|comment/i,
      'let n = 1;\n--> loot.push(1);',
    ),
    text('exports', `export ${SMALL}`, /export/),
    text('imports', `import fs from 'node:fs';\n${SMALL}`, /import/),
    unsavable('asks where it was imported from', /import/, 'loot.push(import.meta.url);'),
    text('has two classes', `${SMALL}\nclass Other {}`, /class/),
    unsavable('has a class within', /class/, 'const Inner = class { static { hangUp(); } };'),
    text('has a class of another name', SMALL.replace('Attack', 'Bank'), /Attack|name/),
    text('has a class of a name that only looks the same', SMALL.replace('Attack', 'Аttack'), ANYTHING),
    text('has no class', 'const Attack = {};', /class/),
    text('has a class named like a value at the top', `const Attack = {};\n${SMALL}`, ANYTHING),
    text('has a statement at the top', `emit('x');\n${SMALL}`, ANYTHING),
    text('has a loop at the top', `for (;;);\n${SMALL}`, ANYTHING),
    text('has a block at the top', `{ const a = 1; }\n${SMALL}`, ANYTHING),
    text('has a label at the top', `a: ${SMALL}`, ANYTHING),
    text('has a call in a pattern at the top', `const { length } = emit('x');\n${SMALL}`, ANYTHING),
    text('has nothing', '', ANYTHING),
    text('has only spaces', ' \n\t', ANYTHING),
    text('has nothing but a byte order mark and controls', `\ufeff\u0000\u0001${SMALL}`, ANYTHING),
    attack('draws on the terminal with the line that the error shows', '', {
      source: `${SMALL}\nconst a\u001b[2J\u0007\u202e = 1 +;`,
      refused: /^[^\u001b\u0007\u202e]*$/,
    }),
    attack('has a line of a million characters, which the error would show', '', {
      source: `${SMALL}\nconst a = ${'('.repeat(3)}${' '.repeat(100_000)} +;`,
      refused: /^[^]{0,3000}$/,
    }),
    attack('hides code behind marks that turn the writing round', '', {
      source: `${SMALL}\n/* \u202e } \u2066if (admin)\u2069 \u2066 begin */ const a = 1;`,
      refused: /./,
    }),
    attack('has half of a character, which no store can write', '', {
      source: `${SMALL}\nconst a = '\ud800';`,
      refused: /half|D800/i,
    }),
    attack('has half of a character in a comment', '', {
      source: `${SMALL} // \udfff`,
      refused: /half|DFFF/i,
    }),
    text(
      'nests ten thousand brackets',
      `const a = ${'['.repeat(10_000)}${']'.repeat(10_000)};\n${SMALL}`,
      ANYTHING,
    ),
    text(
      'nests a hundred thousand brackets',
      `const a = ${'('.repeat(100_000)}1${')'.repeat(100_000)};\n${SMALL}`,
      ANYTHING,
    ),
    text('nests functions without end', `const a = ${'() => '.repeat(20_000)}1;\n${SMALL}`, ANYTHING),
    text('adds a hundred thousand numbers', `const a = ${'1+'.repeat(100_000)}1;\n${SMALL}`, ANYTHING),
    text('chains a hundred thousand properties', `const a = {}${'.a'.repeat(100_000)};\n${SMALL}`, ANYTHING),
    // In a process of its own: what compiles an expression at the end of the stack has not been compiled there.
    attack('nests templates', '', {
      own: 'process',
      source: `const a = ${'`${'.repeat(5_000)}1${'}`'.repeat(5_000)};\n${SMALL}`,
      refused: ANYTHING,
    }),
    text('has a pattern that is no pattern', `const a = /(/;\n${SMALL}`, ANYTHING),
    text('has a pattern with flags that are none', `const a = /a/zz;\n${SMALL}`, ANYTHING),
    attack('has a pattern whose compiling is the work', '', {
      own: 'process',
      source: `const a = /((a{1000}){1000}){1000}/;\n${GOOD}`,
      steps: [{ call: 'run', either: true }, { say: 'a word' }],
    }),
    text(
      'has the same member a hundred thousand times, all wrong',
      `class Attack { ${'constructor() {} '.repeat(20_000)} }`,
      ANYTHING,
    ),
    attack('names a source map that the host would read', '', {
      source: `${GOOD}\n//# sourceMappingURL=file:///etc/passwd\n//# sourceURL=file:///tmp/x.js`,
      refused: /source/i,
    }),
    attack('names a source map in a text of the class', '', {
      source: `${GOOD}\n//@ sourceMappingURL=data:application/json;base64,e30=`,
      refused: /source/i,
    }),
    attack('has line ends of all kinds', '', { source: GOOD.replaceAll('\n', '\r\n') }),
    attack('has a line end that many do not see', '', {
      source: GOOD.replace('run(given', 'run/*\u2028*/(given'),
      refused: /seen|2028/,
    }),
    attack('has members whose names are odd', '', {
      source: GOOD.replace('kept = null;', "kept = null; 'odd name' = 1; 1 = 2; '' = 3; '\\u0000' = 4;"),
      steps: [{ call: 'run', either: true }],
    }),
    unsavable('has a member named __proto__', ANYTHING, '', { members: "static ['__proto__'] = null;" }),
    unsavable('has static members named like those of every function', ANYTHING, '', {
      members: "static name = 'Bank'; static prototype = {}; static length = 1;",
    }),
    attack('gives itself a static name, to be taken for another class', '', {
      source: GOOD.replace('given = null;', "static name = 'Bank'; given = null;"),
      refused: ANYTHING,
    }),
    attack('changes the meaning of names for itself', '', {
      top: 'const Object2 = 1;\nfunction undefined2() {}',
      run: "const given2 = given; { const create = () => 'mine'; if (create() !== 'mine') loot.push('not mine'); } const M = null; if (M !== null) loot.push('M');",
    }),
    attack('takes the names of verbs at the top', '', {
      source: `const emit = 1;\nconst M = { call: () => ({ returns: () => null }) };\n${GOOD}`,
      refused: ANYTHING,
    }),
    attack('extends what it may only create from', '', {
      source: GOOD.replace('class Attack', 'class Attack extends Bank'),
      refused: /Bank/,
    }),
    attack('extends the object that does everything', '', {
      source: GOOD.replace('class Attack', 'class Attack extends Storage'),
      refused: /Storage/,
    }),
    attack('extends null', '', {
      source: GOOD.replace('class Attack', 'class Attack extends null'),
      refused: ANYTHING,
    }),
    attack('extends a function of its own', '', {
      source: `function Base() { return Base.made; }\n${GOOD.replace('class Attack', 'class Attack extends Base')}`,
      refused: ANYTHING,
    }),
    attack('extends a built-in class of the language', '', {
      source: GOOD.replace('class Attack', 'class Attack extends Map'),
      refused: ANYTHING,
    }),
    attack('extends itself', '', {
      source: GOOD.replace('class Attack', 'class Attack extends Attack'),
      refused: ANYTHING,
    }),
  ],
};
