import { M } from '@endo/patterns';
import type {
  AnyNode,
  CallExpression,
  Expression,
  Literal,
  MemberExpression,
  ObjectExpression,
  Pattern,
  SpreadElement,
  Super,
  VariableDeclarator,
} from 'acorn';
import { nearest } from './nearest.ts';
import { cut, type Problems } from './source-problem.ts';
import type { Names } from './source-scope.ts';

/** What is known of a value before it is made. */
interface Value {
  /** A number, text, truth value, null or undefined for sure: to calculate with it runs nobody's code. */
  readonly plain: boolean;
  /** At least as many members and characters as it has, written out as a tree. */
  readonly weight: number;
}

/** Heaviest value that may stand outside of the objects: constants that double each other end here. */
export const VALUE_WEIGHT = 65_536;
/** What may be copied in all, by `...` and by `+`. */
const COPIED_WEIGHT = 262_144;
/** What comes from elsewhere counts as so much: its weight is not known here. */
const BORROWED_WEIGHT = 1_024;

const PLAIN: Value = { plain: true, weight: 1 };
const THING: Value = { plain: false, weight: 1 };
const BORROWED: Value = { plain: false, weight: BORROWED_WEIGHT };

const MATCHERS: ReadonlySet<string> = new Set(
  Object.keys(M).filter((name) => !['await', 'callWhen', 'containerHas', 'interface'].includes(name)),
);
const CHAINED: ReadonlySet<string> = new Set(['optional', 'rest', 'returns']);
/** Where behaviour hangs that is not the value's own. */
const BEHIND: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const ONCE =
  'What stands outside of the methods is worked out once, before anything runs: do this in a method, or in a field of the object.';
const NO_CALL = 'Only M.… can be called here. ' + ONCE;
const NO_NEW =
  '`new` makes something that may change, and only objects may: write it as a field of the object (#seen = new Set();) or in a method.';
const NO_KEEPING =
  'A pattern with the flag g or y remembers where it stopped, and here nothing may be remembered: write it inside of the method.';
const NOT_PLAIN =
  'Here only numbers and texts that are constants can be calculated with: anything else could run code. Do it in a method.';
const NO_ACCESSOR = 'Write a method: what runs when a value is read or set could not be seen.';
const TOO_HEAVY = 'These constants grow too large: work it out in a method.';

/**
 * The initialisers of constants and static fields. They may make values, and run nothing of anybody's: then there is
 * no moment at which a function could put something that changes where it outlives the call, and once all is frozen,
 * state is in objects and in running calls only. Whatever is not allowed here by name is refused.
 */
export class Purity {
  readonly #names: Names;
  readonly #className: string;
  readonly #problems: Problems;
  readonly #constants = new Map<string, Value>();
  #statics = 1;
  #copied = 0;

  constructor(names: Names, className: string, problems: Problems) {
    this.#names = names;
    this.#className = className;
    this.#problems = problems;
  }

  /** A `const` outside of the class, in the order of the source. */
  constant({ id, init }: VariableDeclarator): void {
    const value = init ? this.#value(init) : PLAIN;
    this.#bind(id, value);
  }

  /** The initialiser of a static field. */
  staticField(init: Expression): void {
    this.#statics += this.#value(init).weight;
  }

  #bind(pattern: Pattern, value: Value): void {
    switch (pattern.type) {
      case 'Identifier':
        this.#constants.set(pattern.name, value);
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'Property') this.#key(property.key, property.computed);
          this.#bind(property.type === 'RestElement' ? property.argument : property.value, notPlain(value));
        }
        return;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element !== null) this.#bind(element, notPlain(value));
        return;
      case 'AssignmentPattern': {
        const { weight } = this.#value(pattern.right);
        this.#bind(pattern.left, { plain: false, weight: Math.max(weight, value.weight) });
        return;
      }
      case 'RestElement':
        this.#bind(pattern.argument, notPlain(value));
        return;
      case 'MemberExpression':
        this.#problems.at(pattern.start, ONCE);
    }
  }

  #value(node: AnyNode): Value {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- all others are refused
    switch (node.type) {
      case 'Literal':
        return this.#literal(node);
      case 'Identifier':
        return this.#identifier(node.name);
      case 'ThisExpression':
        return { plain: false, weight: this.#statics };
      case 'Super':
        return BORROWED;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return THING;
      case 'ArrayExpression':
        return this.#whole(node, this.#weights(node.elements));
      case 'ObjectExpression':
        return this.#whole(node, this.#object(node));
      case 'TemplateLiteral': {
        const written = node.quasis.reduce((sum, { value }) => sum + value.raw.length, 1);
        const weights = node.expressions.map((each) => this.#plain(each));
        return { plain: true, weight: this.#grown(node, written, weights) };
      }
      case 'UnaryExpression':
        if (node.operator === 'delete') break;
        if (['!', 'typeof', 'void'].includes(node.operator)) this.#value(node.argument);
        else this.#plain(node.argument);
        return PLAIN;
      case 'BinaryExpression': {
        if (node.operator === 'in' || node.operator === 'instanceof') break;
        if (node.operator === '===' || node.operator === '!==') {
          this.#value(node.left);
          this.#value(node.right);
          return PLAIN;
        }
        const weights = [this.#plain(node.left), this.#plain(node.right)];
        return node.operator === '+' ? { plain: true, weight: this.#grown(node, 0, weights) } : PLAIN;
      }
      case 'LogicalExpression':
        return either(this.#value(node.left), this.#value(node.right));
      case 'ConditionalExpression':
        this.#value(node.test);
        return either(this.#value(node.consequent), this.#value(node.alternate));
      case 'ChainExpression':
        return this.#value(node.expression);
      case 'MemberExpression':
        return this.#member(node);
      case 'CallExpression':
        return this.#call(node);
      case 'NewExpression':
        this.#problems.at(node.start, NO_NEW);
        return THING;
      default:
    }
    this.#problems.at(node.start, ONCE);
    return THING;
  }

  #literal(node: Literal): Value {
    if (node.regex !== undefined) {
      if (/[gy]/.test(node.regex.flags)) this.#problems.at(node.start, NO_KEEPING);
      return { plain: false, weight: node.end - node.start };
    }
    return { plain: true, weight: typeof node.value === 'string' ? node.value.length + 1 : 1 };
  }

  #identifier(name: string): Value {
    if (name === this.#className) return { plain: false, weight: this.#statics };
    if (this.#names.top.has(name)) return this.#constants.get(name) ?? THING;
    return ['undefined', 'NaN', 'Infinity'].includes(name) ? PLAIN : BORROWED;
  }

  #member(node: MemberExpression): Value {
    if (node.property.type === 'PrivateIdentifier') {
      this.#problems.at(node.property.start, ONCE);
      return THING;
    }
    if (!node.computed || node.property.type === 'Literal') this.#key(node.property, node.computed);
    else this.#problems.at(node.property.start, 'Here the key has to be written out: ["name"] or [0].');
    const numbers =
      !node.computed && (this.#isFree(node.object, 'Math') || this.#isFree(node.object, 'Number'));
    return numbers ? PLAIN : notPlain(this.#value(node.object));
  }

  /** A key by which something is read: not by a way to where other values have their behaviour. */
  #key(key: Expression, computed: boolean): void {
    if (computed && key.type !== 'Literal') {
      this.#problems.at(key.start, 'Here the key has to be written out.');
      return;
    }
    const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : '';
    if (BEHIND.has(name)) this.#problems.at(key.start, `"${name}" cannot be read here. ${ONCE}`);
  }

  #object(node: ObjectExpression): number {
    let weight = 1;
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        weight += this.#spread(property);
        continue;
      }
      if (property.computed) weight += this.#plain(property.key);
      else if (isNamed(property.key, '__proto__')) {
        this.#problems.at(
          property.start,
          'What an object inherits cannot be said here: leave `__proto__` out.',
        );
      }
      if (property.kind !== 'init') this.#problems.at(property.start, NO_ACCESSOR);
      weight += 1 + this.#value(property.value).weight;
    }
    return weight;
  }

  #call(node: CallExpression): Value {
    const { callee } = node;
    const frozen =
      this.#isFree(callee, 'harden') ||
      (callee.type === 'MemberExpression' &&
        this.#isFree(callee.object, 'Object') &&
        isNamed(callee.property, 'freeze') &&
        !callee.computed);
    const [only] = node.arguments;
    if (frozen && !node.optional && node.arguments.length === 1 && only && only.type !== 'SpreadElement') {
      return this.#value(only);
    }
    return this.#guard(node) ?? THING;
  }

  /** `M.string()`, `M.call(...).optional(...).returns(...)`; null after a problem. */
  #guard(node: CallExpression): Value | null {
    const { callee } = node;
    const name =
      callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier'
        ? callee.property.name
        : '';
    if (callee.type !== 'MemberExpression' || name === '' || callee.optional || node.optional) {
      this.#problems.at(node.start, NO_CALL);
      return null;
    }
    let before = 0;
    if (this.#isFree(callee.object, 'M')) {
      if (!MATCHERS.has(name)) {
        const meant = nearest(name, MATCHERS);
        const way =
          meant === null ? 'docs/programming.md has those that there are' : `did you mean M.${meant}?`;
        this.#problems.at(callee.property.start, `There is no M.${cut(name)}; ${way}`);
        return null;
      }
    } else if (callee.object.type === 'CallExpression' && CHAINED.has(name)) {
      before = this.#guard(callee.object)?.weight ?? 0;
    } else {
      this.#problems.at(node.start, NO_CALL);
      return null;
    }
    return this.#whole(node, before + this.#weights(node.arguments));
  }

  #weights(nodes: readonly (Expression | SpreadElement | null)[]): number {
    let weight = 1;
    for (const node of nodes) {
      if (node === null) weight += 1;
      else weight += node.type === 'SpreadElement' ? this.#spread(node) : this.#value(node).weight;
    }
    return weight;
  }

  #spread({ argument, start }: SpreadElement): number {
    const { weight } = this.#value(argument);
    this.#copied += weight;
    if (this.#copied > COPIED_WEIGHT) this.#problems.at(start, TOO_HEAVY);
    return weight;
  }

  /** The weight of a value that has to be plain. */
  #plain(node: AnyNode): number {
    const { plain, weight } = this.#value(node);
    if (!plain) this.#problems.at(node.start, NOT_PLAIN);
    return weight;
  }

  #grown(node: AnyNode, written: number, weights: readonly number[]): number {
    const weight = weights.reduce((sum, each) => sum + each, written);
    this.#copied += weight - written;
    if (this.#copied > COPIED_WEIGHT) this.#problems.at(node.start, TOO_HEAVY);
    return this.#whole(node, weight).weight;
  }

  #whole(node: AnyNode, weight: number): Value {
    if (weight > VALUE_WEIGHT) this.#problems.at(node.start, TOO_HEAVY);
    return { plain: false, weight };
  }

  #isFree(node: Expression | Super, name: string): boolean {
    return node.type === 'Identifier' && node.name === name && !this.#names.top.has(name);
  }
}

function notPlain({ weight }: Value): Value {
  return { plain: false, weight };
}

function either(one: Value, other: Value): Value {
  return { plain: one.plain && other.plain, weight: Math.max(one.weight, other.weight) };
}

function isNamed(node: AnyNode, name: string): boolean {
  return (
    (node.type === 'Identifier' && node.name === name) || (node.type === 'Literal' && node.value === name)
  );
}
