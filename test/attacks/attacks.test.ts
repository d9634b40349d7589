import { corpus } from './corpus.ts';
import { unfrozen } from './intrinsics.ts';
import { inMemory } from './journals.ts';
import { commonPicture, Trial } from './trial.ts';

/** For what is not meant to run long: it is stopped before the test hangs, but not on a busy machine. */
const STOPPED_AFTER = 2_000;

test('there are more than 200 attacks, each with a name of its own', () => {
  const names = corpus.flatMap(({ family, attacks }) => attacks.map(({ name }) => `${family}: ${name}`));
  expect(names.length).toBeGreaterThan(200);
  expect(new Set(names).size).toBe(names.length);
});

test('everything that classes share is frozen, and all that it leads to', async () => {
  expect(unfrozen(await commonPicture())).toEqual([]);
});

for (const evictAlways of [false, true]) {
  describe(evictAlways ? 'evicted after every turn' : 'in memory', () => {
    for (const { family, attacks } of corpus) {
      describe(family, () => {
        for (const attack of attacks) {
          if (attack.own !== undefined) continue;
          test(attack.name, async () => {
            const options = { ...inMemory(), evictAlways, turnMilliseconds: STOPPED_AFTER };
            const { wrong } = await Trial.run(attack, options);
            expect(wrong).toEqual([]);
          });
        }
      });
    }
  });
}
