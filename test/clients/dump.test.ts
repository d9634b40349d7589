import { createHash } from 'node:crypto';
import { answer, questionsIn, SECTIONS } from '../../clients/dump/sections.ts';
import { KINDS } from '../../clients/dump/kinds.ts';
import { stanzaJson, stanzaText, type Stanza } from '../../clients/dump/shown.ts';
import { openView, type OpenedView } from '../../clients/view.ts';
import { objectKey, referenceKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { Op } from '../../storage/store.ts';
import { tamper } from '../storage/level-folder.ts';
import { keystead } from '../product/product.ts';
import { mark, markOf, SAMPLES, writeSamples } from './dump-store.ts';
import { endAll, freshFolder, onEnd } from './harness.ts';

afterEach(endAll);

async function sampleFolder(): Promise<string> {
  const folder = freshFolder();
  await writeSamples(folder);
  return folder;
}

async function opened(folder: string): Promise<OpenedView> {
  const view = await openView(folder, process.cwd(), { lockWait: 0 });
  onEnd(() => view.close());
  return view;
}

async function stanzas(view: OpenedView, ...words: string[]): Promise<Stanza[]> {
  const questions = questionsIn(words);
  if ('incomplete' in questions) throw new Error(`incomplete: ${questions.incomplete}`);
  const found: Stanza[] = [];
  for (const question of questions) for await (const stanza of answer(view, question)) found.push(stanza);
  return found;
}

const texts = (found: readonly Stanza[]): string => found.map(stanzaText).join('\n');
const jsons = (found: readonly Stanza[]): Record<string, unknown>[] =>
  found.map((stanza) => JSON.parse(stanzaJson(stanza)) as Record<string, unknown>);

/** Opens the folder, and closes it again. */
async function dump(folder: string, ...words: string[]): Promise<Stanza[]> {
  const view = await opened(folder);
  try {
    return await stanzas(view, ...words);
  } finally {
    await view.close();
  }
}

/** Writes past the journal. */
async function write(folder: string, ops: readonly Op[]): Promise<void> {
  const store = await openLevelStore(folder, { create: true });
  await store.batch(ops, { sync: true });
  await store.close();
}

const spoil = (folder: string, ...keys: string[]): Promise<void> =>
  tamper(folder, async (db) => {
    for (const key of keys) await db.put(key, 'spoilt');
  });

test('dump all shows one key of every kind there is, in full', async () => {
  const found = await dump(await sampleFolder(), 'all');
  for (const [kind, { key, says }] of Object.entries(SAMPLES)) {
    const stanza = found.find((one) => one.key === key);
    expect(stanza).toMatchObject({ kind });
    const text = stanzaText(stanza as Stanza);
    for (const word of says) expect(text).toContain(word);
  }
  const kinds = new Set(found.map((stanza) => stanza.kind));
  expect([...kinds].toSorted()).toEqual(
    Object.keys(KINDS)
      .filter((kind) => kind !== 'journal')
      .toSorted(),
  );
  expect(found.every((stanza) => !('damaged' in stanza.fields))).toBe(true);
});

test('dump all shows every key of the store, once, in text and in JSON', async () => {
  const view = await opened(await sampleFolder());
  const keys: string[] = [];
  for await (const [key] of view.range({ gte: '!', lt: '\x7f' })) keys.push(key);
  const found = await stanzas(view, 'all');
  expect(found.map((stanza) => stanza.key)).toEqual(keys);
  expect(jsons(found).map((one) => one['key'])).toEqual(keys);
});

test('what cannot be seen in a text or a name is escaped, and is the same as JSON', () => {
  const hidden = 'sto\u00adne\u180e\u200b\ufff9\u{e0041}\u0085';
  const stanza: Stanza = { title: 'x', kind: 'object', fields: { [hidden]: hidden } };
  for (const shown of [stanzaJson(stanza), stanzaText(stanza).replaceAll('\n', '')])
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stanzaJson(stanza))).toEqual({ kind: 'object', [hidden]: hidden });
});

test('no dump shows a token, what a password is checked with, or a control character', async () => {
  const view = await opened(await sampleFolder());
  const words = [...SECTIONS, 'o17', 'o18', 'o3', 'Ann', 'grants o17', 'holders o17', 'entries o17'];
  const found = [
    ...(await stanzas(view)),
    ...(await stanzas(view, ...words.flatMap((word) => word.split(' ')))),
  ];
  const shown = `${texts(found)}\n${found.map(stanzaJson).join('\n')}`;
  expect(shown).not.toContain('SECRET');
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(shown).toContain('\\u001b[2J');
});

test('each section shows its keys', async () => {
  const view = await opened(await sampleFolder());
  const kindsOf = async (word: string): Promise<string[]> =>
    (await stanzas(view, word)).map(({ kind }) => kind);
  expect(await kindsOf('sends')).toEqual(['send']);
  expect(await kindsOf('timers')).toEqual(['timer']);
  expect(await kindsOf('watches')).toEqual(['watched']);
  expect(await kindsOf('restarts')).toEqual(['restart']);
  expect(await kindsOf('sessions')).toEqual(['session', 'unread']);
  expect(await kindsOf('dead')).toEqual(['dead']);
  expect(await kindsOf('aside')).toEqual(['aside']);
  expect(await kindsOf('garbage')).toEqual(['garbage']);
  expect(await kindsOf('accounts')).toEqual(['account']);
  expect(await kindsOf('#shape')).toEqual(['shape', 'shape', 'shape']);
  expect(texts(await stanzas(view, 'objects'))).toMatch(/^o17 Lamp, version 3, bank o3, \d+ B$/m);
  expect((await stanzas(view, '#Lamp')).map(({ key }) => key)).toEqual([objectKey('o17')]);
});

test('the page of an object shows all that the store has on it', async () => {
  const [page] = await dump(await sampleFolder(), 'o17');
  expect(stanzaText(page as Stanza)).toBe(`o17 Lamp
  id: "o17"
  class: "Lamp"
  of: "o9"
  version: 3
  bank: "o3"
  blocks: 2
  kept: 400
  size: 418
  owner: "Ann"
  player: "Ann"
  record:
    colour: "#red"
    count: 12n
    lit: true
    mate: o18 Lamp {off, on}
    none: undefined
  grants:
    ${mark(1)} facet owner {break, off, on}
        held by o3 Bank
        held by session sid-1
        held by account "ann"
      ${mark(2)} for "Ann" {off, on}, expires 2026-01-02T03:04:05.000Z, 3 uses left, paid by o4
          held by o18 Shelf
          held by send 21
          held by timer 22
          held by a watch on o17
          held by the restarts of o17
        ${mark(3)} for "Bob\\u001b[2J" {on}
  endedButHeld:
    - o18 Shelf
    - the world itself
  collections:
    letters:
      size: 1
      entries:
        - of: "first"
          value:
            from: o18 Lamp {off, on}
  watches:
    - number: 1
      name: "light"
      through: o17 Lamp {off, on}
      to: o18 Lamp {off, on}
      method: "seen"
      by: "o18"
      payer: null
  restarts:
    glow:
      to: o17 Lamp {off, on}
      method: "wake"
      args: []
      caps: {}
      after:
        - "oil"
      number: 3
  setAside:
    class: "Lamp"
    bank: "o3"
    code: "OutOfTime"
    why: "It burnt too long."
    when: "2026-01-02T03:04:05.000Z"
  garbage:
    since: "2026-01-02T03:04:05.000Z"`);
});

test('a player is found by name, however it is written, also where it is the word for a section', async () => {
  const view = await opened(await sampleFolder());
  const [page] = await stanzas(view, 'o17');
  expect(await stanzas(view, 'ann')).toEqual([page]);
  expect(await stanzas(view, 'player', 'ANN')).toEqual([page]);
  await expect(stanzas(view, 'Eve')).rejects.toMatchObject({ code: 'NothingThere' });
  await expect(stanzas(view, 'o404')).rejects.toMatchObject({ code: 'NothingThere' });
  await expect(stanzas(view, '#Unicorn')).rejects.toMatchObject({ code: 'NothingThere' });
  await expect(stanzas(view, 'grants', 'o404')).rejects.toMatchObject({ code: 'NothingThere' });
});

test('holders are listed one by one with what they hold', async () => {
  expect(texts(await dump(await sampleFolder(), 'holders', 'o17'))).toBe(
    [
      `o3 Bank: grant ${mark(1)}`,
      `o18 Shelf: grant ${mark(2)}, one that has ended`,
      `send 21: grant ${mark(2)}`,
      `timer 22: grant ${mark(2)}`,
      `session sid-1: grant ${mark(1)}`,
      `account "ann": grant ${mark(1)}`,
      `a watch on o17: grant ${mark(2)}`,
      `the restarts of o17: grant ${mark(2)}`,
      'the world itself: one that has ended',
    ].join('\n'),
  );
});

test('an index of references that is wrong says so', async () => {
  const folder = await sampleFolder();
  await write(folder, [{ put: referenceKey('o18', objectKey('o3')), value: '' }]);
  expect(texts(await dump(folder, 'holders', 'o18')).split('\n')).toEqual([
    'o17, in letters: one that has ended',
    'o3 Bank: (it holds none any more)',
    'a watch on o17: one that has ended',
  ]);
});

test('what is damaged is listed as damaged where it stands, and the rest is shown', async () => {
  const folder = await sampleFolder();
  await spoil(folder, 'o/2o18', 'o/1o3');
  const view = await opened(folder);
  const all = await stanzas(view, 'all');
  expect(all.filter((one) => 'damaged' in one.fields).map((one) => one.key)).toEqual(['o/1o3', 'o/2o18']);
  expect(texts(all)).toContain('DAMAGED: o/2o18');
  expect(texts(await stanzas(view, 'o18'))).toContain('damaged: "the value of key');
  expect(texts(await stanzas(view, 'o17'))).toContain('o18 object: it is damaged');
  expect(texts(await stanzas(view))).toMatch(/damaged:\n {4}2\n {4}o\/1o3: /);
});

test('the grants of an object that is damaged are told as damaged, and its holders are shown', async () => {
  const folder = await sampleFolder();
  const held =
    '{"class":"Lamp","bank":null,"grants":[],"body":"#1","slots":["o19.AAAAAAAAAAAAAAAAAAAAAA.0"]}';
  await write(folder, [
    { put: objectKey('o19'), value: '{"class":"Lamp","bank":null,"grants":[7]}' },
    { put: objectKey('o20'), value: held },
    { put: referenceKey('o19', objectKey('o20')), value: '' },
  ]);
  await spoil(folder, objectKey('o18'));
  const view = await opened(folder);
  for (const id of ['o18', 'o19']) {
    expect(await stanzas(view, 'grants', id)).toMatchObject([
      { key: objectKey(id), fields: { damaged: expect.any(String) } },
    ]);
  }
  expect(texts(await stanzas(view, 'holders', 'o19'))).toBe('o20 Lamp: one that has ended');
});

test('what is whole and yet cannot be read is damaged too, and is not quoted', async () => {
  const folder = freshFolder();
  const store = await openLevelStore(folder, { create: true });
  const values = {
    'o/1o1': 'SECRET',
    'o/1o2': '{"class":"Lamp","bank":null,"grants":[["SECRET",1]],"body":"SECRET","slots":[]}',
    'o/1o3': '{"class":"Lamp","bank":null,"grants":[],"body":"#\\"$7\\"","slots":["SECRET"]}',
    'a/ann': '{"name":"Ann","capability":"SECRET"}',
    'zz/unknown': 'SECRET',
  };
  await store.batch(
    Object.entries(values).map(([put, value]) => ({ put, value })),
    { sync: true },
  );
  await store.close();
  const found = await dump(folder, 'all');
  expect(found.filter((one) => 'damaged' in one.fields).map((one) => one.key)).toEqual([
    'a/ann',
    'o/1o1',
    'o/1o2',
    'o/1o3',
    'zz/unknown',
  ]);
  expect(texts(found)).not.toContain('SECRET');
  for (const words of [[], ['objects'], ['classes'], ['owners'], ['o1'], ['o2'], ['accounts']])
    expect(texts(await dump(folder, ...words))).not.toContain('SECRET');
});

test('what is not as the world writes it does not keep the rest from being shown', async () => {
  const folder = await sampleFolder();
  const object = (className: string, bank: string, record: unknown) =>
    JSON.stringify({ class: className, bank, grants: [], body: `#${JSON.stringify(record)}`, slots: [] });
  await write(folder, [
    { put: 'd/2o18', value: '{"letters":null}' },
    { put: 'o/2o50', value: object('Lamp', '\u009b2J', {}) },
    { put: 'o/2o51', value: object('ClassObject', 'o3', null) },
    { put: 'o/2o52', value: object('ClassObject', 'o3', { name: 'Cat', versions: [null] }) },
    { put: 'o/2o53', value: object('ClassObject', 'o3', { name: 'Dog', versions: [] }) },
  ]);
  const shown: string[] = [];
  for (const words of [[], ['owners'], ['classes'], ['o18'], ['o50'], ['#ClassObject']])
    shown.push(texts(await dump(folder, ...words)));
  const [summary, owners, classes, page, lamp] = shown;
  expect(summary).toContain('\\u009b2J: 1 object, ');
  expect(owners).toContain('\\u009b2J: 1 object, ');
  expect(classes).toContain('Dog, written in the world');
  expect(page).toContain('letters:\n      size: 0\n');
  expect(lamp).toContain('bank: "\\u009b2J"');
});

test('classes that do not load are among what is set aside, with what is wrong with them', async () => {
  const folder = freshFolder();
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const sources = [
    'class Well {}',
    'class Bad { m() { for (const x in {}) ; } }',
    'class Good {}',
    'class Loop {}',
  ];
  const version = (source: string, baseClass: string | null = null) => ({
    hash: hash(`h ${source}`),
    source: hash(source),
    base: baseClass === null ? null : 'Bad',
    baseClass,
    baseVersion: 1,
  });
  const held = (name: string, versions: readonly unknown[], slots: readonly string[] = []) =>
    JSON.stringify({
      class: 'ClassObject',
      bank: null,
      grants: [],
      slots,
      body: `#${JSON.stringify({ name, author: 'Ann', open: true, current: versions.length, versions })}`,
    });
  const [well = '', bad = '', good = '', loop = ''] = sources;
  const on = '$0.Alleged: ClassObject';
  await write(folder, [
    ...sources.map((value) => ({ put: `src/${hash(value)}` as const, value })),
    { put: 'o/2o51', value: held('Well', [version(bad), version(well)]) },
    { put: 'o/2o52', value: held('Bad', [version(bad)]) },
    { put: 'o/2o53', value: held('Good', [version(good, on)], [`o52.${'A'.repeat(22)}.1`]) },
    { put: 'o/2o54', value: held('Lost', [version('never stored')]) },
    { put: 'o/2o55', value: held('Odd', []) },
    {
      put: 'o/2o60',
      value: JSON.stringify({
        class: 'ClassRegistry',
        bank: null,
        grants: [],
        slots: [51, 52, 53, 54, 55, 56, 57].map((n) => `o${n}.${'A'.repeat(22)}.1`),
        body: `#${JSON.stringify({ classes: { Well: '$0', Bad: '$1', Good: '$2', Lost: '$3', Odd: '$4', Loop: '$5', Gone: '$6' } })}`,
      }),
    },
    {
      put: 'meta/roots',
      value: JSON.stringify({ body: '#{"classes":"$0"}', slots: [`o60.${'A'.repeat(22)}.1`] }),
    },
    { put: 'o/2o56', value: held('Loop', [version(loop, on)], [`o56.${'A'.repeat(22)}.1`]) },
  ]);
  const found = jsons(await dump(folder, 'aside')).filter(({ kind }) => kind === 'written');
  const why = Object.fromEntries(found.map((one) => [one['class'], one['doesNotLoad']]));
  expect(Object.keys(why).sort()).toEqual(['Bad', 'Good', 'Lost', 'Odd']);
  expect(why['Bad']).toMatch(/^Bad, line 1, column \d+: .*for/);
  expect(why['Good']).toBe(`Bad, which it is built on, does not load: ${String(why['Bad'])}`);
  expect(why['Lost']).toBe('its source is missing from the store');
  expect(why['Odd']).toBe('there is no version 0 of it');
  const classes = jsons(await dump(folder, 'classes')).filter(({ kind }) => kind === 'written');
  for (const one of classes) {
    const name = String(one['class']);
    expect([name, one['doesNotLoad']]).toEqual([name, why[name]]);
  }
  expect(classes).toHaveLength(6);
});

test.each(['shape/50', 'd/2o18', `u/${'s'.repeat(22)}/0000000000000001`])(
  'lists in lists without end at %s are damaged, and keep nothing else from being shown',
  async (key) => {
    const folder = await sampleFolder();
    await write(folder, [{ put: key, value: `${'['.repeat(5_000)}${']'.repeat(5_000)}` }]);
    const found = await dump(folder, 'all');
    expect(found.find((one) => one.key === key)?.fields['damaged']).toBe('it is nested too deep');
    for (const one of [texts(found), ...found.map(stanzaJson)]) expect(one.length).toBeLessThan(1_000_000);
  },
);

test('the summary counts', async () => {
  const [summary] = jsons(await dump(await sampleFolder()));
  expect(summary).toMatchObject({
    kind: 'summary',
    running: false,
    objects: 3,
    players: 1,
    sessions: 1,
    pendingSends: 1,
    timers: { count: 1, nextDue: '2026-01-02T03:04:05.000Z' },
    watches: { count: 1, watched: 1 },
    restarts: { count: 1, objects: 1 },
    deadLetters: 1,
    setAside: 1,
    garbage: { count: 1, since: '2026-01-02T03:04:05.000Z' },
    damaged: 0,
    classes: expect.arrayContaining([{ class: 'Lamp', of: 'o9', objects: 1, bytes: expect.any(Number) }]),
    owners: expect.arrayContaining([
      { bank: 'o3', owner: 'Ann', objects: 1, bytes: expect.any(Number), blocks: 2 },
    ]),
  });
});

test('an object with ten thousand grants, each derived from the last, is shown', async () => {
  const folder = freshFolder();
  const tokenOf = (n: number): string => `${n}`.padStart(22, '-');
  const grants = Array.from({ length: 10_000 }, (_, n) => [tokenOf(n), 1, n - 1, 'x', null, null, null]);
  const value = JSON.stringify({ class: 'Lamp', bank: null, grants, body: '#{}', slots: [] });
  await write(folder, [{ put: 'o/1o1', value }]);
  const [page] = await dump(folder, 'o1');
  expect(stanzaText(page as Stanza)).toContain(
    `${markOf(tokenOf(9_999))} for "x" (its shape 1 is lost), derived from ${markOf(tokenOf(9_998))}`,
  );
  expect(JSON.parse(stanzaJson(page as Stanza))).toMatchObject({ grants: { length: 10_000 } });
});

test('an object that holds a capability with endless names ten thousand times is shown, and what stands behind it', async () => {
  const folder = await sampleFolder();
  const methods = Array.from({ length: 5_000 }, (_, n) => `method${n}`);
  const many = (shape: number) => ({
    class: 'Lamp',
    bank: null,
    grants: [],
    body: `#${JSON.stringify({ all: Array.from({ length: 10_000 }, () => '$0') })}`,
    slots: [`o18.${'A'.repeat(22)}.${shape}`],
  });
  await write(folder, [
    {
      put: 'shape/4',
      value: JSON.stringify({ className: 'Lamp', methods: ['on'], facet: '"'.repeat(50_000) }),
    },
    { put: 'shape/5', value: JSON.stringify({ className: 'Lamp', methods }) },
    { put: objectKey('o40'), value: JSON.stringify(many(4)) },
    { put: objectKey('o41'), value: JSON.stringify(many(5)) },
  ]);
  const view = await opened(folder);
  expect(texts(await stanzas(view, 'o41'))).toContain('- o18 Lamp {method0, method1, ');
  const lines = jsons(await stanzas(view, 'all'));
  expect(lines.map(({ key }) => key)).toContain('o/2o41');
  expect(lines.at(-1)).toMatchObject({ kind: 'aside' });
});

describe('the command', () => {
  test('writes text, or a line of JSON for each thing', async () => {
    const folder = await sampleFolder();
    const text = await keystead('dump', '--data', folder);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatch(/^a stopped world\n {2}format: 4\n/);
    const json = await keystead('dump', '--json', 'o17', 'sends', '--data', folder);
    const lines = json.out.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(['object', 'send']);
  });

  test('ends with 1 where there is nothing of that name, and no world; with 2 for half a question', async () => {
    const folder = await sampleFolder();
    expect(await keystead('dump', 'Eve', '--data', folder)).toMatchObject({ code: 1, out: '' });
    expect(await keystead('dump', '--data', freshFolder())).toMatchObject({
      code: 1,
      err: expect.stringContaining('(Missing)'),
    });
    expect(await keystead('dump', 'holders', '--data', folder)).toMatchObject({ code: 2, out: '' });
  });

  test('says on standard error how much of what it shows is damaged', async () => {
    const folder = await sampleFolder();
    await spoil(folder, 'o/2o18');
    expect(await keystead('dump', 'objects', '--data', folder)).toMatchObject({
      code: 0,
      err: '1 of these is damaged.\n',
    });
  });
});
