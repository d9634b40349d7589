// Players who have left stay where they were, asleep. A place has room for so many people and no more.

import { MOST_PEOPLE } from '../../world/room-record.ts';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

let world: TestWorld;
let late: TestSession;
/** The ones who came in first, and have slept from then on. */
const slots: string[] = [];

/** Players that are made in one turn. */
const AT_ONCE = 50;

beforeAll(async () => {
  world = await openTestWorld(starterWorld);
  const { gate } = world.world.roots;
  for (let made = 0; made < MOST_PEOPLE; made += AT_ONCE) {
    await world.world.run((invoke) => {
      for (let n = made; n < made + AT_ONCE; n += 1) {
        const capability = invoke(gate, 'newPlayer', [`Sleeper-${n}`]) as object;
        if (n < 3) slots.push(world.world.slotText(capability));
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

async function wake(number: number): Promise<void> {
  const who = { sid: `again-${number}`, keyHash: '', keep: true, name: `Sleeper-${number}` };
  await world.world.begin(who, () => world.world.capabilityFrom(slots[number] as string));
  await world.settle();
}

test('who has slept there longest makes way, and wakes up at home', async () => {
  expect((await late.command('x sleeper-0')).join()).toMatch(/You see no "sleeper-0" here/);
  await wake(0);
  expect(late.lines()).toEqual(['Sleeper-0 arrives half asleep.', 'Sleeper-0 is here, new to the place.']);
});

test('who was awake meanwhile has not slept longest, however early he came', async () => {
  await wake(2);
  await world.world.end('again-2');
  await world.session('Later').command('look');
  expect((await late.command('x sleeper-2')).join()).toMatch(/nothing to be learnt about Sleeper-2/);
  expect((await late.command('look')).join()).not.toMatch(/Sleeper-3[ ,]/);
});

test('of very many that could be meant a few are named', async () => {
  expect((await late.command('x sleeper')).join()).toMatch(
    /^I don't know which sleeper you mean: Sleeper-4, (Sleeper-\d+, ){8}Sleeper-\d+ or one of \d{2,} others\?$/,
  );
});
