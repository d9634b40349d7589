import { readdirSync, readFileSync } from 'node:fs';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld } from '../world-fixture.ts';
import { fits, parseTranscript, play } from './transcript.ts';

/** The sources: transcripts are not compiled. */
const FOLDER = new URL('../../../test/world/transcripts/', import.meta.url);

describe.each([
  ['', false],
  [', with everything dropped after every turn', true],
])('the starter world%s', (_, evictAlways) => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.moot'))) {
    test(file.replace('.moot', '').replaceAll('-', ' '), async () => {
      const steps = parseTranscript(readFileSync(new URL(file, FOLDER), 'utf8'));
      const world = await openTestWorld({ ...starterWorld, evictAlways });
      try {
        await play(steps, world);
      } finally {
        await world.close();
      }
    });
  }
});

describe('a transcript', () => {
  test('fits itself, and wildcards fit anything', () => {
    expect(fits(['a', 'b'], ['a', 'b'])).toBe(true);
    expect(fits(['a', 'b'], ['...', 'b'])).toBe(true);
    expect(fits(['a', 'b'], ['...'])).toBe(true);
    expect(fits([], ['...'])).toBe(true);
    expect(fits(['You see a lamp here.'], ['You see ... here.'])).toBe(true);
  });

  test('does not fit what is missing, more, or different', () => {
    expect(fits(['a'], ['a', 'b'])).toBe(false);
    expect(fits(['a', 'b'], ['a'])).toBe(false);
    expect(fits(['a', 'c'], ['...', 'b'])).toBe(false);
    expect(fits(['You see a lamp.'], ['You see ... here.'])).toBe(false);
    expect(fits(['ab'], ['ab...b'])).toBe(false);
  });

  test('throws where the world differs', async () => {
    const world = await openTestWorld(starterWorld);
    try {
      await expect(play(parseTranscript('@ada\n> say hello\nYou say, "goodbye"'), world)).rejects.toThrow(
        /Line 2/,
      );
    } finally {
      await world.close();
    }
  });
});
