import { attack, unsavable, type Attack, type Family } from './attack.ts';

/** A native that never comes back to the interpreter, where no watchdog stops it. It has to be refused, or be quick. */
const hang = (name: string, run: string): Attack =>
  attack(name, run, { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] });

const LIKE = '{ length: 2 ** 53 - 1 }';

export const nativeHangs: Family = {
  family: 'native hangs',
  attacks: [
    ...[
      'indexOf',
      'lastIndexOf',
      'includes',
      'join',
      'reverse',
      'sort',
      'toSorted',
      'toReversed',
      'fill',
      'concat',
      'flat',
      'slice',
      'splice',
      'toSpliced',
      'with',
      'copyWithin',
      'at',
      'unshift',
      'shift',
      'keys',
    ].map((method) =>
      hang(
        `calls ${method} on what says that it is 2^53 long`,
        `Array.prototype.${method}?.call(${LIKE}, 1, 0, 1);`,
      ),
    ),
    ...[
      'forEach',
      'map',
      'filter',
      'some',
      'every',
      'find',
      'findLast',
      'findIndex',
      'reduce',
      'reduceRight',
      'flatMap',
    ].map((method) =>
      hang(
        `calls ${method} on what says that it is 2^53 long`,
        `Array.prototype.${method}?.call(${LIKE}, () => false);`,
      ),
    ),
    hang(
      'searches an array with one element at the end of 2^32',
      'const a = []; a[2 ** 32 - 2] = 1; a.indexOf(2); a.reverse(); a.sort(); a.includes(3);',
    ),
    hang(
      'sorts, joins and copies sparse arrays',
      'const a = []; a.length = 2 ** 32 - 1; a.join(); a.sort(); a.slice(); a.concat(a); [...a.keys()];',
    ),
    hang(
      'compares giant texts',
      "const a = 'x'.repeat(2 ** 20); for (let n = 0; n < 100; n += 1) a.localeCompare(a + n); a.normalize('NFD'); a.toUpperCase();",
    ),
    hang(
      'searches giant texts for giant texts',
      "const hay = 'a'.repeat(2 ** 20); const needle = 'a'.repeat(2 ** 19) + 'b'; for (let n = 0; n < 20; n += 1) { hay.indexOf(needle); hay.lastIndexOf(needle); hay.includes(needle); }",
    ),
    hang(
      'splits and replaces giant texts by nothing',
      "const a = 'a'.repeat(2 ** 20); a.split(''); a.replaceAll('', 'xx'); a.replaceAll('a', 'bb');",
    ),
    hang(
      'matches a giant pattern',
      "const pattern = '(?:' + 'a?'.repeat(30000) + ')' + 'a'.repeat(30000); new RegExp(pattern).test('a'.repeat(30000));",
    ),
    hang(
      'makes a pattern whose compiling is the work',
      "new RegExp('(?:' + 'a{0,1000}'.repeat(1000) + ')*').test('b'.repeat(1000)); new RegExp('((a{1000}){1000}){1000}').test('a'.repeat(100));",
    ),
    hang(
      'looks behind and ahead without end',
      "new RegExp('(?<=(a+)+)b').test('a'.repeat(50000)); new RegExp('(?=(a+)+b)').test('a'.repeat(60)); new RegExp('(a*)*\\\\1b').test('a'.repeat(60));",
    ),
    unsavable(
      'raises big integers to powers and writes them out',
      /no big integers/,
      "let n = 10n ** 30000n; for (let i = 0; i < 50; i += 1) { n.toString(); n * n; n / 7n; BigInt('9'.repeat(50000)); BigInt.asUintN(2 ** 40, n); }",
    ),
    hang(
      'sets the length of arrays up and down',
      'const a = []; for (let n = 0; n < 1000; n += 1) { a.length = 2 ** 32 - 1; a.length = 0; a[2 ** 31] = 1; a.shift(); }',
    ),
    hang(
      'reads and writes JSON that is slow',
      'const text = JSON.stringify(new Array(2 ** 18).fill({ a: 1 })); for (let n = 0; n < 20; n += 1) JSON.parse(text, (key, value) => value);',
    ),
    hang(
      'goes through all own keys of something wide',
      "const wide = {}; for (let n = 0; n < 300000; n += 1) wide['k' + n] = n; for (let n = 0; n < 100; n += 1) { Object.entries(wide); Reflect.ownKeys(wide); Object.assign({}, wide); Object.freeze({ ...wide }); harden({ ...wide }); Object.getOwnPropertyDescriptors(wide); Object.fromEntries(Object.entries(wide)); }",
    ),
    hang(
      'encodes and decodes giant texts',
      "const a = '%41'.repeat(300000); for (let n = 0; n < 50; n += 1) { decodeURIComponent(a); encodeURIComponent(a); encodeURI(a); parseInt(a); parseFloat(a); }",
    ),
    hang(
      'makes maps whose keys collide',
      "const map = new Map(); for (let n = 0; n < 500000; n += 1) map.set(n + 0.5, n); map.forEach((value, key) => map.delete(key)); const set = new Set(Array.from({ length: 500000 }, (_, n) => 'k' + n)); set.clear();",
    ),
    hang(
      'makes a set of texts that have the same hash, and are the same for long',
      "const half = 'a'.repeat(2 ** 19); const long = half + 'b' + half; const all = []; for (let n = 1; n < 2000; n += 1) all.push(long.slice(n, n + 2 ** 19)); new Set(all);",
    ),
    hang(
      'makes a map of numbers that have the same hash',
      `
      const back = (from, by) => { let x = from; for (let n = by; n < 32; n += by) x = (from ^ (x >>> by)) >>> 0; return x; };
      const part = (odd) => { let x = odd; for (let n = 0; n < 6; n += 1) x = Math.imul(x, 2 - Math.imul(odd, x)); return x; };
      const [a, b, c] = [part(2057), part(5), part(32767)];
      const all = [];
      for (let n = 0; n < 65536; n += 1) {
        const first = back(Math.imul(back(n * 65536, 16), a) >>> 0, 4);
        const x = Math.imul((back(Math.imul(first, b) >>> 0, 12) + 1) >>> 0, c) >>> 0;
        if (x < 2 ** 31) all.push([x, 1], [x, 1], [x, 1]);
      }
      new Map(all);`,
    ),
    hang(
      'matches guards that take exponential time',
      'let pattern = M.string(); for (let n = 0; n < 25; n += 1) pattern = M.or(pattern, M.arrayOf(pattern)); let value = 1; for (let n = 0; n < 24; n += 1) value = [value]; M.splitRecord({ a: pattern }); M.arrayOf(pattern); given.vault.open(value);',
    ),
  ],
};
