import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './product/product.ts';

test('a build that fails leaves nothing to be run, and nothing of the build before', () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  cpSync('scripts', at('scripts'), { recursive: true });
  cpSync('tsconfig.json', at('tsconfig.json'));
  cpSync('package.json', at('package.json'));
  symlinkSync(resolve('node_modules'), at('node_modules'));
  for (const name of ['dist', 'engine']) mkdirSync(at(name));
  writeFileSync(join(at('dist'), 'before.js'), '');
  writeFileSync(join(at('engine'), 'wrong.ts'), `export const wrong: number = 'text';\n`);
  const { status, stdout } = spawnSync(process.execPath, [at('scripts/build.js')], { encoding: 'utf8' });
  expect(status).not.toBe(0);
  expect(stdout).toContain('wrong.ts');
  expect(readdirSync(folder.path)).not.toContain('dist');
  folder.remove();
}, 60_000);
