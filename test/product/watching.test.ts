import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { httpAnswer } from '../http-answer.ts';
import { keystead, PlainClient, startWorld, temporaryFolder, type RunningWorld } from './product.ts';

const COMMAND = fileURLToPath(new URL('../../clients/keystead.js', import.meta.url));
const PASSWORD = 'swordfish-99-xyzzy';
const folder = temporaryFolder();
const running: RunningWorld[] = [];
let number = 0;

function newData(): string {
  number += 1;
  return join(folder.path, `world${number}`);
}

async function start(data: string, ...args: string[]): Promise<RunningWorld> {
  const world = await startWorld(data, '--checkpoint-every', '0', ...args);
  running.push(world);
  return world;
}

async function enter(world: RunningWorld, name: string): Promise<PlainClient> {
  const client = await PlainClient.connect(world.url);
  await client.ask(`create ${name} ${PASSWORD}`, new RegExp(`Welcome to Keystead, ${name}`));
  return client;
}

afterEach(async () => {
  for (const world of running.splice(0)) await world.stop();
});

afterAll(() => {
  folder.remove();
});

interface Shown {
  readonly seq: number;
  readonly kind: string;
  readonly who?: string;
  readonly ran?: string;
  readonly line?: string;
  readonly changed?: readonly string[];
  readonly said?: readonly (readonly [string, readonly string[]])[];
}

function objects(out: string): readonly Shown[] {
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Shown);
}

describe('keystead log', () => {
  test('shows what came in, what it changed and what was said, of a running and of a stopped world', async () => {
    const data = newData();
    const world = await start(data);
    const ann = await enter(world, 'Ann');
    const bob = await enter(world, 'Bob');
    await ann.ask('say a \u202eword', /You say/);
    await bob.expect(/Ann says/);
    await bob.ask('get nothing-like-it', /./);
    ann.close();
    bob.close();
    // The lines gather for a moment before they are written.
    const follower = following(data, '--since', '1h');
    await follower.until((line) => line.includes('nothing-like-it'));
    expect(await follower.end('SIGINT')).toBe(0);
    await world.stop();

    const { code, out, err } = await keystead('log', '--data', data, '--json');
    expect([code, err]).toEqual([0, '']);
    const turns = objects(out);
    expect(turns.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['start', 'login', 'command', 'end']),
    );
    const said = turns.find(({ line }) => line === 'say a \u202eword');
    expect(said).toMatchObject({ kind: 'command', who: 'Ann', ran: expect.stringMatching(/^o\d+$/) });
    const heard = said?.said?.map(([text]) => text).join('\n');
    expect(heard).toContain('Ann says');
    expect(out).not.toContain('\u202e');
    expect(out).not.toContain(PASSWORD);

    const text = (await keystead('log', '--data', data, '--player', 'ANN')).out;
    expect(text).toMatch(/Ann o\d+ {2}"say a \\u\{202e\}word"/);
    expect(text).not.toContain('Bob o');
    expect(text).not.toContain('\u202e');
    const [about] = (await keystead('log', '--data', data, '--object', said?.ran ?? '')).out.split('\n');
    expect(about).toContain('login');
    expect((await keystead('log', '--data', data, '--slow', '100000')).out).toBe('');

    const logs = join(data, 'log');
    expect(statSync(logs).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(logs)) {
      expect(statSync(join(logs, name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(logs, name), 'utf8')).not.toContain(PASSWORD);
    }
  });

  test('goes on from one run of the world to the next, without a gap', async () => {
    const data = newData();
    for (const name of ['Ann', 'Bob']) {
      const world = await start(data);
      (await enter(world, name)).close();
      await world.stop();
    }
    const { out } = await keystead('log', '--data', data);
    expect(out).toContain('login Ann');
    expect(out).toContain('login Bob');
    expect(out).not.toContain('not in the log');
    expect(readdirSync(join(data, 'log'))).toEqual(['00000001.log', '00000002.log']);
  });

  test('takes a time that is typed as it shows its own, wherever the machine stands', async () => {
    const data = newData();
    const world = await start(data);
    (await enter(world, 'Ann')).close();
    await world.stop();
    const { out } = await keystead('log', '--data', data);
    const [began = ''] = out.split('Z', 1);
    const args = [COMMAND, 'log', '--data', data, '--since', began];
    const env = { ...process.env, TZ: 'America/Los_Angeles' };
    expect(execFileSync(process.execPath, args, { env, encoding: 'utf8' })).toBe(out);
  });

  test('is written nowhere when it is switched off, and says so when asked', async () => {
    const data = newData();
    const world = await start(data, '--log-kept', '0');
    (await enter(world, 'Ann')).close();
    await world.stop();
    expect(await keystead('log', '--data', data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('(NoLog)'),
    });
  });

  test('ends quietly when nobody reads on', async () => {
    const data = newData();
    const world = await start(data);
    const ann = await enter(world, 'Ann');
    const follower = following(data, '--since', '1h');
    await follower.until((line) => line.includes('login Ann'));
    follower.child.stdout.destroy();
    ann.send('say one more');
    const [code] = (await once(follower.child, 'exit')) as [number | null];
    ann.close();
    expect(code).toBe(0);
  });

  test('ends when it is asked to, also where somebody reads no further', async () => {
    const data = newData();
    const world = await start(data);
    (await enter(world, 'Ann')).close();
    await world.stop();
    const file = join(data, 'log', '00000001.log');
    writeFileSync(file, readFileSync(file, 'utf8').repeat(2_000));
    const child = spawn(process.execPath, [COMMAND, 'log', '--data', data, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [ended, closed] = [once(child, 'exit'), once(child, 'close')];
    await once(child.stdout, 'readable');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    child.stdout.destroy();
    await closed;
  });

  test.each([
    ['--since', 'yesterday'],
    ['--object', 'lamp'],
    ['--slow', 'soon'],
  ])('%s %s is wrong usage', async (...args) => {
    expect((await keystead('log', ...args)).code).toBe(2);
  });
});

function following(data: string, ...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, 'log', '--data', data, '--follow', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    until: (wanted: (line: string) => boolean) =>
      new Promise<void>((resolve) => {
        lines.on('line', (line) => {
          if (wanted(line)) resolve();
        });
      }),
    end: async (signal: NodeJS.Signals): Promise<number | null> => {
      const closed = once(child, 'close') as Promise<[number | null]>;
      child.kill(signal);
      return (await closed)[0];
    },
  };
}

/** The names of all metrics in a text of Prometheus, with their help and kind. */
function described(text: string): ReadonlyMap<string, { readonly help: string; readonly kind: string }> {
  const found = new Map<string, { help: string; kind: string }>();
  for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    const [, kind = ''] = new RegExp(`^# TYPE ${name} (\\S+)$`, 'm').exec(text) ?? [];
    expect(found.has(name)).toBe(false);
    found.set(name, { help, kind });
  }
  return found;
}

describe('/metrics', () => {
  let text = '';
  beforeAll(async () => {
    const world = await start(newData());
    const ann = await enter(world, 'Ann');
    await ann.ask('say hello', /You say/);
    text = (await httpAnswer(`${world.url}/metrics`)).text;
    ann.close();
  });

  test('has the figures of the world beside those of the portal, each line as Prometheus reads it', () => {
    for (const line of text.split('\n').filter((each) => each !== '')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (-?[0-9.e+-]+|\+Inf|NaN))$/,
      );
    }
    expect(text).toContain('keystead_turns_total{kind="command",outcome="done"} 1\n');
    expect(text).toContain('keystead_turn_seconds_count{kind="command"} 1\n');
    expect(text).toMatch(/^keystead_world_told 1$/m);
    expect(text).toMatch(/^keystead_connections 1$/m);
    expect(text).toMatch(/^keystead_world_sessions 1$/m);
    for (const name of ['keystead_written_bytes_total', 'keystead_folder_bytes{part="db"}'])
      expect(Number(text.split(`\n${name} `)[1]?.split('\n')[0])).toBeGreaterThan(1000);
  });

  test('is what docs/looking.md says that it is', () => {
    const page = readFileSync('docs/looking.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(keystead_\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
    const documented = rows.map(([, name = '', unit = '', meaning = '']) => [name, unit, meaning]);
    const unitOf = (name: string) =>
      name.endsWith('_seconds') || name.endsWith('_seconds_total')
        ? 'seconds'
        : name.endsWith('_bytes') || name.endsWith('_bytes_total')
          ? 'bytes'
          : expect.not.stringMatching(/^(seconds|bytes)$/);
    const real = [...described(text)].filter(([name]) => !name.startsWith('keystead_portal_'));
    expect(documented.sort()).toEqual(real.map(([name, { help }]) => [name, unitOf(name), help]).sort());
  });

  test('has every metric that the dashboard asks for', () => {
    const dashboard = JSON.parse(readFileSync('docs/grafana/keystead.json', 'utf8')) as {
      readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
    };
    const asked = dashboard.panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => expr.match(/keystead_\w+/g) ?? []),
    );
    const known = described(text);
    const missing = asked.filter((name) => {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      return !known.has(name) && known.get(base)?.kind !== 'histogram';
    });
    expect(asked.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
    // And the other way round: nothing is told that nobody is shown.
    const shown = new Set(asked.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const own = [...known.keys()].filter((name) => !name.startsWith('keystead_portal_'));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });
});

test('/metrics tells of backups that are made and that fail, and nothing where none are wanted', async () => {
  const data = newData();
  const backup = `${data}-backup`;
  const world = await start(data, '--backup', backup);
  const figures = async (): Promise<readonly (string | undefined)[]> => {
    const { text } = await httpAnswer(`${world.url}/metrics`);
    return [
      'backups_total',
      'backup_failures_total{what="backup"}',
      'backup_failures_total{what="removal"}',
      'backup_last_timestamp_seconds',
      'backup_last_bytes',
    ].map((name) => text.split(`\nkeystead_${name} `)[1]?.split('\n')[0]);
  };
  expect(await figures()).toEqual(['0', '0', '0', undefined, undefined]);
  const began = Date.now();
  expect((await keystead('checkpoint', '--data', data)).code).toBe(0);
  const [made, failed, , last = 0, bytes] = await figures();
  expect([made, failed]).toEqual(['1', '0']);
  expect(Math.abs(Number(last) * 1000 - began)).toBeLessThan(60_000);
  const files = readdirSync(backup, { recursive: true, withFileTypes: true }).filter(
    (each) => each.isFile() && each.name !== 'writer',
  );
  const sizes = files.map(({ parentPath, name }) => statSync(join(parentPath, name)).size);
  expect(sizes.length).toBeGreaterThan(1);
  expect(Number(bytes)).toBe(sizes.reduce((sum, size) => sum + size, 0));
  renameSync(backup, `${backup}-gone`);
  expect((await keystead('checkpoint', '--data', data)).code).toBe(1);
  expect(await figures()).toEqual(['1', '1', '0', last, bytes]);

  const other = await start(newData());
  const { text } = await httpAnswer(`${other.url}/metrics`);
  expect(text).not.toMatch(/^keystead_backup/m);
});

/** Lines that portal and world have written to standard error, taken apart. */
function logLines(err: string): readonly Record<string, unknown>[] {
  return err
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a turn that takes long is told by object, class and time, without what was typed', async () => {
  const world = await start(newData(), '--slow-turn', '0');
  let err = '';
  world.child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ann = await enter(world, 'Ann');
  await ann.ask('say my secret', /You say/);
  ann.close();
  await world.stop();
  const slow = logLines(err).filter(({ code }) => code === 'SlowTurn');
  expect(slow.find(({ kind }) => kind === 'command')).toMatchObject({
    name: 'world',
    level: 40,
    object: expect.stringMatching(/^o\d+$/),
    className: 'Player',
    method: 'command',
    ms: expect.any(Number),
    waitedMs: expect.any(Number),
  });
  expect(slow.some(({ kind }) => kind === 'start')).toBe(false);
  expect(err).not.toContain('secret');
});

describe('when the disk takes no more', () => {
  test('/healthz says so, the log lines have their fields, and all that was acknowledged is there afterwards', async () => {
    const data = newData();
    let world = await start(data);
    let err = '';
    world.child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ann = await enter(world, 'Ann');
    await ann.ask('say before', /You say, "before/);
    expect((await httpAnswer(`${world.url}/healthz`)).status).toBe(200);
    // From here on the system refuses to let any file of the world grow.
    execFileSync('prlimit', ['--pid', String(worldPid(world)), '--fsize=1:1']);
    await ann.ask('say after', /cannot write to its disk/);
    const health = await httpAnswer(`${world.url}/healthz`);
    expect([health.status, health.text]).toEqual([503, expect.stringMatching(/^CommitFailed: /)]);
    expect((await httpAnswer(`${world.url}/metrics`)).text).toMatch(/^keystead_world_ready 0$/m);
    ann.close();
    await world.stop();
    const lines = logLines(err);
    expect(lines.map(({ name }) => name)).toEqual(expect.arrayContaining(['portal', 'world']));
    for (const line of lines) {
      expect(line).toMatchObject({
        level: expect.any(Number),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        pid: expect.any(Number),
        name: expect.stringMatching(/^(portal|world)$/),
        code: expect.any(String),
        msg: expect.any(String),
      });
    }
    world = await start(data);
    const again = await PlainClient.connect(world.url);
    await again.ask(`connect Ann ${PASSWORD}`, /Welcome back, Ann/);
    again.close();
  });
});

/** The only child of the portal. */
function worldPid({ child }: RunningWorld): number {
  const pid = child.pid as number;
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
