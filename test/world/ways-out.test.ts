import { MOST_WAYS } from '../../world/ways-out.ts';
import { actorIn, openWrittenWorld, TO_THE_COMMON } from './written.ts';

test('ways that lead nowhere any more keep nobody from digging others', async () => {
  const world = await openWrittenWorld();
  const ada = await actorIn(world, 'Ada');
  await ada.types(...TO_THE_COMMON);
  const there = (await ada.types('look')).at(-1)?.split(', ').length ?? 0;
  for (let n = there; n < MOST_WAYS; n += 1) await ada.types(`@dig way ${n} to "Room ${n}"`);
  expect(await ada.types('@dig up to "The Attic"')).toEqual([
    `There are ${MOST_WAYS} ways out of here already.`,
  ]);
  await ada.types('@destroy Room 9');
  expect((await ada.types('@dig up to "The Attic"')).join()).toMatch(/^You make The Attic/);
  await ada.types('@destroy The Attic');
  expect((await ada.types('@dig up to "The Loft"')).join()).toMatch(/^You make The Loft/);
  expect((await ada.types('u'))[0]).toBe('The Loft');
  await world.close();
});

test('what else somebody calls his way does not lead those astray who take another one by its name', async () => {
  const world = await openWrittenWorld();
  const mallory = await actorIn(world, 'Mallory');
  await mallory.types(...TO_THE_COMMON);
  await mallory.writes(
    'Den',
    `class Den extends Room {
  addExit(name, also, to, front, passage) {
    super.addExit(name, also, to, front, passage);
    const inside = passage.lead().door.arrive(this, facet(this, 'holder'), 'Mrs Miggins', true, '');
    const ground = inside.look().at.requestCapability('leave to build', this);
    ground.addExit('gap', ['north', 'loft ladder'], 'A Gap', front, passage);
    inside.vacate(inside);
  }
}`,
  );
  await mallory.types('@dig up to "The Den" as Den');
  const ada = await actorIn(world, 'Ada');
  await ada.types(...TO_THE_COMMON, '@dig north to "The Attic"', '@dig loft ladder to "The Loft"');
  for (const [line, there] of [
    ['n', 'The Attic'],
    ['s', 'The Common'],
    ['go loft ladder', 'The Loft'],
    ['out', 'The Common'],
    ['gap', 'You are there already.'],
  ] as const)
    expect([line, (await ada.types(line))[0]]).toEqual([line, there]);
  await world.close();
});

test('what a way is called does not come between somebody and what he does with a thing', async () => {
  const world = await openWrittenWorld();
  const mallory = await actorIn(world, 'Mallory');
  await mallory.types(...TO_THE_COMMON, '@dig light lantern to "The Dark"');
  const ada = await actorIn(world, 'Ada');
  await ada.types('get lantern', ...TO_THE_COMMON);
  expect((await ada.types('light lantern')).join()).toMatch(/begins to burn/);
  await ada.types('drop lantern', '@create storm lantern', 'drop storm lantern');
  expect(await ada.types('light lantern')).toEqual(["I don't know which lantern you mean."]);
  await world.close();
});
