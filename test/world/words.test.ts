import { assert, constantFrom, property, string, tuple } from 'fast-check';
import { a, goodName, the } from '../../world/words.ts';

test.each([
  ['brass lamp', 'a brass lamp', 'the brass lamp'],
  ['apple', 'an apple', 'the apple'],
  ['hour', 'an hour', 'the hour'],
  ['unicorn', 'a unicorn', 'the unicorn'],
  ['storm lantern', 'a storm lantern', 'the storm lantern'],
  ['some rope', 'some rope', 'the rope'],
  ['your hat', 'your hat', 'the hat'],
  ['a key', 'a key', 'the key'],
  ['yew', 'a yew', 'the yew'],
  ['something under a sheet', 'something under a sheet', 'something under a sheet'],
  ['The Keep', 'The Keep', 'the Keep'],
  ['Ada', 'Ada', 'Ada'],
  ['2nd volume', '2nd volume', '2nd volume'],
  ['élan', 'a élan', 'the élan'],
  ['Émile', 'Émile', 'Émile'],
  ['AN OATH', 'AN OATH', 'AN OATH'],
])('"%s" is "%s", and "%s"', (name, one, known) => {
  expect(a(name)).toBe(one);
  expect(the(name)).toBe(known);
});

test('a name has the same article, whatever stands behind its first word', () => {
  const first = constantFrom(
    'lamp',
    'tide',
    'apple',
    'sword',
    'yarn',
    'Keep',
    'somebody',
    'hour',
    '9',
    'über',
  );
  assert(
    property(tuple(first, string({ unit: 'grapheme-composite' })), ([word, rest]) => {
      expect(a(`${word} ${rest}`)).toBe(`${a(word).slice(0, -word.length)}${word} ${rest}`);
      expect(the(`${word} ${rest}`)).toBe(`${the(word).slice(0, -word.length)}${word} ${rest}`);
    }),
  );
});

test.each(['\u3164', '\u115f \u1160', '\uffa0\u3164', '!\u3164', '\u2800'])(
  'what shows nothing is no name: %j',
  (name) => {
    expect(() => goodName(name)).toThrow('A name needs at least one letter or number.');
  },
);

test.each(['\u00e9lan', '\u6728', '7', '\u3164lamp', '(x)'])('what shows something is one: %j', (name) => {
  expect(goodName(name)).toBe(name);
});
