import { spawnSync } from 'node:child_process';
import { collection, destroy, onRestart } from '../../engine/authoring.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

const DAY = 86_400_000;

const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });

const registering = act((_self, name: string, to: Doll, options: object) => {
  onRestart(name, to, 'look', options);
}, 'restarts registering');

test('a list of what comes first keeps no world from starting', () => {
  // In a process of its own: its stack is that of a world process, a quarter of what a thread of these tests has.
  const plan = new URL('../../engine/restarts.js', import.meta.url).href;
  const capability = new URL('../../wrappers/capability.js', import.meta.url).href;
  const script = `
    import { planRestarts } from '${plan}';
    import { Capabilities } from '${capability}';
    const to = new Capabilities().of('o6', 'token', { id: 0, prototype: {} });
    const entry = (number, after) => ({ to, method: 'look', args: [], caps: {}, after, number, payer: null });
    const one = { one: entry(1, Array.from({ length: 19_900 }, () => to)) };
    const eight = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((at) => ['r' + at, entry(1 + at, [])]));
    const stored = [['o5', '{"is":"one"}'], ['o6', '{"is":"eight"}']];
    const decode = ({ is }) => (is === 'one' ? one : eight);
    console.log(planRestarts(stored, { decode }, () => 'o6', () => {}).length);
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect([ran.stdout.trim(), /\w*Error: .*/.exec(ran.stderr)?.[0]]).toEqual(['9', undefined]);
});

test('what ends in a turn registers for nothing, and keeps nothing, in the rest of it', async () => {
  const f = await open();
  const ending = act((self, it: Doll) => {
    destroy(self);
    onRestart('late', it, 'look');
    collection(self, 'late').set('one', 'x'.repeat(100_000));
  }, 'restarts ending');
  await play(f, (self) => void (self.state['it'] = self.make()));
  await codeOf(play(f, (self, body: string) => self.make().act(body, self.state['it']) ?? null, ending));
  await f.settle();
  expect(f.journal.contents().flatMap(([key]) => (/^[rde]\//.test(key) ? [key] : []))).toEqual([]);
  await f.close();
});

test('no name gives a registration, or a collection, more than there is', async () => {
  const f = await open({ limits: { objectRestarts: 1 } });
  await play(f, (self) => void (self.state['a'] = self.make()));
  const codes = [];
  for (const name of ['one', 'constructor'])
    codes.push(
      await codeOf(
        play(
          f,
          (self, body: string, which: string) =>
            (self.state['a'] as Doll).act(body, which, self.state['a'], {}) ?? null,
          registering,
          name,
        ),
      ),
    );
  const sizes = await play(f, (self) => {
    const all = ['constructor', 'toString'].map((name) => collection(self, name).size);
    return all.map(String);
  });
  expect([codes, sizes]).toEqual([
    ['none', 'TooMany'],
    ['0', '0'],
  ]);
  await f.close();
});

test('an object that has ended is told of no restart', async () => {
  const f = await open();
  let told = 0;
  const counting = act(() => void (told += 1), 'restarts told');
  const ending = act((self, it: Doll) => {
    destroy(self);
    onRestart('late', it, 'open');
  }, 'restarts ending late');
  await play(f, (self, body: string) => void (self.state['it'] = self.make({ open: body })), counting);
  await codeOf(play(f, (self, body: string) => self.make().act(body, self.state['it']) ?? null, ending));
  await f.settle();
  const next = await f.crash();
  await next.settle();
  expect(told).toBe(0);
  await next.close();
});
