import {
  parse,
  tokTypes,
  type ClassDeclaration,
  type MethodDefinition,
  type Options,
  type Program,
  type PropertyDefinition,
  type Token,
} from 'acorn';
import { LANGUAGE, LEFT_OUT } from './language.ts';
import { nearest } from './nearest.ts';
import { checkDialect } from './source-dialect.ts';
import { cut, KEPT_PROBLEMS, problemAt, Problems, type Problem } from './source-problem.ts';
import { Purity } from './source-purity.ts';
import { ADMIT, PAUSE, rewritten, type Rewritten } from './source-rewrite.ts';
import { namesOf, type Names } from './source-scope.ts';
import { syntaxProblem, tooDeep } from './source-syntax.ts';
import { checkText } from './source-text.ts';

/** A source that may become a class. Only `checkSource` makes one. */
export interface CheckedSource {
  readonly className: string;
  readonly source: string;
  /** What is compiled. */
  readonly compiled: Rewritten;
  /** The name of the class that it is built on. */
  readonly extends: string | null;
  /** The names that it uses and does not declare. */
  readonly free: ReadonlySet<string>;
  /** The offset of the first use of each. */
  readonly firstUse: ReadonlyMap<string, number>;
  /** The names of all constants and functions outside of the class. */
  readonly constants: readonly string[];
  /** The offset of the class. */
  readonly classAt: number;
}

/**
 * The language is fixed at what the oldest Node that runs Keystead knows: a source that was once accepted is accepted
 * for good. Modules are strict, and their grammar takes nothing that a strict function would read otherwise.
 */
const LANGUAGE_VERSION = 2024;

/**
 * Reads a source in the dialect of the world: one class named `name`, and constants and functions beside it. What passes
 * keeps state nowhere but in its instances and in running calls, once the class and its constants are frozen.
 * Throws SourceError with the problems that it finds, and it finds one in all that it does not know.
 * Where little of the call stack is left it raises `Overflow`, which says nothing about the source.
 */
export function checkSource(name: string, source: string): CheckedSource {
  const problems = new Problems(name, source);
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(name)) {
    problems.at(0, `A class needs a name like "Lamp", not "${cut(name)}".`);
  } else if (RESERVED_NAMES.has(name)) {
    problems.at(0, `${name} is a name of the language: choose another.`);
  }
  if (!checkText(source, problems) || problems.any) problems.throwIfAny();
  const program = parseSource(source, problems);
  if (program === null) problems.throwIfAny();
  return read(name, source, program as Program, problems);
}

/** Names that no class can have. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['M', ...LANGUAGE, ...Object.keys(LEFT_OUT)]);

/** Names that the check itself understands: a source cannot give them another meaning. */
const FIXED: ReadonlySet<string> = new Set(['M', ...LANGUAGE]);

/** Parses a source, and notes what is no JavaScript, or a name that would deceive; null if there is nothing to go on with. */
export function parseSource(source: string, problems: Problems): Program | null {
  const onToken = (token: Token): void => {
    if (token.type !== tokTypes.name && token.type !== tokTypes.privateId) return;
    const text = source.slice(token.start, token.end);
    // What looks like another name, or is one in disguise, would deceive whoever reads the source.
    if (text === ADMIT || text === PAUSE)
      problems.at(token.start, `${text} is a name of the program's: choose another.`);
    if (!/^#?[\w$]*$/.test(text)) {
      const name = cut(String((token as { value?: unknown }).value));
      problems.at(
        token.start,
        `${name}: a name is made of the letters a to z and A to Z, of digits, _ and $.`,
      );
    }
  };
  const options: Options = {
    ecmaVersion: LANGUAGE_VERSION,
    sourceType: 'module',
    allowHashBang: false,
    onToken,
  };
  try {
    return parse(source, options);
  } catch (error) {
    const { at, what } = syntaxProblem(source, error);
    problems.at(at, what);
    return null;
  }
}

function read(name: string, source: string, program: Program, problems: Problems): CheckedSource {
  const classes = program.body.filter((node): node is ClassDeclaration => node.type === 'ClassDeclaration');
  const main = classes.find(({ id }) => id.name === name) ?? classes[0] ?? null;
  let walkable = false;
  try {
    walkable = checkDialect(program, main, problems);
  } catch (error) {
    problems.at(0, tooDeep(error));
  }
  if (!walkable) problems.throwIfAny();
  const names = namesOf(program);
  checkNames(names, problems);
  const purity = new Purity(names, name, problems);
  for (const node of program.body) {
    if (node.type === 'VariableDeclaration' && node.kind === 'const') {
      for (const declarator of node.declarations) purity.constant(declarator);
    } else if (node.type === 'VariableDeclaration') {
      const way = 'use const here, and keep what changes in a field of the object';
      problems.at(node.start, `Outside of the class nothing changes: ${way}.`);
    } else if (node.type === 'ClassDeclaration') {
      if (node === main) checkClass(name, node, names, purity, problems);
    } else if (node.type === 'ExpressionStatement' && node.directive === 'use strict') {
      problems.at(node.start, 'All code here is strict: leave this out.');
    } else if (node.type !== 'FunctionDeclaration' && node.type !== 'EmptyStatement') {
      const way = 'what is to be done belongs in a method';
      problems.at(node.start, `Outside of the class there are only const and function: ${way}.`);
    }
  }
  if (main === null && !problems.any)
    problems.at(source.trimEnd().length, `The class is missing: class ${name} { ... }`);
  problems.throwIfAny();
  return Object.freeze({
    className: name,
    source,
    compiled: rewritten(source, program),
    extends: main?.superClass?.type === 'Identifier' ? main.superClass.name : null,
    free: new Set(names.free.keys()),
    firstUse: names.free,
    constants: Object.freeze([...names.top.keys()].filter((each) => each !== name)),
    classAt: main?.start ?? 0,
  });
}

function checkNames({ top, writes }: Names, problems: Problems): void {
  for (const [name, at] of top) {
    if (FIXED.has(name)) problems.at(at, `${name} is a name of the language: name your own otherwise.`);
  }
  for (const { name, at } of writes) {
    const field = `keep it in a field of the object: this.${cut(name)} = ...`;
    if (top.has(name))
      problems.at(at, `${cut(name)} stands outside of the class and stays as it is; ${field}`);
    else
      problems.at(at, `${cut(name)} is not declared here: write let before it in the function, or ${field}`);
  }
}

function checkClass(
  name: string,
  node: ClassDeclaration,
  { top }: Names,
  purity: Purity,
  problems: Problems,
): void {
  if (node.id.name !== name) {
    problems.at(node.id.start, `The class is saved as ${name}: it must have that name here.`);
  }
  const { superClass } = node;
  if (superClass) {
    const base = superClass.type === 'Identifier' ? superClass.name : '';
    // A function that is no class could give back any object, for this class to put its private fields on.
    if (base === '' || top.has(base) || RESERVED_NAMES.has(base) || !/^[A-Z]/.test(base)) {
      problems.at(
        superClass.start,
        'A class extends a class of the world, by its name: class Dog extends Thing',
      );
    }
  }
  for (const member of node.body.body) {
    if (member.type !== 'StaticBlock') checkMember(member, purity, problems);
  }
}

/** A class is a function, and an object: what it has as such is not for a source to change. */
const OWN_OF_CLASSES: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'then',
  'toJSON',
]);

function checkMember(
  member: MethodDefinition | PropertyDefinition,
  purity: Purity,
  problems: Problems,
): void {
  const { key, start } = member;
  const isPrivate = key.type === 'PrivateIdentifier';
  if (member.computed) {
    problems.at(key.start, 'The name of a member has to be written out.');
    return;
  }
  if (member.type === 'MethodDefinition') {
    if (member.kind === 'constructor') {
      problems.at(start, 'A class has no constructor: init(...) runs once, with what create(...) was given.');
    } else if (member.kind !== 'method' && (member.static || !isPrivate)) {
      // To look at the class would run it, also for those who only read what the class says of itself.
      problems.at(
        start,
        'Write a method: only private members of an object may be accessors (get #size() { ... }).',
      );
    }
  } else if (member.static && isPrivate) {
    problems.at(
      start,
      'A class holds nothing that can change: write a const before it, or a field without static.',
    );
  } else if (member.static && member.value) {
    purity.staticField(member.value);
  }
  if (!member.static || isPrivate) return;
  const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : '';
  if (OWN_OF_CLASSES.has(name))
    problems.at(key.start, `Every class has a "${name}" of its own: choose another name.`);
}

/** The problem at the first use of a free name. */
export function nameProblem(checked: CheckedSource, name: string, what: string): Problem {
  return problemAt(checked.source, checked.firstUse.get(name) ?? checked.classAt, what);
}

/**
 * A problem for each free name that is neither of the language nor known, in the order of the source, of the first
 * ones if there are many. `candidates` are names that may have been meant.
 */
export function unknownNames(
  checked: CheckedSource,
  isKnown: (name: string) => boolean,
  candidates: Iterable<string> = [],
): readonly Problem[] {
  const unknown = [...checked.firstUse]
    .filter(([name]) => !LANGUAGE.includes(name) && !isKnown(name))
    .sort(([, a], [, b]) => a - b)
    .slice(0, KEPT_PROBLEMS);
  const meant =
    unknown.length === 0 ? [] : [...LANGUAGE, ...candidates, ...checked.constants, checked.className];
  return unknown.map(([name]) =>
    nameProblem(checked, name, `${cut(name)} is not known here${wayOut(name, meant)}`),
  );
}

function wayOut(name: string, candidates: readonly string[]): string {
  if (Object.hasOwn(LEFT_OUT, name)) return `: ${LEFT_OUT[name]}.`;
  const meant = nearest(name, candidates);
  if (meant !== null) return `; did you mean ${meant}?`;
  if (/^[A-Z]/.test(name)) return ': for a class that is not open to everybody you need a capability.';
  return ': declare it with const or let, or look it up in docs/programming.md.';
}
