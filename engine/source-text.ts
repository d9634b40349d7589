import type { Problems } from './source-problem.ts';

/** Longest source, in characters: every version of it is kept, and checked and made again at each start. */
export const SOURCE_CHARACTERS = 65_536;

interface Refusal {
  readonly pattern: RegExp;
  readonly what: string;
}

/**
 * Text that is refused wherever it stands, also in comments and strings. SES refuses the first three of these with an
 * error that has no column; here is refused at least what is refused there.
 */
const ANYWHERE: readonly Refusal[] = [
  {
    pattern: /\bimport\s*(?:\(|\/[/*])/g,
    what: 'Nothing can be imported, and "import(" may not even stand in a text or comment: leave it out.',
  },
  {
    pattern: /\beval\s*\(/g,
    what: 'There is no eval here, and "eval(" may not even stand in a text or comment: leave it out.',
  },
  {
    pattern: /<!--|-->/g,
    what: 'This may be read as a comment and is refused also in texts and comments: put a space between the characters.',
  },
  {
    // Node would look for a file of that name, or read the map that stands here.
    pattern: /[#@]\s*source(?:Mapping)?URL\s*=/gi,
    what: 'Where a source comes from is not for itself to say: leave this comment out.',
  },
];

/**
 * Whoever reads a source must see what runs: no character that is invisible, turns the line around, moves the cursor
 * or is half a character.
 */
const UNSEEN = /(?![\t\n]|\r\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Notes what is wrong with a source as a text. Says whether it is worth reading on. */
export function checkText(source: string, problems: Problems): boolean {
  if (source.length > SOURCE_CHARACTERS) {
    problems.at(
      SOURCE_CHARACTERS,
      `A source has at most ${SOURCE_CHARACTERS} characters, and this one ${source.length}: make two of it.`,
    );
    return false;
  }
  for (const found of source.matchAll(UNSEEN)) {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    const way = /\p{Cs}/u.test(found[0])
      ? 'it is half of a character'
      : `in a text, write it as \\u{${code}}`;
    problems.at(found.index, `Here is a character that cannot be seen (U+${code.toUpperCase()}): ${way}.`);
  }
  if (problems.any) return false;
  for (const { pattern, what } of ANYWHERE) {
    for (const found of source.matchAll(pattern)) problems.at(found.index, what);
  }
  return true;
}
