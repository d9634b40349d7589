/** What is wrong with a source, and where: lines and columns begin at 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** A sentence for the author, which says the way out as well. */
  readonly what: string;
  /** The line as it can be shown: at most so many characters around the column, none of them a control character. */
  readonly text: string;
  /** How far into `text` the place is. */
  readonly caret: number;
}

/** Characters of a line that are shown. */
const SHOWN_CHARACTERS = 200;
/** Problems that are shown: who mends these will find the others smaller. */
const SHOWN_PROBLEMS = 5;
/** Problems that are kept: a source can have one in each character. */
export const KEPT_PROBLEMS = 50;

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;
/** What may not reach a terminal: controls, what turns a line around, halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Source that cannot become a class. For the host: what the world may see of it is the message. */
export class SourceError extends Error {
  readonly problems: readonly Problem[];
  constructor(className: string, problems: readonly Problem[]) {
    super(problemText(className, problems));
    this.problems = problems;
  }
}

/** The problem at an offset of a source. */
export function problemAt(source: string, offset: number, what: string): Problem {
  let line = 1;
  let start = 0;
  let end = source.length;
  for (const found of source.matchAll(LINE_END)) {
    if (found.index >= offset) {
      end = found.index;
      break;
    }
    line += 1;
    start = found.index + found[0].length;
  }
  const column = Math.max(0, Math.min(offset, end) - start);
  return { line, column: column + 1, what, ...shown(source.slice(start, end), column) };
}

/** The offset of a line and column, both from 1; the nearest place that there is. */
export function offsetOn(source: string, line: number, column: number): number {
  let start = 0;
  let number = 1;
  for (const found of source.matchAll(LINE_END)) {
    if (number === line) break;
    number += 1;
    start = found.index + found[0].length;
  }
  const rest = source.slice(start).search(LINE_END);
  const length = rest < 0 ? source.length - start : rest;
  return start + Math.max(0, Math.min(column - 1, length));
}

function shown(text: string, column: number): Pick<Problem, 'text' | 'caret'> {
  const from = text.length <= SHOWN_CHARACTERS ? 0 : Math.max(0, column - SHOWN_CHARACTERS / 2);
  const cut = text.slice(from, from + SHOWN_CHARACTERS);
  // One character for one, so that the caret stays where it belongs.
  return { text: cut.replace(UNSEEN, (found) => ' '.repeat(found.length)), caret: column - from };
}

/** The problems of one source, gathered in any order. */
export class Problems {
  readonly #name: string;
  readonly #source: string;
  readonly #before: number;
  readonly #found = new Map<number, string>();

  /** `before`: characters that stand in front of the source where it is read, and are none of its author's. */
  constructor(name: string, source: string, before = 0) {
    this.#name = name;
    this.#source = source;
    this.#before = before;
  }

  get any(): boolean {
    return this.#found.size > 0;
  }

  /** What is said first about a place is kept: the other checks see only that something is odd there. */
  at(offset: number, what: string): void {
    const own = Math.max(0, offset - this.#before);
    if (this.#found.size < KEPT_PROBLEMS && !this.#found.has(own)) this.#found.set(own, what);
  }

  /** In the order of the source. */
  get all(): readonly Problem[] {
    const ordered = [...this.#found].sort(([a], [b]) => a - b);
    return ordered.map(([offset, what]) => problemAt(this.#source, offset, what));
  }

  /** Throws SourceError if there are any. */
  throwIfAny(): void {
    if (this.any) throw new SourceError(this.#name, this.all);
  }
}

/** For people: where, what, the line, and a caret beneath it. */
export function problemText(name: string, problems: readonly Problem[]): string {
  const parts = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(
      ({ line, column, what, text, caret }) =>
        `${name}, line ${line}, column ${column}: ${what}\n  ${text}\n  ${' '.repeat(caret)}^`,
    );
  const more = problems.length - parts.length;
  if (more > 0) parts.push(`and ${more} more.`);
  return parts.join('\n');
}

/** A name as it may stand in a sentence. */
export function cut(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
