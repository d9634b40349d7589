import * as fc from 'fast-check';
import {
  accountKey,
  asideKey,
  collectionsKey,
  deadKey,
  entryKey,
  entryRange,
  FORMAT_KEY,
  garbageKey,
  isKeyText,
  journalKey,
  KEY_MAX,
  memberKey,
  memberRange,
  metaKey,
  objectKey,
  parseKey,
  prefixRange,
  referenceKey,
  referenceRange,
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
  type ParsedKey,
} from '../../storage/keys.ts';

function textOf(key: ParsedKey): string {
  switch (key.kind) {
    case 'format':
      return FORMAT_KEY;
    case 'meta':
      return metaKey(key.name);
    case 'journal':
      return journalKey(key.seq);
    case 'object':
      return objectKey(key.id);
    case 'shape':
      return shapeKey(key.number);
    case 'account':
      return accountKey(key.name);
    case 'session':
      return sessionKey(key.sid);
    case 'unread':
      return unreadKey(key.sid, key.number);
    case 'send':
      return sendKey(key.seq);
    case 'timer':
      return timerKey(key.due, key.seq);
    case 'dead':
      return deadKey(key.seq);
    case 'aside':
      return asideKey(key.id);
    case 'source':
      return sourceKey(key.hash);
    case 'safe':
      return safeKey(key.hash);
    case 'member':
      return memberKey(key.of, key.id);
    case 'collections':
      return collectionsKey(key.id);
    case 'entry':
      return entryKey(key.id, key.name, key.hash);
    case 'watched':
      return watchedKey(key.id);
    case 'restart':
      return restartKey(key.id);
    case 'garbage':
      return garbageKey(key.id);
    case 'reference':
      return referenceKey(key.to, key.place as Key<'object' | 'entry'>);
    default:
      return key satisfies never;
  }
}

const natural = fc.maxSafeNat();
const sid = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const id = fc
  .tuple(fc.option(fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/)), natural)
  .map(([vat, n]) => (vat === null ? `o${n}` : `${vat}:o${n}`));
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map((text) => text.toLowerCase().normalize('NFC'));

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,39}$/);

const key: fc.Arbitrary<ParsedKey> = fc.oneof(
  fc.constant({ kind: 'format' as const }),
  fc.record({ kind: fc.constant('meta' as const), name: fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/) }),
  fc.record({ kind: fc.constant('journal' as const), seq: natural }),
  fc.record({ kind: fc.constant('object' as const), id }),
  fc.record({ kind: fc.constant('shape' as const), number: natural }),
  fc.record({ kind: fc.constant('account' as const), name }),
  fc.record({ kind: fc.constant('session' as const), sid }),
  fc.record({ kind: fc.constant('unread' as const), sid, number: natural }),
  fc.record({ kind: fc.constant('send' as const), seq: natural }),
  fc.record({ kind: fc.constant('timer' as const), due: natural, seq: natural }),
  fc.record({ kind: fc.constant('dead' as const), seq: natural }),
  fc.record({ kind: fc.constant('aside' as const), id }),
  fc.record({ kind: fc.constant('source' as const), hash }),
  fc.record({ kind: fc.constant('safe' as const), hash }),
  fc.record({ kind: fc.constant('member' as const), of: id, id }),
  fc.record({ kind: fc.constant('collections' as const), id }),
  fc.record({ kind: fc.constant('entry' as const), id, name: word, hash }),
  fc.record({ kind: fc.constant('watched' as const), id }),
  fc.record({ kind: fc.constant('restart' as const), id }),
  fc.record({ kind: fc.constant('garbage' as const), id }),
  fc.record({ kind: fc.constant('reference' as const), to: id, place: id.map(objectKey) }),
  fc.record({
    kind: fc.constant('reference' as const),
    to: id,
    place: fc.tuple(id, word, hash).map((parts) => entryKey(...parts)),
  }),
);

test('every kind of key comes back from its text', () => {
  fc.assert(
    fc.property(key, (parsed) => {
      const text = textOf(parsed);
      expect(isKeyText(text)).toBe(true);
      expect(parseKey(text)).toEqual(parsed);
    }),
    { numRuns: 1000 },
  );
});

test('whatever text is taken for a key is the text of that key', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^(meta|j|o|shape|a|s|u|m|t|dead|x|src|safe|of|d|e|w|r|g|ref)\/[a-z0-9%:/-]{0,40}$/),
    key
      .map(textOf)
      .chain((whole) => fc.nat(whole.length).map((n) => `${whole.slice(0, n)}0${whole.slice(n)}`)),
  );
  fc.assert(
    fc.property(text, (alleged) => {
      const parsed = parseKey(alleged);
      if (parsed !== undefined) expect(textOf(parsed)).toBe(alleged);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['an unknown kind', 'z/1'],
  ['no kind', 'o17'],
  ['a leading zero', 'o/3o017'],
  ['an id as it stands elsewhere', 'o/o17'],
  ['an id of another length', 'o/3o17'],
  ['a length that is none', 'o/0o17'],
  ['an unpadded number', 'j/17'],
  ['a number that is too large', 'j/9007199254740992'],
  ['an object number that is too large', 'o/Go9007199254740992'],
  ['a part too many', 'm/0000000000000001/0000000000000001'],
  ['a part too few', 't/0000000000000001'],
  ['an account in capitals', 'a/Alice'],
  ['an account encoded without need', 'a/%61lice'],
  ['an account cut short inside a character', 'a/%E4%B8'],
  ['an empty account', 'a/'],
  ['a line end', 's/x\n'],
  ['a reference from what holds no capabilities', 'ref/1o1/m/0000000000000001'],
  ['a reference from nowhere', 'ref/1o1/'],
  ['a reference from a reference', 'ref/1o1/ref/1o2/o/1o3'],
  ['nothing', ''],
])('%s is no key: %j', (_, alleged) => {
  expect(parseKey(alleged)).toBeUndefined();
});

test('what there is of objects is in the order of their numbers, and what other vats have comes last', () => {
  const some = fc.oneof(natural, fc.nat(2_000));
  fc.assert(
    fc.property(some, some, (a, b) => {
      expect(objectKey(`o${a}`) < objectKey(`o${b}`)).toBe(a < b);
      expect(collectionsKey(`v:o${a}`) < collectionsKey(`v:o${b}`)).toBe(a < b);
      expect(memberKey('o1', `o${a}`) < memberKey('o1', `o${b}`)).toBe(a < b);
      expect(objectKey(`o${a}`) < objectKey(`a:o${b}`)).toBe(true);
    }),
  );
});

test('byte order of padded numbers is their order', () => {
  fc.assert(
    fc.property(natural, natural, (a, b) => {
      expect(timerKey(a, 0) < timerKey(b, 0)).toBe(a < b);
      expect(journalKey(a) < journalKey(b)).toBe(a < b);
    }),
  );
});

test('an account is found however its name is written', () => {
  expect(accountKey('ÉMILE')).toBe(accountKey('e\u0301mile'));
  expect(accountKey('a/b c')).toBe('a/a%2Fb%20c');
});

test.each([
  ['an object', () => objectKey('17')],
  ['an object with a path in it', () => objectKey('o1/../o2')],
  ['an object whose number is too large', () => objectKey('o9007199254740992')],
  ['an object of another vat whose number is too large', () => objectKey('vat:o9999999999999999')],
  ['a negative number', () => sendKey(-1)],
  ['a fraction', () => shapeKey(1.5)],
  ['a number above the safe ones', () => journalKey(2 ** 53)],
  ['not a number', () => unreadKey('x', Number.NaN)],
  ['an empty session', () => sessionKey('')],
  ['a session of 65 characters', () => sessionKey('x'.repeat(65))],
  ['a meta name in capitals', () => metaKey('Roots')],
  ['an empty account', () => accountKey('')],
  ['an account that is not well-formed', () => accountKey('\ud800')],
  ['an account that is too long', () => accountKey('x'.repeat(KEY_MAX - 1))],
])('%s is refused, by code', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'BadKey' }));
});

test('the longest account fits', () => {
  expect(accountKey('x'.repeat(KEY_MAX - 2))).toHaveLength(KEY_MAX);
});

const PREFIXES = [
  ...(['meta', 'j', 'o', 'shape', 'a', 's', 'u', 'm', 't'] as const),
  ...(['dead', 'x', 'src', 'safe', 'of', 'd', 'e', 'w', 'r', 'g', 'ref'] as const),
];

test('a range of a prefix has all its keys and no other', () => {
  fc.assert(
    fc.property(key, (parsed) => {
      const text = textOf(parsed);
      for (const prefix of PREFIXES) {
        const { gte, lt } = prefixRange(prefix);
        expect(text >= gte && text < lt).toBe(text.startsWith(`${prefix}/`));
      }
    }),
  );
});

test('a range of an object has all its keys, and none of another one', () => {
  const some = fc.oneof(fc.nat(2_000), natural).map((n) => `o${n}`);
  const other = fc.oneof(
    some,
    some.map((each) => `v:${each}`),
  );
  fc.assert(
    fc.property(other, other, (a, b) => {
      const ranges = [
        [entryRange(a), entryKey(b, 'map', '0'.repeat(64))],
        [entryRange(a), entryKey(b, 'Z', 'f'.repeat(64))],
        [memberRange(a), memberKey(b, a)],
        [memberRange(a), memberKey(b, 'z:o9')],
        [referenceRange(a), referenceKey(b, objectKey(a))],
        [referenceRange(a), referenceKey(b, entryKey('z:o9', 'map', 'f'.repeat(64)))],
      ] as const;
      for (const [{ gte, lt }, text] of ranges) expect(text >= gte && text < lt).toBe(a === b);
    }),
    {
      examples: [
        ['o12', 'o12'],
        ['o12', 'o120'],
        ['o1', 'o12'],
        ['o12', 'v:o12'],
        ['v:o12', 'v:o12'],
      ],
    },
  );
});
