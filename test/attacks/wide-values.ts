import { attack, unsavable, type Attack, type Family } from './attack.ts';

/** What is wide is taken apart by syntax, or by a native: either way in one step, in which nothing stops it. */
const wide = (name: string, run: string): Attack =>
  attack(name, run, { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] });

/** A text of this length, put together by `+`, which costs nothing. */
const text = (length: string): string => `let text = '12'; while (text.length < ${length}) text += text; `;

/** A list of so many elements, each set by its index. */
const list = (length: string): string =>
  `const list = []; for (let n = 0; n < ${length}; n += 1) list.push(n); `;

const WIDE_RECORDS = {
  'a text of 2^24': `${text('2 ** 24')} const made = Object.setPrototypeOf(Object(text), null);`,
  'a million names': 'const made = {}; for (let n = 0; n < 1_500_000; n += 1) made[n] = n;',
} as const;

export const wideValues: Family = {
  family: 'values too wide to take apart',
  attacks: [
    unsavable(
      'goes through the characters of a text by for-in',
      /no for-in/,
      `${text('2 ** 22')} for (const at in text) loot.length = at * 0;`,
    ),
    wide('spreads a text into a record', `${text('2 ** 22')} ({ ...text });`),
    wide('takes the rest of a text as a record', `${text('2 ** 22')} const { x, ...rest } = text;`),
    unsavable(
      'takes the rest of a text as a parameter',
      /in the body/,
      `${text('2 ** 22')} (({ x, ...rest }) => rest)(text);`,
    ),
    wide('spreads a text that is an object', `${text('2 ** 22')} ({ ...Object(text) });`),
    wide('spreads a list into a record', `${list('2_000_000')} ({ ...list });`),
    wide('takes the rest of a list as a record', `${list('2_000_000')} const { x, ...rest } = list;`),
    unsavable(
      'goes through the places of a list by for-in',
      /no for-in/,
      `${list('2_000_000')} for (const at in list) loot.length = at * 0;`,
    ),
    wide(
      'spreads a record with millions of numbers for names',
      'const record = {}; for (let n = 0; n < 2_000_000; n += 1) record[n] = n; ({ ...record });',
    ),
    ...[
      'keys',
      'entries',
      'values',
      'getOwnPropertyNames',
      'getOwnPropertyDescriptors',
      'freeze',
      'seal',
      'isFrozen',
    ].map((method) =>
      wide(`hands a list of millions to Object.${method}`, `${list('2_000_000')} Object.${method}(list);`),
    ),
    wide('hands a list of millions to Reflect.ownKeys', `${list('2_000_000')} Reflect.ownKeys(list);`),
    wide('assigns a list of millions', `${list('2_000_000')} Object.assign({}, list);`),
    wide('defines a list of millions', `${list('2_000_000')} Object.defineProperties({}, list);`),
    wide('hardens a list of millions', `${list('2_000_000')} harden(list);`),
    wide('returns a list of millions', `${list('2_000_000')} return list;`),
    wide('hands a list of millions to somebody', `${list('2_000_000')} given.vault.open(list);`),
    wide('keeps a list of millions', `${list('2_000_000')} this.kept = list;`),
    wide(
      'hands a text to somebody as if it were a record',
      `${text('2 ** 24')} given.vault.open(Object.setPrototypeOf(Object(text), null));`,
    ),
    ...Object.entries(WIDE_RECORDS).flatMap(([what, made]) => [
      attack(`has ${what} written down`, 'this.cache = 1;', {
        own: 'process',
        toRecord: `if (this.cache === 1) { ${made} return made; } return { given: this.given, kept: null };`,
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      }),
      attack(`has ${what} written down, in what is kept`, 'this.cache = 1;', {
        own: 'process',
        toRecord: `if (this.cache === 1) { ${made} return { given: this.given, kept: made }; } return { given: this.given, kept: this.kept };`,
        fromRecord: 'this.given = record.given; this.kept = record.kept;',
        init: 'this.given = given; this.kept = { a: 1 };',
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      }),
    ]),
    wide(
      'writes a list of millions as JSON',
      `${list('2_000_000')} JSON.stringify(list); JSON.stringify(loot, list);`,
    ),
    wide(
      'makes a set of a list that says it is 2^32 long',
      'const list = []; list.length = 2 ** 32 - 1; new Set(list);',
    ),
    wide(
      'makes a set of texts that all look alike',
      "const same = 'a'.repeat(100_000); const all = []; for (let n = 0; n < 1_500; n += 1) all.push(same + n); new Set(all);",
    ),
    ...[
      ['spreads a list', '[...list];'],
      ['hands a list on as arguments', 'Math.max(...[...list].slice(0, 9));'],
      ['changes the length of a list', 'list.length = 0; list.length = 2_000_000;'],
    ].map(([what, step]) =>
      wide(`${what} again and again, and calls nothing`, `${list('1_000_000')} for (;;) { ${step} }`),
    ),
    ...[
      ['reads a text as a number', '+text;'],
      ['names a property by a text', "({})[text + 'x'];"],
      ['compares texts', "text + 'x' < text;"],
      ['puts texts into texts', '`${text}x`[5];'],
    ].map(([what, step]) =>
      wide(`${what} again and again, and calls nothing`, `${text('2 ** 27')} for (;;) { ${step} }`),
    ),
    wide('names a property by a text of 2^27', `${text('2 ** 27')} ({})[text]; text + 'x' < text + 'y';`),
    unsavable(
      'adds integers of a billion bits',
      /no big integers/,
      'const big = (1n << 1_000_000_000n) - 1n; for (let n = 0; n < 100; n += 1) big + big;',
    ),
    unsavable(
      'reads a text of 2^27 as an integer',
      /BigInt is not known here/,
      `${text('2 ** 27')} BigInt(text);`,
    ),
  ],
};
