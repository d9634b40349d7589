import { createHash } from 'node:crypto';
import { grantMark } from '../../engine/grant-mark.ts';
import { openJournal } from '../../storage/journal.ts';
import {
  accountKey,
  asideKey,
  collectionsKey,
  deadKey,
  entryKey,
  garbageKey,
  memberKey,
  metaKey,
  objectKey,
  referenceKey,
  restartKey,
  safeKey,
  sendKey,
  sessionKey,
  shapeKey,
  sourceKey,
  timerKey,
  unreadKey,
  watchedKey,
  type Key,
  type KeyKind,
} from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';

/** A token that must be shown nowhere; `n` tells them apart. */
const token = (n: number): string => `SECRET${String(n).padStart(16, '0')}`;

/** What the grant of that token is called. */
export const mark = (n: number): string => markOf(token(n));

export const markOf = (text: string): string =>
  grantMark(text, (each) => createHash('sha256').update(each).digest('hex'));

const slot = (id: string, n: number, shape: number): string => `${id}.${token(n)}.${shape}`;

/** Data in the stored form. */
const data = (tree: unknown, ...slots: readonly string[]) => ({ body: `#${JSON.stringify(tree)}`, slots });

const HASH = 'c0ffee'.padEnd(64, '0');
const WHEN = Date.UTC(2026, 0, 2, 3, 4, 5);

/** One key of a kind, and what a dump of it has to say. */
interface Sample {
  readonly key: Key;
  readonly value: unknown;
  readonly says: readonly string[];
}

/**
 * A store with one key of each kind, as the engine writes them: o17 is a lamp of Ann's that o18 holds. A kind that has none
 * here does not compile.
 */
export const SAMPLES: Readonly<Record<Exclude<KeyKind, 'journal' | 'format'>, Sample>> = {
  meta: {
    key: metaKey('roots'),
    value: data({ storage: '$0.Alleged: Lamp' }, slot('o17', 5, 1)),
    says: ['storage', 'o17 Lamp {off, on}'],
  },
  object: {
    key: objectKey('o17'),
    value: {
      class: 'Lamp',
      of: 'o9',
      v: 3,
      paid: 2,
      kept: 400,
      bank: 'o3',
      grants: [
        [token(1), 2, -1, 'ignored', 'owner', null, null],
        [token(2), 1, 0, 'Ann', null, WHEN, 3, 'o4'],
        [token(3), 3, 1, 'Bob\u001b[2J', null, null, null],
      ],
      body: '#{"colour":"!#red","count":"+12","lit":true,"mate":"$0.Alleged: Lamp","none":"#undefined"}',
      slots: [slot('o18', 9, 1)],
    },
    says: [
      'Lamp',
      'o9',
      'o3',
      '"#red"',
      '12n',
      'o18 Lamp {off, on}',
      'undefined',
      '"Ann"',
      '3 uses left',
      'o4',
    ],
  },
  shape: {
    key: shapeKey(1),
    value: { className: 'Lamp', methods: ['off', 'on'] },
    says: ['Lamp', 'off', 'on'],
  },
  account: {
    key: accountKey('Ann'),
    value: {
      name: 'Ann',
      salt: 'SECRETsalt',
      hash: 'SECREThash',
      cost: { N: 1, r: 1, p: 1 },
      capability: JSON.stringify(data('$0.Alleged: Lamp', slot('o17', 1, 2))),
    },
    says: ['Ann', 'o17 Lamp owner'],
  },
  session: {
    key: sessionKey('sid-1'),
    value: {
      slot: slot('o17', 1, 2),
      name: 'Ann',
      keyHash: 'SECRETkey',
      keep: true,
      in: 5,
      out: 7,
      acknowledged: 6,
      closing: false,
    },
    says: ['sid-1', 'o17 Lamp owner', 'Ann'],
  },
  unread: { key: unreadKey('sid-1', 7), value: ['You see\u0007 a lamp.'], says: ['sid-1', 'a lamp.'] },
  send: {
    key: sendKey(21),
    value: data({ to: '$0.Alleged: Lamp', method: 'on', args: ['now'], number: 21 }, slot('o17', 2, 1)),
    says: ['21', 'o17 Lamp {off, on}', '"now"'],
  },
  timer: {
    key: timerKey(WHEN, 22),
    value: data(
      { to: '$0.Alleged: Lamp', method: 'off', due: WHEN, every: 1000, number: 22 },
      slot('o17', 2, 1),
    ),
    says: ['22', '2026-01-02T03:04:05.000Z', 'every'],
  },
  dead: {
    key: deadKey(23),
    value: {
      ...data({ method: 'burst' }),
      code: 'Gone',
      text: 'It is gone.',
      when: WHEN,
      tries: 4,
      account: 'o3',
    },
    says: ['23', 'burst', 'Gone', 'It is gone.', '2026-01-02T03:04:05.000Z', '4'],
  },
  aside: {
    key: asideKey('o17'),
    value: { className: 'Lamp', bank: 'o3', code: 'OutOfTime', message: 'It burnt too long.', when: WHEN },
    says: ['o17', 'OutOfTime', 'It burnt too long.'],
  },
  source: {
    key: sourceKey(HASH),
    value: 'class Lamp {\n  \u001b[31mon() {}\n}',
    says: ['class Lamp', 'on() {}'],
  },
  safe: { key: safeKey(HASH), value: { className: 'Lamp', when: WHEN }, says: [HASH, 'Lamp', '2026-01-02'] },
  member: { key: memberKey('o9', 'o17'), value: '', says: ['o9', 'o17'] },
  collections: {
    key: collectionsKey('o17'),
    value: { letters: { size: 1, first: HASH, last: HASH } },
    says: ['o17', 'letters'],
  },
  entry: {
    key: entryKey('o17', 'letters', HASH),
    value: { before: null, after: null, data: data(['first', { from: '$0' }], slot('o18', 9, 1)) },
    says: ['o17', 'letters', 'first', 'o18 Lamp'],
  },
  watched: {
    key: watchedKey('o17'),
    value: data(
      [{ number: 1, name: 'light', through: '$0', to: '$1', method: 'seen', by: 'o18', payer: null }],
      slot('o17', 2, 1),
      slot('o18', 9, 1),
    ),
    says: ['o17', 'light', 'seen', 'o18'],
  },
  restart: {
    key: restartKey('o17'),
    value: data(
      { glow: { to: '$0', method: 'wake', args: [], caps: {}, after: ['oil'], number: 3 } },
      slot('o17', 2, 1),
    ),
    says: ['o17', 'glow', 'wake', 'oil'],
  },
  garbage: { key: garbageKey('o17'), value: { since: WHEN }, says: ['o17', '2026-01-02T03:04:05.000Z'] },
  reference: { key: referenceKey('o17', objectKey('o18')), value: '', says: ['o17', 'o/2o18'] },
};

/** What is in the store besides, so that the samples make sense. */
const MORE: readonly (readonly [Key, unknown])[] = [
  [shapeKey(2), { className: 'Lamp', methods: ['break', 'off', 'on'], facet: 'owner' }],
  [shapeKey(3), { className: 'Lamp', methods: ['on'] }],
  [
    objectKey('o18'),
    {
      class: 'Shelf',
      bank: null,
      grants: [],
      ...data({ lamp: '$0.Alleged: Lamp', old: '$1' }, slot('o17', 2, 1), slot('o17', 77, 1)),
    },
  ],
  [
    objectKey('o3'),
    {
      class: 'Bank',
      bank: null,
      grants: [],
      ...data({ left: 10, reports: ['$0', 'blamed'] }, slot('o17', 1, 2)),
    },
  ],
  [referenceKey('o17', objectKey('o3')), ''],
  [referenceKey('o18', entryKey('o17', 'letters', HASH)), ''],
];

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Makes that store in a folder; what the samples hold is left in the journal, as after a crash. */
export async function writeSamples(folder: string): Promise<void> {
  const store = await openLevelStore(folder, { create: true });
  const journal = await openJournal(store);
  await journal.commit(MORE.map(([put, value]) => ({ put, value: text(value) })));
  await journal.settle();
  await journal.commit(Object.values(SAMPLES).map(({ key, value }) => ({ put: key, value: text(value) })));
  await store.close();
}
