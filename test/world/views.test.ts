import { actorIn, openWrittenWorld, TO_THE_COMMON, type Actor } from './written.ts';
import type { TestWorld } from '../world-fixture.ts';

let world: TestWorld;
let ada: Actor;
beforeEach(async () => {
  world = await openWrittenWorld();
  ada = await actorIn(world, 'Ada');
  await ada.types(...TO_THE_COMMON);
});
afterEach(async () => {
  await world.close();
});

const seesIn = async (): Promise<string | undefined> =>
  (await ada.types('look')).find((line) => line.startsWith('You see'));

test('a room of a class that shows something else shows it the same way each time', async () => {
  await ada.writes(
    'Fog',
    `
class Fog extends Room {
  view() {
    const { things, ...rest } = super.view();
    return { ...rest, things: things.slice(1).map((each) => ({ ...each, name: each.name + ' in fog' })) };
  }
}`,
  );
  await ada.types('@dig up to "The Fog" as Fog', 'u');
  for (const name of ['boat', 'lamp', 'bell']) await ada.types(`@create ${name}`, `drop ${name}`);
  expect(await seesIn()).toBe('You see a lamp in fog and a bell in fog.');
  expect(await seesIn()).toBe('You see a lamp in fog and a bell in fog.');
  await ada.types('get lamp');
  expect(await seesIn()).toBe('You see a bell in fog.');
  await ada.types('drop lamp');
  expect(await seesIn()).toBe('You see a bell in fog and a lamp in fog.');
});

test('what was renamed, or has other names now, is seen so', async () => {
  await ada.types('@dig up to "The Loft"', 'u');
  for (const name of ['boat', 'lamp']) await ada.types(`@create ${name}`, `drop ${name}`);
  expect(await seesIn()).toBe('You see a boat and a lamp.');
  await ada.types('@rename boat to ship');
  expect(await seesIn()).toBe('You see a ship and a lamp.');
  await ada.types('get ship');
  expect(await seesIn()).toBe('You see a lamp.');
});

test('a room that shows nothing that makes sense lets nobody see it, and keeps nobody', async () => {
  for (const [name, shown] of Object.entries({ Void: 'null', Noise: "{ things: 'x', people: 7 }" })) {
    await ada.writes(name, `class ${name} extends Room {\n  view() { return ${shown}; }\n}`);
    await ada.types(`@dig up to "${name}" as ${name}`);
    expect((await ada.types('u')).at(-1)).toContain('You cannot make out what is there.');
    expect((await ada.types('home'))[0]).toBe('The Landing');
    await ada.types(...TO_THE_COMMON);
    await ada.types('@undig up');
  }
});
