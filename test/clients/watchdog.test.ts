import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = fileURLToPath(new URL('./watchdog-run.js', import.meta.url));

async function outcome(way: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, way]);
  return JSON.parse(stdout);
}

describe('a watchdog', () => {
  test('stops what does not end, whatever it does', async () => {
    expect(await outcome('stops')).toEqual({ plain: false, caught: false, pattern: false, recursion: false });
  });

  test('stops it also while its thread is not there yet', async () => {
    expect(await outcome('stopsBeforeTheThreadIsReady')).toBe(false);
  });

  test('lets a run wait for the processor, for a time, and tells such a one from a run that uses it', async () => {
    expect(await outcome('isPatient')).toEqual([true, false, true, false, false]);
  });

  test('leaves alone what ends in time, however often', async () => {
    expect(await outcome('leavesAlone')).toBe(20_000);
  });

  test('throws what it runs throws', async () => {
    expect(await outcome('throwsOn')).toBe('of its own');
  });

  test('blames nobody for a run that is stopped by a signal from elsewhere', async () => {
    expect(await outcome('blamesNobody')).toEqual([false, false, false, true]);
  });

  test('goes on after signals that come from elsewhere', async () => {
    expect(await outcome('outlivesSignals')).toEqual([false, true, []]);
  });
});
