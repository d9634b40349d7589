import { fail } from '../engine/authoring.ts';

/** What may draw on a terminal or turn a line around: control and formatting characters, and Unicode's line ends. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const UNSEEN_RUNS = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
const UNSEEN_BUT_NEWLINES = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu;

/** Nothing but printable ASCII, as most texts are: looking at that is quicker than at what they would be if they were not. */
function isPrintableAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}

function hasUnseen(text: string): boolean {
  return !isPrintableAscii(text) && UNSEEN.test(text);
}

/** Longest name of a thing, in characters: it has to fit into a sentence. */
export const NAME_LENGTH = 60;
/** Longest description, in characters: a page, so that one glance cannot flood a screen. */
const TEXT_LENGTH = 4_000;
/** Longest thing said or done at once, in characters. */
const LINE_LENGTH = 4_000;

/** What somebody typed, as one line without characters that are not seen; of whatever length. */
export function plain(alleged: string): string {
  const text = aText(alleged);
  return hasUnseen(text) ? text.replace(UNSEEN_RUNS, ' ').trim() : text;
}

/** One line of text that is safe to show, whoever wrote it. */
export function line(alleged: string): string {
  const text = plain(alleged);
  return text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}…` : text;
}

/** A text as it looks: without what shows nothing, and with the plain form of letters and blanks that come in others. */
export function asSeen(text: string): string {
  if (isPrintableAscii(text)) return text.trim();
  return text
    .normalize('NFKC')
    .replace(/[\p{DI}\u2800\u{13441}\u{13442}\u{1d159}]|\u{16fe4}/gu, '')
    .trim();
}

/** Text of several lines that is safe to show, whoever wrote it. */
export function page(alleged: string): string {
  const given = aText(alleged);
  const text = hasUnseen(given) ? given.replace(UNSEEN_BUT_NEWLINES, '') : given;
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)}…` : text;
}

/** The name itself, if it can be one. Throws `BadName` with the reason if not. */
export function goodName(alleged: string): string {
  const given = aText(alleged);
  if (hasUnseen(given)) throw fail('BadName', 'A name cannot have control characters in it.');
  const name = singleSpaced(given.trim());
  // Some letters show nothing: who is called by these stands there unseen.
  if (!startsPlainly(name) && !/[\p{L}\p{N}]/u.test(asSeen(name)))
    throw fail('BadName', 'A name needs at least one letter or number.');
  if (name.length > NAME_LENGTH) {
    throw fail(
      'BadName',
      `A name can have at most ${NAME_LENGTH} characters, and that one has ${name.length}.`,
    );
  }
  return name;
}

/** With one space where there were several. */
export function singleSpaced(text: string): string {
  return text.includes('  ') ? text.replace(/ +/g, ' ') : text;
}

function startsPlainly(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x61 && first <= 0x7a) || (first >= 0x41 && first <= 0x5a);
}

/** The description itself, made safe. Throws `BadText` if it is too long. */
export function goodText(alleged: string): string {
  const text = aText(alleged);
  if (text.length > TEXT_LENGTH) {
    throw fail(
      'BadText',
      `A description can have at most ${TEXT_LENGTH} characters, and that one has ${text.length}.`,
    );
  }
  return page(text).trim();
}

/** Other names that a thing answers to: at most eight, each as good as a name. */
export function goodAliases(alleged: readonly string[]): readonly string[] {
  return alleged.slice(0, 8).map(goodName);
}

const HAS_ARTICLE = /^(?:an?|the|some|your) /i;
/** Takes no article: a name of somebody or of a place, a number, "something under a sheet". */
const PROPER = /^(?:[\p{Lu}\p{N}]|some(?:thing|body|one)\b)/u;

const ENDED = /[.!?…"'”’)]$/;
const VOWEL = /^(?:hour|heir|honest|(?!uni|one\b|use|eu)[aeiou])/i;

/**
 * Whether it begins with a small letter that no article begins with, nor "something": most things do, and to look at
 * one letter is quicker than two patterns.
 */
function isPlainNoun(text: string): boolean {
  const first = text.charCodeAt(0);
  return first >= 0x61 && first <= 0x7a && !'asty'.includes(text.charAt(0));
}

/** "a brass lamp", "an apple", "some rope", "Ada". */
export function a(name: string): string {
  const text = aText(name);
  if (!isPlainNoun(text) && (HAS_ARTICLE.test(text) || PROPER.test(text))) return text;
  return VOWEL.test(text) ? `an ${text}` : `a ${text}`;
}

/** "the brass lamp", "the rope" for "some rope", "Ada". */
export function the(name: string): string {
  const text = aText(name);
  if (isPlainNoun(text)) return `the ${text}`;
  if (PROPER.test(text)) return text.startsWith('The ') ? `the ${text.slice(4)}` : text;
  return `the ${text.replace(HAS_ARTICLE, '')}`;
}

/** "a lamp", "a lamp and a box", "a lamp, a box and some rope". */
export function list(parts: readonly string[], last = 'and'): string {
  const texts = Array.from(parts, aText);
  if (texts.length < 2) return texts[0] ?? 'nothing';
  return `${texts.slice(0, -1).join(', ')} ${aText(last)} ${texts.at(-1)}`;
}

export function capital(text: string): string {
  const given = aText(text);
  return given.charAt(0).toUpperCase() + given.slice(1);
}

/** Ends a sentence that its author left open. */
export function sentence(text: string): string {
  const given = aText(text);
  return ENDED.test(given) ? given : `${given}.`;
}

/** What somebody does, in a sentence: "Bob bows.", and "Bob's hat falls." for "'s hat falls". */
export function deed(name: string, text: string): string {
  return sentence(/^(?:['’]s\b|,)/.test(text) ? `${name}${text}` : `${name} ${text}`);
}

/**
 * A text that is one. Classes written in the world call these functions with whatever they like: an object that looks
 * like a text would be handed the patterns above, which all the world shares, by `replace`.
 */
function aText(alleged: string): string {
  if (typeof alleged !== 'string') throw fail('BadText', 'That is not a text.');
  return alleged;
}
