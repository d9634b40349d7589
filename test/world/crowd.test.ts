import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

/** So many that the longest line there can be is too long for all of them together. */
const CROWD = 240;

let world: TestWorld;
let people: readonly TestSession[];
beforeAll(async () => {
  world = await openTestWorld(starterWorld);
  const came: TestSession[] = [];
  for (let n = 0; n < CROWD; n += 1) came.push(world.session());
  await Promise.all(came.map((each) => each.command('look')));
  people = came;
}, 60_000);
afterAll(() => world.close());
beforeEach(async () => {
  await world.settle();
  for (const each of people) {
    each.lines();
    each.items();
  }
});

test('in a crowd everybody hears a line, and whoever says it is told that he said it', async () => {
  const [speaker, ...others] = people as [TestSession, ...TestSession[]];
  expect(await speaker.command('say hello')).toEqual(['You say, "hello"']);
  await world.settle();
  expect(others.filter((each) => each.lines().join() !== 'Guest1 says, "hello"')).toEqual([]);
});

test('what is too long for so many to hear is refused, and heard by nobody', async () => {
  const [speaker, ...others] = people as [TestSession, ...TestSession[]];
  expect(await speaker.command(`say ${'x'.repeat(3_700)}`)).toHaveLength(1);
  await world.settle();
  expect(others.filter((each) => each.lines().length !== 1)).toEqual([]);
  expect((await speaker.command(`say ${'x'.repeat(3_800)}`)).join()).toContain('Say it in parts');
  await world.settle();
  expect(others.filter((each) => each.lines().length !== 0)).toEqual([]);
});

test('in a crowd a change is told to all, and shown to whoever brought it about', async () => {
  const [, taker] = people as [TestSession, TestSession];
  const others = people.filter((each) => each !== taker);
  await taker.command('get lantern');
  await world.settle();
  expect(others.filter((each) => each.lines().join() !== 'Guest2 takes the storm lantern.')).toEqual([]);
  expect(others.filter((each) => each.items().length > 0)).toEqual([]);
  expect(taker.items()).toHaveLength(1);
});

test('whoever leaves a crowd is gone, and is not there when the others look', async () => {
  const leaving = people.at(-1) as TestSession;
  await leaving.command('quit');
  await world.settle();
  expect(people[0]?.lines().join()).toContain(`Guest${CROWD} wanders off and is gone.`);
  expect((await people[0]?.command('examine guest240'))?.join()).toContain('You see no "guest240" here.');
});
