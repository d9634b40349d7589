import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seal } from '../../storage/checksum.ts';
import { journalKey } from '../../storage/keys.ts';
import { isLocked } from '../../storage/level/open-database.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { all, codeOf, storeAcceptance } from './acceptance.ts';
import { WatchedFiles } from './watched-files.ts';
import { LevelChild } from './level-child.ts';
import { levelSubject, newFolder, removeFolder, tamper } from './level-folder.ts';

storeAcceptance('the level store', levelSubject);

describe('opening a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await newFolder();
  });
  afterEach(() => removeFolder(folder));

  const make = async (): Promise<void> => {
    const store = await openLevelStore(folder, { create: true });
    await store.batch([{ put: 'o/o1', value: 'one' }], { sync: true });
    await store.close();
  };

  test('makes a world where it is told to, and only there', async () => {
    const inside = join(folder, 'not', 'yet');
    expect(await codeOf(() => openLevelStore(inside))).toBe('Missing');
    await expect(stat(inside)).rejects.toMatchObject({ code: 'ENOENT' });
    const store = await openLevelStore(inside, { create: true });
    expect(store.get('format')).toBe('{"format":"keystead","version":4,"vat":""}');
    await store.close();
    expect((await stat(join(inside, 'db'))).mode & 0o077).toBe(0);
    await (await openLevelStore(inside)).close();
  });

  test('looking whether somebody has a database open makes none where there is none any more', async () => {
    await make();
    const db = join(folder, 'db');
    expect(await isLocked(db)).toBe(false);
    await rename(db, join(folder, 'away'));
    expect(await isLocked(db)).toBe(false);
    expect(await readdir(folder)).toEqual(['away']);
  });

  test('finishes a world whose making was interrupted', async () => {
    await tamper(folder, async () => {});
    expect(await codeOf(() => openLevelStore(folder))).toBe('Missing');
    await make();
    await removeFolder(join(folder, 'db'));
    await mkdir(join(folder, 'db'));
    await writeFile(join(folder, 'db', 'LOCK'), '');
    expect(await codeOf(() => openLevelStore(folder))).toBe('Missing');
    await make();
  });

  test.each(['', 'db'])(
    'takes no world for lost that is linked from where nothing is mounted (%j)',
    async (linked) => {
      const world = join(folder, 'world');
      await (await openLevelStore(world, { create: true })).close();
      await mkdir(join(world, 'checkpoints'));
      await writeFile(join(world, 'checkpoints', '000012.checkpoint'), '');
      const place = join(world, linked);
      await rename(place, join(folder, 'disk'));
      await symlink(join(folder, 'disk'), place);
      await (await openLevelStore(world)).close();
      await rename(join(folder, 'disk'), join(folder, 'unmounted'));
      for (const create of [false, true])
        await expect(openLevelStore(world, { create })).rejects.toMatchObject({
          code: 'Missing',
          message: expect.stringMatching(/is a link to ".*disk", which is not there; is its disk mounted\?$/),
        });
    },
  );

  test('does not mind what we put beside the database, or hidden files', async () => {
    await mkdir(join(folder, 'checkpoints'));
    await writeFile(join(folder, 'control.sock'), '');
    await writeFile(join(folder, '.gitkeep'), '');
    await make();
  });

  test.each([['gone'], ['empty'], ['begun'], ['without a key']])(
    'makes no other world where the database is %s and checkpoints are left',
    async (how) => {
      await make();
      await mkdir(join(folder, 'checkpoints'));
      await writeFile(join(folder, 'checkpoints', '000012.checkpoint'), '');
      await mkdir(join(folder, 'log'));
      await removeFolder(join(folder, 'db'));
      if (how === 'empty' || how === 'begun') await mkdir(join(folder, 'db'));
      if (how === 'without a key') await tamper(folder, async () => {});
      if (how === 'begun') await writeFile(join(folder, 'db', 'LOCK'), '');
      await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
        code: 'Missing',
        message: expect.stringContaining('000012.checkpoint'),
      });
      await removeFolder(join(folder, 'checkpoints'));
      await removeFolder(join(folder, 'log'));
      await make();
    },
  );

  test('makes the names of a new world outlive a power failure, also of a folder that somebody made for it', async () => {
    const watched = new WatchedFiles();
    try {
      await mkdir(join(folder, 'made'));
      for (const each of ['made', 'not/yet']) {
        await (await openLevelStore(join(folder, each), { create: true })).close();
        expect(watched.unsynced).toEqual([]);
      }
    } finally {
      watched.end();
    }
  });

  test('refuses a folder of other things, and leaves it as it was', async () => {
    await writeFile(join(folder, 'thesis.txt'), 'mine');
    await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
      code: 'FormatForeign',
      message: expect.stringContaining('thesis.txt'),
    });
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  test('refuses a "db" that is no database', async () => {
    await mkdir(join(folder, 'db'));
    await writeFile(join(folder, 'db', 'notes.txt'), 'mine');
    expect(await codeOf(() => openLevelStore(folder, { create: true }))).toBe('FormatForeign');
    expect(await readdir(join(folder, 'db'))).toEqual(['notes.txt']);
  });

  test('refuses a database of someone else', async () => {
    for (const key of ['theirs', '\0', '\u{10fffe}']) {
      await tamper(folder, (db) => db.put(key, 'x'));
      expect(await codeOf(() => openLevelStore(folder, { create: true }))).toBe('FormatForeign');
      await tamper(folder, (db) => db.del(key));
    }
  });

  test('refuses a newer world by name, and leaves it as it was', async () => {
    await make();
    const newer = seal('format', '{"format":"keystead","version":5,"vat":""}');
    await tamper(folder, (db) => db.put('format', newer));
    await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
      code: 'FormatNewer',
      message: expect.stringContaining('run the newer Keystead'),
    });
    await tamper(folder, async (db) => expect(await db.get('format')).toBe(newer));
  });

  test('says where the format itself is damaged', async () => {
    await make();
    await tamper(folder, (db) => db.put('format', 'x'));
    expect(await codeOf(() => openLevelStore(folder))).toBe('Damaged');
  });

  test.each(['CURRENT', 'LOCK', 'ACKNOWLEDGED', '000099.log'])(
    'names a pipe or a folder that stands in the place of %s, and what to do',
    async (name) => {
      await make();
      const file = join(folder, 'db', name);
      await rm(file, { force: true });
      execFileSync('mkfifo', [file]);
      await expect(openLevelStore(folder)).rejects.toMatchObject({
        code: 'Unreadable',
        message: `"${file}" is no file: take it away, or put back what was there`,
      });
      await rm(file);
      await mkdir(file);
      expect(await codeOf(() => openLevelStore(folder))).toBe('Unreadable');
    },
  );

  test('says what it cannot read', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await codeOf(() => openLevelStore(join(folder, 'file'), { create: true }))).toBe('Unreadable');
  });

  test('vouches for no entry of the journal that was not synced: a power failure may take it', async () => {
    const store = await openLevelStore(folder, { create: true });
    await store.batch([{ put: journalKey(1), value: 'one' }], { sync: true });
    const acknowledged = await readFile(join(folder, 'db', 'ACKNOWLEDGED'), 'latin1');
    await store.batch([{ put: journalKey(2), value: 'two' }], { sync: false });
    expect(await readFile(join(folder, 'db', 'ACKNOWLEDGED'), 'latin1')).toBe(acknowledged);
    await store.batch([{ put: journalKey(3), value: 'three' }], { sync: true });
    expect(await readFile(join(folder, 'db', 'ACKNOWLEDGED'), 'latin1')).not.toBe(acknowledged);
    await store.close();
  });

  test('is refused while this process has it open', async () => {
    const store = await openLevelStore(folder, { create: true });
    expect(await codeOf(() => openLevelStore(folder, { lockWait: 0 }))).toBe('InUse');
    await store.close();
  });

  test('takes no more once it was removed: nobody would ever find that', async () => {
    const store = await openLevelStore(folder, { create: true });
    await store.batch([{ put: 'o/o1', value: 'one' }], { sync: true });
    await removeFolder(folder);
    await expect(store.batch([{ put: 'o/o1', value: 'two' }], { sync: true })).rejects.toMatchObject({
      code: 'Unwritable',
      message: expect.stringMatching(/^".*" was removed, or replaced by something else, while it was in use/),
    });
    expect(store.get('o/o1')).toBe('one');
    await store.close();
  });

  test('takes no more while another one is in its place, whose files its own next ones would become', async () => {
    const store = await openLevelStore(join(folder, 'world'), { create: true });
    await (await openLevelStore(join(folder, 'other'), { create: true })).close();
    await rename(join(folder, 'world'), join(folder, 'away'));
    await store.batch([{ put: 'o/o1', value: 'one' }], { sync: true });
    await rename(join(folder, 'other'), join(folder, 'world'));
    const refused = store.batch([{ put: 'o/o1', value: 'two' }], { sync: true });
    await expect(refused).rejects.toMatchObject({ code: 'Unwritable' });
    await store.close();
    const moved = await openLevelStore(join(folder, 'away'));
    expect(moved.get('o/o1')).toBe('one');
    await moved.close();
  });

  describe('that another process has open', () => {
    const hold = `
      const store = await openLevelStore(folder, { create: true });
      await store.batch([{ put: 'o/o1', value: 'theirs' }], { sync: true });
      say('open');
      setInterval(() => {}, 1000);`;
    let child: LevelChild;
    beforeEach(async () => {
      child = new LevelChild(folder, hold);
      expect(await child.line()).toBe('open');
    });
    afterEach(() => child.kill());

    test('is refused by name once the wait is over', async () => {
      await expect(openLevelStore(folder, { lockWait: 50 })).rejects.toMatchObject({
        code: 'InUse',
        message: expect.stringContaining('in use by another process'),
      });
    });

    test('waits for it to die', async () => {
      let waits = 0;
      const store = await openLevelStore(folder, {
        onWait: () => {
          waits += 1;
          child.process.kill('SIGKILL');
        },
      });
      expect(waits).toBe(1);
      expect(store.get('o/o1')).toBe('theirs');
      await store.close();
    });
  });
});

describe('a damaged table file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await newFolder();
  });
  afterEach(() => removeFolder(folder));

  test('costs what was in the damaged block, and is reported; the rest can be read', async () => {
    const store = await openLevelStore(folder, { create: true });
    const value = (n: number) => `${n} `.repeat(50) + Math.sin(n);
    const keys = Array.from({ length: 2000 }, (_, n) => `o/o${10_000 + n}`);
    await store.batch(
      keys.map((put, n) => ({ put, value: value(n) })),
      { sync: true },
    );
    await store.close();
    await tamper(folder, (db) => db.compactRange('!', '~'));
    // Opened while it is whole: of a large database the start does not read all tables.
    const again = await openLevelStore(folder);
    for (const table of (await readdir(join(folder, 'db'))).filter((name) => name.endsWith('.ldb'))) {
      const file = join(folder, 'db', table);
      const bytes = await readFile(file);
      const middle = Math.floor(bytes.length / 2);
      bytes.fill(0xff, middle, middle + 400);
      await writeFile(file, bytes);
    }
    try {
      const lost: string[] = [];
      const rest = await all(again, {
        gte: 'o/',
        lt: 'o0',
        onDamaged: (key, error) => lost.push(`${error.code} ${key}`),
      });
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.every((text) => text.startsWith('Damaged'))).toBe(true);
      expect(rest.length).toBeGreaterThan(1800);
      expect(rest.length).toBeLessThan(2000);
      expect(rest.every(([key, text]) => text === value(Number(key.slice(3)) - 10_000))).toBe(true);
      expect(rest.at(-1)?.[0]).toBe(keys.at(-1));
      const whole = new Set(rest.map(([key]) => key));
      const gone = keys.filter((key) => !whole.has(key));
      expect(await codeOf(() => again.get(gone[0] as string))).toBe('Damaged');
      expect(await codeOf(() => all(again, { gte: 'o/', lt: 'o0' }))).toBe('Damaged');
    } finally {
      await again.close();
    }
    await expect(openLevelStore(folder)).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringMatching(
        /\.ldb" is damaged \(the block at byte .*, and with it keys up to "o\/o/,
      ),
    });
  });
});
