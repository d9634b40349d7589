import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LogLines } from '../../clients/log-lines.ts';
import { temporaryFolder } from '../product/product.ts';

test('lines that a reader had no room for are tried once more at the end', async () => {
  const { path, remove } = temporaryFolder();
  const pipe = join(path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const log = openSync(pipe, 'w');
  try {
    const lines = new LogLines(log);
    for (const size of [1024, 1]) {
      expect(() => {
        for (;;) writeSync(reader, ' '.repeat(size));
      }).toThrow('EAGAIN');
    }
    lines.add('one\n');
    for (let n = 0; n < 20; n += 1) await stat(path); // it has found no room by then
    lines.add('two\n');
    const bytes = Buffer.alloc(256 * 1024);
    readSync(reader, bytes);
    lines.end();
    expect(bytes.toString('latin1', 0, readSync(reader, bytes))).toBe('one\ntwo\n');
  } finally {
    closeSync(reader);
    closeSync(log);
    remove();
  }
});
