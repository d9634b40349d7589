import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupFolder } from '../../storage/backup-folder.ts';
import { checkpointFile } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { checkpointAt } from './backup-worlds.ts';
import { newFolder, removeFolder } from './level-folder.ts';
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

