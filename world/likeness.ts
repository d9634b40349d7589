/**
 * What could be taken for a player, or for what the world tells of one. Players are called by ASCII letters, digits and hyphens
 * (gate.ts); but letters of other scripts and other dashes look like these, and blanks of other kinds like the one between two words.
 */
import { asSeen } from './words.ts';

/** One word, whatever is in it: there are a dozen dashes, and more that is hard to tell from a letter. */
const LIKE_A_PLAYER = /^\S{2,20}$/u;

/** The letters of "says", "whispers", "gives" and "lets", each with letters of other scripts that look the same; i and l look alike themselves. */
const LOOK_ALIKES = {
  a: '\u0430\u03b1\u0251\u1d00',
  e: '\u0435\u04bd\u1d07',
  g: '\u0261\u0581\u0262',
  h: '\u04bb\u029c',
  i: '\u0456\u03b9\u0131\u0269\u026a',
  l: '\u04cf\u01c0\u029f',
  p: '\u0440\u03c1\u1d18',
  r: '\u0433\u0280',
  s: '\u0455\ua731',
  t: '\u03c4\u1d1b',
  v: '\u0475\u03bd\u1d20',
  w: '\u0461\u051d\u03c9\u1d21',
  y: '\u0443\u04af\u03b3\u028f',
};
const LETTERS = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, others]) =>
    others.split('').map((each) => [each, letter] as const),
  ),
);

/** How the world itself tells that a player said or gave something. Nobody is called "It" (gate.ts), and many things are said of it. */
const LIKE_A_PLAYER_DOING =
  /^(?!it\s)[\p{L}\p{M}\p{N}\p{Pd}\p{Sm}\u02d7\u2043\u2500]{2,20}\s+(?:says|wh[il1|]spers|g[il1|]ves|[li1|]ets)\b/iu;

/** Characters that are looked at: more than anybody can put before a name, and less than what makes it plain takes at once. */
const BEGINNING = 4_100;

/** What stands behind the name of a player, and would have him say or give something. */
const LIKE_SPEECH =
  /["\u201c-\u201f\u00ab\u00bb\u02ba\u02ee\u05f4\u301d-\u301f\u3003]|['\u2018\u2019\u2032]{2}|\b(?:says|wh[il1|]spers|g[il1|]ves|[li1|]ets)\b/iu;

export function isLikeSpeech(text: string): boolean {
  return LIKE_SPEECH.test(asRead(text));
}

export function isLikeAPlayer(name: string): boolean {
  return LIKE_A_PLAYER.test(asSeen(name));
}

export function isLikeAPlayerDoing(text: string): boolean {
  return LIKE_A_PLAYER_DOING.test(asRead(text));
}

/** The beginning of a text as somebody reads it who knows those words. */
function asRead(text: string): string {
  const seen = asSeen(text.slice(0, BEGINNING));
  return seen.replace(/\P{ASCII}/gu, (each) => LETTERS.get(each.toLowerCase()) ?? each);
}
