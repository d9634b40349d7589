import { checkSource } from '../../engine/source-check.ts';
import { SourceError, type Problem } from '../../engine/source-problem.ts';

/** A source with something before the class and something inside of it. */
export function dog(inside: string, before = ''): string {
  return `${before}class Dog extends Thing { ${inside} }`;
}

export function method(body: string): string {
  return dog(`bark(a, b) { ${body} }`);
}

export function problems(source: string, name = 'Dog'): readonly Problem[] {
  try {
    checkSource(name, source);
    return [];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return error.problems;
  }
}

/** What is said first, or 'none'. */
export function said(source: string): string {
  return problems(source)[0]?.what ?? 'none';
}

export const top = (statement: string): string => dog('', `${statement}\n`);
export const field = (initialiser: string): string => dog(`static field = ${initialiser};`);

/** Refused with these words, and the like of it that is not refused. */
export type Case = readonly [what: string, refused: string, words: RegExp, allowed: string];

/** Each is refused where it stands, and the like of it is not. */
export function refuses(where: string, cases: readonly Case[]): void {
  describe(`refused ${where}`, () => {
    test.each(cases)('%s', (_what, refused, words) => {
      expect(said(refused)).toMatch(words);
    });
  });

  describe(`the like of it is allowed ${where}`, () => {
    test.each(cases)('instead of %s', (_what, _refused, _words, allowed) => {
      expect(said(allowed)).toBe('none');
    });
  });
}
