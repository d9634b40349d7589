import { readFileSync } from 'node:fs';
import { PORTAL_ERRORS } from '../clients/errors.ts';
import { LIMITS } from '../clients/limits.ts';
import { WORLD_ERRORS } from '../engine/errors.ts';
import { WORLD_LIMITS, WORLD_LIMIT_NOTES } from '../engine/limits.ts';
import { STORE_ERRORS } from '../storage/errors.ts';
import { SORRY_CODES } from '../world/sorry.ts';
import { CROSSING_LIMITS, MAX_ARGUMENTS } from '../wrappers/crossing.ts';
import { MAX_SHAPES } from '../wrappers/shape.ts';

/** The rows of the first table under a heading, cells trimmed, without the header. */
function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (text: string): string => `\`${text}\``;

describe('docs/errors.md says what the code says', () => {
  const page = readFileSync('docs/errors.md', 'utf8');
  test.each([
    ['In the world', WORLD_ERRORS],
    ['At the door', PORTAL_ERRORS],
    ['In the store', STORE_ERRORS],
    ['In a command', SORRY_CODES],
  ])('%s', (heading, errors: Readonly<Record<string, string>>) => {
    expect(tableUnder(page, heading)).toEqual(
      Object.entries(errors)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, meaning]) => [code(name), meaning]),
    );
  });
});

describe('docs/limits.md says what the code says', () => {
  const page = readFileSync('docs/limits.md', 'utf8');
  test('At the door', () => {
    expect(tableUnder(page, 'At the door')).toEqual(
      Object.entries(LIMITS).map(([name, { value, unit, why }]) => [code(name), String(value), unit, why]),
    );
  });
  test('In a value', () => {
    const { depth, values, characters } = CROSSING_LIMITS;
    for (const said of [
      `${depth} deep`,
      `${values} values`,
      `${characters} characters`,
      `${MAX_ARGUMENTS} arguments`,
      `${MAX_SHAPES} different sets`,
    ]) {
      expect(page).toContain(said);
    }
  });
  test('In a turn', () => {
    expect(tableUnder(page, 'In a turn')).toEqual(
      Object.entries(WORLD_LIMIT_NOTES).map(([name, { unit, why }]) => [
        code(name),
        String(WORLD_LIMITS[name as keyof typeof WORLD_LIMIT_NOTES]),
        unit,
        why,
      ]),
    );
  });
});
