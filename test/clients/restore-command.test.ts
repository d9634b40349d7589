import { Command } from 'commander';
import { basename, join, resolve } from 'node:path';
import type { Cli } from '../../clients/cli/cli.ts';
import { addRestore, besideWorld } from '../../clients/cli/restore-command.ts';
import { writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { checkpointFile } from '../../storage/checkpoint-folder.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { newFolder, removeFolder, tamper } from '../storage/level-folder.ts';

test.each([
  ['data', 'data-from-3'],
  ['worlds/data/', 'worlds/data-from-3'],
  ['/worlds/data//', '/worlds/data-from-3'],
  ['.', `../${basename(process.cwd())}-from-3`],
  ['..', `../../${basename(resolve('..'))}-from-3`],
])('a world of a checkpoint is made beside the one in "%s", not inside of it', (data, into) => {
  expect(besideWorld(data, 3)).toBe(into);
});

test('what a checkpoint lacks is told by whoever lists it, verifies it, or makes a world of it', async () => {
  const folder = await newFolder();
  const data = join(folder, 'world');
  const said: string[] = [];
  const cli: Partial<Cli> = { process, say: (text) => said.push(text), note: (text) => said.push(text) };
  const run = async (...args: readonly string[]): Promise<string> => {
    const program = new Command();
    addRestore(program, cli as Cli);
    await program.parseAsync(['restore', '--data', data, ...args], { from: 'user' });
    return said.splice(0).join('\n');
  };
  const take = async (number: number): Promise<void> => {
    const store = await openLevelStore(data, { create: true });
    const snapshot = store.snapshot();
    const about = { number, when: 'then', seq: number, onDamaged: () => {} };
    await writeCheckpoint(snapshot, checkpointFile(join(data, 'checkpoints'), number), about);
    await snapshot.close();
    await store.close();
  };
  try {
    await (await openLevelStore(data, { create: true })).close();
    await tamper(data, (db) => db.put('o/1o1', 'damaged'));
    await take(1);
    await tamper(data, (db) => db.del('o/1o1'));
    await take(2);
    expect(await run('--list')).toMatch(/^ +1 .*\d {2}without what was damaged\n +2 .*\d$/);
    expect(await run('--list', '--verify')).toMatch(
      / 1 .*\d {2}whole, without what was damaged\n.*\n +2 .*\d {2}whole$/,
    );
    expect(await run('--checkpoint', '1', '--into', join(folder, 'one'))).toMatch(
      /^Checkpoint 1 lacks what was damaged.*--list/m,
    );
    expect(await run('--checkpoint', '2', '--into', join(folder, 'two'))).not.toMatch(/lacks/);
  } finally {
    await removeFolder(folder);
  }
});
