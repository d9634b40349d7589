import { attack, unsavable, type Attack, type Family } from './attack.ts';

/** May end in an error, in a stop, or in the end of the process; never in anything else. */
const bomb = (name: string, run: string): Attack =>
  attack(name, run, {
    own: 'process',
    kills: true,
    steps: [{ call: 'run', either: true }, { say: 'a word' }, { enter: true }],
  });

/** A single native that would end the process at once: it has to be refused. */
const refusedByBounds = (name: string, run: string): Attack =>
  attack(name, run, {
    own: 'process',
    steps: [{ call: 'run', fails: ['Threw', 'OutOfTime', 'TooLarge', 'Overflow'] }, { say: 'a word' }],
  });

export const heapExhaustion: Family = {
  family: 'heap exhaustion',
  attacks: [
    bomb('keeps ever more in an array', "const all = []; for (;;) all.push(new Array(1000).fill('x'));"),
    bomb('doubles a text', "let text = 'x'; for (;;) text += text;"),
    bomb('doubles an array by spreading it', 'let list = [1]; for (;;) list = [...list, ...list];'),
    bomb(
      'fills maps and sets',
      'const maps = []; for (;;) { const map = new Map(); maps.push(map); for (let n = 0; n < 100000; n += 1) map.set(n, { n }); }',
    ),
    bomb(
      'makes closures and capabilities without end',
      "const all = []; for (;;) { const n = all.length; all.push(() => n, collection(this, 'c' + (n % 1000)), M.string()); }",
    ),
    unsavable(
      'makes big integers',
      /no big integers/,
      'let n = 2n; const all = []; for (;;) { n = n * n % (2n ** 500000n) + 3n; all.push(n); }',
    ),
    bomb(
      'makes patterns of texts',
      "const all = []; for (let n = 0; ; n += 1) all.push(new RegExp('(' + 'a?'.repeat(1000) + n + ')'));",
    ),
    bomb(
      'keeps everything in the cache of an object that stays in memory',
      'this.cache ??= []; for (let n = 0; n < 5_000_000; n += 1) this.cache.push({ n });',
    ),
    refusedByBounds('repeats a text 2^28 times and splits it', "'x'.repeat(2 ** 28).split('');"),
    refusedByBounds('makes an array of 2^27 and fills it', 'new Array(2 ** 27).fill(0);'),
    refusedByBounds(
      'makes an array of a length and fills it',
      'const a = []; a.length = 2 ** 32 - 1; a.fill(0);',
    ),
    refusedByBounds('makes an array from something with a length', 'Array.from({ length: 2 ** 32 - 2 });'),
    refusedByBounds('pads a text to 2^29', "'x'.padEnd(2 ** 29 - 1, 'abc').split('');"),
    refusedByBounds(
      'replaces each letter by a million',
      "'x'.repeat(2 ** 18).replaceAll('x', 'y'.repeat(2 ** 18)).length.toString(); 'x'.repeat(2 ** 18).replace(/x/g, 'y'.repeat(2 ** 18)).split('');",
    ),
    refusedByBounds(
      'joins ten million nothings',
      "new Array(10_000_000).join('abc'.repeat(1000)).length.toString();",
    ),
    refusedByBounds(
      'parses JSON that is nested a million deep',
      "JSON.parse('['.repeat(2 ** 22) + ']'.repeat(2 ** 22));",
    ),
    refusedByBounds(
      'writes JSON with an indent for each level',
      "let deep = {}; for (let n = 0; n < 5000; n += 1) deep = { deep }; for (let n = 0; n < 1000; n += 1) JSON.stringify(deep, null, 10); JSON.stringify(new Array(2 ** 26).fill('x'.repeat(100)));",
    ),
    refusedByBounds('normalises a giant text', "'\\ufdfa'.repeat(2 ** 24).normalize('NFKD');"),
    unsavable('raises a big integer to a big power', /no big integers/, '(7n ** (2n ** 28n)).toString();'),
    unsavable('writes a big integer out in tens', /no big integers/, '(2n ** (2n ** 24n)).toString(10);'),
    refusedByBounds(
      'passes a million arguments',
      'Math.max(...new Array(2 ** 25).fill(1)); String.fromCharCode(...new Array(2 ** 25).fill(65));',
    ),
    refusedByBounds(
      'flattens arrays into one of 2^30',
      'const wide = new Array(2 ** 15).fill(new Array(2 ** 15).fill(1)); wide.flat().fill(2);',
    ),
    refusedByBounds(
      'joins arrays that hold each other',
      "let a = ['x'.repeat(1024)]; for (let n = 0; n < 40; n += 1) a = [a, a]; a.join();",
    ),
  ],
};
