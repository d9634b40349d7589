import { parsePromptLine } from '../../clients/login-prompt.ts';

const codeOf = (line: string) => {
  const command = parsePromptLine(line);
  return command.does === 'refuse' ? command.code : command.does;
};

test('create and connect take a name and a password', () => {
  expect(parsePromptLine('create Ann secret77')).toEqual({
    does: 'create',
    name: 'Ann',
    password: 'secret77',
  });
  expect(parsePromptLine('  CONNECT  ann   secret77  ')).toEqual({
    does: 'connect',
    name: 'ann',
    password: 'secret77',
  });
});

test('a password may hold spaces, and is the same however its letters were composed', () => {
  expect(parsePromptLine('create Ann four words in all')).toMatchObject({ password: 'four words in all' });
  expect(parsePromptLine('create Ann caf\u0065\u0301-creme')).toMatchObject({ password: 'caf\u00e9-creme' });
});

test.each([
  ['connect guest', 'guest'],
  ['Connect GUEST', 'guest'],
  ['who', 'who'],
  ['help me', 'help'],
  ['quit', 'quit'],
  ['   ', 'nothing'],
])('%j is %s', (line, does) => expect(codeOf(line)).toBe(does));

test.each([
  ['look', 'UnknownCommand'],
  ['who is there', 'WrongArguments'],
  ['quit now', 'WrongArguments'],
  ['create', 'WrongArguments'],
  ['create Ann', 'WrongArguments'],
  ['connect guest secret77', 'WrongArguments'],
  ['create guest secret77', 'BadName'],
  ['create A secret77', 'BadName'],
  ['create 1Ann secret77', 'BadName'],
  ['create A_nn secret77', 'BadName'],
  ['create \u0410nn secret77', 'BadName'],
  [`create ${'a'.repeat(21)} secret77`, 'BadName'],
  ['create Ann 1234567', 'BadPassword'],
  [`create Ann ${'x'.repeat(129)}`, 'BadPassword'],
])('%j is refused as %s', (line, code) => expect(codeOf(line)).toBe(code));

test.each([['Al'], ['a'.repeat(20)], ['R2-d2']])('%s is a name', (name) => {
  expect(codeOf(`create ${name} 12345678`)).toBe('create');
});

test('8 and 128 characters make a password, counted as people count', () => {
  expect(codeOf('create Ann 12345678')).toBe('create');
  expect(codeOf(`create Ann ${'x'.repeat(128)}`)).toBe('create');
  expect(codeOf(`create Ann ${'\u{1f511}'.repeat(7)}`)).toBe('BadPassword');
  expect(codeOf(`create Ann ${'\u{1f511}'.repeat(8)}`)).toBe('create');
});

test('no refusal quotes what was typed', () => {
  for (const line of [
    'hunter2hunter2',
    'connect hunter2hunter2',
    'create x_hunter2 hunter2hunter2',
    'create Ann hunter2',
  ]) {
    const command = parsePromptLine(line);
    expect(command.does).toBe('refuse');
    expect(JSON.stringify(command)).not.toContain('hunter2');
  }
});
