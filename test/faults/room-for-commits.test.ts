// What must not take the last room of a disk from the commits of a world, on a real one. Skipped, with a word, where nothing
// may be mounted.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveWriter } from '../../clients/archive/archive-file.ts';
import { TurnLogWriter } from '../../clients/turn-log/writer.ts';
import { BackupFolder } from '../../storage/backup-folder.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { keystead as runKeystead } from '../product/product.ts';
import { largeObjects, leaveRoom, mount, unmount, watchRoom } from './small-disk.ts';

const LIMIT = 90_000;
const LEFT_TO_COMMITS = { code: 'Unwritable', message: expect.stringMatching(/left to commits/) };

interface SmallDisk {
  readonly disk: string;
  /** A folder on another disk, with the world in it. */
  readonly elsewhere: string;
  readonly store: Awaited<ReturnType<typeof openLevelStore>>;
}

/** Mounts a disk of so many MiB, perhaps for so many files only, and looks meanwhile that a twentieth of both is left. */
async function onSmallDisk(
  mebibytes: number,
  body: (place: SmallDisk) => Promise<void>,
  files?: number,
): Promise<void> {
  const disk = await mkdtemp(join(tmpdir(), 'keystead-room-'));
  if (!(await mount(disk, mebibytes, files))) return;
  const elsewhere = await mkdtemp(join(tmpdir(), 'keystead-world-'));
  const looking = watchRoom(disk);
  const store = await openLevelStore(join(elsewhere, 'world'), { create: true });
  try {
    await body({ disk, elsewhere, store });
    expect(looking.stop()).toBeGreaterThan(1 / 20);
  } finally {
    looking.stop();
    await store.close();
    await unmount(disk);
    await rm(elsewhere, { recursive: true });
  }
}

test(
  'a checkpoint, a backup and the log of turns leave a twentieth of a small disk to commits',
  () =>
    onSmallDisk(6, async ({ disk, elsewhere, store }) => {
      await store.batch(largeObjects(1, 2_500), { sync: true });
      const snapshot = store.snapshot();
      const header = { number: 1, when: '', seq: 1 };
      const taken = writeCheckpoint(snapshot, join(disk, 'checkpoints', '000001.checkpoint'), header);
      await expect(taken).rejects.toMatchObject(LEFT_TO_COMMITS);
      const file = join(elsewhere, 'checkpoints', '000001.checkpoint');
      await writeCheckpoint(snapshot, file, header);
      await snapshot.close();
      const backups = await BackupFolder.open(join(disk, 'backups'), 'world', 'writer');
      await expect(backups.add(await CheckpointReader.open(file))).rejects.toMatchObject(LEFT_TO_COMMITS);
      await backups.sweep();

      const problems: string[] = [];
      for (let at = 0; at < 200 && problems.length === 0; at += 1) {
        const log = new TurnLogWriter({
          folder: join(disk, 'log'),
          hours: 24,
          bytes: 100_000_000,
          clock: () => 1_000,
          later: () => () => {},
          onProblem: (code) => problems.push(code),
        });
        log.add('x'.repeat(300_000));
        await log.close();
      }
      expect(problems).toEqual(['ENOSPC']);
    }),
  LIMIT,
);

test(
  'an export, an import and a restore on the disk of a world leave a twentieth of a small one to its commits',
  () =>
    onSmallDisk(60, async ({ disk, elsewhere, store }) => {
      for (let at = 0; at < 20; at += 1) await store.batch(largeObjects(at * 250 + 1, 250), { sync: true });
      await leaveRoom(disk, 18_000_000);
      const snapshot = store.snapshot();
      const file = join(elsewhere, 'checkpoints', '000001.checkpoint');
      await writeCheckpoint(snapshot, file, { number: 1, when: '', seq: 1 });
      await snapshot.close();
      await store.close();
      const restored = restoreWorld(await CheckpointReader.open(file), join(disk, 'restored'), () => []);
      await expect(restored).rejects.toMatchObject(LEFT_TO_COMMITS);
      const text = join(elsewhere, 'world.txt');
      expect((await runKeystead('export', text, '--data', join(elsewhere, 'world'))).code).toBe(0);
      const imported = await runKeystead('import', text, '--data', join(disk, 'imported'));
      expect(imported).toMatchObject({ code: 1, err: LEFT_TO_COMMITS.message });
      const beside = await archiveWriter(join(disk, 'world.txt'), process.stdout, disk);
      const written = (async () => {
        for (;;) await beside.write('x'.repeat(100_000));
      })();
      await expect(written).rejects.toMatchObject(LEFT_TO_COMMITS);
      await beside.drop();
      expect(await readdir(disk)).toEqual(['ballast']);
    }),
  LIMIT,
);

test(
  'a backup leaves a twentieth of the files that a small disk can hold to commits, and gives back its own',
  () =>
    onSmallDisk(
      100,
      async ({ disk, elsewhere, store }) => {
        await store.batch(largeObjects(1, 2_500), { sync: true });
        const snapshot = store.snapshot();
        const file = join(elsewhere, 'checkpoints', '000001.checkpoint');
        await writeCheckpoint(snapshot, file, { number: 1, when: '', seq: 1 });
        await snapshot.close();
        const backups = await BackupFolder.open(join(disk, 'backups'), 'world', 'writer');
        const added = backups.add(await CheckpointReader.open(file));
        await expect(added).rejects.toMatchObject(LEFT_TO_COMMITS);
        await backups.sweep();
        const shelves = await readdir(join(disk, 'backups', 'parts'), { recursive: true });
        expect(shelves.filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([]);
      },
      110,
    ),
  LIMIT,
);
