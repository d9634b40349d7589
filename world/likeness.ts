/**
 * What could be taken for a player, or for what the world tells of one. Players are called by ASCII letters, digits and hyphens
 * (gate.ts); but letters of other scripts and other dashes look like these, and blanks of other kinds like the one between two words.
 */
import { asSeen } from './words.ts';

/** One word, whatever is in it: there are a dozen dashes, and more that is hard to tell from a letter. */
const LIKE_A_PLAYER = /^\S{2,20}$/u;

/** How the world itself tells that a player said or gave something. Nobody is called "It" (gate.ts), and many things are said of it. */
const LIKE_A_PLAYER_DOING =
  /^(?!it\s)[\p{L}\p{M}\p{N}\p{Pd}\p{Sm}\u02d7\u2043\u2500]{2,20}\s+(?:says|whispers|gives|lets)\b/iu;

/** Characters that are looked at: more than anybody can put before a name, and less than what makes it plain takes at once. */
const BEGINNING = 4_100;

/** What stands behind the name of a player, and would have him say or give something. */
const LIKE_SPEECH = /["\u201c-\u201f\u00ab\u00bb]|\b(?:says|whispers|gives|lets)\b/iu;

export function isLikeSpeech(text: string): boolean {
  return LIKE_SPEECH.test(asSeen(text));
}

export function isLikeAPlayer(name: string): boolean {
  return LIKE_A_PLAYER.test(asSeen(name));
}

export function isLikeAPlayerDoing(text: string): boolean {
  return LIKE_A_PLAYER_DOING.test(asSeen(text.slice(0, BEGINNING)));
}
