import { Accounts } from '../../clients/accounts.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { codeOf } from '../engine/puppet.ts';
import { starterWorld } from '../starter-world.ts';

let it: Fixture;
let accounts: Accounts;
let sessions = 0;
beforeEach(async () => {
  it = await openFixture(starterWorld);
  accounts = new Accounts(it.world, it.powers.random);
});
afterEach(() => it.close());

const terms = () => ({ sid: `session-${(sessions += 1)}`.padEnd(22, '-'), keyHash: '', keep: true });
const enter = (how: 'create' | 'connect', name: string, password: string): Promise<string> =>
  codeOf(accounts[how](terms(), name, password, `a place for ${password}`));

test('of those who ask for one name at once one has it, and his password alone opens it', async () => {
  const passwords = ['first password', 'second password'];
  const codes = await Promise.all(
    passwords.map((each, at) => enter('create', ['Ann', 'ANN'][at] ?? '', each)),
  );
  expect(codes.toSorted()).toEqual(['NameTaken', 'none']);
  for (const [at, password] of passwords.entries())
    expect(await enter('connect', 'ann', password)).toBe(codes[at] === 'none' ? 'none' : 'BadLogin');
});

test('a wrong name and a wrong password are told alike', async () => {
  expect(await enter('create', 'Ann', 'a password of hers')).toBe('none');
  for (const [name, password] of [
    ['Ann', 'a password of his'],
    ['Ann', ''],
    ['Bob', 'a password of hers'],
    ['constructor', 'a password of hers'],
  ] as const)
    expect(await enter('connect', name, password)).toBe('BadLogin');
  expect(await enter('connect', 'ANN', 'a password of hers')).toBe('none');
});
