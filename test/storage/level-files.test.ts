import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import {
  copyFile,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { crc32c } from '../../storage/level/crc32c.ts';
import { openJournal } from '../../storage/journal.ts';
import { checkLevelFiles } from '../../storage/level/check-files.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { openStoppedView } from '../../storage/stopped-view.ts';
import { repairWorld } from '../../clients/check/repair.ts';
import { unsnap } from '../../storage/level/unsnap.ts';
import { newFolder, removeFolder, tamper } from './level-folder.ts';

const ALL = { newest: Infinity, others: true };
/** Of tables only the length. */
const LENGTHS = { newest: 0, others: false };

describe('the files of a database', () => {
  let folder: string;
  let db: string;
  beforeEach(async () => {
    folder = await newFolder();
    db = join(folder, 'db');
  });
  afterEach(() => removeFolder(folder));

  const value = (n: number): string => `${n} `.repeat(40) + Math.sin(n);

  /** Commits one after the other, and leaves the folder as a process does that is killed then. */
  const commits = async (from: number, to: number): Promise<void> => {
    const journal = await openJournal(await openLevelStore(folder, { create: true }));
    for (let n = from; n <= to; n += 1) await journal.commit([{ put: `o/o${n}`, value: value(n) }]);
    await cp(db, join(folder, 'killed'), { recursive: true });
    await journal.close();
    await rm(db, { recursive: true });
    await rename(join(folder, 'killed'), db);
  };
  const named = async (pattern: RegExp): Promise<string> => {
    const name = (await readdir(db))
      .filter((each) => pattern.test(each))
      .sort()
      .at(-1);
    return join(db, name ?? 'none');
  };
  const change = async (file: string, to: (bytes: Buffer) => void): Promise<void> => {
    const bytes = await readFile(file);
    to(bytes);
    await writeFile(file, bytes);
  };
  const opened = async (): Promise<number> => {
    const journal = await openJournal(await openLevelStore(folder, { lockWait: 0 }));
    const { lastSeq } = journal;
    await journal.close();
    return lastSeq;
  };

  test('are found well, whoever wrote them, and however often they were opened', async () => {
    for (let life = 0; life < 4; life += 1) {
      await commits(1 + 300 * life, 300 * (life + 1));
      expect(await checkLevelFiles(db, ALL)).toEqual([]);
      expect(await opened()).toBe(300 * (life + 1));
      expect(await checkLevelFiles(db, ALL)).toEqual([]);
    }
    await tamper(folder, (level) => level.compactRange('!', '~'));
    expect(await checkLevelFiles(db, ALL)).toEqual([]);
  });

  test('a log that is damaged in its middle is named, where LevelDB leaves out what it cannot read', async () => {
    await commits(1, 300);
    const log = await named(/log$/);
    await change(log, (bytes) => bytes.fill(0, 40_000, 40_100));
    expect(await checkLevelFiles(db, ALL)).toMatchObject([
      { file: log, why: expect.stringMatching(/^from byte/) },
    ]);
    // No repair goes on without what stands in a log.
    const message = expect.stringMatching(
      /\.log" is damaged .* restore the last checkpoint into a new folder$/,
    );
    await expect(opened()).rejects.toMatchObject({ code: 'Damaged', message });
  });

  test('a log may end in the middle of a batch that nobody was told of', async () => {
    await commits(1, 300);
    const log = await named(/log$/);
    const { length } = await readFile(log);
    await writeFile(log, Buffer.from([1, 2, 3, 4, 90, 0, 1, 7, 7]), { flag: 'a' });
    expect(await checkLevelFiles(db, ALL)).toEqual([]);
    await writeFile(log, Buffer.alloc(40_000), { flag: 'a' });
    expect(await checkLevelFiles(db, ALL)).toEqual([]);
    await truncate(log, length + 3);
    expect(await opened()).toBe(300);
  });

  test.each([
    ['cut short', (log: string) => truncate(log, 40_000)],
    ['empty', (log: string) => truncate(log, 0)],
    ['damaged at its end', (log: string) => change(log, (bytes) => bytes.fill(9, bytes.length - 60))],
  ])('a log that is %s is noticed by what was acknowledged, and stays so', async (_, harm) => {
    await commits(1, 300);
    await harm(await named(/log$/));
    for (let time = 0; time < 2; time += 1) {
      await expect(opened()).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringMatching(/commits \d+ to 300 were acknowledged and are gone/),
      });
    }
    await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({ code: 'Damaged' });
    await rm(join(db, 'ACKNOWLEDGED'));
    const journal = await openJournal(await openLevelStore(folder, { create: true }));
    expect(journal.lastSeq).toBeLessThan(300);
    await journal.close();
  });

  test.each([
    ['cut short', (log: string) => truncate(log, 10_000)],
    ['damaged at its end', (log: string) => change(log, (bytes) => bytes.fill(9, bytes.length - 60))],
    ['of an older time', (log: string) => cp(join(folder, 'older.log'), log)],
  ])('a log that is %s is left as it is, and can be put back', async (_, harm) => {
    await commits(1, 200);
    await commits(201, 300);
    const log = await named(/log$/);
    const whole = await readFile(log);
    await writeFile(join(folder, 'older.log'), whole.subarray(0, whole.length / 2));
    await harm(log);
    const harmed = await readFile(log);
    for (let time = 0; time < 2; time += 1)
      await expect(opened()).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringContaining(`Put a copy of "${log}" back that has them`),
      });
    expect((await readFile(log)).equals(harmed)).toBe(true);
    await writeFile(log, whole);
    expect(await opened()).toBe(300);
  });

  test('a log that is gone is named, also where nobody was told of what was in it, and can be put back', async () => {
    const store = await openLevelStore(folder, { create: true });
    await store.batch([{ put: 'o/o1', value: 'x' }], { sync: true });
    await store.close();
    const log = await named(/log$/);
    await rename(log, join(folder, 'away.log'));
    for (let time = 0; time < 2; time += 1)
      await expect(opened()).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringContaining(`"${log}" is damaged (it is gone)`),
      });
    await rename(join(folder, 'away.log'), log);
    const again = await openLevelStore(folder);
    expect(again.get('o/o1')).toBe('x');
    await again.close();
  });

  test('a MANIFEST that is cut off before it says all that there has to be is named, and left as it is', async () => {
    await commits(1, 3);
    const manifest = await named(/^MANIFEST/);
    const whole = await readFile(manifest);
    for (let length = whole.length - 1; length >= 0; length -= 1) {
      await writeFile(manifest, whole.subarray(0, length));
      await expect(opened()).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringContaining(`"${manifest}" is damaged`),
      });
      expect(await readFile(manifest)).toHaveLength(length);
    }
    await writeFile(manifest, whole);
    expect(await opened()).toBe(3);
  });

  test('what was acknowledged is not needed, and may be damaged itself', async () => {
    await commits(1, 3);
    for (const text of ['', 'garbage', '1x2y3z:999999']) {
      await writeFile(join(db, 'ACKNOWLEDGED'), text);
      expect(await opened()).toBe(3);
    }
  });

  test.each(['the world', 'the copy'])(
    'a copy by hard links is one of its own when %s goes on',
    async (which) => {
      await commits(1, 3);
      const copy = join(folder, 'copy');
      await mkdir(join(copy, 'db'), { recursive: true });
      for (const name of await readdir(db)) await link(join(db, name), join(copy, 'db', name));
      const [goesOn, stays] = which === 'the world' ? [folder, copy] : [copy, folder];
      const journal = await openJournal(await openLevelStore(goesOn));
      for (let n = 4; n <= 8; n += 1) await journal.commit([{ put: `o/o${n}`, value: value(n) }]);
      await journal.close();
      const view = await openStoppedView(stays);
      expect(view.seq).toBe(3);
      await view.close();
    },
  );

  test('a log of other times is noticed by the changes that are missing before it', async () => {
    await commits(1, 300);
    const manifest = await named(/^MANIFEST/);
    const old = await readFile(manifest);
    await opened();
    await commits(301, 310);
    const now = await named(/^MANIFEST/);
    await copyFile(join(db, 'CURRENT'), join(folder, 'CURRENT'));
    await writeFile(now, old);
    const why = (await checkLevelFiles(db, ALL)).map((damage) => damage.why);
    expect(why).toContainEqual(expect.stringMatching(/changes are missing before it/));
  });

  describe('a MANIFEST whose last edit is torn, and ends in zeros', () => {
    const count = 60;
    let log: string;
    let kept: string;

    /** A log has become a table, and is gone; it is kept beside the database. */
    beforeEach(async () => {
      const journal = await openJournal(await openLevelStore(folder, { create: true }));
      log = await named(/log$/);
      kept = join(folder, 'kept.log');
      await link(log, kept);
      for (let n = 1; n <= count; n += 1)
        await journal.commit([{ put: `o/o${n}`, value: randomBytes(75_000).toString('base64') }]);
      while ((await readdir(db)).includes(basename(log))) await journal.commit([]);
      await cp(db, join(folder, 'killed'), { recursive: true });
      await journal.close();
      await rm(db, { recursive: true });
      await rename(join(folder, 'killed'), db);
      await change(await named(/^MANIFEST/), (bytes) => bytes.fill(0, bytes.length - 9));
    });

    test('is cut where that edit was not synced: what it made needless is there', async () => {
      await rename(kept, log);
      expect(await opened()).toBe(count);
      expect(await checkLevelFiles(db, ALL)).toEqual([]);
      const journal = await openJournal(await openLevelStore(folder));
      for (let n = 1; n <= count; n += 1) expect(journal.get(`o/o${n}`)).toHaveLength(100_000);
      await journal.close();
    });

    test('is refused where that edit was synced, and the log is gone that it made needless', async () => {
      const manifest = await named(/^MANIFEST/);
      const torn = await readFile(manifest);
      await expect(opened()).rejects.toMatchObject({ code: 'Damaged' });
      await truncate(await named(/log$/), 0); // so that no change is missing before another one
      expect(await checkLevelFiles(db, ALL)).toEqual([
        { file: manifest, why: expect.stringMatching(/^from byte \d+ on$/) },
      ]);
      await expect(opened()).rejects.toMatchObject({ code: 'Damaged' });
      expect((await readFile(manifest)).equals(torn)).toBe(true);
    });
  });

  test('a table that is gone, shorter, or damaged anywhere is named', async () => {
    await commits(1, 300);
    await opened();
    await tamper(folder, (level) => level.compactRange('!', '~'));
    const table = await named(/ldb$/);
    const whole = await readFile(table);
    for (let at = 0; at < whole.length - 48; at += 997) {
      await change(table, (bytes) => void (bytes[at] = (bytes[at] ?? 0) ^ 4));
      expect(await checkLevelFiles(db, ALL)).toMatchObject([{ file: table }]);
      await writeFile(table, whole);
    }
    await change(table, (bytes) => bytes.fill(0, 9000, 9010));
    const [damage] = await checkLevelFiles(db, ALL);
    expect(damage?.keys?.[1]).toMatch(/^o\/o\d/);
    expect(await checkLevelFiles(db, LENGTHS)).toEqual([]); // only its length was looked at
    await truncate(table, whole.length - 1);
    expect(await checkLevelFiles(db, LENGTHS)).toMatchObject([
      { file: table, why: expect.stringContaining('and had') },
    ]);
    await rm(table);
    expect(await checkLevelFiles(db, LENGTHS)).toMatchObject([{ file: table, why: 'it is gone' }]);
    await expect(opened()).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringContaining(table),
    });
  });

  test('a table is whole where the file system gives less than it was asked for', async () => {
    await commits(1, 300);
    await opened();
    const real = fs.readSync;
    let asked = 0;
    fs.readSync = ((file: number, into: Buffer, at: number, length: number, from: number) => {
      asked += 1;
      return real(file, into, at, Math.min(length, 1_000), from);
    }) as typeof fs.readSync;
    syncBuiltinESMExports();
    try {
      expect(await checkLevelFiles(db, ALL)).toEqual([]);
      expect(asked).toBeGreaterThan(10);
    } finally {
      fs.readSync = real;
      syncBuiltinESMExports();
    }
    await truncate(await named(/ldb$/), 1_500);
    expect(await checkLevelFiles(db, ALL)).toMatchObject([
      { why: expect.stringMatching(/^it has 1500 bytes/) },
    ]);
  });

  describe('of which a start reads the newest tables only, where an older one is damaged', () => {
    const COUNT = 120;
    const large = new Map<string, string>();
    let oldest: string;

    beforeEach(async () => {
      large.clear();
      const journal = await openJournal(await openLevelStore(folder, { create: true }));
      for (let n = 100; n < 100 + COUNT; n += 1) {
        large.set(`o/3o${n}`, randomBytes(75_000).toString('base64'));
        await journal.commit([{ put: `o/3o${n}`, value: large.get(`o/3o${n}`) ?? '' }]);
      }
      await journal.close();
      await tamper(folder, (level) => level.compactRange('!', '~'));
      const tables = (await readdir(db)).filter((name) => name.endsWith('.ldb')).sort();
      oldest = join(db, tables[0] ?? 'none');
      // Its first block is not packed, and begins with an entry: nothing shared, the length of its key, that of its value, the key.
      expect((await readFile(oldest)).toString('latin1', 3, 9)).toBe('format');
    });

    test('whoever reads all of them is told of keys that are none: LevelDB would end the process', async () => {
      await change(oldest, (bytes) => void (bytes[1] = 2));
      const message = expect.stringMatching(
        `^the file "${oldest}" is damaged .*; else "keystead check --repair" goes on`,
      );
      const refused = { code: 'Damaged', message };
      await expect(openStoppedView(folder)).rejects.toMatchObject(refused);
      await expect(openLevelStore(folder, { tables: 'readable' })).rejects.toMatchObject(refused);
      expect(await checkLevelFiles(db, { newest: 0, others: true })).toMatchObject([{ file: oldest }]);
      expect(await checkLevelFiles(db, LENGTHS)).toEqual([]);
    });

    test('whoever reads all of them is given a value that is not what was written as damaged, and all others', async () => {
      await change(oldest, (bytes) => void (bytes[1000] = bytes[1000] === 65 ? 66 : 65));
      const view = await openStoppedView(folder);
      const damaged: string[] = [];
      const found = new Map<string, string>();
      const onDamaged = (key: string): void => void damaged.push(key);
      for await (const [key, text] of view.range({ gte: 'o/', lt: 'o0', onDamaged })) found.set(key, text);
      await view.close();
      expect(damaged).toEqual(['o/3o100']);
      large.delete('o/3o100');
      expect(found).toEqual(large);
    });

    test('whoever reads all of them can end that', async () => {
      const ending = new AbortController();
      const opening = openStoppedView(folder, { signal: ending.signal });
      ending.abort(new Error('enough'));
      await expect(opening).rejects.toThrow('enough');
    });
  });

  /** With a disk that gives nothing of a table. */
  const failing = async (table: string, body: () => Promise<void>): Promise<void> => {
    const real = fs.readSync;
    const { ino } = fs.statSync(table);
    fs.readSync = ((file: number, ...how: [Buffer, number, number, number]) => {
      if (fs.fstatSync(file).ino === ino)
        throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
      return real(file, ...how);
    }) as typeof fs.readSync;
    syncBuiltinESMExports();
    try {
      await body();
    } finally {
      fs.readSync = real;
      syncBuiltinESMExports();
    }
  };

  test('a table that the disk does not give is named before LevelDB maps it, and is not repaired where it is', async () => {
    await commits(1, 300);
    await opened();
    const refused = {
      code: 'Unreadable',
      message: expect.stringMatching(
        /^cannot read ".*\.ldb": EIO.* its disk fails: restore the last checkpoint/,
      ),
    };
    await failing(await named(/ldb$/), async () => {
      await expect(openLevelStore(folder)).rejects.toMatchObject(refused);
      await expect(openLevelStore(folder, { tables: 'readable' })).rejects.toMatchObject(refused);
      await expect(openStoppedView(folder)).rejects.toMatchObject(refused);
      const files = await readdir(folder, { recursive: true });
      const repaired = repairWorld(folder, { onFinding: () => {}, onDone: () => {} });
      await expect(repaired).rejects.toMatchObject(refused);
      expect(await readdir(folder, { recursive: true })).toEqual(files);
    });
    expect(await opened()).toBe(300);
  });

  test('a database that is put away while somebody begins to open it is said to be', async () => {
    await expect(checkLevelFiles(db, LENGTHS)).rejects.toMatchObject({
      code: 'InUse',
      message: expect.stringContaining(`"${db}" has just been put away`),
    });
  });

  test('CURRENT and MANIFEST are needed, and no new world takes the place of one without them', async () => {
    await commits(1, 3);
    const current = join(db, 'CURRENT');
    await copyFile(current, join(folder, 'kept'));
    for (const harm of [
      () => rm(current),
      () => writeFile(current, ''),
      () => writeFile(current, 'MANIFEST-000017\n'),
      () => writeFile(current, 'MANIFEST-000017'),
    ]) {
      await harm();
      await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
        code: 'Damaged',
        message: expect.stringMatching(/(CURRENT|MANIFEST-000017)" is damaged .*: put a copy of it back/),
      });
      await copyFile(join(folder, 'kept'), current);
    }
    expect(await opened()).toBe(3);
  });
});

describe('a database that LevelDB had only begun when the power failed', () => {
  let folder: string;
  let db: string;
  beforeEach(async () => {
    folder = await newFolder();
    db = join(folder, 'db');
    await mkdir(db);
    await writeFile(join(db, 'CURRENT'), 'MANIFEST-000001\n');
    await writeFile(join(db, '000003.log'), '');
  });
  afterEach(() => removeFolder(folder));

  test.each([
    ['gone', undefined],
    ['empty', ''],
    ['zeros', '\0'.repeat(41)],
  ])('is none, where its MANIFEST is %s: a new one is made there', async (_, manifest) => {
    if (manifest !== undefined) await writeFile(join(db, 'MANIFEST-000001'), manifest);
    await expect(openLevelStore(folder)).rejects.toMatchObject({ code: 'Missing' });
    for (let life = 0; life < 2; life += 1) {
      const store = await openLevelStore(folder, { create: true });
      if (life === 0) await store.batch([{ put: 'o/o1', value: 'x' }], { sync: true });
      expect(store.get('o/o1')).toBe('x');
      await store.close();
    }
  });

  test('is none with a pipe in the place of its first file, which is named', async () => {
    await rm(join(db, 'CURRENT'));
    execFileSync('mkfifo', [join(db, 'CURRENT')]);
    await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
      code: 'Unreadable',
      message: expect.stringMatching(/CURRENT" is no file/),
    });
  });

  test.each([
    ['a log', '000003.log', 'x'],
    ['a table', '000005.ldb', ''],
    ['a later MANIFEST', 'MANIFEST-000004', ''],
    ['what was acknowledged', 'ACKNOWLEDGED', ''],
  ])('is damaged where there is %s that somebody may have written to', async (_, name, text) => {
    await writeFile(join(db, name), text);
    await expect(openLevelStore(folder, { create: true })).rejects.toMatchObject({
      code: 'Damaged',
      message: expect.stringMatching(/MANIFEST-000001" is damaged \(it is gone\)/),
    });
  });
});

test('CRC-32C is that of LevelDB', () => {
  // The usual check value is e3069283; LevelDB turns it by 15 bits and adds a constant.
  const expected = ((((0xe3069283 >>> 15) | (0xe3069283 << 17)) >>> 0) + 0xa282ead8) >>> 0;
  expect(crc32c(Buffer.from('x123456789y'), 1, 10)).toBe(expected);
});

describe('Snappy', () => {
  test('literals and copies of all widths are taken apart, also those that overlap', () => {
    const block = Buffer.from([
      14,
      0x08,
      97,
      98,
      99,
      0x01 | (1 << 2),
      3,
      0x02 | (3 << 2),
      1,
      0,
      0x00,
      122,
      0x03,
      1,
      0,
      0,
      0,
    ]);
    expect(unsnap(block).toString()).toBe('abcabcabbbbbzz');
  });

  test.each([
    ['no length', [0xff]],
    ['a literal beyond its end', [5, 0x10, 97]],
    ['a copy from before its beginning', [5, 0x00, 97, 0x01, 9]],
    ['more than it says', [1, 0x04, 97, 98]],
    ['less than it says', [9, 0x00, 97]],
    ['a length of gigabytes', [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%s is refused', (_, bytes) => {
    expect(() => unsnap(Buffer.from(bytes))).toThrow();
  });
});
