import { CALL_FAILED } from '../wrappers/errors.ts';
import { isStackShort } from './stack-left.ts';

/** Where a source stops being JavaScript, and what to say of it. */
export interface SyntaxProblem {
  readonly at: number;
  readonly what: string;
}

/** What the parser says most often and could say better. */
const CLEARER: readonly (readonly [RegExp, string])[] = [
  [/^'import' and 'export'/, 'Nothing is imported or exported: what a class may use it simply names.'],
  [
    /^Unterminated (?:string constant|template)/,
    'This text is not closed: look for its other quotation mark.',
  ],
  [/^Unterminated regular expression/, 'This pattern is not closed: look for its other "/".'],
  [/^Unterminated comment/, 'This comment is not closed: look for its "*/".'],
  [/^Unexpected character/, 'This character has no place in code: in a text it needs quotation marks.'],
  [/^Cannot use keyword 'await'|await/i, 'Nothing here waits: use send(...) or after(...).'],
  [/^'super' keyword|^super\(\)/, '`super` belongs in a method: super.init(spec).'],
  [/^'return' outside/, '`return` belongs in a function or method.'],
  [/^Deleting local variable/, 'A name cannot be deleted, only a property of an object.'],
  [
    /^Duplicate constructor/,
    'A class has no constructor: init(...) runs once, with what create(...) was given.',
  ],
];

/** What to say of a source that overflowed the call stack. Raises `Overflow` if it may have been the caller who did. */
export function tooDeep(thrown: unknown): string {
  if (!(thrown instanceof RangeError)) throw thrown;
  if (isStackShort()) throw CALL_FAILED;
  return 'The source is nested too deeply: take parts of it out, into functions.';
}

/** Makes a problem of what the parser threw. Throws whatever is not about the source. */
export function syntaxProblem(source: string, thrown: unknown): SyntaxProblem {
  if (!(thrown instanceof SyntaxError)) return { at: 0, what: tooDeep(thrown) };
  const pos = (thrown as { pos?: unknown }).pos;
  const end = source.trimEnd().length;
  const at = typeof pos === 'number' ? Math.min(pos, end) : 0;
  // The parser makes this of an overflow of the stack.
  if (thrown.message.startsWith('Not enough stack')) return { at, what: tooDeep(new RangeError()) };
  const said = thrown.message.replace(/ \(\d+:\d+\)$/, '');
  if (said.startsWith('Unexpected token')) return { at, what: unexpected(source, at, at === end) };
  const clearer = CLEARER.find(([pattern]) => pattern.test(said));
  return { at, what: clearer?.[1] ?? `${said.slice(0, 160)}.` };
}

function unexpected(source: string, at: number, ended: boolean): string {
  if (ended) return 'The source ends here, but something is open: look for a {, ( or [ that is not closed.';
  const word = /^(?:[\w$]+|=>|\.\.\.|[^\s\w])/.exec(source.slice(at, at + 40))?.[0] ?? '';
  if (word === 'await') return 'Nothing here waits: use send(...) or after(...).';
  const types = word === ':' ? ' This is plain JavaScript: there are no types.' : '';
  return `"${word}" does not belong here: look for a missing bracket, comma or semicolon before it.${types}`;
}
