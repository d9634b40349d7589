import { execFileSync } from 'node:child_process';
import { copyFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkpointFile,
  listCheckpoints,
  openCheckpoint,
  pruneCheckpoints,
} from '../../storage/checkpoint-folder.ts';
import { verifyCheckpoint, writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { codeOf } from './acceptance.ts';
import { about, put, storeWith } from './checkpoint-fixture.ts';
import { newFolder, removeFolder } from './level-folder.ts';

let folder: string;
let checkpoints: string;
beforeEach(async () => {
  folder = await newFolder();
  checkpoints = join(folder, 'checkpoints');
});
afterEach(() => removeFolder(folder));

describe('the folder of checkpoints', () => {
  const fill = async (...numbers: number[]): Promise<void> => {
    const store = await storeWith(put('o/o1', 'one'));
    for (const number of numbers)
      await writeCheckpoint(store, checkpointFile(checkpoints, number), about(number));
  };
  const numbers = async () => (await listCheckpoints(checkpoints)).map(({ number }) => number);

  test('is listed in the order of the numbers, also above a million', async () => {
    expect(await listCheckpoints(checkpoints)).toEqual([]);
    await fill(1_000_000, 2, 999_999, 10);
    await writeFile(join(checkpoints, 'notes.txt'), '');
    await writeFile(join(checkpoints, '000011.checkpoint.tmp'), '');
    expect(await numbers()).toEqual([2, 10, 999_999, 1_000_000]);
    const [first] = await listCheckpoints(checkpoints);
    expect(first).toMatchObject({
      number: 2,
      file: checkpointFile(checkpoints, 2),
      header: { checkpoint: 2, seq: 7 },
    });
  });

  test('is pruned to the newest ones, and of what was never finished', async () => {
    await fill(1, 2, 3, 4);
    await writeFile(join(checkpoints, '000003.checkpoint.tmp'), '');
    await writeFile(join(checkpoints, '000005.checkpoint.tmp'), '');
    await writeFile(join(checkpoints, 'notes.txt'), '');
    expect(await pruneCheckpoints(checkpoints, 5)).toEqual([]);
    expect(await pruneCheckpoints(checkpoints, 3)).toEqual([1]);
    expect(await pruneCheckpoints(checkpoints, 1)).toEqual([2, 3]);
    expect((await readdir(checkpoints)).sort()).toEqual([
      '000004.checkpoint',
      '000005.checkpoint.tmp',
      'notes.txt',
    ]);
  });

  test('knows a checkpoint that stands under the name of another one', async () => {
    await fill(1, 2);
    await copyFile(checkpointFile(checkpoints, 1), checkpointFile(checkpoints, 2));
    await expect(openCheckpoint(checkpoints, 2)).rejects.toMatchObject({
      code: 'CheckpointDamaged',
      message: expect.stringMatching(/000002\.checkpoint" is not checkpoint 2 but 1: .*"000001\.checkpoint"/),
    });
    const infos = await listCheckpoints(checkpoints);
    expect(infos.map(({ number, header }) => [number, header?.checkpoint])).toEqual([
      [1, 1],
      [2, undefined],
    ]);
  });

  test('is listed where a name in it leads nowhere', async () => {
    await fill(1, 3);
    await symlink('000002.checkpoint', checkpointFile(checkpoints, 2));
    const infos = await listCheckpoints(checkpoints);
    expect(infos.map(({ number, header }) => [number, header?.checkpoint])).toEqual([
      [1, 1],
      [2, undefined],
      [3, 3],
    ]);
  });

  test('takes no copy for one whose name has another zero', async () => {
    await fill(1, 2);
    await copyFile(checkpointFile(checkpoints, 2), join(checkpoints, '0000002.checkpoint'));
    expect(await numbers()).toEqual([1, 2]);
    expect(await pruneCheckpoints(checkpoints, 2)).toEqual([]);
  });

  test('is listed where there is a pipe under a name in it, and written to', async () => {
    await fill(1);
    execFileSync('mkfifo', [checkpointFile(checkpoints, 2)]);
    execFileSync('mkfifo', [`${checkpointFile(checkpoints, 3)}.tmp`]);
    await fill(3);
    expect(await codeOf(() => verifyCheckpoint(checkpointFile(checkpoints, 2)))).toBe('Unreadable');
    const infos = await listCheckpoints(checkpoints);
    expect(infos.map(({ header }) => header?.checkpoint)).toEqual([1, undefined, 3]);
  });

  test('keeps at least one', async () => {
    for (const keep of [0, -1, 1.5])
      await expect(pruneCheckpoints(checkpoints, keep)).rejects.toThrow('at least 1');
  });
});
