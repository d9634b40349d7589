// Compiles everything to dist/ and copies the web client beside it.
// dist/ is emptied first: a file whose source is gone must not go on being run or tested.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const web = join(root, 'clients', 'web');

rmSync(join(root, 'dist'), { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
if (existsSync(web)) {
  cpSync(web, join(root, 'dist', 'clients', 'web'), {
    recursive: true,
    filter: (file) => !file.endsWith('tsconfig.json'),
  });
}
