import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReplHistory } from '../../clients/repl-history.ts';
import { endAll, freshFolder } from './harness.ts';

afterEach(endAll);

test('what was typed last is kept, however many lines are pasted at once', async () => {
  const folder = freshFolder();
  const history = new ReplHistory(folder);
  const long = 'x'.repeat(100_000);
  // Of two that are written at the same time the longer one would stand out behind the other.
  await Promise.all([history.write([long, 'one']), history.write(['three', 'two']), history.write(['four'])]);
  expect(readFileSync(join(folder, 'repl-history'), 'utf8')).toBe('four\n');
  await history.write(['five', 'four']);
  expect(await new ReplHistory(folder).read()).toEqual(['five', 'four']);
});

test('a history that cannot be written does not keep later ones from being written', async () => {
  const folder = join(freshFolder(), 'missing');
  const history = new ReplHistory(folder);
  await history.write(['one']);
  await history.write(['two']);
  expect(await history.read()).toEqual([]);
});
