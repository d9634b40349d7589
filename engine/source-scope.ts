import type { AnyNode, ArrowFunctionExpression, Function as FunctionNode, Pattern, Program } from 'acorn';
import { parts } from './source-tree.ts';

/** An assignment to a name that no function or block declares. */
interface OuterWrite {
  readonly name: string;
  readonly at: number;
}

/** What the names in a source refer to. */
export interface Names {
  /** Names that are used or assigned to and declared nowhere, each with the offset of its first use. */
  readonly free: ReadonlyMap<string, number>;
  /** Names that are declared outside of all functions, blocks and classes, each with the offset where. */
  readonly top: ReadonlyMap<string, number>;
  /** Assignments to names of either kind. */
  readonly writes: readonly OuterWrite[];
}

interface Scope {
  readonly parent: Scope | null;
  readonly names: Map<string, number>;
  /** Whether `var` stops here. */
  readonly holdsVars: boolean;
}

interface Use {
  readonly name: string;
  readonly at: number;
  readonly scope: Scope;
  readonly writes: boolean;
}

/**
 * Resolves every name of a strict program by the language's own rules. There is nothing here that could bind a name
 * while it runs: strict code has no `with`, and no `eval` that sees its scope is reachable.
 */
export function namesOf(program: Program): Names {
  const walk = new ScopeWalk();
  walk.all(program.body, walk.top);
  const free = new Map<string, number>();
  const writes: OuterWrite[] = [];
  // Only now: a name may be declared after it is used.
  for (const { name, at, scope, writes: writing } of walk.uses) {
    let holder: Scope | null = scope;
    while (holder !== null && !holder.names.has(name)) holder = holder.parent;
    if (holder === null) free.set(name, Math.min(at, free.get(name) ?? at));
    if (writing && (holder === null || holder === walk.top)) writes.push({ name, at });
  }
  return { free, top: walk.top.names, writes };
}

function inside(parent: Scope | null, holdsVars = false): Scope {
  return { parent, names: new Map(), holdsVars };
}

/** Names that a pattern may be made of: those that it declares, or those that it assigns to. */
type OnName = (name: string, at: number) => void;

function declaring(scope: Scope): OnName {
  return (name, at) => scope.names.set(name, at);
}

class ScopeWalk {
  readonly top = inside(null, true);
  readonly uses: Use[] = [];

  all(nodes: readonly AnyNode[], scope: Scope): void {
    for (const node of nodes) this.node(node, scope);
  }

  node(node: AnyNode, scope: Scope): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are what is inside of them
    switch (node.type) {
      case 'Identifier':
        this.uses.push({ name: node.name, at: node.start, scope, writes: false });
        return;
      case 'FunctionDeclaration':
        if (node.id !== null) scope.names.set(node.id.name, node.id.start);
        this.#function(node, scope);
        return;
      case 'FunctionExpression':
        this.#function(node, node.id ? this.#named(node.id.name, scope) : scope);
        return;
      case 'ArrowFunctionExpression':
        this.#function(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression': {
        if (node.type === 'ClassDeclaration' && node.id !== null) {
          scope.names.set(node.id.name, node.id.start);
        }
        const within = node.type === 'ClassExpression' && node.id ? this.#named(node.id.name, scope) : scope;
        if (node.superClass) this.node(node.superClass, within);
        this.node(node.body, within);
        return;
      }
      case 'VariableDeclaration': {
        const target = node.kind === 'var' ? varScope(scope) : scope;
        for (const { id, init } of node.declarations) {
          this.#pattern(id, scope, declaring(target));
          if (init) this.node(init, scope);
        }
        return;
      }
      case 'AssignmentExpression':
        this.#assigned(node.left, scope);
        this.node(node.right, scope);
        return;
      case 'UpdateExpression':
        this.#assigned(node.argument as Pattern, scope);
        return;
      case 'ForInStatement':
      case 'ForOfStatement': {
        const loop = inside(scope);
        if (node.left.type === 'VariableDeclaration') this.node(node.left, loop);
        else this.#assigned(node.left, loop);
        this.node(node.right, loop);
        this.node(node.body, loop);
        return;
      }
      case 'CatchClause': {
        const within = inside(scope);
        if (node.param) this.#pattern(node.param, within, declaring(within));
        this.node(node.body, within);
        return;
      }
      case 'SwitchStatement':
        this.node(node.discriminant, scope);
        this.all(node.cases, inside(scope));
        return;
      case 'BlockStatement':
      case 'ForStatement':
        this.all(parts(node) ?? [], inside(scope));
        return;
      case 'StaticBlock':
        this.all(node.body, inside(scope, true));
        return;
      default:
        this.all(parts(node) ?? [], scope);
    }
  }

  /** The scope of a function's or class's own name, which only its inside sees. */
  #named(name: string, scope: Scope): Scope {
    const within = inside(scope);
    within.names.set(name, 0);
    return within;
  }

  #function(node: FunctionNode | ArrowFunctionExpression, scope: Scope): void {
    // Two scopes: what the body declares is not seen by the parameters' defaults.
    const params = inside(scope, true);
    if ((node as AnyNode).type !== 'ArrowFunctionExpression') params.names.set('arguments', 0);
    for (const param of node.params) this.#pattern(param, params, declaring(params));
    if (node.body.type === 'BlockStatement') this.all(node.body.body, inside(params, true));
    else this.node(node.body, params);
  }

  #assigned(pattern: Pattern, scope: Scope): void {
    this.#pattern(pattern, scope, (name, at) => this.uses.push({ name, at, scope, writes: true }));
  }

  /** Defaults and computed keys inside of a pattern are ordinary uses. */
  #pattern(pattern: Pattern, scope: Scope, onName: OnName): void {
    switch (pattern.type) {
      case 'Identifier':
        onName(pattern.name, pattern.start);
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') {
            this.#pattern(property.argument, scope, onName);
            continue;
          }
          if (property.computed) this.node(property.key, scope);
          this.#pattern(property.value, scope, onName);
        }
        return;
      case 'ArrayPattern':
        for (const element of pattern.elements) {
          if (element !== null) this.#pattern(element, scope, onName);
        }
        return;
      case 'AssignmentPattern':
        this.#pattern(pattern.left, scope, onName);
        this.node(pattern.right, scope);
        return;
      case 'RestElement':
        this.#pattern(pattern.argument, scope, onName);
        return;
      case 'MemberExpression':
        this.node(pattern, scope);
    }
  }
}

function varScope(scope: Scope): Scope {
  let holder = scope;
  while (!holder.holdsVars && holder.parent !== null) holder = holder.parent;
  return holder;
}
