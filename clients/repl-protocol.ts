import type { Outcome } from '../engine/console.ts';

/*
 * The conversation `repl` on the control socket, after `{"t":"repl"}` and its answer. One JSON object a line, both ways:
 *
 *   client  {"t":"entry","source":TEXT}     JavaScript, to be run as one turn
 *           {"t":"command","line":TEXT}     a line that begins with a point
 *           {"t":"complete","text":TEXT}    what could the end of this go on with?
 *   world   {"t":"outcome", ...Outcome}     of an entry or a command: what it did is on disk by then
 *           {"t":"names","names":[TEXT...],"begun":N}   N characters at the end are replaced
 *           {"t":"closing"}                 the world closes, and what was asked last has not been begun
 *
 * The client asks one thing at a time and waits for its answer. If none comes, because the world has died, what an
 * entry did is there whole, or not at all. Texts may come from the world: the client shows none before it has
 * taken out what could draw on a terminal (`terminal-text.ts`).
 */
export type ReplAsked =
  | { readonly t: 'entry'; readonly source: string }
  | { readonly t: 'command'; readonly line: string }
  | { readonly t: 'complete'; readonly text: string };

export type ReplAnswer =
  | ({ readonly t: 'outcome' } & Outcome)
  | { readonly t: 'names'; readonly names: readonly string[]; readonly begun: number }
  | { readonly t: 'closing' };

/** Undefined for a line that is nothing of the kind. */
export function asReplAsked(line: string): ReplAsked | undefined {
  const { t, source, line: typed, text } = fieldsOf(line);
  if (t === 'entry' && typeof source === 'string') return { t, source };
  if (t === 'command' && typeof typed === 'string') return { t, line: typed };
  if (t === 'complete' && typeof text === 'string') return { t, text };
  return undefined;
}

export function asReplAnswer(line: string): ReplAnswer | undefined {
  const fields = fieldsOf(line);
  const { t, ok, lines, value, code, text, excerpt, names, begun } = fields;
  if (t === 'closing') return { t };
  if (t === 'names' && areTexts(names) && typeof begun === 'number') return { t, names, begun };
  if (t !== 'outcome' || !areTexts(lines)) return undefined;
  if (ok === true && (typeof value === 'string' || value === null)) return { t, ok, lines, value };
  if (ok !== false || typeof code !== 'string' || typeof text !== 'string' || typeof excerpt !== 'string')
    return undefined;
  return {
    t,
    ok,
    lines,
    code,
    text,
    excerpt,
    line: numberOf(fields['line']),
    column: numberOf(fields['column']),
  };
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const alleged: unknown = JSON.parse(line);
    return typeof alleged === 'object' && alleged !== null ? (alleged as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function areTexts(alleged: unknown): alleged is readonly string[] {
  return Array.isArray(alleged) && alleged.every((each) => typeof each === 'string');
}

function numberOf(alleged: unknown): number | null {
  return typeof alleged === 'number' ? alleged : null;
}
