import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { spawnWorld } from '../../clients/world-spawn.ts';

async function givenOf(env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const world = { data: '', checkpointEvery: 0, checkpointsKept: 1, collectEvery: 0, garbageGrace: 0 };
  const child = spawnWorld(
    {
      world: { ...world, evictAlways: false },
      logLevel: 'warn',
      node: { execPath: process.execPath, env },
      worldProcess: fileURLToPath(new URL('./environment-run.js', import.meta.url)),
    },
    { ownDoing: false, again: false, readTables: false },
  );
  return JSON.parse(await text(child.stdio[3] as Readable)) as Record<string, string>;
}

test('a world process is given what Node and the system look at, and no secret of who started it', async () => {
  const given = await givenOf({
    NODE_OPTIONS: '--enable-source-maps',
    NODE_EXTRA_CA_CERTS: '/nowhere',
    TZ: 'UTC',
    DATABASE_PASSWORD: 'secret',
    PATH: '/bin',
    HOME: '/root',
    MALLOC_ARENA_MAX: '4',
  });
  expect(given).toEqual({
    NODE_OPTIONS: '--enable-source-maps',
    TZ: 'UTC',
    // What the admin has chosen goes before our own choice.
    MALLOC_ARENA_MAX: '4',
    KEYSTEAD_LOG: 'warn',
  });
});
