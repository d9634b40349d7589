import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTAL_ERRORS } from '../clients/errors.ts';
import { LIMITS, type Limit } from '../clients/limits.ts';
import { LOG_CODES } from '../clients/log-codes.ts';
import { PASSWORD_LIMITS } from '../clients/password-queue.ts';
import { NATIVE_LIMITS, NATIVE_LIMIT_NOTES } from '../engine/bounds.ts';
import { WORLD_ERRORS } from '../engine/errors.ts';
import { WORLD_LIMITS, WORLD_LIMIT_NOTES } from '../engine/limits.ts';
import { STORE_ERRORS } from '../storage/errors.ts';
import { SORRY_CODES } from '../world/sorry.ts';
import { THING_CODES } from '../world/thing-codes.ts';
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
    ['In the log', LOG_CODES],
    ['In a command', SORRY_CODES],
    ['From things', THING_CODES],
  ])('%s', (heading, errors: Readonly<Record<string, string>>) => {
    expect(tableUnder(page, heading)).toEqual(
      Object.entries(errors)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, meaning]) => [code(name), meaning]),
    );
  });
});

test('the things of the starter world refuse with codes of the table, and with all of them', () => {
  const files = readdirSync('world', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.[jt]s$/.test(file),
  );
  const codes = files.flatMap((file) =>
    [...readFileSync(join('world', file), 'utf8').matchAll(/\bfail\(\s*'(\w+)'/g)].map(([, name]) => name),
  );
  expect([...new Set(codes)].sort()).toEqual(Object.keys(THING_CODES).sort());
});

type Values = Readonly<Record<string, unknown>>;

describe('docs/limits.md says what the code says', () => {
  const page = readFileSync('docs/limits.md', 'utf8');
  test.each([
    ['At the door', LIMITS],
    ['While passwords are checked', PASSWORD_LIMITS],
  ])('%s', (heading, limits: Readonly<Record<string, Limit>>) => {
    expect(tableUnder(page, heading)).toEqual(
      Object.entries(limits).map(([name, { value, unit, why }]) => [code(name), String(value), unit, why]),
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
  test.each([
    ['In a turn', WORLD_LIMIT_NOTES, WORLD_LIMITS as unknown as Values],
    ['In a built-in function', NATIVE_LIMIT_NOTES, NATIVE_LIMITS as unknown as Values],
  ])('%s', (heading, notes: Readonly<Record<string, Omit<Limit, 'value'>>>, values) => {
    expect(tableUnder(page, heading)).toEqual(
      Object.entries(notes).map(([name, { unit, why }]) => [code(name), String(values[name]), unit, why]),
    );
  });
});
