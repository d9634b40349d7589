/*
 * JSON as it stands in an export: one member to a line, no commas, so that a change of one member is a change of one
 * line. Names that are plain words have no quotes. SCALAR is JSON's, but characters that a terminal might obey or that
 * turn text around are written as \uXXXX. CAPABILITY stands in records only: see capability-text.ts.
 *
 *   TREE   = SCALAR | CAPABILITY | "{}" | "[]" | "{" NL { MEMBER NL } "}" | "[" NL { TREE NL } "]"
 *   MEMBER = (WORD | STRING) ": " TREE
 *
 * Indentation is for people. Names that are whole numbers come first in JSON, in the order of their values. In records, whose
 * capabilities are numbered in the order of names as texts, they stand among the others in that one.
 */

/** Where a tree stands in the file. */
export interface Line {
  readonly number: number;
  /** Without indentation. */
  readonly text: string;
}

/** What is wrong with one line of a file. */
export class LineError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MEMBER = /^(?:([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\]|\\.)*")): (.*)$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** Controls that JSON leaves as they are, and what turns or breaks text. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A text as JSON that is safe to show. `JSON.parse` gives it back. */
export function quoted(text: string): string {
  const plain = JSON.stringify(text);
  return plain.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Writes a tree as lines behind `before` (what stands on its first line) at an indentation. `capability` gives the text
 * for a string that stands for one, undefined for all others; it is asked in the order of the text.
 */
export function printTree(
  tree: unknown,
  before: string,
  indent: string,
  capability?: (text: string) => string | undefined,
): string {
  if (typeof tree === 'string') return `${before}${capability?.(tree) ?? quoted(tree)}\n`;
  if (typeof tree !== 'object' || tree === null) return `${before}${JSON.stringify(tree)}\n`;
  const inner = `${indent}  `;
  if (Array.isArray(tree)) {
    if (tree.length === 0) return `${before}[]\n`;
    let out = `${before}[\n`;
    for (const member of tree) out += printTree(member, inner, inner, capability);
    return `${out}${indent}]\n`;
  }
  const names = capability === undefined ? Object.keys(tree) : namesOf(tree);
  if (names.length === 0) return `${before}{}\n`;
  let out = `${before}{\n`;
  for (const name of names) {
    const member = (tree as Record<string, unknown>)[name];
    const written = WORD.test(name) ? name : quoted(name);
    out += printTree(member, `${inner}${written}: `, inner, capability);
  }
  return `${out}${indent}}\n`;
}

/** As the marshaller goes through them; of a record that is none of its, as JSON has them. */
function namesOf(record: object): readonly string[] {
  const names = Object.keys(record);
  if (!names.some(isIndex)) return names;
  const others = names.filter((name) => !isIndex(name));
  const sorted = others.every((name, at) => at === 0 || (others[at - 1] ?? '') < name);
  return sorted ? [...names].sort() : names;
}

/** A name that JavaScript puts before all others, wherever it stood. */
function isIndex(name: string): boolean {
  const number = Number(name);
  return number < 2 ** 32 - 1 && String(number >>> 0) === name;
}

/**
 * Reads a tree whose first line begins with `first`; `next` gives the lines behind it. Gives it as JSON without white
 * space, as `JSON.stringify` writes it. `capability` gives the JSON for a capability; without it there may be none.
 * Throws `LineError`.
 */
export function readTree(
  first: Line,
  next: () => Line | undefined,
  capability?: (text: string, line: number) => string,
): string {
  const open: {
    readonly array: boolean;
    readonly line: number;
    /** Of a record: the names that it has so far, as they are written. */
    readonly names: Set<string> | null;
    any: boolean;
  }[] = [];
  const out: string[] = [];
  let moved = false;
  const value = ({ text, number }: Line): void => {
    switch (text) {
      case '{}':
      case '[]':
        out.push(text);
        return;
      case '{':
      case '[':
        out.push(text);
        open.push({
          array: text === '[',
          line: number,
          names: text === '[' ? null : new Set(),
          any: false,
        });
        return;
      default:
        out.push(scalar(text, number, capability));
    }
  };
  value(first);
  while (open.length > 0) {
    const line = next();
    const top = open.at(-1);
    if (top === undefined) break;
    const closing = top.array ? ']' : '}';
    if (line === undefined)
      throw new LineError(top.line, `what begins here has no end: expected a line "${closing}"`);
    if (line.text === closing) {
      out.push(closing);
      open.pop();
      continue;
    }
    if (top.any) out.push(',');
    top.any = true;
    if (top.array) {
      value(line);
      continue;
    }
    const found = MEMBER.exec(line.text);
    if (found === null) throw new LineError(line.number, `expected NAME: VALUE, or "${closing}"`);
    const [, word, name = '', rest = ''] = found;
    const written = word === undefined ? scalar(name, line.number) : `"${word}"`;
    if (top.names?.has(written) === true)
      throw new LineError(line.number, `${written} is there twice in this record`);
    top.names?.add(written);
    moved ||= isIndex(written.slice(1, -1));
    out.push(written, ':');
    value({ number: line.number, text: rest });
  }
  const json = out.join('');
  return moved ? JSON.stringify(JSON.parse(json)) : json;
}

function scalar(text: string, line: number, capability?: (text: string, line: number) => string): string {
  if (text === 'true' || text === 'false' || text === 'null') return text;
  if (text.startsWith('"')) {
    try {
      return JSON.stringify(JSON.parse(text));
    } catch {
      throw new LineError(line, 'expected a text in quotes, as JSON has it');
    }
  }
  if (text.startsWith('<')) {
    if (capability === undefined) throw new LineError(line, 'a capability cannot stand here');
    return capability(text, line);
  }
  if (NUMBER.test(text)) {
    const number = Number(text);
    if (!Number.isFinite(number)) throw new LineError(line, 'this number is too large to be kept');
    return JSON.stringify(number);
  }
  throw new LineError(line, 'expected a text in quotes, a number, true, false, null, <capability>, { or [');
}
