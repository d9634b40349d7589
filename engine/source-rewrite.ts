import type { AnyNode, ForStatement, Program } from 'acorn';
import { takenApart } from './source-dialect.ts';
import { parts } from './source-tree.ts';

/**
 * The name of the function that looks at what is to be taken apart into its properties by `...`: V8 does that in one
 * step, however many there are. No source may contain it.
 */
export const ADMIT = 'own$';

/**
 * The name of a function that gives what it is given. V8 looks whether it should stop wherever a function is called, but
 * not each time that a loop comes around: where the steps of a loop are long, a minute may pass in between.
 */
export const PAUSE = 'go$';

const LOOPS: ReadonlySet<string> = new Set([
  'DoWhileStatement',
  'ForOfStatement',
  'ForStatement',
  'WhileStatement',
]);

/** A text that is put in at an offset. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** A checked source as it is compiled: the same lines, with calls put around some expressions. */
export interface Rewritten {
  readonly text: string;
  /** The offset in the source of what stands at an offset of the text. */
  readonly back: (offset: number) => number;
}

/**
 * Puts calls around all that is spread or whose rest is taken, and one into each loop; and `more`, which come last where
 * several stand at one offset.
 */
export function rewritten(source: string, program: Program, more: readonly Insertion[] = []): Rewritten {
  const insertions: Insertion[] = [];
  for (const node of program.body) gather(node, insertions);
  insertions.push(...more);
  insertions.sort((one, other) => one.at - other.at);
  let text = '';
  let from = 0;
  for (const each of insertions) {
    text += source.slice(from, each.at) + each.text;
    from = each.at;
  }
  return { text: text + source.slice(from), back: (offset) => original(insertions, offset) };
}

function gather(node: AnyNode, insertions: Insertion[]): void {
  if (node.type === 'ObjectExpression') {
    for (const each of node.properties) {
      if (each.type === 'SpreadElement') wrap(ADMIT, each.argument, insertions);
    }
  } else if (node.type === 'ArrayExpression') {
    for (const each of node.elements) {
      if (each?.type === 'SpreadElement') wrap(PAUSE, each.argument, insertions);
    }
  } else if (node.type === 'CallExpression' || node.type === 'NewExpression') {
    for (const each of node.arguments) {
      if (each.type === 'SpreadElement') wrap(PAUSE, each.argument, insertions);
    }
  } else if (LOOPS.has(node.type)) {
    const { body } = node as ForStatement;
    const at = body.type === 'BlockStatement' ? body.start + 1 : body.start;
    if (at === body.start) insertions.push({ at, text: '{' });
    insertions.push({ at, text: `${PAUSE}();` });
  } else if (node.type === 'VariableDeclarator' || node.type === 'AssignmentExpression') {
    const taken = takenApart(node);
    if (taken !== null) wrap(ADMIT, taken.value, insertions);
  }
  for (const part of parts(node) ?? []) gather(part, insertions);
  if (!LOOPS.has(node.type)) return;
  // Behind what was put around a part of the body that ends with it.
  const { body } = node as ForStatement;
  if (body.type !== 'BlockStatement') insertions.push({ at: body.end, text: '}' });
}

/** Two brackets: what stood in a pair of its own may have commas in it. */
function wrap(name: string, { start, end }: AnyNode, insertions: Insertion[]): void {
  insertions.push({ at: start, text: `${name}((` }, { at: end, text: '))' });
}

function original(insertions: readonly Insertion[], offset: number): number {
  let put = 0;
  for (const { at, text } of insertions) {
    if (at + put >= offset) break;
    put = Math.min(put + text.length, offset - at);
  }
  return offset - put;
}
