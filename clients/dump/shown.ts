import { escapedText } from '../terminal-text.ts';

/**
 * What a dump shows: plain data, and here and there something with a form of its own. There are no tokens in it. It is
 * written as text for people or as JSON, with the same content.
 */
export type Shown =
  string | number | boolean | null | readonly Shown[] | Special | { readonly [name: string]: Shown };

/** Something with a form of its own. `text` is safe to print, and may have several lines. */
export class Special {
  readonly text: string;
  readonly json: unknown;

  constructor(text: string, json: unknown) {
    this.text = text;
    this.json = json;
  }
}

/** One key of the store, or one answer to a question. */
export interface Stanza {
  /** The first line, safe to print. */
  readonly title: string;
  /** What it is, as a word: for a key its kind. */
  readonly kind: string;
  /** The key that it stands at, if it is that of one key. */
  readonly key?: string;
  readonly fields: { readonly [name: string]: Shown };
  /** The first line says all that is in the fields, which are for JSON only then. */
  readonly brief?: boolean;
}

/** A value as JSON on one line that is safe to print. */
export function safeJson(value: unknown): string {
  return escapedText(JSON.stringify(value));
}

/** A line of somebody's text as it is, safe to print. */
export function safeLine(text: string): string {
  return escapedText(text.replaceAll('\t', '  '));
}

/** A name as it is when it is one, in quotes when it could be mistaken for something else. */
export function safeName(name: unknown): string {
  const isName = typeof name === 'string' && /^[\p{L}\p{N}_$][\p{L}\p{N}\p{M}_$ '.-]*$/u.test(name);
  return isName ? name : safeJson(name ?? null);
}

/** A stanza as one line of JSON. */
export function stanzaJson({ kind, key, fields }: Stanza): string {
  return safeJson({ kind, ...(key === undefined ? {} : { key }), ...(plain(fields) as object) });
}

/** A stanza as lines of text. */
export function stanzaText({ title, fields, brief = false }: Stanza): string {
  if (brief) return title;
  const lines = [title];
  for (const [name, value] of Object.entries(fields)) put(`${safeName(name)}: `, value, INDENT, lines);
  return lines.join('\n');
}

const INDENT = '  ';

/** Deeper than anything that can be stored; what is nested further is no data of ours. */
export const DEEPEST = 200;

function plain(shown: Shown): unknown {
  if (shown instanceof Special) return shown.json;
  if (typeof shown !== 'object' || shown === null) return shown;
  if (isList(shown)) return shown.map(plain);
  // A name like "__proto__" is a name like any other here.
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, plain(value)]));
}

function isList(shown: object): shown is readonly Shown[] {
  return Array.isArray(shown);
}

function put(head: string, shown: Shown, indent: string, lines: string[]): void {
  const short = inLine(shown);
  if (short !== undefined) {
    lines.push(`${indent}${head}${short}`);
    return;
  }
  const inner = indent + INDENT;
  if (shown instanceof Special) {
    lines.push(`${indent}${head.trimEnd()}`);
    for (const line of shown.text.split('\n')) lines.push(`${inner}${line}`);
  } else if (typeof shown === 'object' && shown !== null) {
    lines.push(`${indent}${head.trimEnd()}`);
    if (isList(shown)) for (const member of shown) putMember(member, inner, lines);
    else for (const [name, value] of Object.entries(shown)) put(`${safeName(name)}: `, value, inner, lines);
  }
}

/** A member of a list: its first line stands behind a dash. */
function putMember(member: Shown, indent: string, lines: string[]): void {
  const fields =
    typeof member !== 'object' || member === null || isList(member) || member instanceof Special
      ? []
      : Object.entries(member);
  if (fields.length === 0) {
    put('- ', member, indent, lines);
    return;
  }
  const first = lines.length;
  for (const [name, value] of fields) put(`${safeName(name)}: `, value, indent + INDENT, lines);
  lines[first] = `${indent}- ${lines[first]?.slice(indent.length + INDENT.length)}`;
}

/** The text of what fits into a line, which is all but lists and records with something in them. */
function inLine(shown: Shown): string | undefined {
  if (shown instanceof Special) return shown.text.includes('\n') ? undefined : shown.text;
  if (typeof shown !== 'object' || shown === null) return safeJson(shown);
  if (isList(shown)) return shown.length === 0 ? '[]' : undefined;
  return Object.keys(shown).length === 0 ? '{}' : undefined;
}
