/**
 * What could be taken for a player, or for what the world tells of one. Players are called by ASCII letters, digits and hyphens
 * (gate.ts); but letters of other scripts look like these, and blanks of other kinds like the one between two words.
 */
import { asSeen } from './words.ts';

const LIKE_A_PLAYER = /^[\p{L}\p{M}\p{N}-]{2,20}$/u;

/** How the world itself tells that a player said or gave something. */
const LIKE_A_PLAYER_DOING = /^[\p{L}\p{M}\p{N}-]{2,20}\s+(?:says|whispers|gives|lets)\b/iu;

/** What stands behind the name of a player, and would have him say or give something. */
const LIKE_SPEECH = /["\u201c-\u201f\u00ab\u00bb]|\b(?:says|whispers|gives|lets)\b/iu;

export function isLikeSpeech(text: string): boolean {
  return LIKE_SPEECH.test(asSeen(text));
}

export function isLikeAPlayer(name: string): boolean {
  return LIKE_A_PLAYER.test(asSeen(name));
}

export function isLikeAPlayerDoing(text: string): boolean {
  return LIKE_A_PLAYER_DOING.test(asSeen(text));
}
