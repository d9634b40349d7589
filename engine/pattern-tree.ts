/** What a regular expression is made of. `least` is the fewest characters that it matches. */
export type Piece = { readonly least: number } & (
  | {
      readonly kind: 'set';
      /** Ways through it that are one unit of text long. */
      readonly single: number;
      /** The same for two: characters beyond the first 65,536 are pairs of them. */
      readonly double: number;
      /** What it takes to work out the set, in steps. */
      readonly cost: number;
    }
  | { readonly kind: 'row' | 'choice'; readonly parts: readonly Piece[] }
  | { readonly kind: 'repeat'; readonly inside: Piece; readonly min: number; readonly max: number }
  | { readonly kind: 'look'; readonly inside: Piece; readonly negative: boolean }
  | { readonly kind: 'edge' | 'back' }
);

/** Groups inside of each other, at most. */
const DEPTH = 100;

/** With the flag `u`, a set that reaches beyond the first 65,536 characters has at most so many pairs. */
const MOST_PAIRS = 1_024;
/** Of a set with a name, like `\p{L}`: its pairs, and what it costs. */
const NAMED_PAIRS = 72;
const NAMED_COST = 3_000;
const WIDE_COST = 1_000;
/** Alone, the two halves of a pair are characters of their own. */
const HALVES = 3;

const CHARACTER: Piece = { kind: 'set', single: 1, double: 0, cost: 1, least: 1 };
const EMPTY: Piece = { kind: 'row', parts: [], least: 0 };

/**
 * Reads a pattern, with the flag `u` or without. It need not be right: what the language refuses is read somehow. Null
 * if it is nested too deeply.
 */
export function parsePattern(source: string, unicode: boolean): Piece | null {
  const reader = new Reader(source, unicode);
  const pieces = [reader.choice(0)];
  // Behind a bracket that closes nothing.
  while (!reader.done) pieces.push(reader.choice(0));
  return reader.tooDeep ? null : row(pieces);
}

function row(parts: readonly Piece[]): Piece {
  if (parts.length === 1) return parts[0] as Piece;
  return { kind: 'row', parts, least: parts.reduce((sum, { least }) => sum + least, 0) };
}

function set(unicode: boolean, names: number, items: number, wide: boolean): Piece {
  if (!unicode || !wide) return { kind: 'set', single: 1, double: 0, cost: 1 + items, least: 1 };
  const double = Math.min(MOST_PAIRS, names * NAMED_PAIRS + items * 3);
  return { kind: 'set', single: HALVES, double, cost: WIDE_COST + items + names * NAMED_COST, least: 1 };
}

class Reader {
  readonly #source: string;
  readonly #unicode: boolean;
  #at = 0;
  tooDeep = false;

  constructor(source: string, unicode: boolean) {
    this.#source = source;
    this.#unicode = unicode;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  /** Up to the bracket that closes it, which is taken as well. */
  choice(depth: number): Piece {
    const parts: Piece[] = [];
    let pieces: Piece[] = [];
    for (;;) {
      const next = this.done ? ')' : this.#take();
      if (next !== '|' && next !== ')') {
        const piece = this.#piece(next, depth);
        pieces.push(this.#quantified(piece));
        continue;
      }
      parts.push(row(pieces));
      pieces = [];
      if (next === ')') break;
    }
    if (parts.length === 1) return parts[0] as Piece;
    return { kind: 'choice', parts, least: Math.min(...parts.map(({ least }) => least)) };
  }

  #take(): string {
    const taken = this.#source.charAt(this.#at);
    this.#at += 1;
    return taken;
  }

  /** Takes what matches here, if anything does. */
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #piece(first: string, depth: number): Piece {
    switch (first) {
      case '(':
        return this.#group(depth + 1);
      case '[':
        return this.#class();
      case '.':
        return set(this.#unicode, 0, 1, true);
      case '^':
      case '$':
        return EMPTY;
      case '\\':
        return this.#escape();
      default:
        return CHARACTER;
    }
  }

  #group(depth: number): Piece {
    if (depth > DEPTH) {
      this.tooDeep = true;
      this.#at = this.#source.length;
      return EMPTY;
    }
    const head = this.#match(/\?(?:<[A-Za-z$_\\][^>]*>|<?[=!]|:)/y)?.[0] ?? '';
    const inside = this.choice(depth);
    if (!/^\?<?[=!]$/.test(head)) return inside;
    return { kind: 'look', inside, negative: head.endsWith('!'), least: 0 };
  }

  /**
   * Without the flag `u`, letters that stand for nothing are themselves, and what follows is a part of the pattern: `\p{(a)}`
   * has a group. So is what a name may stand in, where no group has one; but no name has any of these signs.
   */
  #escape(): Piece {
    if (this.#match(/[bB]/y)) return { kind: 'edge', least: 0 };
    if (this.#match(/k<[^>()[\]{}|\\*+?.^]*>|[1-9]\d*/y)) return { kind: 'back', least: 0 };
    if (this.#unicode && this.#match(/[pP]\{[^}]*\}/y)) return set(true, 1, 0, true);
    if (this.#match(/[WDS]/y)) return set(this.#unicode, 0, 3, true);
    if (this.#unicode && this.#match(/u\{[^}]*\}/y)) return CHARACTER;
    this.#match(/u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|[^]/y);
    return CHARACTER;
  }

  #class(): Piece {
    let wide = this.#match(/\^/y) !== null;
    let names = 0;
    let items = 1;
    while (!this.done && this.#match(/\]/y) === null) {
      items += 1;
      if (this.#unicode && this.#match(/\\[pP]\{[^}]*\}/y)) names += 1;
      else if (this.#match(/\\(?:[WDS]|u)/y)) wide = true;
      else if (this.#match(/[\ud800-\udfff]/y)) wide = true;
      else this.#match(/\\?[^]/y);
    }
    return set(this.#unicode, names, items, wide || names > 0);
  }

  #quantified(piece: Piece): Piece {
    const found = this.#match(/(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y);
    if (found === null) return piece;
    const [, sign, from = '0', comma, to] = found;
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0;
    const most =
      sign === undefined
        ? comma === ''
          ? least
          : to === ''
            ? Infinity
            : Number(to)
        : sign === '?'
          ? 1
          : Infinity;
    const max = Math.max(least, most);
    return { kind: 'repeat', inside: piece, min: least, max, least: least === 0 ? 0 : piece.least * least };
  }
}
