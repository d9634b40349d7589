import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Report } from './overflow-process.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

test('what runs out of stack, wherever it happens, is whole or leaves nothing', async () => {
  // Frames of one size only: what the compiler makes of a recursion would move its end. A process of its own, with a
  // small stack: going down to the end of a usual one some thousand times takes minutes.
  const file = fileURLToPath(new URL('./overflow-process.js', import.meta.url));
  const run = spawn(process.execPath, ['--stack-size=400', '--no-opt', '--no-sparkplug', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(run.stdout), once(run, 'close') as Promise<[number]>]);
  expect(code).toBe(0);
  const reports = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Report);
  expect(reports.length).toBeGreaterThan(15);
  expect(reports.flatMap(({ deed, wrong }) => wrong.map((what) => `${deed}: ${what}`))).toEqual([]);
  for (const { deed, ended, through } of reports) {
    expect([deed, ended > 10]).toEqual([deed, true]);
    expect([deed, through > 10]).toEqual([deed, true]);
  }
}, 120_000);

test('a method that calls itself for ever through capabilities is stopped by the limit, and the turn is as if it had not run', async () => {
  const f = await openPuppets();
  const again = act((self) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    return (self.state['me'] as Doll).act('overflow again');
  }, 'overflow again');
  const doll = (await play(f, (self) => {
    const made = self.make();
    made.set('me', made);
    return made;
  })) as Doll;
  await f.settle();
  const before = f.journal.contents();
  expect(await codeOf(f.call(doll, 'act', again))).toBe('TooDeep');
  await f.settle();
  expect(f.journal.contents()).toEqual(before);
  expect(await f.call(doll, 'get', 'n')).toBeUndefined();
  await f.close();
});
