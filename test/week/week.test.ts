// Some hours of a world that is played in, and everything that the tools say of it. The long run: npm run week -- --seed S.

import { playWeek, type Week } from './week.ts';

let week: Week;
beforeAll(async () => {
  week = await playWeek({
    hours: 15,
    players: 6,
    seed: 5,
    rounds: 6,
    checkpointEvery: 4,
    judgeEvery: 3,
    say: () => {},
  });
}, 120_000);

test('check finds nothing, exports come back the same, dumps are whole, every checkpoint is the world of its moment', () => {
  expect(week.wrong).toEqual([]);
});

test('there was something to judge', () => {
  const { judged, lives, lines, restored, collected } = week;
  expect(lines).toBeGreaterThan(1_000);
  expect(collected).toBeGreaterThan(0);
  expect(restored).toBeGreaterThanOrEqual(6);
  expect(lives['power-before'] + lives['power-after']).toBeGreaterThan(0);
  for (const kind of ['aside', 'dead', 'entry', 'member', 'reference', 'restart', 'safe', 'timer', 'watched'])
    expect([kind, judged.kinds.get(kind) ?? 0]).not.toEqual([kind, 0]);
});
