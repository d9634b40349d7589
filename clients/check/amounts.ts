import type { WorldLimits } from '../../engine/limits.ts';

/**
 * What of a body is more than may cross a wrapper, in words; undefined if all of it may. `tree` is smallcaps: texts stand with
 * a "!" before them where they begin like something special, and what is special has no characters, but for the digits of bigints.
 */
export function excessOf(
  tree: unknown,
  { depth, values, characters }: WorldLimits['record'],
): string | undefined {
  let counted = 0;
  let length = 0;
  let deepest = 0;
  const visit = (value: unknown, at: number): void => {
    if (typeof value === 'string') length += lengthOf(value);
    if (typeof value !== 'object' || value === null) return;
    deepest = Math.max(deepest, at);
    const names = Array.isArray(value) ? [] : Object.keys(value);
    for (const name of names) length += lengthOf(name);
    for (const member of Object.values(value)) {
      counted += 1;
      visit(member, at + 1);
    }
  };
  visit(tree, 1);
  if (deepest > depth) return `is nested ${deepest} deep, and may be ${depth}`;
  if (counted > values) return `has ${counted} values, and may have ${values}`;
  if (length > characters) return `has ${length} characters, and may have ${characters}`;
  return undefined;
}

function lengthOf(text: string): number {
  const first = text.charCodeAt(0);
  if (!(first >= 33 && first <= 45)) return text.length;
  // A text that begins with such a character has a "!" before it, a bigint its sign.
  return first === 33 || first === 43 || first === 45 ? text.length - 1 : 0;
}
