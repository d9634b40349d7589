import { spawn, type ChildProcess } from 'node:child_process';
import { limitsWith } from '../../clients/limits.ts';
import type { Powers } from '../../clients/powers.ts';
import { WorldLink } from '../../clients/world-link.ts';

/** A world process that says this first, and then does this. */
function worldThat(says: object, does: string): ChildProcess {
  const script = `require('node:fs').writeSync(3, ${JSON.stringify(`${JSON.stringify(says)}\n`)}); ${does}`;
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
}

test('who killed a world is not forgotten when the next one finds its folder in use', async () => {
  const stay = 'setInterval(() => {}, 1000)';
  const ready = { t: 'ready', sessions: [] };
  const worlds = [
    () => worldThat(ready, stay),
    () => worldThat({ t: 'fatal', code: 'InUse', message: 'a tool reads it' }, 'process.exit(1)'),
    () => worldThat(ready, stay),
  ];
  const starts: boolean[] = [];
  const children: ChildProcess[] = [];
  const log = { error: () => {} } as unknown as Powers['log'];
  const powers: Powers = {
    now: () => 0,
    randomName: () => '',
    after: () => () => {},
    processorTime: () => null,
    log,
  };
  let link: WorldLink | undefined;
  await new Promise<void>((resolve, reject) => {
    link = new WorldLink(
      ({ ownDoing }) => {
        const child = (worlds[starts.length] as () => ChildProcess)();
        starts.push(ownDoing);
        children.push(child);
        return child;
      },
      limitsWith(),
      powers,
      {
        hello: () => ({ t: 'hello', live: [] }),
        ready: () => {
          if (starts.length === worlds.length) return resolve();
          children[0]?.kill('SIGKILL');
        },
        message: () => {},
        down: () => {},
        failed: ({ message }) => {
          reject(new Error(message));
        },
      },
    );
    link.start();
  }).finally(() => link?.kill());
  expect(starts).toEqual([false, false, false]);
});

test('a world that ends by itself, to be started anew, is no failure where it has not read all that it was sent', async () => {
  const failures: string[] = [];
  let starts = 0;
  let link: WorldLink | undefined;
  await new Promise<void>((resolve, reject) => {
    link = new WorldLink(
      () => {
        starts += 1;
        // It reads nothing of what it is told, its hello neither.
        const end = 'setTimeout(() => process.exit(0), 200)';
        return worldThat({ t: 'ready', sessions: [] }, starts === 1 ? end : 'setInterval(() => {}, 1000)');
      },
      limitsWith(),
      {
        now: () => 0,
        randomName: () => '',
        after: () => () => {},
        processorTime: () => null,
        log: {
          error: (_: unknown, text: string) => void failures.push(text),
        } as unknown as Powers['log'],
      },
      {
        hello: () => ({ t: 'hello', live: [] }),
        ready: () => {
          if (starts === 2) resolve();
        },
        message: () => {},
        down: () => {},
        failed: ({ message }) => {
          reject(new Error(message));
        },
      },
    );
    link.start();
  }).finally(() => link?.kill());
  expect(failures).toEqual([]);
});
