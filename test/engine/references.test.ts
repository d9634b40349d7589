import { objectKey, referenceKey } from '../../storage/keys.ts';
import { destroy } from '../../engine/authoring.ts';
import type { MemoryJournal } from './memory-journal.ts';
import { act, openPuppets, play, type Doll } from './puppet.ts';

/** Two puppets that hold each other. */
async function pair() {
  const f = await openPuppets({});
  await play(f, (self) => {
    for (const name of ['a', 'b']) self.state[name] = self.make({});
    (self.state['a'] as Doll).set('other', self.state['b']);
    (self.state['b'] as Doll).set('other', self.state['a']);
    return null;
  });
  await f.settle();
  return f;
}

const referencesOf = (journal: MemoryJournal): string[] =>
  journal.contents().flatMap(([key]) => (key.startsWith('ref/') ? [key] : []));

test('what an object comes to hold is in the index with the commit, and leaves it when it lets go', async () => {
  const f = await pair();
  const before = referencesOf(f.journal);
  expect(before.length).toBeGreaterThan(3);
  await play(f, (self) => {
    (self.state['a'] as Doll).set('other', null);
    return null;
  });
  await f.settle();
  expect(referencesOf(f.journal)).toHaveLength(before.length - 1);
  await f.close();
});

test('a turn that fails leaves the index as it was', async () => {
  const f = await pair();
  const before = referencesOf(f.journal);
  await expect(
    play(f, (self) => {
      (self.state['a'] as Doll).set('other', null);
      throw new Error('no');
    }),
  ).rejects.toThrow();
  await f.settle();
  expect(referencesOf(f.journal)).toEqual(before);
  await f.close();
});

test('an object that is destroyed holds nothing; whoever holds it still does', async () => {
  const f = await pair();
  const dying = act((self) => destroy(self), 'references die');
  const [a, b] = ['o5', 'o6'];
  const around = (): readonly string[] => referencesOf(f.journal).filter((key) => key.includes(b));
  const held = [referenceKey(b, objectKey('o4')), referenceKey(b, objectKey(a))];
  expect(around()).toEqual([referenceKey('o1', objectKey(b)), referenceKey(a, objectKey(b)), ...held]);
  await play(f, (self) => {
    (self.state['b'] as Doll).act(dying);
    return null;
  });
  await f.settle();
  expect(around()).toEqual(held);
  await f.close();
});
