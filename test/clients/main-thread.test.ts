import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorTime, waitsForDisk, wouldRun } from '../../clients/main-thread.ts';

test('the time that a process uses is told, and that of one that is not there is not', () => {
  expect(processorTime(process.pid)).toBeGreaterThan(0);
  expect(processorTime(2 ** 30)).toBe(null);
});

/** One that runs, one that sleeps, one that is stopped, and none. */
async function withPids(body: (pids: readonly number[]) => void): Promise<void> {
  const busy = spawn('sh', ['-c', 'while :; do :; done']);
  const asleep = spawn('sleep', ['60']);
  const stopped = spawn('sh', ['-c', 'kill -STOP $$']);
  const children = [busy, asleep, stopped];
  while (!/^State:\s+T/m.test(readFileSync(`/proc/${stopped.pid}/status`, 'latin1')))
    await new Promise(setImmediate);
  // They have to be read from the disk first.
  while (!wouldRun(busy.pid as number) || waitsForDisk(asleep.pid as number)) await new Promise(setImmediate);
  body([...children.map(({ pid }) => pid as number), 2 ** 30]);
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => once(child, 'close')));
}

test('a process that runs, sleeps, is stopped or is not there waits for no disk', () =>
  withPids((pids) => {
    expect(pids.map(waitsForDisk)).toEqual([false, false, false, false]);
  }));

test('a process that runs would, one that sleeps, is stopped or is not there would not', () =>
  withPids((pids) => {
    expect(pids.map(wouldRun)).toEqual([true, false, false, false]);
  }));

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
