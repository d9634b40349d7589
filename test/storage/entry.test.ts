import * as fc from 'fast-check';
import { packEntry, unpackEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';
import { entryText } from './entry-text.ts';

const value = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 500, maxLength: 530 }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\n', 'p o/o1 3\nabc\n', 'd o/o1\n'),
);
const key = fc.stringMatching(/^[osmu]\/[!-~]{1,20}$/);
const op: fc.Arbitrary<Op> = fc.oneof(fc.record({ put: key, value }), fc.record({ del: key }));

test('packed ops come back, in order', () => {
  fc.assert(fc.property(fc.array(op), (ops) => expect(unpackEntry(entryText(ops))).toEqual(ops)));
});

test('the length of an entry is that of all its parts', () => {
  fc.assert(fc.property(fc.array(op), (ops) => expect(packEntry(ops)).toHaveLength(entryText(ops).length)));
});

test('an entry is what journals on disk already hold', () => {
  expect(entryText([{ put: 'o/o1', value: 'a\u{1f3ee}' }, { del: 's/x' }])).toBe(
    'p o/o1 3\na\u{1f3ee}\nd s/x\n',
  );
});

test('an entry that is cut short is damaged, wherever', () => {
  const ops = [{ put: 'o/o1', value: 'one' }, { del: 'o/o2' }, { put: 'o/o3', value: '' }];
  const whole = entryText(ops);
  const ends = ops.map((_, n) => packEntry(ops.slice(0, n)).length);
  for (let n = 1; n < whole.length; n += 1) {
    if (ends.includes(n)) continue;
    expect(() => unpackEntry(whole.slice(0, n))).toThrow(expect.objectContaining({ code: 'Damaged' }));
  }
});

test.each([
  ['x o/o1\n'],
  ['p o/o1\n'],
  ['p o/o1 03\nabc\n'],
  ['p o/o1 3 4\nabc\n'],
  ['d\n'],
  ['d o/o1 5\n'],
  ['\n'],
])('%j is no entry', (text) => {
  expect(() => unpackEntry(text)).toThrow(expect.objectContaining({ code: 'Damaged' }));
});

test.each([
  ['BadKey', { put: 'j/0000000000000001', value: '' }],
  ['BadKey', { del: 'j/0000000000000001' }],
  ['BadKey', { put: 'meta/settled', value: '1' }],
  ['BadKey', { put: 'o/o 1', value: '' }],
  ['BadKey', { put: 7 as unknown as string, value: '' }],
  ['BadValue', { put: 'o/o1', value: '\udc00' }],
  ['BadValue', { put: 'o/o1', value: undefined as unknown as string }],
] as const)('%s: %j', (code, bad) => {
  expect(() => packEntry([bad])).toThrow(expect.objectContaining({ code }));
});

test('an entry may have as many characters as its limit, and not one more', () => {
  const ops = [{ put: 'o/o1', value: 'x'.repeat(89) }];
  expect(packEntry(ops, 100)).toHaveLength(100);
  expect(() => packEntry(ops, 99)).toThrow(expect.objectContaining({ code: 'TooLarge' }));
});
