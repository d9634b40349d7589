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
