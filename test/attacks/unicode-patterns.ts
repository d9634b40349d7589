import { attack, classText, type Attack, type Family } from './attack.ts';

/** All emoji, some of them several characters long: about as many alternatives as a dictionary has pages. */
const EMOJI = '\\p{RGI_Emoji}';
/** Texts of two letters, all different. */
const PAIRS = Array.from({ length: 160 }, (_, at) => (at + 360).toString(36)).join('|');
const OR_STOPPED = { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] } as const;

/** Regular expressions in the text of the class: whoever compiles it reads them all, in one step. */
const written = (name: string, pattern: string, flags: string, copies: number): Attack =>
  attack(name, '', {
    own: 'process',
    refused: /./,
    source: classText({
      members: Array.from({ length: copies }, (_, at) => `  p${at}() { return /${pattern}/${flags}; }`).join(
        '\n',
      ),
    }),
  });

const made = (name: string, run: string): Attack => attack(name, run, OR_STOPPED);

/** Names of characters, and sets of them, take the space of a word and stand for thousands. */
export const unicodePatterns: Family = {
  family: 'patterns that name sets of characters',
  attacks: [
    written('writes all emoji into a source, in either case', EMOJI.repeat(560), 'vi', 7),
    written('writes all emoji into a source', EMOJI.repeat(560), 'v', 7),
    written('writes sets without sets into a source', '[\\p{L}--\\p{Lu}]'.repeat(500), 'vi', 7),
    attack('has all emoji in a constant, which is made when the class is', '', {
      own: 'process',
      refused: /./,
      source: `const A = /${EMOJI.repeat(560)}/vi;\n${classText()}`,
    }),
    attack('writes letters in either case into a source, as often as there is room', '', {
      refused: /branches too much/,
      source: classText({ run: `const p = /${'\\p{L}'.repeat(800)}/iu; p.test('a');` }),
    }),
    attack('writes letters in either case into a source, as often as is let in', '', {
      own: 'process',
      source: classText({ run: `const p = /${'\\p{L}x'.repeat(100)}/iu; p.test('a'); p.test('\\u4e00');` }),
      steps: [{ call: 'run', either: true }, { say: 'a word' }],
    }),
    attack('writes pairs of letters into a source, one or another, again and again', '', {
      refused: /branches too much/,
      source: classText({ run: `/${`(?:${PAIRS})`.repeat(8)}/.test('a');` }),
    }),
    made(
      'makes patterns of pairs of letters, one or another, again and again',
      `const pairs = '(?:${PAIRS})'; new RegExp(pairs.repeat(8)).test('a'); new RegExp('(?:' + pairs + '{3}){2}').test('a'); new RegExp('\\\\b' + pairs.repeat(4)).test('a');`,
    ),
    made(
      'makes a short pattern of characters that are not given out',
      "new RegExp('\\\\P{Cn}'.repeat(8), 'u').test('\\u4e00'); new RegExp(/\\\\P{Cn}{3}\\\\P{Cn}{3}\\\\P{Cn}{3}/, 'u').test('\\u4e00');",
    ),
    made(
      'makes a pattern of all emoji, in either case',
      `new RegExp('${EMOJI}'.repeat(290), 'vi');`.replaceAll('\\p', '\\\\p'),
    ),
    made(
      'makes a pattern of all emoji',
      `new RegExp('${EMOJI}'.repeat(290), 'v').test('a');`.replaceAll('\\p', '\\\\p'),
    ),
    made(
      'makes patterns of all emoji by methods of texts',
      `const all = '${EMOJI}'.repeat(290); 'a'.match({ [Object.getOwnPropertySymbols(RegExp.prototype).find((each) => each.description === 'Symbol.match')]: () => RegExp(all, 'vi') });`.replaceAll(
        '\\p',
        '\\\\p',
      ),
    ),
    made(
      'makes a pattern of letters and none, in either case',
      "new RegExp('[^\\\\P{L}\\\\W]'.repeat(370), 'iu').test('a'); new RegExp('[' + '\\\\p{L}\\\\P{L}'.repeat(400) + ']', 'iu').test('a');",
    ),
    made(
      'splits by a pattern that says of itself that it is of all characters',
      "const nobody = new RegExp('\\\\P{Cn}'.repeat(500)); Object.defineProperty(nobody, 'unicode', { value: true }); '\\u4e00'.split(nobody); const emoji = new RegExp('\\\\p{RGI_Emoji}'.repeat(200)); Object.defineProperty(emoji, 'unicodeSets', { value: true }); '\\u4e00'.split(emoji);",
    ),
    made(
      'hides a part of a pattern in what is a name only with another flag',
      `const ways = '(?:' + Array.from({ length: 60 }, (_, at) => '[' + (at + 360).toString(36) + ']').join('|') + ')'; const hidden = 'xxxxxxxx|' + ways.repeat(6) + '|xxxxxxxx'; for (const [before, after] of [['\\\\k<', '>'], ['\\\\p{', '}'], ['\\\\u{', '}'], ['[\\\\p{]', '[}]']]) { try { new RegExp(before + hidden + after).test('a'); } catch {} }`,
    ),
    made(
      'makes a pattern again by the method that compiles one',
      "const pattern = /a/; if (pattern.compile !== undefined) loot.push('compile');",
    ),
  ],
};
