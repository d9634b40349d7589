import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseKey, prefixRange } from '../../storage/keys.ts';
import { openJournal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import {
  homeOf,
  LANTERN,
  lettersOf,
  PASSWORD,
  planOf,
  playerName,
  roomName,
} from '../../world/generated/layout.ts';
import { keystead, PlainClient, startWorld, temporaryFolder } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
const OBJECTS = 1_000;

/** What a world holds, but for the journal's own: how many keys of each kind, and a digest of all. */
async function contents(folder: string): Promise<{ kinds: Record<string, number>; digest: string }> {
  const journal = await openJournal(await openLevelStore(folder));
  const kinds: Record<string, number> = {};
  const digest = createHash('sha256');
  for (const prefix of [
    'meta',
    'o',
    'shape',
    'a',
    'm',
    't',
    'of',
    'd',
    'e',
    'src',
    'safe',
    'ref',
    'dead',
    'x',
  ] as const) {
    for await (const [key, value] of journal.range(prefixRange(prefix))) {
      const kind = parseKey(key)?.kind ?? 'unknown';
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (key !== 'meta/settled') digest.update(`${key}\n${value}\n`);
    }
  }
  await journal.close();
  return { kinds, digest: digest.digest('hex') };
}

describe('keystead bench world', () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'world');
  afterAll(folder.remove);

  beforeAll(async () => {
    const made = await keystead('bench', 'world', '--objects', String(OBJECTS), '--data', data);
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining(`${OBJECTS} objects in '${data}'`) });
  });

  test('makes exactly so many objects, of all kinds, with accounts, mail, classes, timers and references', async () => {
    const { kinds } = await contents(data);
    expect(kinds['object']).toBe(OBJECTS);
    expect(kinds['account']).toBe(Math.floor(OBJECTS / 400));
    for (const kind of ['entry', 'collections', 'source', 'safe', 'member', 'reference'])
      expect(kinds[kind]).toBeGreaterThan(0);
    expect(kinds['dead']).toBeUndefined();
    expect(kinds['aside']).toBeUndefined();
  });

  test('makes the same world of the same seed, to the byte, and another one of another', async () => {
    const digests: string[] = [];
    for (const [name, seed] of [
      ['same', '1'],
      ['other', '2'],
    ] as const) {
      const path = join(folder.path, name);
      await keystead('bench', 'world', '--objects', String(OBJECTS), '--data', path, '--seed', seed);
      digests.push((await contents(path)).digest);
    }
    const { digest } = await contents(data);
    expect(digests[0]).toBe(digest);
    expect(digests[1]).not.toBe(digest);
  });

  test('makes a world with the classes of this Keystead, of which the start takes none for another one', async () => {
    const world = await startWorld(data);
    expect(await world.stop()).toBe(0);
    expect(world.err()).not.toContain('ChangedClass');
  });

  test('makes a world whose players can log in, and find what is theirs', async () => {
    const plan = planOf({ objects: OBJECTS }, 13);
    if (typeof plan === 'string') throw new Error(plan);
    const world = await startWorld(data);
    const neighbour = await PlainClient.connect(world.url);
    await neighbour.ask(`connect ${playerName(1)} ${PASSWORD}`, new RegExp(`${roomName(homeOf(plan, 1))}\n`));
    const player = await PlainClient.connect(world.url);
    const seen = await player.ask(`connect ${playerName(0)} ${PASSWORD}`, /Ways out:/);
    expect(seen).toContain(`${playerName(1)} is here`);
    await player.ask('inventory', new RegExp(`You carry a penny of ${playerName(0)}\\.`));
    expect(await player.ask('keyring', /mailbox/)).toContain(`penny of ${playerName(1)}`);
    expect(lettersOf(1)).toBe(1);
    await player.ask(`look in mailbox of ${playerName(1)}`, /letter 1/);
    await player.ask('get spoon3 from chest', /You take the spoon3 out of the chest\./);
    await player.ask(`get ${LANTERN}`, new RegExp(`You take the ${LANTERN}\\.`));
    player.close();
    neighbour.close();
    expect(await world.stop()).toBe(0);
  });
});

test('keystead bench world leaves alone what is in a folder', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'mine'), '');
  const { code, err } = await keystead('bench', 'world', '--objects', '500', '--data', folder.path);
  expect([code, err]).toEqual([1, expect.stringContaining('(FolderInUse)')]);
  folder.remove();
});

test.each([
  [['--objects', '20'], 'objects at least'],
  [['--objects', '5000', '--rooms', '10'], 'have no place for'],
  [['--objects', '100000001'], 'more than 100000000 objects'],
  [['--objects', '5000', '--rooms', '9000000000000000'], 'more rooms and players than objects'],
  [['--objects', '5000', '--players', '9000000000000000'], 'more rooms and players than objects'],
])('keystead bench world %s is refused with the reason, and nothing is left behind', async (options, why) => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'world');
  writeFileSync(`${data}.making`, 'mine');
  const { code, err } = await keystead('bench', 'world', ...options, '--data', data);
  expect([code, err]).toEqual([1, expect.stringContaining(why)]);
  expect(readdirSync(folder.path)).toEqual(['world.making']);
  folder.remove();
});

test('who stops keystead bench world finds nothing half-made', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'world');
  const args = [COMMAND, 'bench', 'world', '--objects', '50000', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let err = '';
  child.stderr.on('data', (text: Buffer) => {
    err += text.toString();
  });
  child.stderr.once('data', () => child.kill('SIGINT')); // it has told how far it is
  expect(await closed).toEqual([1, null]);
  expect(err).toMatch(/50000 objects\n.*\(Interrupted\)\n$/);
  expect(readdirSync(folder.path)).toEqual([]);
  folder.remove();
});

test('of two worlds that are made in one place the one that was begun last is there, and nothing of the other', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'world');
  const args = [COMMAND, 'bench', 'world', '--objects', '50000', '--data', data];
  const first = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(first, 'close');
  await once(first.stderr, 'data'); // it has told how far it is
  const second = await keystead('bench', 'world', '--objects', '500', '--data', data);
  expect(second).toMatchObject({ code: 0, err: '' });
  expect(await closed).toEqual([1, null]);
  expect(readdirSync(folder.path)).toEqual(['world']);
  expect((await contents(data)).kinds['object']).toBe(500);
  folder.remove();
}, 30_000);

test('keystead bench world in a place where nothing can be made says so in one line', async () => {
  const folder = temporaryFolder();
  symlinkSync('nowhere', join(folder.path, 'astray'));
  const data = join(folder.path, 'astray', 'world');
  const { code, err } = await keystead('bench', 'world', '--objects', '500', '--data', data);
  expect(code).toBe(1);
  expect(err).toMatch(/^keystead: cannot write the folder .* \(NotMade\)\n$/);
  folder.remove();
});

test('keystead bench world says in one line that it cannot start another process', async () => {
  const folder = temporaryFolder();
  const elsewhere = `data:text/javascript,process.execPath='/nowhere/node'`;
  const making = ['bench', 'world', '--objects', '10', '--data', join(folder.path, 'world')];
  const child = spawn(process.execPath, ['--import', elsewhere, COMMAND, ...making], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(said).toMatch(
    /^keystead: The process that makes the world cannot be started: spawn .* ENOENT \(NotMade\)\n$/,
  );
  expect(code).toBe(1);
  folder.remove();
});

test('keystead bench world makes the world where a link leads to', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'link');
  mkdirSync(join(folder.path, 'other', 'world'), { recursive: true });
  symlinkSync(join('other', 'world'), data);
  const made = await keystead('bench', 'world', '--objects', '300', '--data', data);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(lstatSync(data).isSymbolicLink()).toBe(true);
  expect((await contents(data)).kinds['object']).toBe(300);
  expect(readdirSync(join(folder.path, 'other'))).toEqual(['world']);
  folder.remove();
});

test.each([7, 8, 14, 15])('the players of a generated world are spread over its %s rooms', (rooms) => {
  const players = rooms * 20;
  const plan = planOf({ objects: 200 + rooms * 300, rooms, players }, 13);
  if (typeof plan === 'string') throw new Error(plan);
  const homes = new Map<number, number>();
  for (let player = 0; player < players; player += 1) {
    const home = homeOf(plan, player);
    homes.set(home, (homes.get(home) ?? 0) + 1);
  }
  expect([...homes.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: rooms }, (_, n) => n + 1));
  expect(new Set(homes.values())).toEqual(new Set([20]));
});

test('a floor of a generated world takes mailboxes and other things together', () => {
  expect(planOf({ objects: 1_640, rooms: 1, players: 150 }, 13)).toMatch(/have no place for/);
});

test('keystead bench world without a number of objects is wrong usage', async () => {
  expect(await keystead('bench', 'world')).toMatchObject({ code: 2 });
});
