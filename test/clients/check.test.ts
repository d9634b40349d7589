import { checkWorld } from '../../clients/check/check-world.ts';
import { objectKey } from '../../storage/keys.ts';
import { openFixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import {
  contentsIn,
  DAMAGE,
  edit,
  findings,
  findingsIn,
  folderWith,
  holding,
  keysOf,
  one,
  played,
  repair,
  usePlayedWorld,
  value,
  type Changes,
} from './damaged-world.ts';
import { ledgerWorld, storeOf, viewOf } from './stored-world.ts';

usePlayedWorld();

test('nothing is wrong with a world that was played', async () => {
  const found: unknown[] = [];
  const { objects, notes } = await checkWorld(viewOf(await storeOf(played)), {
    onFinding: (finding) => found.push(finding),
  });
  expect(found).toEqual([]);
  expect(objects).toBeGreaterThan(100);
  expect(notes.get('gone') ?? 0).toBeGreaterThanOrEqual(0);
});

test('a world of the first format may have no index of references, nor versions of classes: they are made when it is started', async () => {
  const first = value('format').replace(/"version":\d+/, '"version":1');
  const found = async (...without: readonly string[]): Promise<readonly string[]> => {
    const contents = new Map(played).set('format', first);
    for (const key of without) contents.delete(key);
    return findingsIn(viewOf(await storeOf(contents)));
  };
  expect(await found()).toEqual([]);
  expect(await found('meta/classes')).toEqual([]);
  expect(await found(...keysOf(/^ref\/1o1/))).toEqual([]);
  const lost = one(/^of\//);
  expect(await found(lost)).toEqual([`${lost}: the entry in the list of a class is not there`]);
});

const listed = () => holding(/\\"things\\":\[\{/);
const ledger = () => one(/^e\/[^/]+\/mail\//).split('/')[1] ?? 'nothing';
const entries = () => keysOf(new RegExp(`^e/${ledger()}/mail/`));
const written = () => keysOf(/^o\//).find((key) => value(key).includes('"of":"')) ?? 'nothing';
const sid = 'sid_2';

/** A message to the gate, with one field as it is given in place of the usual one. */
function letter(field: string): Changes {
  const [slot = ''] = (JSON.parse(value('meta/roots')) as { slots: string[] }).slots;
  const usual = '"to":"$0.Alleged: Gate","method":"who","args":[],"due":null,"number":1';
  return { 'm/0000000000000001': JSON.stringify({ body: `#{${usual},${field}}`, slots: [slot] }) };
}

test('nothing is wrong with a message that comes again and again, and tells who sent it and who hears of it', async () => {
  const fields = [
    '"failed":["$0","who"]',
    '"failed":null',
    '"from":"o30","payer":"o30"',
    '"every":1000,"missed":"skip","tries":2',
  ];
  for (const field of fields) expect(await findings(await folderWith(letter(field)))).toEqual([]);
});

test('nothing is wrong with a session that is ending because its object was destroyed', async () => {
  let gone = 1;
  while (played.has(objectKey(`o${gone}`))) gone += 1;
  const ending = value(`s/${sid}`)
    .replace(/o\d+\./, `o${gone}.`)
    .replace('"closing":false', '"closing":true');
  expect(await findings(await folderWith({ [`s/${sid}`]: ending }))).toEqual([]);
});

test('nothing is wrong with a grant that expires later than numbers count', async () => {
  const granted = keysOf(/^o\//).find((key) => /,null,null\]/.test(value(key))) ?? 'nothing';
  const far = edit(granted, ',null,null]', ',9008899254740992,null]');
  expect(await findings(await folderWith(far))).toEqual([]);
});

const CALL = { to: '$0.Alleged: Gate', method: 'who', number: 1, payer: null };

/** What calls the gate, under a key. */
function calls(key: string, tree: object): Changes {
  const [slot = ''] = (JSON.parse(value('meta/roots')) as { slots: string[] }).slots;
  return { [key]: JSON.stringify({ body: `#${JSON.stringify(tree)}`, slots: [slot] }) };
}

type Damage = readonly [name: string, changes: () => Changes, found: RegExp];
/** What is done to the world, what is found, and whether a repair leaves nothing. */
const DAMAGES: readonly Damage[] = [
  [
    'counters below the number of a restart',
    () => {
      const [slot = ''] = (JSON.parse(value('meta/roots')) as { slots: string[] }).slots;
      const again = { to: '$0.Alleged: Gate', method: 'who', args: [], caps: {}, after: [] };
      const all = { again: { ...again, number: 9_000_000, payer: null } };
      return { 'r/2o30': JSON.stringify({ body: `#${JSON.stringify(all)}`, slots: [slot] }) };
    },
    /^meta\/counters: .* 9000000 are in use/,
  ],
  [
    'counters below the number of a watch',
    () => {
      const [slot = ''] = (JSON.parse(value('meta/roots')) as { slots: string[] }).slots;
      const watch = { number: 9_000_000, name: 'who', through: '$0.Alleged: Gate', to: '$0', method: 'who' };
      const all = [{ ...watch, by: 'o30', payer: null }];
      return { 'w/2o30': JSON.stringify({ body: `#${JSON.stringify(all)}`, slots: [slot] }) };
    },
    /^meta\/counters: .* 9000000 are in use/,
  ],
  ['a key of no kind', () => ({ 'zzz/1': 'x' }), /^zzz\/1: Keystead has no such keys/],
  [
    'a session that has more unread than any world keeps',
    () => edit(`s/${sid}`, /"out":\d+/, '"out":8640000000000001'),
    /^s\/sid_2: it is no session/,
  ],
  ['damaged bytes of an object', () => ({ [listed()]: DAMAGE }), /^o\/\do\d+: .*checksum/],
  [
    'an object that is no JSON',
    () => ({ 'o/2o30': '{' }),
    /^o\/2o30: the object cannot be read: it is no JSON/,
  ],
  [
    'an object without a record',
    () => edit('o/2o30', /"body":"#.*\]\}$/, '"body":"#1","slots":[]}'),
    /no record/,
  ],
  [
    'a body that refers to a slot too many',
    () => edit('o/2o30', /\$0\.Alleged/, '$99.Alleged'),
    /cannot be read: its body refers to slot 99/,
  ],
  [
    'a slot too many',
    () => edit('o/2o30', /"slots":\[/, `"slots":["o1.${'x'.repeat(22)}.0",`),
    /cannot be read/,
  ],
  ['a slot that is none', () => edit('o/2o30', /"slots":\["/, '"slots":["nobody'), /is no capability/],
  [
    'a grant without its parent',
    () => edit('o/2o30', /(\["[^"]+",\d+),-1/, '$1,7'),
    /parent of grant 1 is not there/,
  ],
  [
    'a grant of no method set',
    () => edit('o/2o30', /(\["[^"]+"),\d+/, '$1,99999999'),
    /grant 1 is of no method set/,
  ],
  ['a method set that is lost', () => ({ 'shape/3': null }), /^shape\/3: this method set is not there/],
  ['a damaged method set', () => ({ 'shape/3': DAMAGE }), /^shape\/3: /],
  [
    'a method set of a class whose name is no name',
    () => edit('shape/3', /"className":"\w+"/, '"className":"a\\"b"'),
    /^shape\/3: it is no method set/,
  ],
  ['a method set that is none', () => ({ 'shape/3': '{"className":1}' }), /^shape\/3: it is no method set/],
  ['a bank that is lost', () => edit('o/2o30', '"bank":"o1"', '"bank":"o77777"'), /^o\/5o77777: the bank/],
  [
    'a class that there never was',
    () => edit('o/2o30', /^\{"class":"\w+"/, '{"class":"Nonesuch"'),
    /no built-in class/,
  ],
  [
    'a version that there never was',
    () => edit('o/2o30', /^(\{"class":"\w+",)/, '$1"v":77,'),
    /of version 77 of/,
  ],
  [
    'a class object that is lost',
    () => ({ [objectKey(/"of":"(o\d+)"/.exec(value(written()))?.[1] ?? '')]: null }),
    /its class/,
  ],
  [
    'a capability on the last object that there could be',
    () => edit('o/2o30', /"slots":\["o\d+/, '"slots":["o9007199254740991'),
    /^ref\/Go9007199254740991\//,
  ],
  [
    'a slot of an object whose number is too large',
    () => edit('o/2o30', /"slots":\["o\d+/, '"slots":["o9007199254740993'),
    /is no capability/,
  ],
  [
    'counters that stand too low',
    () => ({ 'meta/counters': '{"object":5,"message":1}' }),
    /stand at object 5/,
  ],
  ['damaged counters', () => ({ 'meta/counters': DAMAGE }), /^meta\/counters: /],
  ['counters that are lost', () => ({ 'meta/counters': null }), /the counters are not there/],
  [
    'an account for another name',
    () => edit('a/ada', '"name":"Ada"', '"name":"Eve"'),
    /^a\/ada: .*not fit its name/,
  ],
  [
    'an account that leads nowhere',
    () => edit('a/ada', /o\d+\./, 'o99999.'),
    /^a\/ada: the player that the account leads to is not there/,
  ],
  [
    'a session that leads nowhere',
    () => edit(`s/${sid}`, /o\d+\./, 'o99999.'),
    /^s\/sid_2: the session leads/,
  ],
  ['a damaged session', () => ({ [`s/${sid}`]: DAMAGE }), /^u\/sid_2\/\d+: there is no session/],
  ['output of nobody', () => ({ 'u/nobody/0000000000000001': '["x"]' }), /^u\/nobody\/.*there is no session/],
  [
    'a timer that cannot be read',
    () => ({ 't/0000000000000001/0000000000000001': '{}' }),
    /^t\/.*has no body/,
  ],
  [
    'a message of another number',
    () => ({ 'm/0000000000000009': '{"body":"#{}","slots":[]}' }),
    /^m\/.*to nobody/,
  ],
  ...(
    [
      ['that nobody can pay for', '"payer":"everybody"', /does not say who sent it, or pays/],
      ['of no sender', '"from":5', /does not say who sent it/],
      ['that reports to nobody', '"failed":["o30","heard"]', /does not say who is told/],
      ['that comes every moment', '"every":0', /how often/],
      ['of no patience', '"missed":"never"', /how often/],
    ] as const
  ).map(([what, field, found]): Damage => [`a message ${what}`, () => letter(field), found]),
  ['a message to what is no capability', () => letter('"to":"Gate","more":"$0"'), /it is to nobody/],
  [
    'a dead letter that was due at no time',
    () => {
      const [text = ''] = Object.values(letter('"due":-1')) as string[];
      return { 'dead/0000000000000001': text };
    },
    /^dead\/.*due at no time/,
  ],
  ...(
    [
      ['of no number', { number: -3 }],
      ['that nobody pays for', { payer: 'everybody' }],
      ['that calls nothing', { method: null }],
      ['without arguments', { args: 'none' }],
      ['without capabilities', { caps: ['one'] }],
      ['after nothing that there can be', { after: [7] }],
    ] as const
  ).map(([what, field]): Damage => [
    `a registration for restarts ${what}`,
    () => calls('r/2o30', { again: { ...CALL, args: [], caps: {}, after: [], ...field } }),
    /^r\/2o30: a registration in it is none/,
  ]),
  ...(
    [
      ['of no number', { number: null }],
      ['of nobody', { by: 7 }],
      ['through nothing', { through: 'who' }],
      ['of nothing', { name: 3 }],
    ] as const
  ).map(([what, field]): Damage => [
    `a watch ${what}`,
    () => calls('w/2o30', [{ ...CALL, name: 'who', through: '$0', by: 'o30', ...field }]),
    /^w\/2o30: a watch in it is none/,
  ]),
  ['watches that are no list', () => calls('w/2o30', { 0: CALL }), /^w\/2o30: it is no list of watches/],
  ['restarts that are a list', () => calls('r/2o30', [CALL]), /^r\/2o30: it is no record/],
  [
    'a constant that there is not',
    () => edit('o/2o30', /"body":"#\{/, '"body":"#{\\"odd\\":\\"#undef\\",'),
    /^o\/2o30: .*its body has a text that stands for nothing/,
  ],
  [
    'a name that stands for something else',
    () => edit('o/2o30', /"body":"#\{/, '"body":"#{\\"#tag\\":1,'),
    /^o\/2o30: .*its body has a name that stands for nothing/,
  ],
  ['output of no form', () => ({ [one(/^u\//)]: '[[]]' }), /^u\/.*it is no output/],
  [
    'counters that have no number left',
    () => ({ 'meta/counters': '{"object":9007199254740991,"message":1000000}' }),
    /^meta\/counters: the counters stand at object 9007199254740991/,
  ],
  [
    'an entry behind what is no entry',
    () => edit(entries()[3] ?? '', /"after":("\w+"|null)/, '"after":-1'),
    /what it says of its neighbours is no entry/,
  ],
  [
    'heads that name no entry',
    () => edit(`d/${ledger()}`, /"first":"(\w{20})\w+"/, '"first":"$1"'),
    /they are no heads of collections/,
  ],
  ['a dead letter of nothing', () => ({ 'dead/0000000000000009': '[]' }), /^dead\//],
  ['an aside without its object', () => ({ 'x/5o88888': '{}' }), /^x\/5o88888: the object .* is not there/],
  ['an aside without a reason', () => ({ 'x/2o30': '{}' }), /^x\/2o30: it does not say why/],
  [
    'what a lost object publishes',
    () => ({ 'w/5o88888': '{"body":"#[]","slots":[]}' }),
    /^w\/5o88888: its object/,
  ],
  ['a restart that cannot be read', () => ({ 'r/2o30': '{}' }), /^r\/2o30: it has no body/],
  ['garbage since no time', () => ({ 'g/2o30': '{}' }), /^g\/2o30: it does not say since when/],
  ['an approval of nothing', () => ({ [`safe/${'a'.repeat(64)}`]: '1' }), /^safe\/a/],
  ['collections of nobody', () => ({ 'd/5o88888': '{}' }), /^d\/5o88888: their object is not there/],
  ['an entry of nobody', () => ({ [`e/5o88888/mail/${'a'.repeat(64)}`]: '{}' }), /^e\/5o88888\/.*its object/],
  [
    'an entry that is lost',
    () => ({ [entries()[2] ?? '']: null }),
    /^d\/.*mail is not whole: it should have 7/,
  ],
  ['two entries that are lost', () => ({ [entries()[0] ?? '']: null, [entries()[4] ?? '']: null }), /^d\//],
  ['a damaged entry', () => ({ [entries()[2] ?? '']: DAMAGE }), /^e\/.*checksum/],
  [
    'an entry that leads in a ring',
    () => edit(entries()[0] ?? '', /"after":"?\w+"?/, `"after":"${(entries()[0] ?? '').slice(-64)}"`),
    /is not whole/,
  ],
  [
    'an entry that does not lead back',
    () => edit(entries()[3] ?? '', /"before":"?\w+"?/, `"before":null`),
    /is not whole|beginning/,
  ],
  [
    'an entry of another key',
    () => edit(entries()[0] ?? '', /#\[\\"/, '#[\\"other'),
    /key is not what its hash names/,
  ],
  ['heads that are lost', () => ({ [`d/${ledger()}`]: null }), /has entries, and no beginning/],
  ['damaged heads', () => ({ [`d/${ledger()}`]: DAMAGE }), /^d\/.*checksum/],
  ['heads that count wrong', () => edit(`d/${ledger()}`, /"size":7/, '"size":8'), /should have 8 entries/],
  [
    'a head too many',
    () =>
      edit(
        `d/${ledger()}`,
        /^\{/,
        `{"gone":{"size":1,"first":"${'a'.repeat(64)}","last":"${'a'.repeat(64)}"},`,
      ),
    /begins with an entry that is not there/,
  ],
  [
    'a reference too many',
    () => ({ 'ref/2o30/o/2o31': '' }),
    /^ref\/2o30\/o\/2o31: the reference leads from/,
  ],
  ['a reference that is lost', () => ({ [one(/^ref\//)]: null }), /^ref\/.*is not there/],
  [
    'many references that are lost',
    () => Object.fromEntries(keysOf(/^ref\//).map((key) => [key, null])),
    /^ref\//,
  ],
  ['a reference that holds something', () => ({ [one(/^ref\//)]: 'x' }), /should be empty/],
  ['a member that is lost', () => ({ [one(/^of\//)]: null }), /^of\/.*is not there/],
  ['a member too many', () => ({ 'of/2o30/2o31': '' }), /^of\/2o30\/2o31: .*leads from/],
];

describe.each(DAMAGES)('%s', (_, changes, found) => {
  test('is found, is mended, and then nothing is wrong and nothing changes any more', async () => {
    const data = await folderWith(changes());
    const before = await findings(data);
    expect(before).toContainEqual(expect.stringMatching(found));
    const { left, done } = await repair(data);
    expect(left).toBe(0);
    expect(done.length).toBeGreaterThan(0);
    expect(await findings(data)).toEqual([]);
    const after = await contentsIn(data);
    expect(await repair(data)).toEqual({ left: 0, done: [] });
    expect(await contentsIn(data)).toEqual(after);
    // Whatever it was, the world runs.
    const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(after) });
    fixture.world.input('sid-1', 12, 'look');
    await fixture.settle();
    await fixture.close();
  });
});

test('a world whose root is gone is said to start, as it does', async () => {
  const { slots } = JSON.parse(value('meta/roots')) as { slots: string[] };
  for (const slot of slots) {
    const contents = new Map(played);
    contents.delete(objectKey(slot.split('.')[0] ?? ''));
    const means: string[] = [];
    await checkWorld(viewOf(await storeOf(contents)), {
      onFinding: (finding) => void (finding.key === 'meta/roots' && means.push(finding.means)),
    });
    expect(means).toEqual([expect.stringMatching(/^the world starts, .* go back to a checkpoint/)]);
    const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(contents) });
    await fixture.world.close();
  }
});

test('a root on an object of another class is told', async () => {
  const roots = JSON.parse(value('meta/roots')) as { body: string };
  const { bank, storage } = JSON.parse(roots.body.slice(1)) as { bank: string; storage: string };
  const [first = '', second = ''] = [bank, storage].map((slot) => slot.split('.')[0]);
  const crossed = roots.body.replace(/"\$\d+/g, (slot) =>
    slot === `"${first}` ? `"${second}` : slot === `"${second}` ? `"${first}` : slot,
  );
  const contents = new Map(played).set('meta/roots', JSON.stringify({ ...roots, body: crossed }));
  const told: string[] = [];
  await checkWorld(viewOf(await storeOf(contents)), {
    onFinding: ({ key, what }) => void told.push(`${key}: ${what}`),
  });
  expect(told).toEqual([
    expect.stringMatching(/^meta\/roots: the root bank is on o\d+, which is no Bank but a Storage$/),
    expect.stringMatching(/^meta\/roots: the root storage is on o\d+, which is no Storage but a Bank$/),
  ]);
});

test('no token stands in what is told', async () => {
  const data = await folderWith({
    ...edit('o/2o30', /(\["[^"]+",\d+),-1/, '$1,7'),
    ...edit(`s/${sid}`, /o\d+\./, 'o99999.'),
    'ref/2o30/o/2o31': '',
  });
  const tokens = [...[...played.values()].join().matchAll(/o\d+\.([\w-]{22})\.\d/g)].map(
    ([, token]) => token ?? '',
  );
  const told = (await findings(data)).join('\n');
  expect(tokens.filter((token) => told.includes(token))).toEqual([]);
});

test.each([
  ['a record', {}],
  ['a record', { one: '$0', two: '$0.Alleged: Gate' }],
  ['a list', ['$0']],
])('a registration for restarts whose capabilities are %s is none that is damaged', async (_, caps) => {
  const again = { ...CALL, args: [{ n: 1 }], caps, after: ['first', '$0'] };
  const found = await findings(await folderWith(calls('r/2o30', { again })));
  expect(found.filter((each) => each.includes('registration'))).toEqual([]);
});
