import type {
  AnyNode,
  AssignmentExpression,
  AssignmentProperty,
  ClassDeclaration,
  Literal,
  MemberExpression,
  ObjectPattern,
  Program,
  RestElement,
  VariableDeclarator,
} from 'acorn';
import { NATIVE_LIMITS } from './bounds.ts';
import { stepsToCompile } from './pattern-steps.ts';
import { cut, type Problems } from './source-problem.ts';
import { parts, SOURCE_DEPTH } from './source-tree.ts';

const ASYNC =
  'Nothing here waits: what is to happen later is a send(...) or an after(...), which also survive a restart.';
const NO_IMPORT = 'Nothing is imported or exported: what a class may use it simply names.';
const NO_GENERATORS = 'There are no generators: gather the values in an array.';
const TOO_DEEP = 'This is nested too deeply: take a part of it out, into a function.';
const UNKNOWN = 'This is not part of the language of the world.';
const NO_THIS = 'Outside of the class `this` is nothing: hand the object to the function.';
const NO_CHANCE = 'There is no Math.random: chance comes only from an object that grants it.';
const NO_BIGINT = 'There are no big integers: numbers are exact up to 2 ** 53.';
const NO_FOR_IN = 'There is no for-in: write for (const key of Object.keys(...)).';
const NO_SETS = 'The flag v is not for use here: u does nearly the same.';
const LONG_PATTERNS = `All patterns of a source have at most ${NATIVE_LIMITS.pattern} characters together: make this one of a text, with new RegExp(...) in a method.`;
const HEAVY_PATTERN =
  'This pattern branches too much at its beginning: make two of it, or look for a part of it first.';
const DEEP_REST =
  'The rest of an object is taken in the body, at the top of a pattern: const { a, ...rest } = object;';
const ONE_CLASS =
  'There is one class in a source, and it stands by itself: save this one under its own name, and make its objects with create(...).';

/** Syntax that is refused wherever it stands. */
const REFUSED: Partial<Record<AnyNode['type'], string>> = {
  AwaitExpression: ASYNC,
  ClassDeclaration: ONE_CLASS,
  ClassExpression: ONE_CLASS,
  ForInStatement: NO_FOR_IN,
  DebuggerStatement: 'Nothing stops here: leave `debugger` out.',
  ExportAllDeclaration: NO_IMPORT,
  ExportDefaultDeclaration: NO_IMPORT,
  ExportNamedDeclaration: NO_IMPORT,
  ImportDeclaration: NO_IMPORT,
  ImportExpression: NO_IMPORT,
  StaticBlock: 'A class has no static block: write what it holds as `static name = ...`.',
  // What a tag is given is kept from call to call.
  TaggedTemplateExpression: 'A template may not have a tag: call the function with a text instead.',
  WithStatement: 'There is no `with`: name the object each time.',
  YieldExpression: NO_GENERATORS,
};

const HAVE_THIS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'PropertyDefinition',
]);

/** Where a node stands. */
interface Place {
  readonly depth: number;
  /** Inside of a method, a field or a function that has a `this` of its own. */
  readonly hasThis: boolean;
  /** It is what a call calls. */
  readonly called: boolean;
  /** It is the value of this method or property. */
  readonly of: AnyNode | null;
}

const TOP: Place = { depth: 1, hasThis: false, called: false, of: null };

/**
 * Notes the syntax that is not part of the dialect, anywhere in a source except for what initialisers may be. Says
 * whether others may walk it too: not if it is nested too deeply.
 */
export function checkDialect(program: Program, main: ClassDeclaration | null, problems: Problems): boolean {
  const walk = new DialectWalk(main, problems);
  for (const node of program.body) walk.node(node, TOP);
  return !walk.tooDeep;
}

/** What takes the rest of an object: the pattern, and the expression that gives the object. Null if it takes none. */
export function takenApart(
  node: VariableDeclarator | AssignmentExpression,
): { readonly pattern: ObjectPattern; readonly value: AnyNode } | null {
  const [pattern, value] =
    node.type === 'VariableDeclarator' ? [node.id, node.init] : [node.left, node.right];
  if (pattern.type !== 'ObjectPattern' || restOf(pattern) === undefined || !value) return null;
  return { pattern, value };
}

function restOf(pattern: ObjectPattern): AssignmentProperty | RestElement | undefined {
  return pattern.properties.find(({ type }) => type === 'RestElement');
}

class DialectWalk {
  readonly #main: ClassDeclaration | null;
  readonly #problems: Problems;
  readonly #privateMethods = new Set<string>();
  /** Where the value that is taken apart is an expression of its own, see source-rewrite.ts. */
  readonly #wholeRests = new Set<ObjectPattern>();
  #patternCharacters = 0;
  tooDeep = false;

  constructor(main: ClassDeclaration | null, problems: Problems) {
    this.#main = main;
    this.#problems = problems;
    for (const member of main?.body.body ?? []) {
      if (member.type !== 'MethodDefinition' || member.key.type !== 'PrivateIdentifier') continue;
      if (member.kind === 'method') this.#privateMethods.add(member.key.name);
    }
  }

  node(node: AnyNode, place: Place): void {
    const inside = parts(node);
    const refused = node === this.#main ? undefined : REFUSED[node.type];
    if (place.depth >= SOURCE_DEPTH) {
      this.tooDeep = true;
      this.#problems.at(node.start, TOO_DEEP);
      return;
    }
    if (refused !== undefined || inside === null) {
      this.#problems.at(node.start, refused ?? UNKNOWN);
      // What is inside of it is not part of this source's class, but others walk it as well.
      this.#measure(inside ?? [], place.depth + 1);
      return;
    }
    this.#special(node, place);
    const depth = place.depth + 1;
    const hasThis = place.hasThis || HAVE_THIS.has(node.type);
    const of = node.type === 'MethodDefinition' || node.type === 'Property' ? node : null;
    for (const part of inside) {
      this.node(part, { depth, hasThis, called: node.type === 'CallExpression' && part === node.callee, of });
    }
  }

  /** Looks how deep it goes, and at nothing else. */
  #measure(nodes: readonly AnyNode[], depth: number): void {
    if (depth >= SOURCE_DEPTH) this.tooDeep = true;
    else for (const node of nodes) this.#measure(parts(node) ?? [], depth + 1);
  }

  #special(node: AnyNode, { hasThis, called, of }: Place): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- nothing is special about the others
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        // The function of a method begins behind its name.
        if (node.async) this.#problems.at((of ?? node).start, ASYNC);
        else if (node.generator) this.#problems.at((of ?? node).start, NO_GENERATORS);
        return;
      case 'ForOfStatement':
        if (node.await) this.#problems.at(node.start, ASYNC);
        return;
      case 'ThisExpression':
        if (!hasThis) this.#problems.at(node.start, NO_THIS);
        return;
      case 'MetaProperty':
        if (node.meta.name === 'import') this.#problems.at(node.start, NO_IMPORT);
        return;
      case 'MemberExpression':
        this.#member(node, called);
        return;
      case 'Literal':
        this.#literal(node);
        return;
      case 'VariableDeclarator':
      case 'AssignmentExpression': {
        const taken = takenApart(node);
        if (taken !== null) this.#wholeRests.add(taken.pattern);
        return;
      }
      case 'ObjectPattern': {
        const rest = restOf(node);
        if (rest !== undefined && !this.#wholeRests.has(node)) this.#problems.at(rest.start, DEEP_REST);
      }
    }
  }

  /** What is compiled together with the source is compiled in one step, and what it matches with in another. */
  #literal({ bigint, regex, start }: Literal): void {
    if (typeof bigint === 'string') this.#problems.at(start, NO_BIGINT);
    if (regex === undefined) return;
    const { pattern, flags } = regex;
    this.#patternCharacters += pattern.length;
    if (flags.includes('v')) this.#problems.at(start, NO_SETS);
    else if (this.#patternCharacters > NATIVE_LIMITS.pattern) this.#problems.at(start, LONG_PATTERNS);
    else if (stepsToCompile(pattern, flags, NATIVE_LIMITS.compiling) > NATIVE_LIMITS.compiling)
      this.#problems.at(start, HEAVY_PATTERN);
  }

  #member({ object, property, computed }: MemberExpression, called: boolean): void {
    // A private method is one function for all objects of the class, and nothing can freeze it: whoever had it as a
    // value could hang something on it.
    if (property.type === 'PrivateIdentifier' && !called && this.#privateMethods.has(property.name)) {
      const name = `#${cut(property.name)}`;
      const way = `write (...args) => this.${name}(...args), or give it a name without "#"`;
      this.#problems.at(property.start, `A private method can only be called: ${way}.`);
    }
    if (object.type !== 'Identifier' || object.name !== 'Math' || computed) return;
    if (property.type === 'Identifier' && property.name === 'random')
      this.#problems.at(object.start, NO_CHANCE);
  }
}
