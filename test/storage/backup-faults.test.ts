import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackupFolder, listBackups, openBackup } from '../../storage/backup-folder.ts';
import { readManifest } from '../../storage/backup/manifest.ts';
import { listCheckpoints, openCheckpoint } from '../../storage/checkpoint-folder.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { all, codeOf } from './acceptance.ts';
import type { Errand } from './backup-child.ts';
import { checkpointAt, worldAt } from './backup-worlds.ts';
import { newFolder, removeFolder } from './level-folder.ts';

const CHILD = fileURLToPath(new URL('./backup-child.js', import.meta.url));

/**
 * A fault is tried at one call of so many. With `CALLS_APART=1`, which `npm run faults` sets, at every one; that takes about
 * 90 s, most of it for the processes that die.
 */
const CALLS_APART = Number(process.env['CALLS_APART'] ?? 4);

let folder: string;
let prepared: string;
beforeAll(async () => {
  prepared = await newFolder();
  await mkdir(join(prepared, 'backups'));
  const to = await BackupFolder.open(join(prepared, 'backups'), 'world', 'first');
  for (const number of [1, 2]) {
    await to.add(await CheckpointReader.open(await checkpointAt(join(prepared, 'checkpoints'), number)));
  }
});
afterAll(() => removeFolder(prepared));
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => removeFolder(folder));

/** Runs a process with errands; what it said of each before it was killed. */
async function run(...errands: Errand[]): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(errands)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the process ended with ${code}`);
  return said.trim().split('\n');
}

async function contents(reader: CheckpointReader): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  for await (const { key, value } of reader.entries()) entries.push([key, value.toString()]);
  await reader.close();
  return entries;
}

/** Every checkpoint and backup that can be seen is whole, and is the world of its number. */
async function audit(work: string): Promise<number[]> {
  const backups = join(work, 'backups');
  const listed = await listBackups(backups);
  for (const { number, header } of listed) {
    expect(header?.checkpoint).toBe(number);
    expect(await contents(await openBackup(backups, number))).toEqual(worldAt(number));
  }
  for (const { number } of await listCheckpoints(join(work, 'checkpoints'))) {
    expect(await contents(await openCheckpoint(join(work, 'checkpoints'), number))).toEqual(worldAt(number));
  }
  return listed.map(({ number }) => number);
}

/** The parts that are there, and those that the backups name. */
async function parts(work: string): Promise<{ there: string[]; named: string[] }> {
  const backups = join(work, 'backups');
  const there = (await readdir(join(backups, 'parts'), { recursive: true })).filter((name) =>
    name.includes('/'),
  );
  const named = new Set<string>();
  for (const { file } of await listBackups(backups)) {
    for (const { hash } of (await readManifest(file)).parts) named.add(`${hash.slice(0, 2)}/${hash}`);
  }
  return { there: there.sort(), named: [...named].sort() };
}

async function copyAt(at: number): Promise<string> {
  const work = join(folder, `${at}`);
  await cp(prepared, work, { recursive: true });
  return work;
}

/** Calls `body` with 1, 1 + apart ... until it gives false, two at a time; the last for which it gave true. */
async function eachPoint(
  apart: number,
  body: (at: number, work: string) => Promise<boolean>,
): Promise<number> {
  let next = 1;
  let last = 0;
  let over = false;
  const lane = async (): Promise<void> => {
    while (!over) {
      const at = next;
      next += apart;
      const work = await copyAt(at);
      if (await body(at, work)) last = Math.max(last, at);
      else over = true;
      await rm(work, { recursive: true });
    }
  };
  await Promise.all([lane(), lane()]);
  return last;
}

test('a process that dies at any call of the file system leaves every listed backup whole, and the next goes on', async () => {
  const calls = await eachPoint(CALLS_APART, async (at, work) => {
    const [came] = await run({ folder: work, number: 3, at, fault: 'torn' });
    const left = await audit(work);
    expect([
      [1, 2],
      [1, 2, 3],
      [2, 3],
    ]).toContainEqual(left);
    const to = await BackupFolder.open(join(work, 'backups'), 'world', 'next');
    await to.add(await CheckpointReader.open(await checkpointAt(join(work, 'checkpoints'), 4)));
    await to.prune(2);
    await to.sweep();
    expect((await audit(work)).at(-1)).toBe(4);
    const { there, named } = await parts(work);
    expect(there).toEqual(named);
    return came === '';
  });
  expect(calls).toBeGreaterThan(60);
}, 120_000);

// Each begins at another call: together they meet every one.
test.each([
  ['ENOSPC', true, 1],
  ['ENOSPC', false, 2],
  ['EROFS', true, 3],
  ['EIO', false, 4],
] as const)(
  'a file system that says %s (for ever: %s) at any call leaves every listed backup whole',
  async (code, forEver, from) => {
    const points: number[] = [];
    for (let at = 1 + ((from - 1) % CALLS_APART); at <= 100; at += CALLS_APART) points.push(at);
    const works = await Promise.all(points.map((at) => copyAt(at)));
    const fault = { code, forEver };
    const said = await run(
      ...works.map((work, n) => ({ folder: work, number: 3, at: points[n] ?? 0, fault })),
    );
    expect(said).toHaveLength(works.length);
    for (const each of said) {
      expect(each).toMatch(/^(?:done|Unwritable|Unreadable|Missing) with(?:out)?$|^done without$/);
    }
    for (const work of works) expect((await audit(work)).length).toBeGreaterThan(1);
  },
  60_000,
);

test('a restore that dies at any call leaves no world or the whole one, and the next one makes it', async () => {
  const calls = await eachPoint(1, async (at, work) => {
    const into = join(work, 'new');
    const [came] = await run({ folder: work, number: 2, into, at, fault: 'torn' });
    const found = await codeOf(async () => (await openLevelStore(into)).close());
    expect(['', 'Missing']).toContain(found);
    // Nor does a start make another world where one was to be restored.
    if (found === 'Missing' && (await readdir(into).catch(() => [])).some((name) => name.startsWith('.')))
      expect(await codeOf(() => openLevelStore(into, { create: true }))).toBe('Missing');
    const again = await codeOf(async () =>
      restoreWorld(await openBackup(join(work, 'backups'), 2), into, () => []),
    );
    expect(again).toBe(found === '' ? 'NotEmpty' : '');
    const store = await openLevelStore(into);
    expect(await all(store)).toEqual(worldAt(2));
    await store.close();
    return came === '';
  });
  expect(calls).toBeGreaterThan(20);
}, 120_000);

test('a restore that is told to end leaves nothing', async () => {
  const over = new AbortController();
  over.abort(new Error('enough'));
  const into = join(folder, 'new');
  const from = await openBackup(join(prepared, 'backups'), 1);
  await expect(restoreWorld(from, into, () => [], { signal: over.signal })).rejects.toThrow('enough');
  expect(await readdir(folder)).toEqual([]);
});
