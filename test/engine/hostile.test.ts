import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { HOSTILE } from './hostile.ts';

/** Milliseconds for all of them together: who is still running then can not be stopped. */
const ALL = 120_000;

test('code that would hang in a built-in, or end the process by one, is stopped or refused', async () => {
  // A process of its own: a test that fails here may never come back.
  const file = fileURLToPath(new URL('./hostile-process.js', import.meta.url));
  const run = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: ALL,
    killSignal: 'SIGKILL',
  });
  const [said, ended] = await Promise.all([text(run.stdout), once(run, 'close')]);
  const lines = said.trim().split('\n');
  // An odd number of lines ends with the one that is to blame.
  expect(lines.length % 2 === 0 ? [] : [lines.at(-1), ...ended]).toEqual([]);
  expect(lines.length / 2).toBe(HOSTILE.length);
}, 150_000);
