// Players who have left stay where they were, asleep. A place has room for so many people and no more.

import { MOST_PEOPLE } from '../../world/room-record.ts';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

let world: TestWorld;
let late: TestSession;
/** The one who fell asleep first. */
let slot: string;

/** Players that are made in one turn. */
const AT_ONCE = 50;

beforeAll(async () => {
  world = await openTestWorld(starterWorld);
  const { gate } = world.world.roots;
  for (let made = 0; made < MOST_PEOPLE; made += AT_ONCE) {
    await world.world.run((invoke) => {
      for (let n = made; n < made + AT_ONCE; n += 1) {
        const capability = invoke(gate, 'newPlayer', [`Sleeper-${n}`]) as object;
        if (n === 0) slot = world.world.slotText(capability);
      }
    });
  }
  late = world.session('Late');
}, 60_000);
afterAll(() => world.close());

test('however many sleep where people come in, another one can, and sees the ways out', async () => {
  expect((await late.command('look')).at(-1)).toMatch(/^Ways out: north/);
  await late.command('n');
  expect(await late.command('home')).toContain('The Landing');
  expect((await late.command('x sleeper-7')).join()).toMatch(/nothing to be learnt about Sleeper-7/);
});

test('who has slept there longest makes way, and wakes up at home', async () => {
  expect((await late.command('x sleeper-0')).join()).toMatch(/You see no "sleeper-0" here/);
  await world.world.begin({ sid: 'again', keyHash: '', keep: true, name: 'Sleeper-0' }, () =>
    world.world.capabilityFrom(slot),
  );
  await world.settle();
  expect(late.lines()).toEqual(['Sleeper-0 arrives half asleep.', 'Sleeper-0 is here, new to the place.']);
});
