import { classes } from '../../world/classes.ts';
import { genesis } from '../../world/starter.ts';
import { openTestWorld } from '../world-fixture.ts';

test('a command that comes to nothing is answered for people in words, and for clients by a code', async () => {
  const world = await openTestWorld({ classes, genesis });
  const ada = world.session('Ada');
  const answers: unknown[] = [];
  for (const command of ['frobnicate', 'get moon', 'go sideways']) {
    await ada.command(command);
    answers.push(ada.items().at(-1));
  }
  expect(answers).toEqual([
    ['error', { code: 'NotUnderstood' }],
    ['error', { code: 'NotFound' }],
    ['error', { code: expect.stringMatching(/^(?:NotFound|Refused)$/) }],
  ]);
  await world.close();
});
