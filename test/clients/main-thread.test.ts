import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorTime, waitsForDisk } from '../../clients/main-thread.ts';

test('the time that a process uses is told, and that of one that is not there is not', () => {
  expect(processorTime(process.pid)).toBeGreaterThan(0);
  expect(processorTime(2 ** 30)).toBe(null);
});

test('a process that runs, sleeps or is not there waits for no disk', () => {
  const asleep = spawn('sleep', ['60']);
  expect([process.pid, asleep.pid as number, 2 ** 30].map(waitsForDisk)).toEqual([false, false, false]);
  asleep.kill();
});

/** It waits as for a disk: who calls vfork is not to be woken before its child has done something else. */
const WAITS = '#include <unistd.h>\nint main(void) { if (vfork() == 0) { pause(); _exit(0); } return 0; }';

test('one that cannot be woken does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keystead-waits-'));
  const program = join(folder, 'waits');
  const made = spawnSync('cc', ['-x', 'c', '-', '-o', program], { input: WAITS });
  if (made.status !== 0) {
    process.stderr.write('there is no C compiler here: a process that waits for a disk is left out\n');
    await rm(folder, { recursive: true });
    return;
  }
  const child = spawn(program, { detached: true });
  const { pid = 0 } = child;
  while (!waitsForDisk(pid)) await new Promise(setImmediate);
  process.kill(-pid, 'SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  await rm(folder, { recursive: true });
});
