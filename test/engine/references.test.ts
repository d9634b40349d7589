import fc from 'fast-check';
import { entryKey, objectKey, referenceKey } from '../../storage/keys.ts';
import { destroy } from '../../engine/authoring.ts';
import { indexKeys, referencesChanged } from '../../engine/references.ts';
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

const place = objectKey('o1');

test('of what a value refers to, what comes is written and what goes is taken out, and nothing that stays', () => {
  const targets = fc
    .array(fc.nat({ max: 60 }), { maxLength: 40, size: 'max' })
    .map((list) => list.map((at) => `o${at + 1}`));
  fc.assert(
    fc.property(targets, targets, targets, targets, (begin, before, after, end) => {
      const [old, now] = [before, after].map((middle) => [...begin, ...middle, ...end]) as [
        string[],
        string[],
      ];
      const written = new Map<string, string | null>();
      const given = referencesChanged(place, old, now, (key, value) => void written.set(key, value));
      expect(given).toBe(old.join() === now.join() ? old : now);
      const expected = new Map<string, string | null>();
      for (const id of now) if (!old.includes(id)) expected.set(referenceKey(id, place), '');
      for (const id of old) if (!now.includes(id)) expected.set(referenceKey(id, place), null);
      expect(new Map([...written].sort())).toEqual(new Map([...expected].sort()));
    }),
    { numRuns: 500 },
  );
});

test('the index of a value has each object once; of what cannot be read, or holds none, it has nothing', () => {
  const slots = ['o2.a.0', 'o3.b.1', 'o2.c.2'];
  expect(indexKeys(place, JSON.stringify({ slots }))).toEqual([
    referenceKey('o2', place),
    referenceKey('o3', place),
  ]);
  const entry = entryKey('o1', 'mail', 'a'.repeat(64));
  expect(indexKeys(entry, JSON.stringify({ data: { slots } }))).toEqual([
    referenceKey('o2', entry),
    referenceKey('o3', entry),
  ]);
  expect(indexKeys(place, '{"slots":["o2.')).toEqual([]);
  expect(indexKeys('meta/roots', JSON.stringify({ slots }))).toEqual([]);
  expect(indexKeys('no key', JSON.stringify({ slots }))).toEqual([]);
});
