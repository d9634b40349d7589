import { singleSpaced } from './words.ts';

/**
 * Which of the things in reach somebody means. The grammar, once:
 *
 *   noun    := [ 'the' | 'a' | 'an' | 'my' ] [ ordinal ] words      "second lamp"
 *            | words number                                          "lamp 2"
 *            | '"' words '"'
 *   ordinal := 'first' … 'tenth' | '1st' | '2nd' | '3rd' | '4th' …
 *
 * `words` mean a thing when they are its whole name or another name of it (exact), or the beginning of one, or each
 * the beginning of a word of its name, in order ("br la" for "brass lamp"). Exact beats beginning beats words.
 * A number counts exact ones if there are so many, else all that fit, in the order in which they are listed.
 */
export interface Named {
  readonly name: string;
  readonly also: readonly string[];
}

export type Found<T> =
  | { readonly kind: 'one'; readonly noun: T }
  | { readonly kind: 'many'; readonly nouns: readonly T[]; readonly words: string }
  | { readonly kind: 'none'; readonly words: string };

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];
const SPACES = /[ -]/;
const ARTICLES = ['the ', 'a ', 'an ', 'my ', 'some '];

interface Asked {
  readonly words: string;
  /** Counted from 1; undefined if none was given. */
  readonly number: number | undefined;
}

export function findNoun<T extends Named>(typed: string, candidates: readonly T[]): Found<T> {
  const asked = parseNoun(typed);
  const tiers = matches(asked.words, candidates);
  if (asked.number !== undefined) {
    const [exact = []] = tiers;
    const counted =
      exact.length >= asked.number
        ? exact
        : candidates.filter((each) => tiers.some((tier) => tier.includes(each)));
    const noun = counted[asked.number - 1];
    if (noun !== undefined) return { kind: 'one', noun };
    // A name may end in a number of its own: "volume 2".
    const whole = matches(clean(typed), candidates).find((tier) => tier.length === 1)?.[0];
    return whole === undefined ? { kind: 'none', words: clean(typed) } : { kind: 'one', noun: whole };
  }
  const best = tiers.find((tier) => tier.length > 0) ?? [];
  const [first, ...more] = best;
  if (first === undefined) return { kind: 'none', words: asked.words };
  return more.length === 0 ? { kind: 'one', noun: first } : { kind: 'many', nouns: best, words: asked.words };
}

/** The `words` of a noun, in lower case. */
export function wordsOfNoun(typed: string): string {
  return parseNoun(typed).words;
}

function parseNoun(typed: string): Asked {
  const words = clean(typed);
  const space = words.indexOf(' ');
  const first = space === -1 ? '' : words.slice(0, space);
  const number = ORDINALS.includes(first)
    ? ORDINALS.indexOf(first) + 1
    : isDigit(first, 0)
      ? Number(/^(\d{1,3})(?:st|nd|rd|th)$/.exec(first)?.[1])
      : 0;
  if (number > 0) return { words: words.slice(space + 1), number };
  const last = isDigit(words, words.length - 1) ? /^(.+) (\d{1,3})$/.exec(words) : null;
  const [, name, counted] = last ?? [];
  if (name !== undefined && Number(counted) > 0) return { words: name, number: Number(counted) };
  return { words, number: undefined };
}

/** Most commands have no number in them, and then no pattern need look for one. */
function isDigit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}

function clean(typed: string): string {
  return bare(singleSpaced(typed.replaceAll('"', '').trim()));
}

/** A name in lower case and without an article. Each command asks this of everything in reach: no pattern is as fast. */
function bare(name: string): string {
  const lower = name.toLowerCase();
  for (const article of ARTICLES) {
    if (lower.length > article.length && lower.startsWith(article)) return lower.slice(article.length);
  }
  return lower;
}

/** Candidates by how well they fit: exact, beginning, words. Each stands in one tier only. */
function matches<T extends Named>(words: string, candidates: readonly T[]): readonly (readonly T[])[] {
  const exact: T[] = [];
  const beginning: T[] = [];
  const loose: T[] = [];
  if (words === '') return [];
  const wanted = words.split(' ');
  for (const candidate of candidates) {
    const tier = tierOf(words, wanted, candidate);
    if (tier === 'exact') exact.push(candidate);
    else if (tier === 'beginning') beginning.push(candidate);
    else if (tier === 'loose') loose.push(candidate);
  }
  return [exact, beginning, loose];
}

function tierOf(
  words: string,
  wanted: readonly string[],
  { name, also }: Named,
): 'exact' | 'beginning' | 'loose' | 'none' {
  const names = also.length === 0 ? [bare(name)] : [bare(name), ...also.map(bare)];
  if (names.includes(words)) return 'exact';
  if (names.some((each) => each.startsWith(words))) return 'beginning';
  return names.some((each) => mayFit(wanted, each) && inOrder(wanted, each.split(SPACES))) ? 'loose' : 'none';
}

/** Whether a name that does not begin with the words may have them in it: to take all names apart costs more than all else. */
function mayFit([first = '']: readonly string[], name: string): boolean {
  return name.includes(first) && (name.includes(' ') || name.includes('-'));
}

/** Whether each of `wanted` begins a word of `words`, in the same order. */
function inOrder(wanted: readonly string[], words: readonly string[]): boolean {
  let at = 0;
  for (const each of wanted) {
    while (at < words.length && words[at]?.startsWith(each) !== true) at += 1;
    if (at === words.length) return false;
    at += 1;
  }
  return true;
}
