// What a world cannot start without: it says so, and no other world takes its place.

import { starterWorld } from '../starter-world.ts';
import { openFixture, type Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';

let played: ReadonlyMap<string, string>;
beforeAll(async () => {
  const fixture = await openFixture(starterWorld);
  await fixture.settle();
  played = new Map(fixture.journal.contents());
  await fixture.close();
});

/** The world with other values under some keys; null for one that is gone. */
function openWith(changes: Readonly<Record<string, string | null>>): Promise<Fixture> {
  const contents = new Map(played);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) contents.delete(key);
    else contents.set(key, value);
  }
  return openFixture({ ...starterWorld, journal: new MemoryJournal(contents) });
}

test.each([
  ['meta/counters', null],
  ['meta/counters', 'x'],
  ['meta/counters', 'null'],
  ['meta/counters', '{}'],
  ['meta/roots', null],
  ['meta/roots', 'x'],
  ['meta/roots', '{}'],
  ['meta/roots', '{"body":"#{}","slots":[]}'],
  ['meta/classes', null],
  ['meta/classes', 'x'],
  ['shape/3', null],
  ['shape/3', '{}'],
])('a world does not start where %s is %j, and says what to do', async (key, value) => {
  await expect(openWith({ [key]: value })).rejects.toMatchObject({
    code: 'Damaged',
    message: expect.stringMatching(
      new RegExp(`${key.replace(/\d/, '')}.* cannot be read .*check.*--repair.*restore the last checkpoint`),
    ),
  });
});

test.each([
  ['meta/penalties', 'x'],
  ['meta/penalties', '{"a":1}'],
  ['meta/suspect', 'x'],
  ['meta/suspect', '{"deaths":1}'],
])('what %s says of earlier deaths is told and forgotten where it is %j', async (key, value) => {
  const fixture = await openWith({ [key]: value });
  expect(fixture.powers.events).toContainEqual(expect.objectContaining({ what: 'damaged', id: key }));
  await fixture.settle();
  expect(fixture.journal.get(key)).toBeUndefined();
  await fixture.close();
});
