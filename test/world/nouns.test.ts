import { findNoun } from '../../world/nouns.ts';
import { following, parseLine, splitAt, unquoted } from '../../world/parse.ts';

const things = ['brass lamp', 'oil lamp', 'lamp', 'lamp oil', 'volume 2', 'the old oak', 'sea-chest'].map(
  (name) => ({ name, also: [] as string[] }),
);

function found(typed: string): string {
  const answer = findNoun(typed, things);
  return answer.kind === 'one'
    ? answer.noun.name
    : answer.kind === 'none'
      ? `no ${answer.words}`
      : answer.nouns.map(({ name }) => name).join(' or ');
}

test.each([
  ['lamp', 'lamp'],
  ['LAMP', 'lamp'],
  ['the brass lamp', 'brass lamp'],
  ['"oil lamp"', 'oil lamp'],
  ['bra', 'brass lamp'],
  ['br la', 'brass lamp'],
  ['la br', 'no la br'],
  ['lam', 'lamp or lamp oil'],
  ['second lamp', 'oil lamp'],
  ['first lamp', 'lamp'],
  ['4th lamp', 'lamp oil'],
  ['lamp 4', 'lamp oil'],
  ['fifth lamp', 'no fifth lamp'],
  ['volume 2', 'volume 2'],
  ['oak', 'the old oak'],
  ['old oak', 'the old oak'],
  ['chest', 'sea-chest'],
  ['amp', 'no amp'],
  ['', 'no '],
  ['constructor', 'no constructor'],
])('"%s" means %s', (typed, expected) => {
  expect(found(typed)).toBe(expected);
});

test('a line is a verb and the rest', () => {
  expect(parseLine('  Look   at  lamp ')).toEqual({ verb: 'look', rest: 'at  lamp' });
  expect(parseLine('"hello')).toEqual({ verb: 'say', rest: 'hello' });
  expect(parseLine(':waves')).toEqual({ verb: 'emote', rest: 'waves' });
  expect(parseLine('   ')).toBeUndefined();
});

test('a preposition splits where it stands alone and outside quotes', () => {
  expect(splitAt('box in bag', ['in'])).toEqual({ left: 'box', word: 'in', right: 'bag' });
  expect(splitAt('a in b in c', ['in'], 'last')).toEqual({ left: 'a in b', word: 'in', right: 'c' });
  expect(splitAt('"a in b" in c', ['in'])).toEqual({ left: '"a in b"', word: 'in', right: 'c' });
  expect(splitAt('tin', ['in'])).toBeUndefined();
  expect(splitAt('in bag', ['in'])).toBeUndefined();
  expect(unquoted('"The Attic"')).toBe('The Attic');
  expect(following('in box', 'in')).toBe('box');
  expect(following('inbox', 'in')).toBeUndefined();
});
