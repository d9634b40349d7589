/** Code as text that is safe to show: what would not be seen, or would turn a line around, is written as an escape. */
export function visible(source: string): string {
  return source
    .replaceAll('\t', '  ')
    .replace(UNSEEN, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}

const UNSEEN = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu;

/** The same with the number of each line, counted from `first`. */
export function numbered(lines: readonly string[], first = 1): string {
  const width = String(first + lines.length - 1).length;
  return lines.map((line, at) => `${String(first + at).padStart(width)}  ${visible(line)}`).join('\n');
}

/** A text in pieces of whole lines, each short enough to be put out at once. */
export function pieces(text: string, length = 3_900): readonly string[] {
  if (text.length <= length) return [text];
  const found: string[] = [];
  let piece: string | undefined;
  for (const line of text.split('\n').flatMap((each) => cut(each, length))) {
    if (piece !== undefined && piece.length + 1 + line.length <= length) {
      piece += `\n${line}`;
      continue;
    }
    if (piece !== undefined) found.push(piece);
    piece = line;
  }
  return [...found, piece ?? ''];
}

function cut(line: string, length: number): readonly string[] {
  if (line.length <= length) return [line];
  return Array.from({ length: Math.ceil(line.length / length) }, (_, at) =>
    line.slice(at * length, (at + 1) * length),
  );
}
