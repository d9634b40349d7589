import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { limitsWith } from '../../clients/limits.ts';
import type { Powers } from '../../clients/powers.ts';
import { WorldLink, type WorldStart } from '../../clients/world-link.ts';

const READY = { t: 'ready', sessions: [] };
const STAY = 'setInterval(() => {}, 1000)';

/** A world process that does what is to be done first, says this, and then does the rest. */
function worldThat(says: object, does: string, first = ''): ChildProcess {
  const script = `${first}; require('node:fs').writeSync(3, ${JSON.stringify(`${JSON.stringify(says)}\n`)}); ${does}`;
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
}

/** Runs one world after the other, until `onReady`, which is told of each that is ready, says that this is the end. */
async function linked(
  start: (starting: WorldStart) => ChildProcess,
  onReady: () => boolean,
  failures: string[] = [],
  own: Partial<Powers> = {},
): Promise<void> {
  const log = { error: (_: unknown, text: string) => void failures.push(text) } as unknown as Powers['log'];
  const powers: Powers = {
    now: () => 0,
    randomName: () => '',
    after: () => () => {},
    processorTime: () => null,
    waitsForDisk: () => false,
    wouldRun: () => false,
    log,
    ...own,
  };
  let link: WorldLink | undefined;
  await new Promise<void>((resolve, reject) => {
    link = new WorldLink(start, limitsWith(), powers, {
      hello: () => ({ t: 'hello', live: [] }),
      ready: () => {
        if (onReady()) resolve();
      },
      message: () => {},
      down: () => {},
      failed: ({ message }) => {
        reject(new Error(message));
      },
    });
    link.start();
  }).finally(() => link?.kill());
}

test('who killed a world is not forgotten when the next one finds its folder in use', async () => {
  const worlds = [
    () => worldThat(READY, STAY),
    () => worldThat({ t: 'fatal', code: 'InUse', message: 'a tool reads it' }, 'process.exit(1)'),
    () => worldThat(READY, STAY),
  ];
  const starts: boolean[] = [];
  const children: ChildProcess[] = [];
  const start = ({ ownDoing }: WorldStart): ChildProcess => {
    const child = (worlds[starts.length] as () => ChildProcess)();
    starts.push(ownDoing);
    children.push(child);
    return child;
  };
  await linked(start, () => {
    if (starts.length === worlds.length) return true;
    children[0]?.kill('SIGKILL');
    return false;
  });
  expect(starts).toEqual([false, false, false]);
});

test('a world is waited for however often it finds its folder in use', async () => {
  const refused = { t: 'fatal', code: 'InUse', message: 'a tool reads it' };
  const children: ChildProcess[] = [];
  const start = (): ChildProcess => {
    const isRefused = children.length > 0 && children.length <= limitsWith().deaths;
    children.push(isRefused ? worldThat(refused, 'process.exit(1)') : worldThat(READY, STAY));
    return children.at(-1) as ChildProcess;
  };
  const failures: string[] = [];
  await linked(
    start,
    () => {
      children[0]?.kill('SIGKILL');
      return children.length > 1;
    },
    failures,
    { after: (_, what) => clearTimeout.bind(undefined, setTimeout(what, 0)) },
  );
  expect(failures).toContain('the world cannot be started again yet: a tool reads it');
  expect(failures.filter((each) => each === 'the world process died')).toHaveLength(1);
});

test('a world that ended because its disk did not give a file is not to blame, and the next one reads all of it', async () => {
  const starts: WorldStart[] = [];
  const children: ChildProcess[] = [];
  const start = (starting: WorldStart): ChildProcess => {
    const child = worldThat(READY, STAY);
    starts.push(starting);
    children.push(child);
    return child;
  };
  await linked(start, () => {
    const how = (['SIGBUS', 'SIGSEGV', 'SIGABRT'] as const)[starts.length - 1];
    if (how !== undefined) children.at(-1)?.kill(how);
    return how === undefined;
  });
  expect(starts).toEqual([
    { ownDoing: false, again: false, readTables: false },
    { ownDoing: false, again: true, readTables: true },
    { ownDoing: true, again: true, readTables: false },
    // So LevelDB ends it where it finds keys that are none, and V8 where there is no memory left.
    { ownDoing: true, again: true, readTables: true },
  ]);
});

test.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGALRM'] as const)(
  'a world that was ended by %s is not to blame',
  async (how) => {
    const starts: boolean[] = [];
    const children: ChildProcess[] = [];
    const start = ({ ownDoing }: WorldStart): ChildProcess => {
      const child = worldThat(READY, STAY);
      starts.push(ownDoing);
      children.push(child);
      return child;
    };
    await linked(start, () => {
      if (starts.length === 1) children[0]?.kill(how);
      return starts.length === 2;
    });
    expect(starts).toEqual([false, false]);
  },
);

test('where worlds are aborted one after the other, all tables are read once in an hour', async () => {
  const { readTablesEveryMs } = limitsWith();
  const times = [0, 1, readTablesEveryMs - 1, readTablesEveryMs, readTablesEveryMs + 1];
  const reads: boolean[] = [];
  const children: ChildProcess[] = [];
  const start = ({ readTables }: WorldStart): ChildProcess => {
    const child = worldThat(READY, STAY);
    reads.push(readTables);
    children.push(child);
    return child;
  };
  const done = (): boolean => {
    if (children.length > times.length) return true;
    children.at(-1)?.kill('SIGABRT');
    return false;
  };
  await linked(start, done, [], { now: () => times[children.length - 1] ?? 0 });
  expect(reads).toEqual([false, true, false, false, true, false]);
});

test('a world that ends by itself, to be started anew, is no failure where it has not read all that it was sent', async () => {
  const failures: string[] = [];
  const children: ChildProcess[] = [];
  const start = (): ChildProcess => {
    // It reads nothing of what it is told, its hello neither.
    const child = worldThat(READY, STAY, `process.on('SIGUSR2', () => process.exit(0))`);
    children.push(child);
    return child;
  };
  await linked(
    start,
    () => {
      if (children.length === 2) return true;
      children[0]?.kill('SIGUSR2');
      return false;
    },
    failures,
  );
  expect(failures).toEqual([]);
});

describe('a world for which there are no files left to be opened', () => {
  /** What `spawn` of Node gives then. */
  const notSpawned = (): ChildProcess => {
    const child = new EventEmitter();
    setImmediate(() => child.emit('error', Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' })));
    return child as ChildProcess;
  };

  test('is started when there are, for those who are connected', async () => {
    const failures: string[] = [];
    const worlds = [() => worldThat(READY, STAY), notSpawned, notSpawned, () => worldThat(READY, STAY)];
    const children: ChildProcess[] = [];
    const start = (): ChildProcess => {
      const child = (worlds[children.length] as () => ChildProcess)();
      children.push(child);
      return child;
    };
    const soon: Powers['after'] = (ms, what) => {
      if (ms === limitsWith().restartMostMs) setImmediate(what);
      return () => {};
    };
    const onReady = (): boolean => {
      if (children.length === worlds.length) return true;
      children[0]?.kill('SIGKILL');
      return false;
    };
    await linked(start, onReady, failures, { after: soon });
    const why = 'the world cannot be started at the moment: spawn EMFILE';
    expect(failures.slice(-2)).toEqual([why, why]);
  });

  test('cannot be started in the first place', async () => {
    await expect(linked(notSpawned, () => true)).rejects.toThrow('spawn EMFILE');
  });
});

describe('a world that is silent for longer than one may be', () => {
  /** What the portal sees of it, and how the next one was started: whether that was its own doing. */
  async function silent(
    sees: (now: () => number) => Pick<Powers, 'processorTime' | 'waitsForDisk' | 'wouldRun'>,
  ): Promise<{ killedAt: number; ownDoing: boolean }> {
    const limits = limitsWith();
    let now = 0;
    let killedAt = 0;
    let waiting: (() => void)[] = [];
    const starts: boolean[] = [];
    const log = {
      error: ({ code }: { code: string }) => {
        if (code === 'WorldSilent') killedAt = now;
      },
    } as unknown as Powers['log'];
    const after: Powers['after'] = (_, what) => {
      waiting.push(what);
      return () => {};
    };
    const start = ({ ownDoing }: WorldStart): ChildProcess => {
      starts.push(ownDoing);
      return worldThat(READY, STAY);
    };
    const onReady = (): boolean => {
      const isKilled = (): boolean => killedAt > 0;
      while (!isKilled()) {
        now += limits.pingEveryMs;
        const due = waiting;
        waiting = [];
        for (const what of due) what();
      }
      return starts.length === 2;
    };
    await linked(start, onReady, [], { now: () => now, after, log, ...sees(() => now) });
    return { killedAt, ownDoing: starts[1] === true };
  }
  const { busyMs, silentMs, diskMs, pingEveryMs } = limitsWith();
  const soonAfter = (ms: number): number => ms + pingEveryMs - (ms % pingEveryMs);

  const NEVER = { waitsForDisk: () => false, wouldRun: () => false };
  const RUNS = { waitsForDisk: () => false, wouldRun: () => true };
  const DISK = { waitsForDisk: () => true, wouldRun: () => false };

  test.each([
    ['and uses a processor', (now: number) => now, RUNS, soonAfter(busyMs), true],
    ['and uses none', () => 0, NEVER, soonAfter(silentMs), false],
    ['where nobody can tell', () => null, NEVER, soonAfter(silentMs), true],
    ['and waits for its disk', () => 0, DISK, soonAfter(diskMs), false],
    // The first that is seen of it is the first look.
    [
      'and gets a fifth of a processor',
      (now: number) => now / 5,
      RUNS,
      soonAfter(pingEveryMs + 5 * busyMs),
      true,
    ],
    ['and gets no processor', () => 0, RUNS, soonAfter(diskMs), false],
    ['and has slept after all', (now: number) => now / 5, NEVER, soonAfter(silentMs), false],
  ])('%s', async (_, used, sees, killedAt, ownDoing) => {
    expect(await silent((now) => ({ ...sees, processorTime: () => used(now()) }))).toEqual({
      killedAt,
      ownDoing,
    });
  });
});
