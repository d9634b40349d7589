import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program of the world process: one file, in which a comment stands before the code of each module (`scripts/bundle.js`). */
export const BUNDLE = '/clients/world-process.cjs';

const COMMENT = /^\/\/ (\S+\.js)$/;

/**
 * Gives the module whose code stands in a line of the bundle, lines counted from 0, as `/engine/turn.js`; `''` before
 * the first.
 */
export function bundleModules(): (line: number) => string {
  const text = readFileSync(fileURLToPath(new URL(`../..${BUNDLE}`, import.meta.url)), 'utf8');
  let module = '';
  const modules = text.split('\n').map((line) => {
    const found = COMMENT.exec(line)?.[1];
    if (found !== undefined) module = `/${found}`;
    return module;
  });
  return (line) => modules[line] ?? '';
}
