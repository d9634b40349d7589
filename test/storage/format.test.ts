import { FORMAT, FORMAT_VERSION, formatText, parseFormat } from '../../storage/format.ts';

test('the format is what worlds on disk already hold', () => {
  expect(formatText(FORMAT)).toBe('{"format":"keystead","version":4,"vat":""}');
});

test('an older format is read, for whoever makes it new', () => {
  for (const version of [1, 2, 3]) {
    expect(parseFormat(`{"format":"keystead","version":${version},"vat":""}`, 'w')).toMatchObject({
      version,
    });
  }
});

test('a format comes back, with the name of its vat', () => {
  const format = { format: 'keystead', version: FORMAT_VERSION, vat: 'north' } as const;
  expect(parseFormat(formatText(format), 'w')).toEqual(format);
});

test.each([
  ['FormatNewer', '{"format":"keystead","version":5,"vat":""}'],
  ['FormatNewer', '{"format":"keystead","version":99,"anything":1}'],
  ['FormatForeign', '{"format":"keystead","version":0,"vat":""}'],
  ['FormatForeign', '{"format":"keystead","version":"1","vat":""}'],
  ['FormatForeign', '{"format":"keystead","version":1}'],
  ['FormatForeign', '{"format":"other","version":1,"vat":""}'],
  ['FormatForeign', 'not JSON'],
  ['FormatForeign', 'null'],
  ['FormatForeign', '[]'],
])('%s: %s', (code, text) => {
  expect(() => parseFormat(text, 'the/folder')).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('the/folder') }),
  );
});
