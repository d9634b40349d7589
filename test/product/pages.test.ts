import { starterWorld } from '../starter-world.ts';
import { parseTranscript, play } from '../world/transcript.ts';
import { openTestWorld } from '../world-fixture.ts';
import { transcriptOf } from './examples.ts';

test.each(['docs/playing.md', 'docs/building.md'])('what %s shows is what is shown', async (page) => {
  const steps = parseTranscript(transcriptOf(page));
  expect(steps.length).toBeGreaterThan(20);
  const world = await openTestWorld(starterWorld);
  try {
    await play(steps, world);
  } finally {
    await world.close();
  }
});
