import { basename, resolve } from 'node:path';
import { besideWorld } from '../../clients/cli/restore-command.ts';

test.each([
  ['data', 'data-from-3'],
  ['worlds/data/', 'worlds/data-from-3'],
  ['/worlds/data//', '/worlds/data-from-3'],
  ['.', `../${basename(process.cwd())}-from-3`],
  ['..', `../../${basename(resolve('..'))}-from-3`],
])('a world of a checkpoint is made beside the one in "%s", not inside of it', (data, into) => {
  expect(besideWorld(data, 3)).toBe(into);
});
