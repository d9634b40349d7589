import {
  asideKey,
  collectionsKey,
  entryKey,
  garbageKey,
  objectKey,
  restartKey,
  watchedKey,
} from '../../storage/keys.ts';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { jsonText } from '../arbitrary.ts';
import { create } from '../../engine/authoring.ts';
import { openFixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import {
  Ledger,
  allOf,
  exported,
  imported,
  ledgerWorld,
  playedWorld,
  storeOf,
  type Contents,
} from './stored-world.ts';
import { StoreError } from '../../storage/errors.ts';
import { Looks } from '../../clients/dump/capabilities.ts';
import { stanzaOf } from '../../clients/dump/kinds.ts';
import { checkWorld } from '../../clients/check/check-world.ts';
import { itemsOf } from '../items-of.ts';
import { viewOf } from './stored-world.ts';

let played: Contents;
beforeAll(async () => {
  played = await playedWorld();
});

async function findings(contents: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const found: string[] = [];
  await checkWorld(viewOf(await storeOf(contents)), {
    onFinding: ({ key, what }) => found.push(`${key}: ${what}`),
  });
  return found;
}

test('a world that was played is the same after export and import, with all that follows from it', async () => {
  const first = await exported(await storeOf(played));
  expect(first.missing).toEqual([]);
  expect(first.text).not.toContain('raw:');
  const store = await imported(first.text);
  expect(await allOf(store)).toEqual(new Map([...played].sort(([a], [b]) => (a < b ? -1 : 1))));
  expect((await exported(store)).text).toBe(first.text);
});

test('however few bytes come at a time', async () => {
  const { text } = await exported(await storeOf(played));
  expect(await allOf(await imported(text, false, 7))).toEqual(await allOf(await imported(text)));
});

test('objects stand in the order of their numbers, each as a stanza, with its capabilities by number', async () => {
  const { text } = await exported(await storeOf(played));
  const numbers = [...text.matchAll(/^object o(\d+)$/gm)].map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(100);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(text).toMatch(/^ {4}door: <o\d+#\d+ \w+\.door>$/m);
});

test('a token stands once in the file: at its grant', async () => {
  const { text } = await exported(await storeOf(played));
  const object = JSON.parse(played.get('o/1o5') ?? '') as { grants: readonly (readonly string[])[] };
  const [[token = ''] = []] = object.grants;
  expect(text.split(token)).toHaveLength(2);
});

test('with new tokens no old one is left, and the world goes on as it was', async () => {
  const { text, missing } = await exported(await storeOf(played), 'new');
  expect(missing).toEqual([]);
  const old = new Set<string>();
  for (const [key, value] of played)
    if (/^[oemtas]\//.test(key))
      for (const [, token = ''] of value.matchAll(/o\d+\.([\w-]{22})\.\d/g)) old.add(token);
  expect(old.size).toBeGreaterThan(50);
  for (const token of old) expect(text).not.toContain(token);
  const store = await imported(text);
  const contents = await allOf(store);
  expect(await findings(contents)).toEqual([]);
  expect(contents.size).toBe(played.size);
  // Another time they are others.
  expect((await exported(await storeOf(played), 'new')).text).not.toBe(text);
  const again = await exported(store);
  expect(again.text.replace(' tokens keep\n', ' tokens new\n').split('\nend ')[0]).toBe(
    text.split('\nend ')[0],
  );

  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
  fixture.world.input('sid-1', 12, 'look');
  await fixture.settle();
  const said = fixture.outs.filter(({ sid }) => sid === 'sid-1').flatMap(itemsOf);
  expect(JSON.stringify(said)).toContain('Ways out');
  await fixture.close();
});

test('with new tokens an object that is not as the world writes it is left out, and the file can be imported all the same', async () => {
  const slots = [...played].flatMap(([key, value]) =>
    key === 'o/2o30' ? [] : [...value.matchAll(/o30\.[\w-]{22}/g)],
  );
  expect(slots.length).toBeGreaterThan(0);
  const { text, missing } = await exported(
    await storeOf(new Map([...played, ['o/2o30', `${played.get('o/2o30')} `]])),
    'new',
  );
  expect(missing).toEqual([expect.stringContaining('o/2o30')]);
  for (const [slot] of slots) expect(text).not.toContain(slot.slice(4));
  const contents = await allOf(await imported(text));
  expect(contents.has('o/2o30')).toBe(false);
  expect(contents.size).toBeGreaterThan(played.size - 20);
});

test('a class can call its facets what it likes: its objects are as the world writes them, also with new tokens', async () => {
  const named = new Map(
    [...played].map(([key, value]) => [
      key,
      key.startsWith('shape/') ? value.replace('"facet":"holder"', '"facet":"in hand \\u001b[2J>"') : value,
    ]),
  );
  const { text, missing } = await exported(await storeOf(named), 'new');
  expect(missing).toEqual([]);
  expect(text).not.toContain('raw:');
  expect(await findings(await allOf(await imported(text)))).toEqual([]);
  const kept = await exported(await storeOf(named));
  expect(await allOf(await imported(kept.text))).toEqual(await allOf(await storeOf(named)));
});

test('a grant that expires later than numbers count is exported and imported, also with new tokens', async () => {
  const late = new Map(
    [...played].map(([key, value]) => [
      key,
      key.startsWith('o/') ? value.replace(',null,null]', ',9008899254740992,null]') : value,
    ]),
  );
  const { text, missing } = await exported(await storeOf(late), 'new');
  expect(missing).toEqual([]);
  expect(text).toContain(' expires 9008899254740992\n');
  expect((await allOf(await imported(text))).size).toBe(late.size);
  const kept = await exported(await storeOf(late));
  expect(await allOf(await imported(kept.text))).toEqual(await allOf(await storeOf(late)));
});

test.each([
  ['a source that is not what its hash names', /^src\//, 'class Other {}\n'],
  ['an entry of a collection that is null', /^e\//, 'null'],
  ['an object of no class', /^o\//, '{"bank":null,"grants":[],"body":"#{}","slots":[]}'],
  [
    'an object that does not say who pays for it',
    /^o\//,
    '{"class":"Room","grants":[],"body":"#{}","slots":[]}',
  ],
])('%s is exported and imported as it is', async (_, pattern, value) => {
  const [key = ''] = [...played.keys()].filter((each) => pattern.test(each));
  const contents = new Map([...played, [key, value]]);
  const { text, missing } = await exported(await storeOf(contents));
  expect(missing).toEqual([]);
  const store = await imported(text);
  expect((await allOf(store)).get(key)).toBe(value);
  expect((await exported(store)).text).toBe(text);
});

test('the name by which backups know a world is nothing damaged, and goes with the world', async () => {
  const named = new Map([...played, ['meta/name', 'Qm9hdHMgYW5kIGhhcmJvcn']]);
  expect(await findings(named)).toEqual([]);
  for (const tokens of ['keep', 'new'] as const) {
    const { text, missing } = await exported(await storeOf(named), tokens);
    expect(missing).toEqual([]);
    expect((await allOf(await imported(text))).get('meta/name')).toBe('Qm9hdHMgYW5kIGhhcmJvcn');
  }
  const { fields } = stanzaOf(
    'meta/name',
    'Qm9hdHMgYW5kIGhhcmJvcn',
    await Looks.read(viewOf(await storeOf(named))),
  );
  expect(fields).toEqual({ value: 'Qm9hdHMgYW5kIGhhcmJvcn' });
});

test.each([
  ['lines that end as on Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\ufeff${text}`],
])('a file that was given %s makes the same world', async (_, given) => {
  const { text } = await exported(await storeOf(played));
  for (const size of [1, 2, 65_536]) {
    const store = await imported(given(text), false, size);
    expect((await exported(store)).text).toBe(text);
  }
});

test('what is changed by hand in the file is seen in the world', async () => {
  const { text } = await exported(await storeOf(played));
  const before = /description: "(A stone slip[^"]*)"/.exec(text)?.[0] ?? 'nothing';
  const edited = text.replace(before, 'description: "A beach of \\u00e9clairs."');
  expect(edited).not.toBe(text);
  await expect(imported(edited)).rejects.toThrow('--edited');
  const contents = await allOf(await imported(edited, true));
  expect(await findings(contents)).toEqual([]);
  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
  fixture.world.input('sid-1', 12, 'home');
  fixture.world.input('sid-1', 13, 'look');
  await fixture.settle();
  expect(JSON.stringify(fixture.outs)).toContain('A beach of éclairs.');
  await fixture.close();
});

test('a source that is changed by hand stays where it stands, under the hash that the import tells', async () => {
  const { text } = await exported(await storeOf(played));
  const hashes = (all: string): readonly string[] =>
    [...all.matchAll(/^source ([0-9a-f]{64})/gm)].map(([, hash = '']) => hash);
  let edited = text.replaceAll(/^(source .*\n {2}\| )/gm, '$1/* by hand */ ');
  const told = await imported(edited, true).catch((error: unknown) => (error as Error).message);
  const now = [...String(told).matchAll(/as it stands it is ([0-9a-f]{64})/g)].map(([, hash = '']) => hash);
  for (const [at, hash] of hashes(text).entries()) edited = edited.replaceAll(hash, now[at] ?? '');
  expect(hashes(edited)).not.toEqual(hashes(edited).toSorted());
  const store = await imported(edited, true);
  expect(await findings(await allOf(store))).toEqual([]);
  expect(hashes((await exported(store)).text)).toEqual(now.toSorted());
  const [twice = ''] = /^source .*\n(?: {2}.*\n)+/m.exec(edited) ?? [];
  await expect(imported(edited.replace(twice, `${twice}\n${twice}`), true)).rejects.toThrow('there twice');
});

test('capabilities under names that are numbers are as the world writes them, also with new tokens', async () => {
  const fixture = await openFixture({
    ...ledgerWorld,
    journal: new MemoryJournal(played),
  });
  const { world } = fixture;
  const { gate, bank, storage } = world.roots;
  const numbered = {
    '#1': gate,
    '10': bank,
    '2': storage,
    '4294967295': gate,
    a: [{ '1': bank, $: storage }],
  };
  const ledger = await world.run(() => create(bank, Ledger));
  await fixture.call(ledger, 'note', 'numbered', 'all', numbered);
  await fixture.settle();
  await fixture.close();
  const contents = new Map([...played, ...fixture.journal.contents()]);
  for (const tokens of ['keep', 'new'] as const) {
    const { text, missing } = await exported(await storeOf(contents), tokens);
    expect(missing).toEqual([]);
    expect(/^ {2}raw: .*/m.exec(text)?.[0]).toBeUndefined();
    expect(text).toMatch(/^entry o\d+ numbered$/m);
    const store = await imported(text);
    if (tokens === 'keep')
      expect(await allOf(store)).toEqual(new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1))));
    expect((await exported(store)).text.replace(/tokens \w+\n|\nend .*\n/g, '')).toBe(
      text.replace(/tokens \w+\n|\nend .*\n/g, ''),
    );
  }
});

test('collections and records under names that every object inherits are as the world writes them', async () => {
  const names = Object.getOwnPropertyNames(Object.prototype).filter((name) => /^[A-Za-z]/.test(name));
  expect(names).toContain('constructor');
  const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(played) });
  const { bank } = fixture.world.roots;
  const ledger = await fixture.world.run(() => create(bank, Ledger));
  const plain = Object.fromEntries(names.map((name) => [name, bank]));
  for (const name of names) {
    await fixture.call(ledger, 'note', name, 'plain', plain);
    await fixture.call(ledger, 'note', name, 'numbered', { ...plain, '10': name });
  }
  const front = (await fixture.call(ledger, 'front')) as object;
  for (const name of names) {
    expect(await fixture.call(front, 'all', name)).toEqual([
      ['plain', plain],
      ['numbered', { ...plain, '10': name }],
    ]);
  }
  await fixture.settle();
  await fixture.close();
  const contents = new Map([...played, ...fixture.journal.contents()]);
  const { text } = await exported(await storeOf(contents));
  expect(text).not.toContain('raw:');
  expect(await allOf(await imported(text))).toEqual(
    new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1))),
  );
});

const id = fc.integer({ min: 1, max: 2_000 }).map((number) => `o${number}`);
const seq = fc.nat(9_999).map((number) => String(number).padStart(16, '0'));
const hash = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 64,
  maxLength: 64,
});
const word = fc.constantFrom('mail', 'a', 'Z9');
const key = fc.oneof(
  id.map(objectKey),
  id.map((each) => objectKey(`vat:${each}`)),
  fc.nat(300).map((number) => `shape/${number}`),
  fc.constantFrom('meta/roots', 'meta/counters', 'meta/new-thing', 'a/ada', 'a/caf%C3%A9'),
  fc.constantFrom('s/a_-B', 's/b'),
  seq.map((each) => `u/b/${each}`),
  seq.map((each) => `m/${each}`),
  fc.tuple(seq, seq).map(([due, number]) => `t/${due}/${number}`),
  seq.map((each) => `dead/${each}`),
  fc
    .tuple(fc.constantFrom(asideKey, watchedKey, restartKey, garbageKey, collectionsKey), id)
    .map(([make, each]) => make(each)),
  hash.map((each) => `safe/${each}`),
  fc.tuple(id, word, hash).map((parts) => entryKey(...parts)),
);
const slot = fc
  .tuple(id, fc.constantFrom('A'.repeat(22), `${'b'.repeat(21)}_`), fc.nat(4))
  .map((parts) => parts.join('.'));
const body = fc.oneof(
  jsonText().map((text) => `#${text}`),
  fc.constantFrom(
    '#["$0.Alleged: Room","$1.Alleged: Room","$0"]',
    '#{"a":"$0.Alleged: X y"}',
    '#"$7"',
    '{}',
    '',
  ),
);
const grant = fc.tuple(
  fc.constantFrom('A'.repeat(22), `${'b'.repeat(21)}_`, 'short'),
  fc.nat(4),
  fc.integer({ min: -1, max: 2 }),
  fc.string({ unit: 'binary' }),
  fc.option(fc.string({ unit: 'binary' })),
  fc.option(fc.nat()),
  fc.option(fc.nat()),
);
const data = fc.record({ body, slots: fc.array(slot, { maxLength: 3 }) });
const value = fc.oneof(
  jsonText(),
  fc.string({ unit: 'binary' }).map((each) => (each as string & { toWellFormed(): string }).toWellFormed()),
  data.map((each) => JSON.stringify(each)),
  fc
    .tuple(fc.constantFrom('Thing', 'a\nb'), fc.array(grant, { maxLength: 3 }), data)
    .map(([name, grants, rest]) => JSON.stringify({ class: name, bank: null, grants, ...rest })),
  fc
    .record({ className: fc.constantFrom('Room', 'X y'), methods: fc.constant(['a']) })
    .map((each) => JSON.stringify(each)),
  slot.map((each) => JSON.stringify({ slot: each, name: '\u009b' })),
  data.map((each) => JSON.stringify({ capability: JSON.stringify(each), raw: 1 })),
  data.map((each) => JSON.stringify({ before: null, after: null, data: each })),
);
const source = fc
  .string({ unit: 'binary' })
  .map((each) => (each as string & { toWellFormed(): string }).toWellFormed())
  .map((text) => [`src/${createHash('sha256').update(text).digest('hex')}`, text] as const);

test('whatever stands in a store comes back as it was', async () => {
  const entries = fc.array(fc.oneof(fc.tuple(key, value), source), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(entries, async (some) => {
      const contents = new Map<string, string>([...some, ['format', played.get('format') ?? '']]);
      const { text, missing } = await exported(await storeOf(contents));
      expect(missing).toEqual([]);
      const store = await imported(text);
      const all = await allOf(store);
      for (const [each] of all) if (/^(?:of|ref)\//.test(each)) all.delete(each);
      expect(all).toEqual(new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1))));
      expect((await exported(store)).text).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('what is damaged is left out and told; the rest is there', async () => {
  const store = await storeOf(played);
  store.damage('o/1o7');
  const { text, missing, leftOut } = await exported(store);
  expect([missing, leftOut]).toEqual([['o/1o7'], 1]);
  expect(text).not.toContain('\nobject o7\n');
  expect((await allOf(await imported(text))).has('o/1o8')).toBe(true);
});

test('objects are told as left out whatever their numbers, and so is a part of the database that is lost', async () => {
  const store = await storeOf(new Map(played).set('o/8o12345678', 'x'));
  // The only one with a number of so many digits.
  store.damage('o/8o12345678');
  expect((await exported(store)).missing).toEqual(['o/8o12345678']);
  const whole = await storeOf(played);
  const range = whole.range.bind(whole);
  whole.range = async function* (asked) {
    yield* range(asked);
    // A block of objects is lost: the database says so at the end of each range with it.
    if (asked.gte <= 'o/2o30' && 'o/2o30' < asked.lt)
      asked.onDamaged?.('', new StoreError('Damaged', 'a part of the database is damaged'));
  };
  expect((await exported(whole)).missing).toEqual(['']);
});

test('a value that is nested too deeply to be laid out is kept as it is', async () => {
  const key = [...played.keys()].find(
    (each) => each.startsWith('o/') && /\\"name\\":\\"/.test(played.get(each) ?? ''),
  );
  const object = JSON.parse(played.get(key ?? '') ?? '') as Record<string, unknown>;
  const deep = JSON.stringify({
    ...object,
    body: `#${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    slots: [],
  });
  const contents = new Map(played).set(key ?? '', deep);
  const { text } = await exported(await storeOf(contents));
  expect((await allOf(await imported(text))).get(key ?? '')).toBe(deep);
  expect(await findings(contents)).toContain(
    `${key}: the object cannot be read: its body is nested too deeply`,
  );
});
