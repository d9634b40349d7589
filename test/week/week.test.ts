// Some hours of a world that is played in, and everything that the tools say of it. The long run: npm run week -- --seed S.

import { playedWorld, storeOf, viewOf } from '../clients/stored-world.ts';
import { judge } from './judgement.ts';
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

test('a fault in what is stored is told', async () => {
  const played = await playedWorld();
  const told = async (key: string, value: string | null): Promise<string> => {
    const broken = new Map(played);
    if (value === null) broken.delete(key);
    else broken.set(key, value);
    const wrong: string[] = [];
    await judge(viewOf(await storeOf(broken)), (what) => wrong.push(what));
    return wrong.join('\n');
  };
  const [reference = ''] = [...played.keys()].filter((key) => key.startsWith('ref/'));
  expect(await told(reference, null)).toMatch(/^check: .*\n(?:.*\n)*audit: .* is missing\n(?:.*\n)*import: /);
  const bank = played.get('o/1o1') ?? '';
  expect(await told('o/1o1', bank.replace('left\\":9', 'left\\":8'))).toContain('audit: the first bank');
  expect(await told('a/ada', '{}')).toContain('check: a/ada');
});
