import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startProgram } from '../../clients/compiled-program.ts';
import { spawnWorld } from '../../clients/world-spawn.ts';

const folder = mkdtempSync(join(tmpdir(), 'keystead-program-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Puts the world's program there, with what was compiled of it when it was built. */
function copyProgram(): { readonly program: string; readonly compiled: string } {
  const name = 'world-process.cjs';
  const built = fileURLToPath(new URL(`../../clients/${name}`, import.meta.url));
  const program = join(folder, name);
  for (const each of ['', '.compiled']) copyFileSync(`${built}${each}`, `${program}${each}`);
  return { program, compiled: `${program}.compiled` };
}

function change(file: string, edit: (bytes: Buffer) => Buffer): void {
  writeFileSync(file, edit(readFileSync(file)));
}

function flip(bytes: Buffer): Buffer {
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

test.each<[how: string, taken: string, edit: (files: ReturnType<typeof copyProgram>) => void]>([
  ['as it is', 'true', () => {}],
  ['cut short', 'false', ({ compiled }) => change(compiled, (bytes) => bytes.subarray(0, 1_000_000))],
  ['with nothing in it', 'false', ({ compiled }) => change(compiled, (bytes) => bytes.subarray(0, 0))],
  ['with one bit another', 'false', ({ compiled }) => change(compiled, flip)],
  [
    'of another program',
    'false',
    ({ program }) => change(program, (bytes) => bytes.fill(' ', bytes.length - 1)),
  ],
  ['that is not there', 'false', ({ compiled }) => rmSync(compiled)],
])(
  'whether a world process runs the code that was compiled when it was built, %s: %s',
  async (_, taken, edit) => {
    edit(copyProgram());
    const world = { data: folder, checkpointEvery: 0, checkpointsKept: 1, collectEvery: 0, garbageGrace: 0 };
    const child = spawnWorld(
      {
        world: { ...world, evictAlways: false },
        logLevel: 'warn',
        node: { execPath: process.execPath, env: process.env },
        worldProcess: fileURLToPath(new URL('./compiled-run.js', import.meta.url)),
      },
      { ownDoing: false, again: false, readTables: false },
    );
    expect(await text(child.stdio[3] as Readable)).toBe(taken);
  },
);

test('a program of which nothing was compiled runs all the same, strict, and nothing of it is global', () => {
  const program = join(folder, 'program.cjs');
  const write = "require('node:fs').writeFileSync(`${__filename}.out`, String([this === undefined, own]));";
  writeFileSync(program, `let own = 1; ${write}`);
  startProgram(pathToFileURL(program));
  expect(readFileSync(`${program}.out`, 'utf8')).toBe('true,1');
  expect('own' in globalThis).toBe(false);
});
