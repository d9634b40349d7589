// A folder that may not be written, or not even read. We may be root, whom no permission stops: so it is mounted, or tried
// by a world process that becomes another user.

import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLevelStore } from '../../storage/level-store.ts';

const PROGRAM = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
const WORLD_OF_NOBODY = fileURLToPath(new URL('./world-of-nobody.js', import.meta.url));
const LIMIT = 30_000;

/** What `keystead start` says on a folder, and its exit code. */
function start(
  data: string,
  ...more: readonly string[]
): { readonly code: number | null; readonly said: string } {
  const args = [PROGRAM, 'start', '--port', '0', '--data', data, ...more];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LIMIT / 2 });
  return { code: status, said: stderr };
}

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'keystead-leave-'));
  const store = await openLevelStore(data, { create: true });
  await store.batch([{ put: 'o/o1', value: 'one' }], { sync: true });
  await store.close();
});
afterEach(() => rm(data, { recursive: true }));

test(
  'a read-only folder is refused by name, with what to do, and nothing in it is changed',
  () => {
    if (spawnSync('mount', ['--bind', data, data]).status !== 0) {
      process.stderr.write(
        'no file system may be mounted here: the test of a read-only folder is left out\n',
      );
      return;
    }
    try {
      spawnSync('mount', ['-o', 'remount,bind,ro', data]);
      const { code, said } = start(data);
      expect(code).toBe(1);
      expect(said).toContain(join(data, 'db'));
      expect(said).toMatch(/has to be able to read and write that folder: change its owner/);
    } finally {
      spawnSync('umount', [data]);
    }
  },
  LIMIT,
);

test(
  'a folder of somebody else is refused by name, with what to do',
  async () => {
    if (process.getuid?.() !== 0) {
      process.stderr.write('only root can be somebody else: the test of a folder of another is left out\n');
      return;
    }
    await chmod(data, 0o755);
    const { code, said } = start(data, '--world-process', WORLD_OF_NOBODY);
    expect(code).toBe(1);
    expect(said).toContain(join(data, 'db'));
    expect(said).toMatch(/permission denied/i);
  },
  LIMIT,
);
