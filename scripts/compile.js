// Has the world process run for a moment, as it does when a world is started again and somebody comes in, and keeps what V8 has
// compiled of it until then (clients/compiled-program.ts). Where that fails the world starts all the same, and takes longer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/** What is done then is what need not be compiled any more. */
const LINES = ['connect guest', 'look', 'say hello', 'n', 'i', 'quit'];
/** Milliseconds for all of it: a hundred times as long as it takes. */
const PATIENCE = 60_000;

/** @param {string} dist the folder of compiled modules, with the program in it */
export async function compileWorldProcess(dist) {
  const folder = await mkdtemp(join(tmpdir(), 'keystead-build-'));
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), PATIENCE);
  try {
    const data = join(folder, 'world');
    await visit(dist, ending.signal, ['--data', data]);
    await visit(dist, ending.signal, [
      '--data',
      data,
      '--world-process',
      join(dist, 'clients', 'compile-world.js'),
    ]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The world process was not compiled beforehand, and starts more slowly: ${why}\n`);
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts a world, has somebody come in, and ends it. */
async function visit(dist, signal, options) {
  const start = [
    join(dist, 'clients', 'keystead.js'),
    'start',
    '--port',
    '0',
    '--log-level',
    'error',
    ...options,
  ];
  const child = spawn(process.execPath, start, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const [said] = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data', { signal }), ended]);
    if (typeof said !== 'string') throw new Error('it did not start');
    const socket = new WebSocket(`${said.trim().replace('listening http', 'ws')}/ws`);
    await once(socket, 'open', { signal });
    for (const line of LINES) {
      const shown = once(socket, 'message', { signal });
      socket.send(line);
      await shown;
    }
    socket.close();
  } finally {
    child.kill(signal.aborted ? 'SIGKILL' : 'SIGTERM');
    await ended;
  }
  if (child.exitCode !== 0) throw new Error(`it ended with ${child.exitCode}`);
}
