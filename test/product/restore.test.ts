import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askWorld } from '../../clients/control.ts';
import { httpAnswer } from '../http-answer.ts';
import { keystead, PlainClient, startWorld, temporaryFolder, type RunningWorld } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));

const running: RunningWorld[] = [];
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

async function start(data: string, ...args: string[]): Promise<RunningWorld> {
  const world = await startWorld(data, ...args);
  running.push(world);
  return world;
}

afterEach(async () => {
  for (const world of running.splice(0)) await world.stop();
});
afterAll(() => {
  folder.remove();
});

test('a world comes back from a checkpoint of either kind, also when the first disk is lost', async () => {
  const [data, backup] = [at('world'), at('backup')];
  const world = await start(data, '--backup', backup, '--backups-kept', '2');
  for (const [n, name] of ['Ada', 'Bob', 'Cy'].entries()) {
    const player = await PlainClient.connect(world.url);
    await player.ask(`create ${name} swordfish99`, new RegExp(`Welcome to Keystead, ${name}`));
    player.close();
    expect(await keystead('checkpoint', '--data', data)).toMatchObject({
      code: 0,
      out: `checkpoint ${n + 1}, and its backup\n`,
    });
  }
  await world.stop();

  const listed = await keystead('restore', '--list', '--verify', '--data', data);
  expect(listed.code).toBe(0);
  expect(listed.out).toMatch(/^ +1 {2}20\S+Z +\d+ {2}whole\n +2 .* whole\n +3 .* whole\n$/);
  const there = await keystead('restore', '--list', '--backup', backup);
  expect(there.out).toMatch(/^ +2 {2}20\S+Z +\d+\n +3 {2}20\S+Z +\d+\n$/);

  expect(await keystead('restore', '--data', data, '--checkpoint', '1')).toMatchObject({
    code: 0,
    err: expect.stringContaining(`Making a world in '${data}-from-1' from checkpoint 1`),
  });
  rmSync(data, { recursive: true });
  const into = at('again');
  const made = await keystead('restore', '--backup', backup, '--checkpoint', '2', '--into', into);
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^restored .* from checkpoint 2 of /) });
  for (const [where, there, missing] of [
    [`${data}-from-1`, 'Ada', 'Bob'],
    [into, 'Bob', 'Cy'],
  ] as const) {
    const again = await start(where);
    const player = await PlainClient.connect(again.url);
    await player.ask(`connect ${missing} swordfish99`, /no player of that name/);
    await player.ask(`connect ${there} swordfish99`, new RegExp(`Welcome back, ${there}`));
    player.close();
    await again.stop();
  }

  const twice = await keystead('restore', '--backup', backup, '--checkpoint', '2', '--into', into);
  expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('NotEmpty') });
  const none = await keystead('restore', '--backup', backup, '--checkpoint', '1', '--into', at('none'));
  expect(none).toMatchObject({ code: 1, err: expect.stringContaining('Missing') });

  const manifest = join(backup, '000002.backup');
  writeFileSync(manifest, readFileSync(manifest).subarray(1));
  const damaged = await keystead('restore', '--list', '--verify', '--backup', backup);
  expect(damaged.code).toBe(1);
  expect(damaged.out).toMatch(/2 {2}cannot be read .* damaged \(CheckpointDamaged\)\n +3 .* whole\n$/);
  expect(readdirSync(folder.path)).not.toContain('none');
}, 90_000);

test('a checkpoint that is removed while others are read through is no damaged one', async () => {
  const data = at('pruned');
  const world = await start(data, '--checkpoints-kept', '60');
  for (let number = 1; number <= 60; number += 1) await askWorld(data, process.cwd(), { t: 'checkpoint' });
  await world.stop();
  const args = [COMMAND, 'restore', '--list', '--verify', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (text: Buffer) => {
    if (out === '') rmSync(join(data, 'checkpoints', '000060.checkpoint'));
    out += text.toString();
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(out.match(/ whole$/gm)?.length).toBe(59);
}, 60_000);

test('a backup folder that cannot be used is logged, and the world goes on', async () => {
  const data = at('other');
  const world = await start(data, '--backup', at('no/such/folder'));
  let logged = '';
  world.child.stderr?.on('data', (text: Buffer) => (logged += text.toString()));
  const asked = await keystead('checkpoint', '--data', data);
  expect(asked).toMatchObject({
    code: 1,
    err: expect.stringContaining('checkpoint 1 is written, and not its backup'),
  });
  expect((await httpAnswer(`${world.url}/healthz`)).status).toBe(200);
  expect(readdirSync(join(data, 'checkpoints'))).toEqual(['000001.checkpoint']);
  await world.stop();
  expect(logged).toMatch(/"level":50.*no\/such\/folder.*a checkpoint is not in the backup folder/);
}, 60_000);

test('where there is no world, restore says so as every other command does', async () => {
  const none = at('none');
  const { code, out, err } = await keystead('check', '--data', none);
  expect([code, out, err]).toEqual([
    1,
    '',
    expect.stringMatching(/^keystead: there is no world in .*\(Missing\)\n$/),
  ]);
  for (const asked of [['--list'], ['--list', '--verify'], ['--checkpoint', '1']]) {
    expect(await keystead('restore', ...asked, '--data', none)).toEqual({ code, out, err });
    expect(await keystead('restore', ...asked, '--backup', none)).toEqual({
      code: 1,
      out: '',
      err: `keystead: there is no folder "${none}" (Missing)\n`,
    });
  }
});

test('a world is restored neither into the folder of one nor inside of it', async () => {
  const data = at('housed');
  const world = await start(data);
  expect(await keystead('checkpoint', '--data', data)).toMatchObject({ code: 0 });
  await world.stop();
  const before = readdirSync(data);
  const restore = ['restore', '--data', data, '--checkpoint', '1', '--into'];
  expect(await keystead(...restore, join(data, 'new'))).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(`is inside of "${data}", which is the folder of a world`),
  });
  expect(await keystead(...restore, data)).toMatchObject({
    code: 1,
    err: expect.stringContaining('(NotEmpty)'),
  });
  expect(readdirSync(data)).toEqual(before);
});
