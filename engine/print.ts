import { printable } from '../wrappers/errors.ts';
import { parseSlot } from '../wrappers/names.ts';
import { slotOf } from '../wrappers/marshal.ts';

/** Lines of one printed record: enough to see what is wrong with it. */
const MOST_LINES = 400;
/** Characters of it: fewer than one result may have, or an entry of a console print. */
const MOST_CHARACTERS = 60_000;
const INDENT = '  ';
/** A name that cannot be mistaken for what stands beside it. */
const NAME = /^[\p{L}\p{N}_$][\p{L}\p{N}\p{M}_$ '.-]*$/u;

/**
 * A record as text for people: plain data that has crossed a wrapper, and capabilities as `<o17>`, without their tokens.
 * Nothing of the record is called or asked: it holds no code.
 */
export function printed(record: unknown): string {
  const lines: string[] = [];
  print(record, '', '', lines);
  const text = lines.slice(0, MOST_LINES).join('\n');
  if (text.length > MOST_CHARACTERS) return `${text.slice(0, MOST_CHARACTERS)}\n…`;
  return lines.length > MOST_LINES ? `${text}\n…` : text;
}

function print(value: unknown, before: string, indent: string, lines: string[]): void {
  if (lines.length > MOST_LINES) return;
  if (typeof value !== 'object' || value === null) {
    lines.push(`${indent}${before}${typeof value === 'string' ? quoted(value) : String(value)}`);
    return;
  }
  const object = capabilityText(value);
  if (object !== undefined) {
    lines.push(`${indent}${before}${object}`);
    return;
  }
  if (Array.isArray(value)) {
    lines.push(`${indent}${before}[${value.length}]`);
    for (const member of value) print(member, '- ', indent + INDENT, lines);
    return;
  }
  if (before !== '') lines.push(`${indent}${before.trimEnd()}`);
  const inner = before === '' ? indent : indent + INDENT;
  for (const [key, member] of Object.entries(value))
    print(member, `${NAME.test(key) ? key : quoted(key)}: `, inner, lines);
}

function quoted(text: string): string {
  return JSON.stringify(printable(text));
}

function capabilityText(value: object): string | undefined {
  try {
    return `<${parseSlot(slotOf(value))?.id}>`;
  } catch {
    return undefined; // no capability
  }
}
