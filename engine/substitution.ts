import { textOf } from './bounds.ts';

/** A match whose place in a replacement is to be filled in. */
export interface Match {
  readonly matched: string;
  readonly text: string;
  readonly position: number;
  readonly captures: readonly (string | undefined)[];
  readonly groups: Readonly<Record<string, unknown>> | undefined;
}

const ZERO = 48;

/** The text that `$&`, `$1`, `$<name>` and the like make of a replacement, as the language says (GetSubstitution). */
export function substitute(template: string, match: Match): string {
  let done = '';
  let from = 0;
  for (;;) {
    const at = template.indexOf('$', from);
    if (at === -1) return done + template.slice(from);
    done += template.slice(from, at);
    const [text, length] = reference(template, at, match);
    done += text;
    from = at + length;
  }
}

/** What stands for the reference that begins at the dollar, and how long that is; for none, the dollar itself. */
function reference(template: string, at: number, match: Match): readonly [string, number] {
  const { matched, text, position, captures, groups } = match;
  switch (template.charAt(at + 1)) {
    case '$':
      return ['$', 2];
    case '&':
      return [matched, 2];
    case '`':
      return [text.slice(0, position), 2];
    case "'":
      return [text.slice(position + matched.length), 2];
    case '<': {
      const end = template.indexOf('>', at);
      if (groups === undefined || end === -1) return ['$', 1];
      const capture = groups[template.slice(at + 2, end)];
      return [capture === undefined ? '' : textOf(capture), end + 1 - at];
    }
    default: {
      const [one, two] = [digit(template, at + 1), digit(template, at + 2)];
      const both = two === -1 ? -1 : one * 10 + two;
      if (one === -1) return ['$', 1];
      if (both >= 1 && both <= captures.length) return [captures[both - 1] ?? '', 3];
      if (one >= 1 && one <= captures.length) return [captures[one - 1] ?? '', 2];
      return ['$', 1];
    }
  }
}

/** -1 if there is none. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : -1;
}
