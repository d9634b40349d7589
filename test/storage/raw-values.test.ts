import fs, { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { openLevelStore } from '../../storage/level-store.ts';
import { finishRebuild, readRawValues, rebuildDatabase } from '../../storage/raw-values.ts';
import { all, codeOf } from './acceptance.ts';
import { LevelChild } from './level-child.ts';
import { newFolder, removeFolder, tamper } from './level-folder.ts';
import { WatchedFiles } from './watched-files.ts';

let folder: string;
let prepared: string;
let watched: WatchedFiles | undefined;
const ENTRIES = 20_000;

beforeAll(async () => {
  prepared = await newFolder();
  const store = await openLevelStore(prepared, { create: true });
  const ops = Array.from({ length: ENTRIES }, (_, n) => ({ put: `o/o${n}`, value: `${n}` }));
  await store.batch(ops, { sync: true });
  await store.close();
});
afterAll(() => removeFolder(prepared));
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  watched?.end();
  watched = undefined;
  await removeFolder(folder);
});

/** Spoils the value of a key, or leaves nothing but one of another key. */
async function garble(db: string, key: string | null): Promise<void> {
  await tamper(join(db, '..'), async (open) => {
    if (key !== null) return open.put(key, 'garbled');
    await open.put('o/o1', 'x');
    return open.del('format');
  });
}

async function copyOf(name: string): Promise<string> {
  const dir = join(folder, name);
  await cp(prepared, dir, { recursive: true });
  return dir;
}

async function entriesIn(dir: string): Promise<number> {
  const store = await openLevelStore(dir);
  try {
    return (await all(store)).length;
  } finally {
    await store.close();
  }
}

test('a database that is written anew has all that can be read, and the old one is kept', async () => {
  const dir = await copyOf('world');
  watched = new WatchedFiles();
  expect(await rebuildDatabase(dir, join(dir, 'damaged'))).toBe(ENTRIES + 1);
  expect(watched.unsynced).toEqual([]);
  // The old one is sure to be in its place before the new one takes its name for good.
  const kept = watched.log.indexOf(
    `sync ${join(dir, 'damaged')}`,
    watched.log.indexOf(`- ${join(dir, 'db')}`),
  );
  expect(kept).toBeGreaterThan(0);
  expect(watched.log.indexOf(`+ ${join(dir, 'db')}`)).toBeGreaterThan(kept);
  // And the new one has its own before that.
  const named = watched.log.indexOf(`+ ${join(dir, '.rebuilding', 'db')}`);
  const ready = watched.log.indexOf(`sync ${join(dir, '.rebuilding')}`, named);
  expect(named).toBeGreaterThan(0);
  expect(ready).toBeGreaterThan(named);
  expect(ready).toBeLessThan(watched.log.indexOf(`- ${join(dir, 'db')}`));
  watched.end();
  expect(await entriesIn(dir)).toBe(ENTRIES + 1);
  await rebuildDatabase(dir, join(dir, 'damaged'));
  await removeFolder(join(dir, 'damaged', 'db-1'));
  await rebuildDatabase(dir, join(dir, 'damaged'));
  expect((await readdir(join(dir, 'damaged'))).filter((name) => !name.endsWith('-before')).sort()).toEqual([
    'db-2',
    'db-3',
  ]);
  expect((await readdir(dir)).sort()).toEqual(['damaged', 'db']);
});

test('its files are kept as they were, before anything has read them', async () => {
  const dir = await copyOf('world');
  const db = join(dir, 'db');
  const [log = ''] = (await readdir(db)).filter((name) => name.endsWith('.log'));
  const bytes = await readFile(join(db, log));
  bytes.fill(0, bytes.length / 2, bytes.length / 2 + 100);
  await writeFile(join(db, log), bytes);
  await rebuildDatabase(dir, join(dir, 'damaged'));
  expect(await readdir(join(dir, 'damaged', 'db-1'))).not.toContain(log);
  expect((await readFile(join(dir, 'damaged', 'db-1-before', log))).equals(bytes)).toBe(true);
});

/**
 * A world in two tables, whose keys stand among one another, and whose blocks are stored as they are: nothing in them can be said in
 * fewer bytes. Its format is in the older one.
 */
async function worldInTables(): Promise<{
  readonly dir: string;
  /** The newest table, and one of the values in it. */
  readonly newest: string;
  readonly value: string;
}> {
  const dir = join(folder, 'tabled');
  let value = '';
  const text = (n: number): string =>
    randomBytes(400)
      .toString('latin1')
      .replaceAll(/[^ -~]/g, '') + n;
  for (const odd of [0, 1]) {
    const store = await openLevelStore(dir, { create: true });
    const ops = Array.from({ length: 200 }, (_, n) => ({ put: `a/a${100 + 2 * n + odd}`, value: text(n) }));
    value = ops[10]?.value ?? '';
    await store.batch(ops, { sync: true });
    await store.close();
  }
  await tamper(dir, () => Promise.resolve());
  const tables = (await readdir(join(dir, 'db'))).filter((each) => each.endsWith('.ldb')).sort();
  return { dir, newest: join(dir, 'db', tables.at(-1) ?? ''), value };
}

function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
}

test.each([
  ['a key is none', (bytes: Buffer) => bytes.writeUInt8(3, 1), 350],
  ['there is nothing but keys that are none', (bytes: Buffer) => bytes.fill(3, 0, 9000), 300],
  ['a bit of a value has flipped', (bytes: Buffer, value: string) => flip(bytes, bytes.indexOf(value)), 400],
  ['the filter is damaged', (bytes: Buffer) => bytes.fill(7, bytes.length - 700, bytes.length - 600), 200],
])('of a table in which %s what can be read is kept, and the process goes on', async (_, damage, least) => {
  const { dir, newest, value } = await worldInTables();
  const bytes = await readFile(newest);
  damage(bytes, value);
  await writeFile(newest, bytes);
  expect(await rebuildDatabase(dir, join(dir, 'damaged'))).toBeGreaterThan(least);
  const kept = await readFile(join(dir, 'damaged', 'db-1-before', basename(newest)));
  expect(kept.equals(bytes)).toBe(true);
});

test('a table that is changed is kept as it was also where there are no hard links', async () => {
  const { dir, newest } = await worldInTables();
  const bytes = await readFile(newest);
  bytes.writeUInt8(3, 1);
  await writeFile(newest, bytes);
  const { link } = fs.promises;
  fs.promises.link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
  syncBuiltinESMExports();
  try {
    await rebuildDatabase(dir, join(dir, 'damaged'));
  } finally {
    fs.promises.link = link;
    syncBuiltinESMExports();
  }
  const before = join(dir, 'damaged', 'db-1-before');
  expect((await readFile(join(before, basename(newest)))).equals(bytes)).toBe(true);
  expect((await readdir(before)).filter((name) => name.endsWith('.ldb'))).toEqual([basename(newest)]);
});

const MANIFEST = /^MANIFEST-/;

test.each([
  ['damaged', MANIFEST, (file: string) => writeFile(file, 'x'.repeat(150))],
  ['cut off', MANIFEST, (file: string) => truncate(file, 20)],
  ['gone', MANIFEST, (file: string) => rm(file)],
  ['gone', /^CURRENT$/, (file: string) => rm(file)],
  ['damaged', /^CURRENT$/, (file: string) => writeFile(file, 'MANIFEST-999999\n')],
])('all of a database is there again of which the list of its tables is %s: %s', async (_, which, lose) => {
  const { dir } = await worldInTables();
  const db = join(dir, 'db');
  const names = await readdir(db);
  const name = names.find((each) => which.test(each)) ?? '';
  await lose(join(db, name));
  const damaged = await readFile(join(db, name), 'latin1').catch(() => undefined);
  await expect(openLevelStore(dir)).rejects.toMatchObject({ code: 'Damaged' });
  expect(await rebuildDatabase(dir, join(dir, 'damaged'))).toBe(401);
  expect(await entriesIn(dir)).toBe(401);
  const kept = join(dir, 'damaged', 'db-1-before');
  expect(await readFile(join(kept, name), 'latin1').catch(() => undefined)).toBe(damaged);
  const tables = (all: readonly string[]): string[] => all.filter((each) => each.endsWith('.ldb')).sort();
  expect(tables(await readdir(kept))).toEqual(tables(names));
});

test('of a database of which a table is gone the others are there again', async () => {
  const { dir, newest } = await worldInTables();
  await rm(newest);
  expect(await rebuildDatabase(dir, join(dir, 'damaged'))).toBe(201);
  expect(await entriesIn(dir)).toBe(201);
});

test('a database that cannot be opened at the moment is not given up', async () => {
  const dir = await copyOf('world');
  await rm(join(dir, 'db', 'LOCK'));
  await mkdir(join(dir, 'db', 'LOCK'));
  await expect(rebuildDatabase(dir, join(dir, 'damaged'))).rejects.toMatchObject({
    code: 'Unreadable',
    message: expect.stringMatching(
      /^cannot open the database in ".*LOCK: Is a directory\): see to that, and do this again/,
    ),
  });
});

test('an old one that was linked from elsewhere is found there through what is kept', async () => {
  const dir = await copyOf('linked');
  await rename(join(dir, 'db'), join(folder, 'elsewhere'));
  await symlink(join('..', 'elsewhere'), join(dir, 'db'));
  expect(await rebuildDatabase(dir, join(dir, 'damaged'))).toBe(ENTRIES + 1);
  expect(await readdir(join(dir, 'damaged', 'db-1'))).toEqual(await readdir(join(folder, 'elsewhere')));
  expect(await entriesIn(dir)).toBe(ENTRIES + 1);
});

test('a database that is a mount point is told as such, and nothing is left beside it', async () => {
  const dir = await copyOf('mounted');
  const { rename: real } = fs.promises;
  fs.promises.rename = async (from, to) => {
    if (from !== join(dir, 'db')) return real(from, to);
    throw Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' });
  };
  syncBuiltinESMExports();
  try {
    await expect(rebuildDatabase(dir, join(dir, 'damaged'))).rejects.toMatchObject({
      code: 'Unwritable',
      message: expect.stringMatching(/^cannot put ".*db" away: it is a mount point .*repair the copy$/),
    });
  } finally {
    fs.promises.rename = real;
    syncBuiltinESMExports();
  }
  expect((await readdir(dir)).sort()).toEqual(['damaged', 'db']);
  expect(await entriesIn(dir)).toBe(ENTRIES + 1);
});

test('whatever fails, the same call ends it, and no world starts in between', async () => {
  let calls = 0;
  for (let at = 1; ; at += 1) {
    const dir = await copyOf(`${at}`);
    watched = new WatchedFiles(at);
    const came = await codeOf(() => rebuildDatabase(dir, join(dir, 'damaged')));
    watched.end();
    if (watched.calls < at) break;
    calls = at;
    if (came !== '') {
      expect(['Unwritable', 'Unreadable']).toContain(came);
      if (!(await readdir(dir)).includes('db'))
        await expect(openLevelStore(dir, { create: true })).rejects.toMatchObject({
          code: 'Missing',
          message: expect.stringContaining('check --repair'),
        });
      await finishRebuild(dir);
      await rebuildDatabase(dir, join(dir, 'damaged'));
    }
    expect(await entriesIn(dir)).toBe(ENTRIES + 1);
  }
  expect(calls).toBeGreaterThan(20);
}, 30_000);

test('half a database is never taken for a world, also where the old one has gone', async () => {
  const dir = await copyOf('world');
  const child = new LevelChild(
    dir,
    `
      import { existsSync } from 'node:fs';
      import { rebuildDatabase } from ${JSON.stringify(new URL('../../storage/raw-values.js', import.meta.url).href)};
      const begun = () => ['db', 'unfinished'].some((name) => existsSync(folder + '/.rebuilding/' + name + '/CURRENT'));
      const look = () => (begun() ? process.kill(process.pid, 'SIGKILL') : setImmediate(look));
      look();
      await rebuildDatabase(folder, folder + '/damaged');
      say('it was too late');`,
  );
  await child.gone;
  expect(child.process.signalCode).toBe('SIGKILL');
  await removeFolder(join(dir, 'db'));
  await finishRebuild(dir);
  expect(await codeOf(() => openLevelStore(dir, { create: true }))).toBe('Missing');
});

test('a copy that a killed repair left does not come back as the world, once that has gone on without it', async () => {
  const dir = await copyOf('world');
  await cp(join(prepared, 'db'), join(dir, '.rebuilding', 'db'), { recursive: true });
  const store = await openLevelStore(dir);
  await store.batch([{ put: 'o/o1', value: 'newer' }], { sync: true });
  await store.close();
  // As where the database has a disk of its own, and that is not mounted.
  await removeFolder(join(dir, 'db'));
  await mkdir(join(dir, 'db'));
  await finishRebuild(dir);
  expect(await readdir(join(dir, 'db'))).toEqual([]);
  await expect(openLevelStore(dir)).rejects.toMatchObject({
    code: 'Missing',
    message: expect.not.stringContaining('check --repair'),
  });
});

describe('where somebody has looked for a database after it was put away', () => {
  let dir: string;
  /** As it is then: what LevelDB leaves of looking is in the place of the new database, which is whole. */
  beforeEach(async () => {
    dir = await copyOf('world');
    await mkdir(join(dir, '.rebuilding'));
    await rename(join(dir, 'db'), join(dir, '.rebuilding', 'db'));
    await mkdir(join(dir, 'db'));
    for (const name of ['LOCK', 'LOG', 'LOG.old']) await writeFile(join(dir, 'db', name), '');
  });

  test('no other world is made there', async () => {
    await expect(openLevelStore(dir, { create: true })).rejects.toMatchObject({
      code: 'Missing',
      message: expect.stringContaining('check --repair'),
    });
    expect(await readdir(join(dir, '.rebuilding', 'db'))).toContain('CURRENT');
  });

  test.each([
    ['a repair ends', finishRebuild],
    ['another repair begins', (folder: string) => rebuildDatabase(folder, join(folder, 'damaged'))],
  ])('the new one gets its place when %s', async (_, repair) => {
    await repair(dir);
    expect(await readdir(dir)).toEqual(['db']);
    expect(await entriesIn(dir)).toBe(ENTRIES + 1);
  });
});

test('a repair that finds the database put away by another one throws nothing of that one away', async () => {
  const dir = await copyOf('world');
  await rm(join(dir, 'db', 'CURRENT'));
  watched = new WatchedFiles();
  let last: string | undefined;
  watched.before = async () => {
    const kept = join(dir, 'damaged', 'db-1-before', 'LOCK');
    // The other one ends when this one has kept the files of the old database.
    if (last !== undefined || !existsSync(kept)) return;
    last = join(dir, '.rebuilding', 'db');
    await mkdir(join(dir, '.rebuilding'));
    await rename(join(dir, 'db'), join(dir, 'damaged', 'db-9'));
    await cp(join(prepared, 'db'), last, { recursive: true });
  };
  expect(await codeOf(() => rebuildDatabase(dir, join(dir, 'damaged')))).toBe('InUse');
  watched.end();
  await finishRebuild(dir);
  expect(await entriesIn(dir)).toBe(ENTRIES + 1);
});

test('no world starts on a database that is about to be put away', async () => {
  const dir = await copyOf('world');
  const came: string[] = [];
  watched = new WatchedFiles();
  watched.before = async () => {
    const code = await codeOf(async () => (await openLevelStore(dir, { lockWait: 0 })).close());
    came.push(code === '' ? 'open' : code);
  };
  await rebuildDatabase(dir, join(dir, 'damaged'));
  watched.end();
  expect(came.join(' ')).toMatch(/^(open )+(InUse )+(Missing )+(open ?)*$/);
});

test('a world that runs is not written anew, and nothing is left beside it', async () => {
  const dir = await copyOf('world');
  const store = await openLevelStore(dir);
  expect(await codeOf(() => rebuildDatabase(dir, join(dir, 'damaged')))).toBe('InUse');
  expect(await codeOf(() => readRawValues(dir, ['o/o1']))).toBe('InUse');
  expect(await readdir(dir)).toEqual(['db']);
  await store.close();
});

test.each([
  [
    'of which nothing is left',
    async (db: string) => {
      for (const name of await readdir(db)) if (/\.(log|ldb)$/.test(name)) await rm(join(db, name));
    },
    ['db-1-before'],
  ],
  ['that does not say any more what it is', (db: string) => garble(db, 'format'), ['db-1-before']],
  ['that has lost what says that', (db: string) => garble(db, null), ['db-1-before']],
])('a database %s is not written anew, and stays where it is', async (_, lose, kept) => {
  const dir = await newFolder();
  try {
    // So small a world has no tables yet.
    await (await openLevelStore(dir, { create: true })).close();
    await lose(join(dir, 'db'));
    await expect(rebuildDatabase(dir, join(dir, 'damaged'))).rejects.toMatchObject({
      code: 'Unreadable',
      message: expect.stringContaining('restore the last checkpoint'),
    });
    expect(await readdir(join(dir, 'damaged')).catch(() => [])).toEqual(kept);
    expect(await readdir(dir)).not.toContain('.rebuilding');
    expect((await readdir(join(dir, 'db'))).length).toBeGreaterThan(0);
  } finally {
    await removeFolder(dir);
  }
});
