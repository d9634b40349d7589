// Puts the program of the world process into one file, in the place of its first module: it has 450 of them, and to load them
// one by one takes as long as all else that its start needs. A module keeps its own address, so that files beside it are found.
// No source map: Node would read it at the start, and this one takes 27 MB. `#region` says which module a line is of.

import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

/** With SES and all that has to come after it: what stays outside is loaded before the first line inside. */
const INSIDE = /^(?:[./]|@endo\/|ses$|acorn$)/;

/** @param {string} dist the folder of compiled modules */
export async function bundleWorldProcess(dist) {
  const file = join(dist, 'clients', 'world-process.js');
  const built = await rolldown({
    input: file,
    platform: 'node',
    external: (id) => !INSIDE.test(id),
    plugins: [withOwnAddresses(dist, dirname(file))],
  });
  await built.write({ file, format: 'esm', codeSplitting: false });
  await built.close();
  rmSync(`${file}.map`);
}

/** `import.meta.url` in a module goes on being the module's, wherever its code stands. */
function withOwnAddresses(dist, folder) {
  return {
    name: 'own addresses',
    load(id) {
      if (!id.startsWith(dist + sep)) return null;
      const address = `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url).href`;
      return readFileSync(id, 'utf8').replaceAll('import.meta.url', address);
    },
  };
}
