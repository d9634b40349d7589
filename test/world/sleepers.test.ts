// Players who have left stay where they were, asleep. A place has room for so many people and no more.

import { MOST_PEOPLE } from '../../world/room-record.ts';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

let world: TestWorld;
let late: TestSession;
/** The one who fell asleep first. */
let slot: string;

const begin = (sid: string, name: string, capability: (invoke: Invoke) => object): Promise<unknown> =>
  world.world.begin({ sid, keyHash: '', keep: true, name }, capability);
type Invoke = (to: object, method: string, args: readonly unknown[]) => unknown;

beforeAll(async () => {
  world = await openTestWorld(starterWorld);
  await begin('first', 'First', (invoke) => {
    const made = invoke(world.world.roots.gate, 'newPlayer', ['First']) as object;
    slot = world.world.slotText(made);
    return made;
  });
  await world.world.end('first');
  for (let n = 1; n < MOST_PEOPLE; n += 1) await world.session(`Sleeper-${n}`).command('quit');
  late = world.session('Late');
}, 120_000);
afterAll(() => world.close());

test('however many sleep where people come in, another one can, and sees the ways out', async () => {
  expect((await late.command('look')).at(-1)).toMatch(/^Ways out: north/);
  await late.command('n');
  expect(await late.command('home')).toContain('The Landing');
  expect((await late.command('x sleeper-7')).join()).toMatch(/nothing to be learnt about Sleeper-7/);
});

test('who has slept there longest makes way, and wakes up at home', async () => {
  expect((await late.command('x first')).join()).toMatch(/You see no "first" here/);
  await begin('again', 'First', () => world.world.capabilityFrom(slot));
  await world.settle();
  expect(late.lines()).toEqual(['First arrives half asleep.', 'First wakes up.']);
});
