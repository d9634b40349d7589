/** A real disk that is small and gets full. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectKey } from '../../storage/keys.ts';
import type { Op } from '../../storage/store.ts';

/** Mounts a disk of this size in `folder`, which may be one that can hold so many files. Where nothing may be mounted: says so, removes the folder, and returns false. */
export async function mount(folder: string, megabytes: number, files?: number): Promise<boolean> {
  const size = `size=${megabytes}m${files === undefined ? '' : `,nr_inodes=${files}`}`;
  const options = ['-t', 'tmpfs', '-o', size, 'tmpfs', folder];
  if (spawnSync('mount', options).status === 0) return true;
  process.stderr.write('no file system may be mounted here: the test of a full disk is left out\n');
  await rm(folder, { recursive: true });
  return false;
}

/** Unmounts it, and removes the folder. */
export async function unmount(folder: string): Promise<void> {
  spawnSync('umount', [folder]);
  await rm(folder, { recursive: true });
}

/** Fills the disk but for so many bytes, however full it was before. */
export async function leaveRoom(folder: string, bytes: number): Promise<void> {
  const ballast = join(folder, 'ballast');
  await rm(ballast, { force: true });
  const { bavail, bsize } = await statfs(folder);
  await writeFile(ballast, Buffer.alloc(bavail * bsize - bytes));
}

/** Looks without a pause how much of a disk is free, of bytes and of files. `stop()` gives the least share that was. */
export function watchRoom(folder: string): { stop(): number } {
  let least = Infinity;
  const looking = setInterval(() => {
    const { bavail, blocks, ffree, files } = statfsSync(folder);
    least = Math.min(least, bavail / blocks, ffree / files);
  }, 0);
  return {
    stop: () => {
      clearInterval(looking);
      return least;
    },
  };
}

/** What writes so many objects of 4 kB that cannot be packed, from the number `first` on. */
export function largeObjects(first: number, count: number): Op[] {
  return Array.from({ length: count }, (_, at) => ({
    put: objectKey(`o${first + at}`),
    value: randomBytes(3_000).toString('base64'),
  }));
}
