// Compiles everything to dist/, copies beside it what is not compiled, and makes one file of the world process,
// compiled as far as a start needs it.
// The new dist/ takes the place of the old one when all of it is made: half of it can seem whole, and a world that runs loads
// a file of it now and then. Nothing of the old one stays, also where the sources do not compile: what they have no more must not
// go on being run or tested.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorldProcess } from './bundle.js';
import { compileWorldProcess } from './compile.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
/** Files that are not compiled: the page, and the sources of the classes that a new world begins with. */
const copied = [join('clients', 'web'), join('world', 'saved')];

const dist = join(root, 'dist');
/** Beside it, so that the source maps in it lead to the sources from there too. */
const unfinished = join(root, '.dist-unfinished');

remove(unfinished);
const options = ['-p', join(root, 'tsconfig.json'), '--outDir', unfinished];
const compiled = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
if (compiled.status !== 0) {
  remove(dist);
  process.exit(compiled.status ?? 1);
}
for (const folder of copied) {
  if (!existsSync(join(root, folder))) continue;
  cpSync(join(root, folder), join(unfinished, folder), {
    recursive: true,
    filter: (file) => !file.endsWith('tsconfig.json'),
  });
}
await bundleWorldProcess(unfinished);
await compileWorldProcess(unfinished);
remove(dist);
renameSync(unfinished, dist);

function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
}
