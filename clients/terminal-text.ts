/**
 * A text as it may be written to a terminal: what cannot be seen, moves the cursor, turns a line around or is half a
 * character stands there as `\u{1b}`. Line ends and tabs stay.
 */
export function terminalText(text: string): string {
  return text.replace(
    /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same on one line, each of these characters as JSON escapes it: what was JSON says the same. */
export function escapedText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
