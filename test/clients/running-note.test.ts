import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningNote } from '../../clients/running-note.ts';
import type { StoreError } from '../../storage/errors.ts';

const WAY_OUT = /; whoever runs the world has to be able to write that file, .*change the owner of both/;

describe('the note of what is running', () => {
  let folder: string;
  const failed: StoreError[] = [];
  const open = (path: string): RunningNote => new RunningNote(path, (error) => failed.push(error));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystead-note-'));
    failed.length = 0;
  });

  afterEach(() => rm(folder, { recursive: true }));

  test('is what was written last, whole, after a death; and nothing after an end', () => {
    const path = join(folder, 'running');
    const first = open(path);
    expect(first.last).toBeNull();
    first.write('in AAAAAAAAAAAAAAAAAAAAAA 17 o123456');
    first.write('timer 1 o2');
    const second = open(path);
    expect(second.last).toBe('timer 1 o2');
    const third = open(path);
    expect(third.last).toBe('');
    third.close();
    expect(open(path).last).toBeNull();
  });

  test('of another world in the place of one that ends stays', async () => {
    const path = join(folder, 'running');
    const note = open(path);
    await rename(path, join(folder, 'moved'));
    const other = open(path);
    other.write('timer 1 o2');
    note.close();
    expect(open(path).last).toBe('timer 1 o2');
  });

  test('that could not be written is told, and thrown at nobody', () => {
    const note = open(join(folder, 'running'));
    note.close();
    note.write('timer 1 o2');
    expect(failed.map(({ code }) => code)).toEqual(['Unwritable']);
    expect(failed[0]?.message).toContain(`"${join(folder, 'running')}"`);
  });

  test('that cannot be begun, or read, is refused by its name', async () => {
    const nowhere = join(folder, 'nowhere', 'running');
    expect(() => open(nowhere)).toThrow(`cannot write "${nowhere}": ENOENT`);
    const path = join(folder, 'file');
    await writeFile(path, '');
    expect(() => open(join(path, 'running'))).toThrow(`cannot read "${path}/running": ENOTDIR`);
    expect(failed).toEqual([]);
  });

  test('whose file the disk does not let us write is refused with what to do', async () => {
    const path = join(folder, 'running');
    await mkdir(path); // as one that is protected, it opens for nobody who would write
    expect(() => open(path)).toThrow(WAY_OUT);
    await rm(path, { recursive: true });
    await symlink(join(folder, 'no', 'such'), path);
    expect(() => open(path)).toThrow(WAY_OUT);
  });
});
