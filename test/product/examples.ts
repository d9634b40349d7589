import { readFileSync } from 'node:fs';

/** The fenced blocks of one kind in a page, with the line in which each begins, counted from 1. */
export function blocksOf(
  page: string,
  kind: string,
): readonly { readonly line: number; readonly text: string }[] {
  const blocks: { line: number; text: string }[] = [];
  let begun: { line: number; text: string[] } | undefined;
  for (const [at, line] of readFileSync(page, 'utf8').split('\n').entries()) {
    if (begun === undefined && line === `\`\`\`${kind}`) begun = { line: at + 2, text: [] };
    else if (begun !== undefined && line === '```') {
      blocks.push({ line: begun.line, text: begun.text.join('\n') });
      begun = undefined;
    } else begun?.text.push(line);
  }
  return blocks;
}

/** All transcripts of a page as one, each line where it stands in the page, so that an error names the page's line. */
export function transcriptOf(page: string): string {
  const lines: string[] = [];
  for (const { line, text } of blocksOf(page, 'moot')) {
    while (lines.length < line - 1) lines.push('');
    lines.push(...text.split('\n'));
  }
  return lines.join('\n');
}
