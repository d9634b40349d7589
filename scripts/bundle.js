// Puts the program of the world process into one file: it has nearly 400 modules, and to load them one by one takes as long as all
// else that its start needs. In the place of its first module comes what runs that file (clients/compiled-program.ts). A module keeps
// its own address, so that files beside it are found. No source map: Node would read it at the start, and this one takes 27 MB. A
// comment before the code of each module names it.

import { parse } from 'acorn';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

/** With SES and all that has to come after it: what stays outside is loaded before the first line inside. */
const INSIDE = /^(?:[./]|@endo\/|ses$|acorn$)/;

/** @param {string} dist the folder of compiled modules */
export async function bundleWorldProcess(dist) {
  const first = join(dist, 'clients', 'world-process.js');
  const file = join(dist, 'clients', 'world-process.cjs');
  const built = await rolldown({
    input: first,
    cwd: dist,
    platform: 'node',
    // Nothing is left out: else the comment that names a module goes with its first line.
    treeshake: false,
    optimization: { inlineConst: false },
    external: (id) => !INSIDE.test(id),
    plugins: [asTheyAre(dist, dirname(file))],
  });
  await built.write({ file, format: 'cjs', codeSplitting: false });
  await built.close();
  writeFileSync(
    first,
    `import { startProgram } from './compiled-program.js';
startProgram(new URL('./world-process.cjs', import.meta.url));
`,
  );
  rmSync(`${first}.map`);
}

/** `import.meta.url` in a module goes on being the module's, wherever its code stands, and a built-in class keeps its text. */
function asTheyAre(dist, folder) {
  return {
    name: 'as they are',
    load(id) {
      if (!id.startsWith(dist + sep)) return null;
      const code = readFileSync(id, 'utf8');
      const address = `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url).href`;
      return code.replaceAll('import.meta.url', address) + textsOf(code, id, dist);
    },
  };
}

/** What tells engine/class-text.ts of each class in a module that objects may be of. */
function textsOf(code, id, dist) {
  const inWorld = id.startsWith(join(dist, 'world') + sep);
  if (!inWorld && !id.startsWith(join(dist, 'engine') + sep)) return '';
  const classes = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
    .body.map(({ declaration }) => declaration)
    .filter((declared) => declared?.type === 'ClassDeclaration')
    .map(({ id: { name }, start, end }) => [name, code.slice(start, end)])
    .filter(([, text]) => inWorld || text.includes('static facets'));
  if (classes.length === 0) return '';
  const kept = classes.map(([name, text]) => `keepText(${name}, ${JSON.stringify(text)});\n`);
  return `\nimport { keepText } from ${JSON.stringify(join(dist, 'engine', 'class-text.js'))};\n${kept.join('')}`;
}
