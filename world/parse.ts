/**
 * What people type, the grammar, once:
 *
 *   line     := '"' TEXT                         says TEXT
 *             | ':' TEXT                         emotes TEXT
 *             | verb [ ' ' rest ]
 *   verb     := a word, or '@' and a word; upper and lower case are the same
 *   rest     := what the command makes of it, mostly: noun [ preposition noun ]
 *   noun     := see nouns.ts; in double quotes, if it has a preposition in it
 *
 * A line may also be the name of a way out of the room, or a short form of one, if it is no command.
 */
export interface Parsed {
  readonly verb: string;
  readonly rest: string;
}

const LEADING: Readonly<Record<string, string>> = { '"': 'say', "'": 'say', ':': 'emote', ';': 'emote' };

/** The command in a line; undefined for an empty one. */
export function parseLine(typed: string): Parsed | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  const leading = LEADING[text.charAt(0)];
  if (leading !== undefined) return { verb: leading, rest: text.slice(1).trim() };
  const space = text.indexOf(' ');
  if (space === -1) return { verb: text.toLowerCase(), rest: '' };
  return { verb: text.slice(0, space).toLowerCase(), rest: text.slice(space + 1).trim() };
}

/** Both sides of a preposition, and which one it is. */
export interface Sides {
  readonly left: string;
  readonly word: string;
  readonly right: string;
}

/**
 * Splits at the first (or the last) of `words` that stands alone and outside quotes; undefined if there is none,
 * or nothing on one side of it.
 */
export function splitAt(
  text: string,
  words: readonly string[],
  which: 'first' | 'last' = 'first',
): Sides | undefined {
  const splits = splitsAt(text, words);
  return which === 'first' ? splits[0] : splits.at(-1);
}

/** The same at each of them, from the left. */
export function splitsAt(text: string, words: readonly string[]): readonly Sides[] {
  const found: Sides[] = [];
  let quoted = false;
  let at = 0;
  for (const piece of text.split(' ')) {
    const begins = !quoted;
    if (count(piece) % 2 === 1) quoted = !quoted;
    const end = at + piece.length;
    const word = piece.toLowerCase();
    if (begins && words.includes(word)) {
      const left = text.slice(0, at).trim();
      const right = text.slice(end).trim();
      if (left !== '' && right !== '') found.push({ left, word, right });
    }
    at = end + 1;
  }
  return found;
}

/** Text without the quotes around it. */
export function unquoted(text: string): string {
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1).trim() : text;
}

/** What follows `word` at the beginning of the text; undefined if it begins otherwise. */
export function following(text: string, ...words: readonly string[]): string | undefined {
  const space = text.indexOf(' ');
  if (space === -1) return undefined;
  return words.includes(text.slice(0, space).toLowerCase()) ? text.slice(space + 1).trim() : undefined;
}

function count(piece: string): number {
  return piece.split('"').length - 1;
}
