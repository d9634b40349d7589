// Compiles everything to dist/, copies beside it what is not compiled, and makes one file of the world process.
// dist/ is emptied first: a file whose source is gone must not go on being run or tested.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorldProcess } from './bundle.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
/** Files that are not compiled: the page, and the sources of the classes that a new world begins with. */
const copied = [join('clients', 'web'), join('world', 'saved')];

rmSync(join(root, 'dist'), { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
for (const folder of copied) {
  if (!existsSync(join(root, folder))) continue;
  cpSync(join(root, folder), join(root, 'dist', folder), {
    recursive: true,
    filter: (file) => !file.endsWith('tsconfig.json'),
  });
}
await bundleWorldProcess(join(root, 'dist'));
