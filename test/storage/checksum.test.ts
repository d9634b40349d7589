import * as fc from 'fast-check';
import { seal, sealParts, unseal, unsealBytes } from '../../storage/checksum.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 50 });

test('a sealed value comes back', () => {
  fc.assert(fc.property(text, (value) => expect(unseal('o/o1', seal('o/o1', value))).toBe(value)));
  fc.assert(
    fc.property(text, (value) =>
      expect(unsealBytes('o/o1', Buffer.from(seal('o/o1', value)))).toEqual(Buffer.from(value)),
    ),
  );
});

test('the seal of a value in parts is that of the value, as bytes', () => {
  fc.assert(
    fc.property(fc.array(text), (parts) => {
      expect(sealParts('o/o1', parts).toString()).toBe(seal('o/o1', parts.join('')));
    }),
  );
});

test.each([65_535, 65_536, 70_000, 200_000, 500_000])(
  'also where parts of %d characters outgrow what was kept',
  (size) => {
    const parts = ['a', '\u4e2d'.repeat(size), 'b'.repeat(size), ''];
    expect(sealParts('o/o1', parts).equals(Buffer.from(seal('o/o1', parts.join(''))))).toBe(true);
    expect(sealParts('o/o2', ['small']).toString()).toBe(seal('o/o2', 'small'));
  },
);

test('also where they fill what was kept to the last byte, and where they have one more', () => {
  const room = sealParts('o/o1', ['']).buffer.byteLength - 8; // the head has eight bytes
  const wide = '\u4e2d'.repeat(Math.floor(room / 3));
  for (const more of [0, 1]) {
    const begin = 'a'.repeat((room % 3) + more);
    const sealed = sealParts('o/o1', [begin, wide]);
    expect(sealed.equals(Buffer.from(seal('o/o1', begin + wide)))).toBe(true);
  }
});

test('the memory of a large value is written to again, that of a very large one is not kept', () => {
  const memoryOf = (size: number): ArrayBufferLike => sealParts('o/o1', ['x'.repeat(size)]).buffer;
  const kept = memoryOf(100_000);
  expect(memoryOf(100)).toBe(kept);
  expect(memoryOf(1_000_000)).not.toBe(kept);
  expect(memoryOf(100)).toBe(kept);
});

test('any one changed byte is noticed', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, change) => {
      const bytes = Buffer.from(seal('o/o1', value));
      const at = where % bytes.length;
      bytes[at] = (bytes[at] as number) ^ change;
      const read = bytes.toString('utf8');
      // A byte that is no UTF-8 is read as U+FFFD; where that is what was written, nothing is lost.
      let found: string | undefined;
      try {
        found = unseal('o/o1', read);
      } catch (error) {
        expect(error).toMatchObject({ code: 'Damaged', message: expect.stringContaining('o/o1') });
      }
      if (found !== undefined) expect(found).toBe(value);
      expect(unsealBytes('o/o1', bytes)).toBe(undefined);
    }),
    { numRuns: 2000 },
  );
});

test('a value that turns up under another key is noticed', () => {
  expect(() => unseal('o/o2', seal('o/o1', 'v'))).toThrow(expect.objectContaining({ code: 'Damaged' }));
});

test.each([[''], [':'], ['x'], ['12345678:v'], ['-1:v']])('%j is no sealed value', (stored) => {
  expect(() => unseal('o/o1', stored)).toThrow(expect.objectContaining({ code: 'Damaged' }));
  expect(unsealBytes('o/o1', Buffer.from(stored))).toBe(undefined);
});

test('the seal is what worlds on disk already hold', () => {
  expect(seal('o/o17', '{"lit":true}')).toBe('w3nd1v:{"lit":true}');
});
