import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

interface Scene {
  readonly room: string;
  readonly exits: readonly { readonly name: string; readonly to: string }[];
  readonly people: readonly string[];
  readonly things: readonly string[];
}

let world: TestWorld;
beforeEach(async () => {
  world = await openTestWorld(starterWorld);
});
afterEach(async () => {
  await world.close();
});

async function scenes(session: TestSession): Promise<readonly Scene[]> {
  await world.settle();
  return session.items().map(([kind, data]) => {
    expect(kind).toBe('scene');
    return data as Scene;
  });
}

test('a player is shown the scene when it changes, by himself or by others', async () => {
  const ada = world.session('Ada');
  await ada.command('look');
  const [first, ...more] = await scenes(ada);
  expect(more).toEqual([]);
  expect(first?.room).toBe('The Landing');
  expect(first?.exits).toContainEqual({ name: 'north', to: 'The Gatehouse' });
  expect(first?.people).toEqual([]);
  expect(first?.things).toContain('a storm lantern');

  const bob = world.session('Bob');
  await bob.command('get lantern');
  const [came, took] = await scenes(ada);
  expect(came?.people).toEqual(['Bob']);
  expect(took?.things).not.toContain('a storm lantern');

  await bob.command('n');
  const [left] = await scenes(ada);
  expect(left?.people).toEqual([]);
  expect((await scenes(bob)).at(-1)?.room).toBe('The Gatehouse');
});

test('what is only said changes no scene', async () => {
  const ada = world.session('Ada');
  const bob = world.session('Bob');
  await ada.command('look');
  await bob.command('look');
  await scenes(ada);
  await scenes(bob);
  await ada.command('say hello');
  await ada.command(':waves');
  await ada.command('look');
  expect(await scenes(ada)).toEqual([]);
  expect(await scenes(bob)).toEqual([]);
});
