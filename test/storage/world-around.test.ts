import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevelStore } from '../../storage/level-store.ts';
import { makeWorld } from '../../storage/new-world.ts';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keystead-'));
  await (await openLevelStore(join(dir, 'world'), { create: true })).close();
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const make = (folder: string): Promise<string> => makeWorld(folder, () => Promise.resolve('made'));

test.each([
  ['in its folder', 'world/new'],
  ['deep in it, where nothing is yet', 'world/a/b/c'],
  ['among its checkpoints', 'world/checkpoints/new'],
  ['in its database', 'world/db/new'],
  ['by a link', 'link/new'],
  ['by a detour', 'elsewhere/../world/new'],
])('no world is made inside of another one: %s', async (_, folder) => {
  symlinkSync(join(dir, 'world'), join(dir, 'link'));
  const before = readdirSync(join(dir, 'world'));
  await expect(make(join(dir, folder))).rejects.toMatchObject({
    code: 'InWorld',
    message: expect.stringContaining(`"${join(dir, 'world')}", which is the folder of a world`),
  });
  expect(readdirSync(join(dir, 'world'))).toEqual(before);
});

test('nor by a start', async () => {
  const inside = join(dir, 'world', 'data');
  await expect(openLevelStore(inside, { create: true })).rejects.toMatchObject({ code: 'InWorld' });
  expect(readdirSync(join(dir, 'world'))).toEqual(['db']);
});

test('nor around one, nor in its place', async () => {
  await expect(make(dir)).rejects.toMatchObject({ code: 'NotEmpty' });
  await expect(make(join(dir, 'world'))).rejects.toMatchObject({ code: 'NotEmpty' });
});

test('beside one it is', async () => {
  expect(await make(join(dir, 'new'))).toBe('made');
  mkdirSync(join(dir, 'world-2'));
  expect(await make(join(dir, 'world-2'))).toBe('made');
});

test('a link and ".." behind it are the folder in which the link stands, for all that is looked at there', async () => {
  mkdirSync(join(dir, 'world', 'sub'));
  symlinkSync(join(dir, 'world', 'sub'), join(dir, 'link'));
  mkdirSync(join(dir, 'mine', 'thesis'), { recursive: true });
  await expect(make(`${dir}/link/../mine`)).rejects.toMatchObject({ code: 'NotEmpty' });
  expect(readdirSync(join(dir, 'mine'))).toEqual(['thesis']);
  expect(await make(`${dir}/link/../new`)).toBe('made');
  expect(readdirSync(join(dir, 'new'))).toEqual(['db']);
  expect(readdirSync(join(dir, 'world')).sort()).toEqual(['db', 'sub']);
});
