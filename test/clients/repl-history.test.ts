import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReplHistory } from '../../clients/repl-history.ts';
import { endAll, freshFolder } from './harness.ts';

afterEach(endAll);

test('what was typed is kept, newest first and once each, however many lines are pasted at once', async () => {
  const folder = freshFolder();
  const history = new ReplHistory(folder);
  const long = 'x'.repeat(100_000);
  // Of two that are written at the same time the longer one would stand out behind the other.
  await Promise.all(['one', long, 'two', 'one'].map((line) => history.add(line)));
  expect(readFileSync(join(folder, 'repl-history'), 'utf8')).toBe(`one\ntwo\n${long}\n`);
  await history.add('two');
  expect(await new ReplHistory(folder).read()).toEqual(['two', 'one', long]);
});

test('two consoles of one world keep what is typed at both', async () => {
  const folder = freshFolder();
  const [here, there] = [new ReplHistory(folder), new ReplHistory(folder)];
  await here.add('one');
  await there.add('two');
  await here.add('three');
  expect(await there.read()).toEqual(['three', 'two', 'one']);
});

test('a history that cannot be written does not keep later ones from being written', async () => {
  const folder = join(freshFolder(), 'missing');
  const history = new ReplHistory(folder);
  await history.add('one');
  await history.add('two');
  expect(await history.read()).toEqual([]);
});
