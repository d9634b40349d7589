import { textOf } from './bounds.ts';

/** A match, as `exec` gives it: what was found, and its captures. */
export interface Match extends ArrayLike<string | undefined> {
  readonly index: number;
  readonly groups?: Readonly<Record<string, unknown>> | undefined;
}

const ZERO = 48;

/** The text that `$&`, `$1`, `$<name>` and the like make of a replacement, as the language says (GetSubstitution). */
export function substitute(template: string, match: Match, text: string): string {
  let done = '';
  let from = 0;
  for (;;) {
    const at = template.indexOf('$', from);
    if (at === -1) return done + template.slice(from);
    done += template.slice(from, at);
    const [instead, length] = reference(template, at, match, text);
    done += instead;
    from = at + length;
  }
}

/** What stands for the reference that begins at the dollar, and how long that is; for none, the dollar itself. */
function reference(template: string, at: number, match: Match, text: string): readonly [string, number] {
  const { index, groups } = match;
  const matched = match[0] ?? '';
  switch (template.charAt(at + 1)) {
    case '$':
      return ['$', 2];
    case '&':
      return [matched, 2];
    case '`':
      return [text.slice(0, index), 2];
    case "'":
      return [text.slice(index + matched.length), 2];
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
      if (both >= 1 && both < match.length) return [match[both] ?? '', 3];
      if (one >= 1 && one < match.length) return [match[one] ?? '', 2];
      return ['$', 1];
    }
  }
}

/** -1 if there is none. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : -1;
}
