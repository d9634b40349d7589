import type { AnyNode, Program, VariableDeclaration } from 'acorn';
import { LEFT_OUT } from './language.ts';
import { nearest } from './nearest.ts';
import { parseSource } from './source-check.ts';
import { checkDialect } from './source-dialect.ts';
import { cut, Problems } from './source-problem.ts';
import { rewritten, type Insertion, type Rewritten } from './source-rewrite.ts';
import { namesOf, type Names } from './source-scope.ts';
import { tooDeep } from './source-syntax.ts';
import { parts } from './source-tree.ts';
import { checkText, SOURCE_CHARACTERS } from './source-text.ts';

/** One entry of a console that may be run. Only `readEntry` makes one. */
export interface Entry {
  readonly source: string;
  readonly compiled: Rewritten;
  /** The names that it declares or assigns to: they are variables of the console from then on. */
  readonly variables: readonly string[];
  /** Those of them that are functions, which are there before anything of the entry runs. */
  readonly functions: readonly string[];
}

/** The names that an entry finds. */
export interface KnownNames {
  has(name: string): boolean;
  /** It is the console's own, and nothing may be assigned to it. */
  isFixed(name: string): boolean;
  all(): Iterable<string>;
}

/**
 * Reads an entry: what may stand in a method of a class in the world, as the statements of one turn. What it declares
 * outside of all functions and blocks is written as assignments to variables of the console, so that later entries, and
 * functions that are kept, see the same ones. Lines stay where they are. Throws SourceError with all mistakes.
 */
export function readEntry(typed: string, known: KnownNames): Entry {
  const source = asValue(typed);
  const problems = new Problems('Entry', typed, source === typed ? 0 : OPEN.length);
  if (!checkText(source, problems)) problems.throwIfAny();
  const program = parseSource(source, problems);
  if (program === null) problems.throwIfAny();
  return read(source, program as Program, known, problems);
}

/** What makes a record of it, and no block. */
const OPEN = '(';

/** What begins with a brace is a record, if it can be one. What is too long is not read: nothing would bound how long that takes. */
function asValue(typed: string): string {
  const bracketed = `${OPEN}${typed}\n)`;
  if (!/^\s*\{/.test(typed) || bracketed.length > SOURCE_CHARACTERS) return typed;
  return parseSource(bracketed, new Problems('Entry', bracketed)) === null ? typed : bracketed;
}

function read(source: string, program: Program, known: KnownNames, problems: Problems): Entry {
  let walkable = false;
  try {
    walkable = checkDialect(program, null, problems);
  } catch (error) {
    problems.at(0, tooDeep(error));
  }
  if (!walkable) problems.throwIfAny();
  const names = namesOf(program);
  const constant = new Set<string>();
  const functions: string[] = [];
  const insertions: Insertion[] = [];
  let text = source;
  for (const node of program.body) {
    if (node.type === 'FunctionDeclaration') functions.push(node.id.name);
    if (node.type === 'FunctionDeclaration' || (node.type === 'VariableDeclaration' && node.kind === 'const'))
      for (const name of namesOf({ ...program, body: [node] }).top.keys()) constant.add(name);
    if (node.type !== 'VariableDeclaration') continue;
    // As long as it was, so that what stands behind it stays where it is.
    const after = node.start + node.kind.length;
    text = text.slice(0, node.start) + ' '.repeat(node.kind.length) + text.slice(after);
    assign(node, after, insertions);
  }
  checkVars(program, problems);
  checkThis(program, problems);
  checkNames(names, constant, known, problems);
  problems.throwIfAny();
  const assigned = names.writes.map(({ name }) => name);
  return {
    source,
    compiled: rewritten(text, program, insertions),
    variables: [...new Set([...names.top.keys(), ...assigned])],
    functions,
  };
}

/** `let a = 1, b;` becomes `;void ( a = 1, b = undefined);`, which has no value to be shown, as a declaration has none. */
function assign(node: VariableDeclaration, after: number, insertions: Insertion[]): void {
  insertions.push({ at: after, text: ';void (' });
  for (const { id, init } of node.declarations)
    if (!init) insertions.push({ at: id.end, text: '=undefined' });
  const end = node.declarations.at(-1)?.end ?? node.end;
  insertions.push({ at: end, text: ');' });
}

/**
 * A function that is called by its name alone gets as `this` the object on which the names of the console stand, which
 * nothing may reach. The walk knows all types by now, and how deep they are.
 */
function checkThis(node: AnyNode, problems: Problems): void {
  if (node.type === 'ThisExpression')
    problems.at(node.start, 'Nothing is this here: no object runs an entry. Name what you mean.');
  for (const part of parts(node) ?? []) checkThis(part, problems);
}

const NO_VAR = 'Write let instead of var: it is kept for later entries as well.';

/** `var` reaches out of the blocks that it stands in, where it could not be told from a variable of the console. */
function checkVars(program: Program, problems: Problems): void {
  const kept = new Set<string>();
  for (const node of program.body) {
    if (node.type === 'VariableDeclaration' && node.kind === 'var') problems.at(node.start, NO_VAR);
    if (node.type === 'VariableDeclaration' || node.type === 'FunctionDeclaration')
      for (const name of namesOf({ ...program, body: [node] }).top.keys()) kept.add(name);
  }
  for (const [name, at] of namesOf(program).top) if (!kept.has(name)) problems.at(at, NO_VAR);
}

function checkNames(
  { top, free, writes }: Names,
  constant: ReadonlySet<string>,
  known: KnownNames,
  problems: Problems,
): void {
  const refuseFixed = (name: string, at: number): void => {
    if (known.isFixed(name)) problems.at(at, `${cut(name)} is a name of the console's: choose another.`);
  };
  for (const [name, at] of top) refuseFixed(name, at);
  const assigned = new Set<string>();
  for (const { name, at } of writes) {
    refuseFixed(name, at);
    if (constant.has(name)) problems.at(at, `${cut(name)} is declared here as what stays as it is: use let.`);
    assigned.add(name);
  }
  for (const [name, at] of free) {
    if (!known.has(name) && !assigned.has(name))
      problems.at(at, `${cut(name)} is not known here${wayOut(name, known)}`);
  }
}

function wayOut(name: string, known: KnownNames): string {
  if (Object.hasOwn(LEFT_OUT, name)) return `: ${LEFT_OUT[name]}.`;
  const meant = nearest(name, known.all());
  return meant === null
    ? ': declare it with const or let; .help tells the names that there are.'
    : `; did you mean ${meant}?`;
}
