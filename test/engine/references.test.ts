import { destroy } from '../../engine/authoring.ts';
import { FORMAT_KEY } from '../../storage/keys.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, openPuppets, play, type Doll } from './puppet.ts';
import { wrongReferences } from './reference-index.ts';

const OLD = '{"format":"keystead","version":1,"vat":""}';
const NOW = '{"format":"keystead","version":3,"vat":""}';

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
  await play(f, (self) => {
    (self.state['b'] as Doll).act(dying);
    return null;
  });
  await f.settle();
  const b = referencesOf(f.journal).filter((key) => key.endsWith('/o/o8'));
  expect(b).toEqual([]);
  await f.close();
});

test('a world of format 1 is given the index when it is opened, and is of the newest from then on', async () => {
  const f = await pair();
  await f.world.close();
  const now = f.journal.contents();
  const without = new Map(now.filter(([key]) => !key.startsWith('ref/')));
  without.set(FORMAT_KEY, OLD);
  const again = await openPuppets({ journal: new MemoryJournal(without) });
  expect(again.journal.get(FORMAT_KEY)).toBe(NOW);
  expect(wrongReferences(again.journal.contents())).toEqual([]);
  expect(again.powers.events).toContainEqual({ what: 'migrated', from: 1, to: 3 });
  await again.close();
});

test('killed in the middle of that, a world is given the whole index the next time', async () => {
  const f = await pair();
  await f.world.close();
  const entries = new Map(f.journal.contents());
  const some = [...entries.keys()].filter((key) => key.startsWith('ref/'));
  for (const key of some.slice(1)) entries.delete(key);
  entries.set(FORMAT_KEY, OLD);
  const again = await openPuppets({ journal: new MemoryJournal(entries) });
  expect(referencesOf(again.journal)).toEqual(some);
  await again.close();
});
