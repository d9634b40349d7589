import { readdirSync, readFileSync } from 'node:fs';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld } from '../world-fixture.ts';
import { parseTranscript, play, type Step } from '../world/transcript.ts';

/** The sources: examples are not compiled. */
const FOLDER = new URL('../../../docs/examples/', import.meta.url);
const FILES = readdirSync(FOLDER);

const RESTART: Omit<Step, 'line'> = { what: 'restart', text: '', expected: [] };

const read = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

/** With a restart behind every step. */
function restarting(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, { ...RESTART, line: step.line }]);
}

describe.each([
  ['', false, (steps: readonly Step[]) => steps],
  [', with everything dropped after every turn', true, (steps: readonly Step[]) => steps],
  [', with a restart behind every step', false, restarting],
])('an example of docs/examples%s', (_, evictAlways, prepared) => {
  for (const file of FILES.filter((name) => name.endsWith('.moot'))) {
    test(file.replace('.moot', '').replaceAll('-', ' '), async () => {
      const steps = parseTranscript(read(file));
      const world = await openTestWorld({ ...starterWorld, evictAlways });
      try {
        await play(prepared(steps), world, read);
      } finally {
        await world.close();
      }
    });
  }
});

test('every class of docs/examples is played in some transcript', () => {
  const played = FILES.filter((name) => name.endsWith('.moot')).flatMap((name) =>
    parseTranscript(read(name)).flatMap(({ what, text }) => (what === 'class' ? [text] : [])),
  );
  expect([...new Set(played)].sort()).toEqual(FILES.filter((name) => name.endsWith('.js')).sort());
});
