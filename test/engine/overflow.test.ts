import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Report } from './overflow-thread.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

test('what runs out of stack, wherever it happens, is whole or leaves nothing', async () => {
  const reports: Report[] = [];
  // A thread of its own: with the usual stack, going down to its end some thousand times takes minutes.
  const thread = new Worker(new URL('./overflow-thread.js', import.meta.url), {
    resourceLimits: { stackSizeMb: 0.5 },
  });
  thread.on('message', (report: Report) => void reports.push(report));
  await once(thread, 'exit');
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
