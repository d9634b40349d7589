import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal } from '../../storage/checksum.ts';
import { tamper } from '../storage/level-folder.ts';
import { WatchedFiles } from '../storage/watched-files.ts';
import {
  contentsIn,
  DAMAGE,
  edit,
  findings,
  folderWith,
  one,
  played,
  repair,
  usePlayedWorld,
  value,
} from './damaged-world.ts';

usePlayedWorld();

describe('what no repair brings back is still told after one:', () => {
  test.each([
    ['roots that are lost', { 'meta/roots': null }, /^meta\/roots: the roots are not there/],
    ['damaged roots', { 'meta/roots': DAMAGE }, /^meta\/roots: /],
    ['the versions of classes', { 'meta/classes': null }, /^meta\/classes: /],
    [
      'the versions of a class that are none',
      () => edit('meta/classes', /\[\{[^\]]*\]/, '7'),
      /^meta\/classes: .* are not there, or are none/,
    ],
    ['a source', () => ({ [one(/^src\//)]: null }), /the source of \w+ \d+ \(src\/.*\) is not there/],
    [
      'a source that does not fit',
      () => ({ [one(/^src\//)]: 'class X {}' }),
      /^src\/.*is not what its hash names/,
    ],
  ] as const)('%s', async (_, changes, found) => {
    const data = await folderWith(typeof changes === 'function' ? changes() : changes);
    expect(await findings(data)).toContainEqual(expect.stringMatching(found));
    const { left } = await repair(data);
    expect(left).toBeGreaterThan(0);
    expect((await repair(data)).done).toEqual([]);
  });
});

test('what is taken out of the world is kept beside it, byte for byte', async () => {
  const data = await folderWith({ 'o/2o30': DAMAGE, 'g/2o31': '{}' });
  const watched = new WatchedFiles();
  try {
    await repair(data);
    expect(watched.unsynced).toEqual([]);
  } finally {
    watched.end();
  }
  const files = readdirSync(join(data, 'damaged')).sort();
  expect(files.map((file) => file.split('.')[0])).toEqual(['g%2F2o31', 'o%2F2o30']);
  const bytes = readFileSync(join(data, 'damaged', files[1] ?? ''), 'utf8');
  expect(bytes.slice(bytes.indexOf(':') + 1)).toBe(`${value('o/2o30')}~`);
});

test('a database with lost blocks is written anew from the rest, and the old one is kept', async () => {
  const data = await folderWith({});
  const db = join(data, 'db');
  // What is in the log is moved to a table, whose blocks have checksums.
  await tamper(data, (level) => level.compactRange('!', '~'));
  const table = readdirSync(db).find((name) => name.endsWith('.ldb')) ?? 'nothing';
  const bytes = readFileSync(join(db, table));
  bytes.fill(0, 20_000, 20_100);
  writeFileSync(join(db, table), bytes);
  await expect(findings(data)).rejects.toThrow(`${table}" is damaged`);
  const { done } = await repair(data);
  expect(done[0]).toMatch(/^wrote the database anew: \d+ entries could be read/);
  expect(readdirSync(join(data, 'damaged'))).toContain('db-1');
  expect((await findings(data)).filter((line) => /part of the database/.test(line))).toEqual([]);
  expect((await repair(data)).done).toEqual([]);
});

test.each(['x', seal('o/\u00e9', 'x')])(
  'what stands under what can be no key is found, and not taken along when the database is written anew: %j',
  async (stored) => {
    const data = await folderWith({});
    await tamper(data, (db) => db.put('o/\u00e9', stored));
    expect(await findings(data)).toEqual([expect.stringMatching(/^o\/\u00e9: /)]);
    const { left, done } = await repair(data);
    expect(left).toBe(0);
    expect(done).toEqual([expect.stringMatching(/^wrote the database anew/)]);
    expect(await contentsIn(data)).toEqual(played);
  },
);
