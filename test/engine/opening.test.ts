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
  ['meta/counters', '{"object":9007199254740991,"message":1}'],
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

const SEND = 'm/0000000000000000';
const TIMER = 't/0001700000000100/0000000000000000';
const RESTART = 'r/2o30';
const CALL = { to: '$0.Alleged: Gate', method: 'who', args: [], payer: null, number: 0 };
const MESSAGE = { ...CALL, due: null, failed: null, from: null };
const REPEATED = { ...MESSAGE, due: 1_700_000_000_100, every: 100 };

/** The stored form of what calls the gate. */
function calling(tree: object): string {
  const { body, slots } = JSON.parse(played.get('meta/roots') ?? '') as { body: string; slots: string[] };
  const { gate } = JSON.parse(body.slice(1)) as { gate: string };
  const slot = slots[Number(/\d+/.exec(gate)?.[0])];
  return JSON.stringify({ body: `#${JSON.stringify(tree)}`, slots: [slot] });
}

test.each([
  [SEND, { ...MESSAGE, number: -1 }],
  [SEND, { ...MESSAGE, number: '0' }],
  [SEND, { ...MESSAGE, to: {}, args: ['$0.Alleged: Gate'] }],
  [SEND, { ...MESSAGE, args: {} }],
  [SEND, { ...MESSAGE, payer: 'everybody' }],
  [SEND, { ...MESSAGE, from: 5 }],
  [TIMER, { ...REPEATED, failed: 5 }],
  [TIMER, { ...REPEATED, failed: ['$0', 7] }],
  [TIMER, { ...REPEATED, due: '#NaN' }],
  [TIMER, { ...REPEATED, every: 0 }],
  [TIMER, { ...REPEATED, missed: 'never' }],
  [TIMER, { ...REPEATED, tries: -1 }],
  [RESTART, { again: { ...CALL, caps: {}, after: [], number: -3 } }],
  [RESTART, { again: { ...CALL, caps: {}, after: [], payer: 7 } }],
  [RESTART, { again: { ...CALL, caps: {}, after: [], method: null } }],
  [RESTART, { again: null }],
])('what %s holds is told, and the world goes on without it, where it is no call: %j', async (key, tree) => {
  const fixture = await openWith({ [key]: calling(tree) });
  expect(fixture.powers.events).toContainEqual(expect.objectContaining({ what: 'damaged', id: key }));
  await fixture.settle();
  await fixture.advance(1000);
  expect(fixture.halts).toEqual([]);
  await fixture.close();
});

test('a message that names neither who sent it nor who hears of it comes, again and again', async () => {
  const { failed, from, payer, ...bare } = REPEATED;
  const fixture = await openWith({ [TIMER]: calling(bare) });
  await fixture.advance(1000);
  expect([failed, from, payer, fixture.halts, fixture.powers.events]).toEqual([null, null, null, [], []]);
  await fixture.close();
});
