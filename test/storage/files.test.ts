import { mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { BackupFolder, listBackups } from '../../storage/backup-folder.ts';
import { readManifest } from '../../storage/backup/manifest.ts';
import { checkpointFile } from '../../storage/checkpoint-folder.ts';
import { writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { identityOf, namesIn } from '../../storage/files.ts';
import { FORMAT, formatText } from '../../storage/format.ts';
import { FORMAT_KEY, objectKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { rebuildDatabase } from '../../storage/raw-values.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { codeOf } from './acceptance.ts';
import { checkpointAt } from './backup-worlds.ts';
import { newFolder, removeFolder } from './level-folder.ts';
import { MemoryStore } from './memory-store.ts';
import { WatchedFiles } from './watched-files.ts';

let folder: string;
let watched: WatchedFiles | undefined;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  watched?.end();
  watched = undefined;
  await removeFolder(folder);
});

const about = (number: number) => ({ number, when: '2025-01-01T00:00:00.000Z', seq: 7 });

async function backupOf(number: number, to: BackupFolder): Promise<void> {
  await to.add(await CheckpointReader.open(await checkpointAt(join(folder, 'checkpoints'), number)));
}

describe('no power failure takes the name', () => {
  test('of a new world, nor of the folders that were made for it', async () => {
    watched = new WatchedFiles();
    const store = await openLevelStore(join(folder, 'not', 'yet'), { create: true });
    expect(watched.log).toContain(`+ ${join(folder, 'not', 'yet', 'db')}`);
    expect(watched.unsynced).toEqual([]);
    await store.close();
  });

  test('of a world whose folder somebody made who died then', async () => {
    await mkdir(join(folder, 'world', 'db'), { recursive: true });
    watched = new WatchedFiles();
    await (await openLevelStore(join(folder, 'world'), { create: true })).close();
    expect(watched.log).toContain(`sync ${join(folder, 'world')}`);
  });

  test('of a checkpoint, nor of its folder', async () => {
    watched = new WatchedFiles();
    await checkpointAt(join(folder, 'checkpoints'), 1);
    expect(watched.unsynced).toEqual([]);
  });

  test('of a restored world, nor of what is in it when it gets its place', async () => {
    const reader = await CheckpointReader.open(await checkpointAt(join(folder, 'checkpoints'), 1));
    const to = join(folder, 'to');
    watched = new WatchedFiles();
    await restoreWorld(reader, to, () => []);
    for (const name of ['checkpoints', 'db']) {
      const before = watched.log.slice(0, watched.log.indexOf(`+ ${join(to, name)}`));
      expect(before).toContainEqual(expect.stringMatching(new RegExp(`^sync ${to}/.+/${name}$`)));
    }
    expect(watched.unsynced).toEqual([]);
  });

  test('of a backup, nor of its folders, also of those that somebody made who died then', async () => {
    await checkpointAt(join(folder, 'checkpoints'), 2);
    await mkdir(join(folder, 'given', 'parts', '00'), { recursive: true });
    for (const name of ['given', 'new']) {
      watched = new WatchedFiles();
      const to = await BackupFolder.open(join(folder, name), 'world', 'first');
      await to.add(await CheckpointReader.open(checkpointFile(join(folder, 'checkpoints'), 2)));
      expect(watched.unsynced).toEqual([]);
      for (const above of ['.', name, join(name, 'parts')])
        expect(watched.log).toContain(`sync ${join(folder, above)}`);
      watched.end();
    }
  });
});

describe('no power failure takes what is in it', () => {
  type Batch = { readonly length: number; write(how: object): Promise<void> };
  const database = ClassicLevel.prototype as unknown as { batch: (...args: unknown[]) => Batch };
  const { batch: real } = database;
  let written: [changes: number, how: object][];
  beforeEach(() => {
    written = [];
    database.batch = function (...args) {
      const made = real.apply(this, args);
      const write = made.write.bind(made);
      made.write = (how) => {
        written.push([made.length, how]);
        return write(how);
      };
      return made;
    };
  });
  afterEach(() => {
    database.batch = real;
  });

  /** More than one batch. */
  const LARGE = Array.from({ length: 30 }, (_, n) => ({
    put: objectKey(`o${n + 1}`),
    value: 'x'.repeat(100_000),
  }));
  const expectSynced = (): void => {
    expect(written.length).toBeGreaterThan(1);
    for (const [, how] of written) expect(how).toEqual({ sync: true });
    expect(written.reduce((sum, [changes]) => sum + changes, 0)).toBeGreaterThan(LARGE.length);
  };

  test('of a restored world, to its last key', async () => {
    const store = new MemoryStore();
    await store.batch([{ put: FORMAT_KEY, value: formatText(FORMAT) }, ...LARGE], { sync: true });
    const file = checkpointFile(folder, 1);
    await writeCheckpoint(store, file, about(1));
    await restoreWorld(await CheckpointReader.open(file), join(folder, 'to'), () => []);
    expectSynced();
  });

  test('of a database that is written anew, to its last key', async () => {
    const store = await openLevelStore(folder, { create: true });
    await store.batch(LARGE, { sync: true });
    await store.close();
    written = [];
    await rebuildDatabase(folder, join(folder, 'damaged'));
    expectSynced();
  });
});

test('a checkpoint that could not be written has no file, whatever failed', async () => {
  const store = new MemoryStore();
  await store.batch([{ put: 'o/o1', value: 'one' }], { sync: true });
  const file = checkpointFile(join(folder, 'checkpoints'), 1);
  let calls = 0;
  for (let at = 1; ; at += 1) {
    watched = new WatchedFiles(at);
    const came = await codeOf(() => writeCheckpoint(store, file, about(1)));
    watched.end();
    if (watched.calls < at) break;
    calls = at;
    // What cannot be tidied up may stay, under a name that is none of a checkpoint.
    const there = (await stat(file).catch(() => undefined)) !== undefined;
    expect([at, came === '', there]).toEqual([at, came === '', came === '']);
    await rm(join(folder, 'checkpoints'), { recursive: true, force: true });
  }
  expect(calls).toBeGreaterThan(10);
});

test('a checkpoint is none that is another one when it is read back, whole as that may be', async () => {
  const store = new MemoryStore();
  await store.batch([{ put: 'o/1o1', value: 'one' }], { sync: true });
  const file = checkpointFile(join(folder, 'checkpoints'), 1);
  const other = checkpointFile(join(folder, 'others'), 1);
  await writeCheckpoint(store, other, about(1));
  await store.batch([{ put: 'o/1o1', value: 'two' }], { sync: true });
  watched = new WatchedFiles();
  let left = 1;
  watched.before = async () => {
    if (left > 0 && watched?.log.includes(`+ ${file}.tmp`) === true) {
      left -= 1;
      await rename(other, `${file}.tmp`);
    }
  };
  expect(await codeOf(() => writeCheckpoint(store, file, about(1)))).toBe('CheckpointDamaged');
  expect([left, await readdir(join(folder, 'checkpoints'))]).toEqual([0, []]);
});

test('a backup that could not be made is not there, whatever failed', async () => {
  const file = await checkpointAt(join(folder, 'checkpoints'), 1);
  const to = await BackupFolder.open(join(folder, 'backups'), 'world', 'first');
  let calls = 0;
  for (let at = 1; ; at += 1) {
    const from = await CheckpointReader.open(file);
    watched = new WatchedFiles(at);
    const came = await codeOf(() => to.add(from));
    watched.end();
    if (watched.calls < at) break;
    calls = at;
    const listed = (await listBackups(join(folder, 'backups'))).map(({ number }) => number);
    expect([at, came, listed]).toEqual([at, came, came === '' ? [1] : []]);
    if (came === '') await rm(join(folder, 'backups', '000001.backup'));
  }
  expect(calls).toBeGreaterThan(20);
});

test('that something is lacking is known after a power failure wherever the checkpoint or backup is', async () => {
  const store = new MemoryStore();
  await store.batch([{ put: 'o/1o1', value: 'one' }], { sync: true });
  store.damage('o/1o1');
  const file = checkpointFile(join(folder, 'checkpoints'), 1);
  const to = await BackupFolder.open(join(folder, 'backups'), 'world', 'first');
  watched = new WatchedFiles();
  await writeCheckpoint(store, file, { ...about(1), onDamaged: () => {} });
  await to.add(await CheckpointReader.open(file), undefined, true);
  for (const name of [file, join(folder, 'backups', '000001.backup')]) {
    const marked = watched.log.indexOf(`+ ${name}.lacking`);
    expect(marked).toBeGreaterThanOrEqual(0);
    expect(watched.log.slice(marked, watched.log.indexOf(`+ ${name}`))).toContain(`sync ${dirname(name)}`);
  }
});

test('a backup whose folder somebody else takes while it is made is not there', async () => {
  const backups = join(folder, 'backups');
  const file = await checkpointAt(join(folder, 'checkpoints'), 1);
  const first = await BackupFolder.open(backups, 'world', 'first');
  const from = await CheckpointReader.open(file);
  watched = new WatchedFiles();
  let second: BackupFolder | undefined;
  watched.before = async () => {
    if (watched?.log.some((line) => line.startsWith(`+ ${join(backups, 'parts')}/`)) === true)
      second ??= await BackupFolder.open(backups, 'world', 'second');
  };
  expect(await codeOf(() => first.add(from))).toBe('InUse');
  expect(second).toBeDefined();
  expect(await listBackups(backups)).toEqual([]);
});

test('parts are removed no more when somebody else has taken the folder, whose next backup may name them', async () => {
  const backups = join(folder, 'backups');
  const first = await BackupFolder.open(backups, 'world', 'first');
  await backupOf(1, first);
  await backupOf(2, first);
  await rm(join(backups, '000001.backup'));
  watched = new WatchedFiles();
  const removed = (): string[] =>
    (watched?.log ?? []).filter((line) => line.startsWith(`- ${join(backups, 'parts')}/`));
  let second: BackupFolder | undefined;
  watched.before = async () => {
    if (removed().length > 0) second ??= await BackupFolder.open(backups, 'world', 'second');
  };
  expect(await codeOf(() => first.sweep())).toBe('InUse');
  expect(new Set(removed().map((line) => dirname(line))).size).toBe(1);
  expect(await second?.sweep()).toBeGreaterThan(0);
});

test('a backup that was pruned does not come back', async () => {
  const backups = join(folder, 'backups');
  const to = await BackupFolder.open(backups, 'world', 'first');
  await backupOf(1, to);
  await backupOf(2, to);
  watched = new WatchedFiles();
  expect(await to.prune(1)).toEqual([1]);
  const removed = watched.log.indexOf(`- ${join(backups, '000001.backup')}`);
  expect(removed).toBeGreaterThanOrEqual(0);
  expect(watched.log.slice(removed)).toContain(`sync ${backups}`);
});

test('parts go only when the manifest that named them is gone for good', async () => {
  const backups = join(folder, 'backups');
  const first = await BackupFolder.open(backups, 'world', 'first');
  await backupOf(1, first);
  await backupOf(2, first);
  const named = (await readManifest(join(backups, '000001.backup'))).parts.map(({ hash }) => hash);
  // Whoever was about to prune died behind this, and nobody knows whether the disk has heard of it.
  await rm(join(backups, '000001.backup'));
  await writeFile(join(backups, '000009.backup.tmp'), '');
  watched = new WatchedFiles();
  const gone = await first.sweep();
  const removed = watched.log.findIndex(
    (line) => line.startsWith('- ') && named.some((hash) => line.endsWith(hash)),
  );
  expect(gone).toBeGreaterThan(0);
  expect(removed).toBeGreaterThan(watched.log.indexOf(`sync ${backups}`));
  expect(watched.log).toContain(`sync ${backups}`);
  expect(await readdir(backups)).not.toContain('000009.backup.tmp');
});

test('a folder that cannot be read is named, with what helps', async () => {
  const loop = join(folder, 'loop');
  await symlink('loop', loop);
  for (const reading of [namesIn(loop), identityOf(loop)])
    await expect(reading).rejects.toThrow(
      /^cannot read the folder ".*loop": ELOOP.*; .*name another folder$/,
    );
});
