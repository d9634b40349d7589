import { methodFor, methodOf, phrasesOf, without } from '../../world/verb-patterns.ts';

const TABLE = {
  ring: 'ring',
  'pet|stroke': 'pet',
  'knock on|at': 'knock',
  'dial *': 'dial',
  'buy|order * from|at': 'buy',
  'set to *': 'set',
};

test.each([
  ['ring', 'ring'],
  ['pet', 'pet'],
  ['stroke', 'pet'],
  ['knock on', 'knock'],
  ['knock at', 'knock'],
  ['dial *', 'dial'],
  ['buy * from', 'buy'],
  ['order * at', 'buy'],
  ['set to *', 'set'],
])('"%s" calls %s', (typed, method) => {
  expect(methodFor(TABLE, typed)).toBe(method);
});

test.each([
  'rin',
  'ring on',
  'ring *',
  'knock',
  'knock *',
  'dial',
  'dial * on',
  'buy',
  'buy from *',
  'set * to',
  'constructor',
  '*',
  '',
])('"%s" calls nothing', (typed) => {
  expect(methodFor(TABLE, typed)).toBeUndefined();
});

test('patterns read as what can be done with it', () => {
  expect(phrasesOf(TABLE)).toEqual([
    'ring it',
    'pet it',
    'stroke it',
    'knock on it',
    'dial it something',
    'buy something from it',
    'order something from it',
    'set it to something',
  ]);
});

test.each([
  '',
  ' ',
  '*',
  'Ring',
  'ring ',
  'ring loudly',
  'ring  on',
  'ring * *',
  'ring on at',
  'ring * on *',
  'ring on * at',
  'ring|',
  '|ring',
  'ring on|',
  'ring *|on',
  'ring\u001b[31m',
  'r'.repeat(31),
])('"%s" is no pattern, and says so', (pattern) => {
  const ask = () => methodFor({ [pattern]: 'ring' }, 'ring');
  expect(ask).toThrow(/is no pattern for a verb/);
  expect(() => phrasesOf({ [pattern]: 'ring' })).toThrow(/is no pattern for a verb/);
});

test('a pattern needs the name of a method', () => {
  expect(() => methodFor({ ring: 7 } as never, 'ring')).toThrow(/needs the name of a method/);
});

test('a method is one of the class, or of one that it is built on, and nothing else', () => {
  class Above {
    ring(): string {
      return 'above';
    }
    pull(): string {
      return 'above';
    }
  }
  class Below extends Above {
    readonly loud = () => 'own';
    override ring(): string {
      return 'below';
    }
    get glow(): () => string {
      return () => 'getter';
    }
  }
  const it = new Below();
  expect(methodOf(it, 'ring').call(it)).toBe('below');
  expect(methodOf(it, 'pull').call(it)).toBe('above');
  for (const name of ['loud', 'glow', 'constructor', 'toString', 'hasOwnProperty', '__proto__', 'tug']) {
    expect(() => methodOf(it, name)).toThrow(/There is no method/);
  }
});

test('entries of another table can be left out, unless they do something else here', () => {
  expect(
    without({ open: 'open', 'close|shut': 'slam', lick: 'lick' }, { open: 'open', 'close|shut': 'shut' }),
  ).toEqual({
    'close|shut': 'slam',
    lick: 'lick',
  });
});
