import { NATIVE_LIMITS } from '../../engine/bounds.ts';
import { stepsToCompile } from '../../engine/pattern-steps.ts';

const MOST = NATIVE_LIMITS.compiling;
const pairs = Array.from({ length: 160 }, (_, at) => (at + 360).toString(36)).join('|');

describe('a pattern that people write is let in', () => {
  test.each([
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    /^(?:https?|ftp):\/\/[^\s/$.?#].[^\s]*$/i,
    /\b(north|south|east|west|up|down|n|s|e|w|u|d|northeast|northwest|southeast|southwest|in|out)\b/i,
    /^(?:the|a|an|some|my|your)\s+(.+?)\s+(?:to|from|in|into|on|with)\s+(?:the|a|an|some|my|your)\s+(.+)$/i,
    /[^\p{L}\p{N}\s'-]+/gu,
    /^\p{L}[\p{L}\p{N} '-]{0,30}\p{L}$/u,
    /^\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*$/u,
    /\b\p{Lu}\p{Ll}{2,}\b.*?\b\p{Lu}\p{Ll}{2,}\b/u,
    /^M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$/,
    /(["'])(?:\\.|(?!\1).)*\1/,
    /(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})T\d\d:\d\d/,
    /((a{1000}){1000}){1000}/,
    /(a*)*b/,
    /a{|]|}|x{1,2}?|\cA|\k/,
  ])('%s', ({ source, flags }) => {
    expect(stepsToCompile(source, flags, MOST)).toBeLessThan(MOST);
  });
});

describe('one that V8 compiles for seconds is not', () => {
  test.each([
    ['sets of characters in a row', '\\P{Cn}'.repeat(8), 'u'],
    ['the same, written by repeating', '\\P{Cn}{3}\\P{Cn}{3}\\P{Cn}{3}', 'u'],
    ['sets that are written out', `[${'\\u{10000}\\u{11000}\\u{12000}'.repeat(30)}]`.repeat(8), 'u'],
    ['pairs of letters', `(?:${pairs})`.repeat(4), ''],
    ['the same, repeated', `(?:(?:${pairs}){3}){2}`, ''],
    ['behind the edge of a word', `(?:a*)\\b${`(?:${pairs})`.repeat(4)}`, 'i'],
    ['inside of a look ahead', `(?!\\b${`(?:${pairs})`.repeat(4)})`, ''],
    ['what may be there or not', `${'q?'.repeat(2000)}z`, ''],
    ['groups inside of each other', `${'('.repeat(200)}a${')'.repeat(200)}`, ''],
    ['groups in what is a name only with u', `\\p{${'('.repeat(200)}a${')'.repeat(200)}}`, ''],
    ['in what is a name only with u, in a class', `[\\p{]${'('.repeat(200)}a${')'.repeat(200)}[}]`, ''],
    ['in what is a character only with u', `\\u{${'('.repeat(200)}a${')'.repeat(200)}}`, ''],
    ['in what is a name only where a group has it', `\\k<${'('.repeat(200)}a${')'.repeat(200)}>`, ''],
    ['behind a group that there is not', `\\1${`(?:${pairs})`.repeat(4)}`, ''],
    ['many wide sets', '\\p{L}x'.repeat(400), 'iu'],
  ])('%s', (_, source, flags) => {
    expect(stepsToCompile(source, flags, MOST)).toBeGreaterThan(MOST);
  });
});
