import { metaKey, objectKey } from '../../storage/keys.ts';
import { parseObjectId } from '../../wrappers/names.ts';
import { starterWorld } from '../starter-world.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import { itemsOf } from '../items-of.ts';

type Fields = Record<string, unknown>;

/** What each class kept in its record before there were classes to write. */
const OLDER: Readonly<Record<string, (record: Fields) => Fields>> = {
  Player: (record) => ({
    ...without(record, 'writing', 'payer', 'met'),
    means: without(record['means'] as Fields, 'desk', 'classes'),
  }),
  Gate: (record) => without(record, 'shelf', 'classes'),
  Keyring: (record) => ({ kept: (record['kept'] as Fields[]).map((each) => without(each, 'own')) }),
};

function without(record: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** The store of a world as it was before. */
function older(contents: ReadonlyMap<string, string>): Map<string, string> {
  const before = new Map(contents);
  for (const [key, text] of contents) {
    if (!key.startsWith('o/')) continue;
    const stored = JSON.parse(text) as { class: string; body: string };
    const change = OLDER[stored.class];
    if (change === undefined) continue;
    const record = change(JSON.parse(stored.body.slice(1)) as Fields);
    before.set(key, JSON.stringify({ ...stored, body: `#${JSON.stringify(record)}` }));
  }
  const key = metaKey('classes');
  const versions = JSON.parse(contents.get(key) ?? '{}') as Record<
    string,
    { hash: string; source: string }[]
  >;
  for (const name of Object.keys(OLDER))
    for (const each of versions[name] ?? []) each.hash = each.source = '0'.repeat(64);
  return before.set(key, JSON.stringify(versions));
}

async function newcomer(fixture: Fixture, name: string): Promise<object> {
  return (await fixture.call(fixture.world.roots.gate, 'newPlayer', name)) as object;
}

async function shown(fixture: Fixture, player: object, ...lines: readonly string[]): Promise<string> {
  const sid = `session-${fixture.world.sessions.length}`;
  await fixture.world.begin({ sid, keyHash: '', keep: true, name: 'somebody' }, () => player);
  for (const [at, line] of lines.entries()) fixture.world.input(sid, at + 1, line);
  await fixture.settle();
  const items = fixture.outs.filter((out) => out.sid === sid).flatMap(itemsOf);
  return items.filter((item) => typeof item === 'string').join('\n');
}

test('players and keyrings that are older than classes go on, and are told what they do not have', async () => {
  const options = starterWorld;
  const before = await openFixture(options);
  const ada = await newcomer(before, 'Ada');
  expect(await shown(before, ada, '@create boat')).toMatch(/You make a boat/);
  const slot = before.world.slotText(ada);
  await before.settle();
  const contents = new Map(before.journal.contents());
  await before.world.close();

  const fixture = await openFixture({ ...options, journal: new MemoryJournal(older(contents)) });
  const again = fixture.world.capabilityFrom(slot);
  const lines = await shown(
    fixture,
    again,
    'i',
    '@describe boat as Old.',
    'x boat',
    'forget boat',
    '@class Kiosk',
    '.',
    '@classes',
    '@bank',
    '@create oar',
  );
  expect(lines).toMatch(/You carry a boat/);
  expect(lines).toMatch(/Old\./);
  expect(lines).toMatch(/The boat is your own/);
  expect(lines).toMatch(/You have no desk to write classes at/);
  expect(lines).toMatch(/You have no way to read classes/);
  expect(lines).toMatch(/Your bank pays for 198 more objects/);
  expect(lines).toMatch(/You make an oar/);
  // The gate of an older world has nothing to make desks of.
  expect(await shown(fixture, await newcomer(fixture, 'Bob'), '@class Kiosk')).toMatch(/You have no desk/);
  for (let number = 1; number < 300; number += 1) {
    const id = parseObjectId(`o${number}`);
    const text = id === undefined ? undefined : fixture.world.stored(objectKey(id));
    const stored = text === undefined ? { class: '' } : (JSON.parse(text) as { class: string; v?: number });
    if (stored.class === 'Player' || stored.class === 'Keyring') expect(stored.v).toBe(2);
  }
  await fixture.close();
});
