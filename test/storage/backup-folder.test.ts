import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { BackupFolder, listBackups, openBackup } from '../../storage/backup-folder.ts';
import { readManifest } from '../../storage/backup/manifest.ts';
import { verifyReader } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { all, codeOf } from './acceptance.ts';
import { checkpointAt, worldAt } from './backup-worlds.ts';
import { newFolder, removeFolder } from './level-folder.ts';

let folder: string;
let backups: string;
let to: BackupFolder;
beforeEach(async () => {
  folder = await newFolder();
  backups = join(folder, 'backups');
  to = await BackupFolder.open(backups, 'world', 'writer');
});
afterEach(() => removeFolder(folder));

const add = async (number: number, like = number) =>
  to.add(await CheckpointReader.open(await checkpointAt(join(folder, 'checkpoints'), number, like)));
const partsOf = async (number: number) =>
  (await readManifest(join(backups, `00000${number}.backup`))).parts.map(({ hash }) => hash);
const fileOf = (hash: string) => join(backups, 'parts', hash.slice(0, 2), hash);
const verify = (number: number) => codeOf(async () => verifyReader(await openBackup(backups, number)));
const numbers = async () => (await listBackups(backups)).map(({ number }) => number);
const allParts = async () =>
  (await readdir(join(backups, 'parts'), { recursive: true })).filter((name) => name.includes('/'));

test('a backup is its checkpoint, and what is unchanged since the last one takes no room', async () => {
  const first = await add(1);
  expect(first.parts).toBeGreaterThan(2);
  expect(first.newParts).toBe(first.parts);
  const second = await add(2);
  expect(second.newParts).toBeLessThan(second.parts);
  expect(second.newBytes).toBeLessThan(first.newBytes);
  const [one, two] = await listBackups(backups);
  expect(one).toMatchObject({ number: 1, header: { checkpoint: 1, seq: 1 }, bytes: first.bytes });
  expect(two?.number).toBe(2);
  await restoreWorld(await openBackup(backups, 1), join(folder, 'new'), () => []);
  const store = await openLevelStore(join(folder, 'new'));
  expect(await all(store)).toEqual(worldAt(1));
  await store.close();
});

test('the same world again costs a manifest', async () => {
  const { parts } = await add(1);
  expect(await add(2, 1)).toMatchObject({ parts, newParts: 0 });
  expect(await partsOf(2)).toEqual(await partsOf(1));
});

test('each is whole without the others, and parts go when none names them', async () => {
  for (const number of [1, 2, 3, 4]) await add(number);
  expect(await to.prune(2)).toEqual([1, 2]);
  expect(await numbers()).toEqual([3, 4]);
  const gone = await to.sweep();
  expect(gone).toBeGreaterThan(0);
  expect((await allParts()).length).toBe(new Set([...(await partsOf(3)), ...(await partsOf(4))]).size);
  expect([await verify(3), await verify(4)]).toEqual(['', '']);
  await rm(join(backups, '000003.backup'));
  expect(await verify(4)).toBe('');
});

test('one that is removed while it is read is no damaged one', async () => {
  for (const number of [1, 2]) await add(number);
  const reader = await openBackup(backups, 1);
  await to.prune(1);
  expect(await to.sweep()).toBeGreaterThan(0);
  await expect(verifyReader(reader)).rejects.toMatchObject({
    code: 'Missing',
    message: expect.stringMatching(/000001\.backup" was removed while it was read: take a newer one$/),
  });
});

test('whichever byte of a part is changed, the backups with it are refused, and the others are whole', async () => {
  await add(1);
  await add(2);
  const [mine = ''] = (await partsOf(2)).filter(
    (
      (before) => (hash: string) =>
        !before.includes(hash)
    )(await partsOf(1)),
  );
  const good = await readFile(fileOf(mine));
  for (let at = 0; at < good.length; at += 1 + (good.length >> 5)) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] as number) ^ 1;
    await writeFile(fileOf(mine), bad);
    // A bit of the compressed form may mean nothing: then the part is what it was.
    expect(['CheckpointDamaged', '']).toContain(await verify(2));
    expect(await verify(1)).toBe('');
  }
  await truncate(fileOf(mine), 0);
  await expect(openBackup(backups, 2).then((reader) => verifyReader(reader))).rejects.toMatchObject({
    code: 'CheckpointDamaged',
    message: expect.stringMatching(new RegExp(`000002\\.backup" is damaged: its part ${mine}`)),
  });
  await rm(fileOf(mine));
  expect([await verify(1), await verify(2)]).toEqual(['', 'CheckpointDamaged']);
  expect(
    await codeOf(async () => restoreWorld(await openBackup(backups, 2), join(folder, 'new'), () => [])),
  ).toBe('CheckpointDamaged');
  expect(await readdir(folder)).not.toContain('new');
});

test('whichever byte of a manifest is changed, that backup is refused, and the others are whole', async () => {
  await add(1);
  await add(2);
  const file = join(backups, '000002.backup');
  const good = await readFile(file);
  for (let at = 0; at < good.length; at += 1) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] as number) ^ 1;
    await writeFile(file, bad);
    expect(await verify(2)).toMatch(/^(?:CheckpointDamaged|FormatNewer)$/);
    await writeFile(file, good.subarray(0, at));
    expect(await verify(2)).toBe('CheckpointDamaged');
  }
  expect(await verify(1)).toBe('');
  expect(await numbers()).toEqual([1, 2]);
  expect((await listBackups(backups))[1]?.header).toBeUndefined();
  // What it named is not known, so nothing is removed until it is pruned; and the next one is made as ever.
  expect(await codeOf(() => to.sweep())).toBe('CheckpointDamaged');
  await add(3);
  expect(await verify(3)).toBe('');
  await to.prune(1);
  await to.sweep();
  expect(await verify(3)).toBe('');
});

test('a part that is cut short is written again, and one that is damaged within sixteen backups', async () => {
  await add(1);
  const [short = '', ...others] = await partsOf(1);
  await truncate(fileOf(short), 10);
  for (const hash of others) {
    const bytes = await readFile(fileOf(hash));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 255;
    await writeFile(fileOf(hash), bytes);
  }
  expect(await verify(1)).toBe('CheckpointDamaged');
  for (let number = 2; number < 18; number += 1) await add(number, 1);
  expect(await verify(1)).toBe('');
});

test('damage is mended as soon where backups are made of some checkpoints only', async () => {
  await add(1);
  for (const hash of await partsOf(1)) {
    const bytes = await readFile(fileOf(hash));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 255;
    await writeFile(fileOf(hash), bytes);
  }
  for (let number = 3; number < 18; number += 2) await add(number, 1);
  expect([await verify(1), await verify(17)]).toEqual(['', '']);
});

test('a part that the disk does not give is written anew, and holds up no backup', async () => {
  await add(1);
  const [bad = ''] = await partsOf(1);
  const { readFile: real } = fs.promises;
  const block = (await stat(fileOf(bad))).ino;
  fs.promises.readFile = (async (...args: Parameters<typeof real>) => {
    if (args[0] === fileOf(bad) && (await stat(fileOf(bad))).ino === block)
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 });
    return real(...args);
  }) as typeof real;
  syncBuiltinESMExports();
  try {
    expect(await verify(1)).toBe('Unreadable');
    for (let number = 2; number < 18; number += 1) await add(number, 1);
    expect(await verify(1)).toBe('');
  } finally {
    fs.promises.readFile = real;
    syncBuiltinESMExports();
  }
});

test('pipes in the place of its files hold up nothing: they are damage, or go', async () => {
  await add(1);
  await add(2, 1);
  const [part = ''] = await partsOf(2);
  for (const file of [join(backups, '000001.backup'), fileOf(part)]) {
    await rm(file);
    execFileSync('mkfifo', [file]);
  }
  execFileSync('mkfifo', [join(backups, '000003.backup.tmp')]);
  expect([await verify(1), await verify(2)]).toEqual(['CheckpointDamaged', 'CheckpointDamaged']);
  await add(3, 1);
  expect([await verify(2), await verify(3)]).toEqual(['', '']);
  await rm(join(backups, 'writer'));
  execFileSync('mkfifo', [join(backups, 'writer')]);
  await expect(add(4)).rejects.toMatchObject({ code: 'Unreadable' });
});

test('a backup that stands under the name of another one is known', async () => {
  await add(1);
  await add(2);
  await copyFile(join(backups, '000001.backup'), join(backups, '000002.backup'));
  await expect(openBackup(backups, 2)).rejects.toMatchObject({
    code: 'CheckpointDamaged',
    message: expect.stringMatching(/000002\.backup" is not checkpoint 2 but 1: .*"000001\.backup"/),
  });
  expect((await listBackups(backups)).map(({ header }) => header?.checkpoint)).toEqual([1, undefined]);
});

test('a folder with the backups of another world is refused, and left as it was', async () => {
  await add(1);
  const before = await readdir(backups);
  expect(await codeOf(() => BackupFolder.open(backups, 'other', 'writer'))).toBe('OtherWorld');
  expect(await readdir(backups)).toEqual(before);
  await add(2);
});

test('whoever opens the folder last has it, and the one before can neither write nor remove', async () => {
  await add(1);
  const second = await BackupFolder.open(backups, 'world', 'second');
  for (const call of [() => add(2), () => to.prune(1), () => to.sweep()])
    expect(await codeOf(call)).toBe('InUse');
  await second.add(await CheckpointReader.open(join(folder, 'checkpoints', '000002.checkpoint')));
  expect(await numbers()).toEqual([1, 2]);
});

test('a folder that vanishes is not made anew in its place, and goes on when it is back', async () => {
  await add(1);
  await rename(backups, join(folder, 'away'));
  expect(await codeOf(() => add(2))).toBe('Missing');
  await mkdir(backups); // the place where a disk was mounted
  await expect(add(3)).rejects.toMatchObject({
    code: 'Missing',
    message: expect.stringContaining('mounted'),
  });
  expect(await readdir(backups)).toEqual([]);
  await rm(backups, { recursive: true });
  await rename(join(folder, 'away'), backups);
  await add(4);
  expect(await numbers()).toEqual([1, 4]);
  expect(await codeOf(() => BackupFolder.open(join(folder, 'no', 'such'), 'world', 'x'))).toBe('Unwritable');
  expect(await codeOf(() => listBackups(join(folder, 'no')))).toBe('Missing');
});

test('what is removed from the folder of parts, or all of it, is there again with the next backup', async () => {
  await add(1);
  await rm(join(backups, 'parts'), { recursive: true });
  await add(2);
  expect([await verify(1), await verify(2)]).toEqual(['CheckpointDamaged', '']);
});

test('a list that cannot be read holds up no backup, and whose the folder is is told by the others', async () => {
  await add(1);
  await add(2);
  // As a block that the disk does not give.
  await rm(join(backups, '000002.backup'));
  await mkdir(join(backups, '000002.backup'));
  await add(3);
  expect([await verify(1), await verify(2), await verify(3)]).toEqual(['', 'Unreadable', '']);
  await rm(join(backups, '000003.backup'));
  expect(await codeOf(() => BackupFolder.open(backups, 'other', 'writer'))).toBe('OtherWorld');
  await (await BackupFolder.open(backups, 'world', 'next')).prune(3);
  await rm(join(backups, '000001.backup'));
  // Whose that one is cannot be told.
  expect(await codeOf(() => BackupFolder.open(backups, 'world', 'next'))).toBe('Unreadable');
});

test('who writes there is not made up where that is damaged', async () => {
  await add(1);
  for (const [at, left] of ['', 'wor', 'world writ', '\0\0\0\0\0\0\0\0\0\0\0\0'].entries()) {
    await writeFile(join(backups, 'writer'), left);
    await expect(add(2 + at)).rejects.toMatchObject({
      code: 'Unreadable',
      message: expect.stringMatching(/writer" is damaged.*start the world again$/),
    });
  }
  to = await BackupFolder.open(backups, 'world', 'writer');
  await add(6);
});

test('no backup takes the place of another, and at least one is kept', async () => {
  await add(1);
  const reader = await CheckpointReader.open(join(folder, 'checkpoints', '000001.checkpoint'));
  expect(await codeOf(() => to.add(reader))).toBe('NotEmpty');
  await expect(to.prune(0)).rejects.toThrow('at least 1');
});

test('a backup is numbered above those that are there, or pruning would take it for the oldest', async () => {
  await add(3);
  await add(5);
  // The folder could not be looked into when the world was opened, which was made of an older checkpoint.
  await expect(add(4)).rejects.toMatchObject({
    code: 'NotEmpty',
    message: expect.stringMatching(/000005\.backup.*next checkpoint/),
  });
  expect([await numbers(), await to.prune(1)]).toEqual([[3, 5], [3]]);
});

test('a copy whose name has another zero is no backup, and in the way of none', async () => {
  for (const number of [1, 2]) await add(number);
  await copyFile(join(backups, '000002.backup'), join(backups, '0000002.backup'));
  expect([await numbers(), await to.prune(1)]).toEqual([[1, 2], [1]]);
  await add(3);
  expect([await to.prune(1), await numbers()]).toEqual([[2], [3]]);
  expect(await to.sweep()).toBeGreaterThan(0);
});

test('a folder with backups of a newer Keystead is refused, and left as it was', async () => {
  await add(1);
  const file = join(backups, '000001.backup');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"version":1', '"version":2'));
  const before = await readdir(backups);
  const writer = await readFile(join(backups, 'writer'), 'utf8');
  for (const world of ['world', 'other'])
    expect(await codeOf(() => BackupFolder.open(backups, world, 'later'))).toBe('FormatNewer');
  expect([await readdir(backups), await readFile(join(backups, 'writer'), 'utf8')]).toEqual([before, writer]);
});

/** A file system of its own in that folder, of a size; false where this machine does not let us. */
function mounted(options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', backups], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a full disk leaves what is there whole, and is used again when there is room', async () => {
  if (!mounted('size=700k')) return;
  try {
    to = await BackupFolder.open(backups, 'world', 'writer');
    await add(1);
    await writeFile(join(backups, 'ballast'), Buffer.alloc(700_000)).catch(() => {});
    await expect(add(2)).rejects.toMatchObject({
      code: 'Unwritable',
      message: expect.stringContaining('ENOSPC'),
    });
    expect([await numbers(), await verify(1)]).toEqual([[1], '']);
    await rm(join(backups, 'ballast'));
    await add(3);
    expect([await numbers(), await verify(1), await verify(3)]).toEqual([[1, 3], '', '']);
    execFileSync('mount', ['-o', 'remount,ro', backups]);
    await expect(add(4)).rejects.toMatchObject({
      code: 'Unwritable',
      message: expect.stringContaining('EROFS'),
    });
    expect(await verify(3)).toBe('');
  } finally {
    execFileSync('umount', [backups]);
  }
});
