import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Source files of the product, as git knows them, also those that are not added yet. */
function sourceFiles(): readonly string[] {
  const folders = ['storage', 'wrappers', 'engine', 'world', 'clients'];
  const listed = execFileSync('git', [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...folders,
  ]);
  return listed
    .toString()
    .split('\n')
    .filter((file) => /\.(?:ts|js|html|css)$/.test(file));
}

const page = readFileSync('ARCHITECTURE.md', 'utf8');

test('ARCHITECTURE.md has a line for every source file', () => {
  const missing = sourceFiles().filter((file) => !page.includes(`| \`${file}\` |`));
  expect(missing).toEqual([]);
});

test('every file that ARCHITECTURE.md has a line for is there', () => {
  const named = [...page.matchAll(/^\| `([^`]+\.[a-z]+)` \|/gm)].map((match) => match[1] ?? '');
  const there = new Set(sourceFiles());
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((file) => !there.has(file))).toEqual([]);
});
