import { after, cancel, destroy, every, fail } from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

const tick = act((self, what: string) => {
  self.state['log'] = `${String(self.state['log'] ?? '')}${what}`;
  if (self.state['ill'] === true) throw fail('Ill', 'It is not well.');
}, 'repeat tick');
const dying = act((self) => destroy(self), 'repeat dying');
const heard = act((self, error: { code: string }) => {
  self.state['heard'] = `${String(self.state['heard'] ?? '')}${error.code} `;
}, 'repeat heard');

async function stage(evictAlways = false): Promise<Fixture> {
  const f = await openPuppets({ evictAlways });
  await play(
    f,
    (self, hearing: string) => {
      self.state['a'] = self.make();
      self.state['b'] = self.make({ open: hearing });
      return null;
    },
    heard,
  );
  return f;
}

const log = (f: Fixture, of = 'a', what = 'log'): Promise<unknown> =>
  play(f, (self, who: string, which: string) => (self.state[who] as Doll).get(which) ?? '', of, what);
const timers = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('t/') ? [key] : []));

describe.each([false, true])('a timer that repeats, evicting always: %s;', (evictAlways) => {
  test('calls again and again, in step, until it is cancelled', async () => {
    const f = await stage(evictAlways);
    await play(f, (self) => {
      self.state['timer'] = every(100, self.state['a'] as Doll, 'act', [tick, 'x']);
      return null;
    });
    await f.advance(99);
    expect(await log(f)).toBe('');
    for (const _ of 'abc') await f.advance(100);
    expect(await log(f)).toBe('xxx');
    expect(timers(f)).toHaveLength(1);
    await play(f, (self) => cancel(self.state['timer'] as number));
    await f.advance(1_000);
    expect(await log(f)).toBe('xxx');
    await f.settle();
    expect(timers(f)).toEqual([]);
    await f.close();
  });

  test('can be cancelled by its own call', async () => {
    const f = await stage(evictAlways);
    const stopping = act((self) => {
      self.state['calls'] = Number(self.state['calls'] ?? 0) + 1;
      cancel(self.state['timer'] as number);
    }, 'repeat stopping');
    const setting = act((self, me: Doll) => {
      self.state['timer'] = every(100, me, 'act', ['repeat stopping']);
    }, 'repeat setting');
    await play(
      f,
      (self, body: string) => {
        (self.state['a'] as Doll).act(body, self.state['a']);
        return null;
      },
      setting,
    );
    expect(stopping).toBe('repeat stopping');
    await f.advance(100);
    await f.advance(100);
    expect(await log(f, 'a', 'calls')).toBe(1);
    expect(timers(f)).toEqual([]);
    await f.close();
  });

  test('does not pile up while the world is down: what is missed is skipped, and it stays in step', async () => {
    const f = await stage(evictAlways);
    await play(f, (self) => {
      every(100, self.state['a'] as Doll, 'act', [tick, 'x']);
      return null;
    });
    await f.settle();
    f.powers.now += 12_345;
    const next = await f.crash();
    await next.advance(0);
    expect(await log(next)).toBe('');
    await next.advance(54);
    expect(await log(next)).toBe('');
    await next.advance(1);
    expect(await log(next)).toBe('x');
    await next.close();
  });

  test('catches up with what it missed, if it is to', async () => {
    const f = await stage(evictAlways);
    await play(f, (self) => {
      every(100, self.state['a'] as Doll, 'act', [tick, 'x'], { missed: 'late' });
      return null;
    });
    await f.settle();
    f.powers.now += 550;
    const next = await f.crash();
    for (const _ of 'abcdef') await next.advance(0);
    expect(await log(next)).toBe('xxxxx');
    await next.advance(50);
    expect(await log(next)).toBe('xxxxxx');
    await next.close();
  });
});

test.each([false, true])(
  'a clock that is put forward and back again does not keep it waiting, restarted: %s',
  async (restarted) => {
    let f = await stage();
    await play(f, (self) => {
      every(1_000, self.state['a'] as Doll, 'act', [tick, 'x']);
      every(1_000, self.state['a'] as Doll, 'act', [tick, 'y'], { missed: 'late' });
      return null;
    });
    f.powers.setClock(3_600_300);
    for (let at = 0; at < 30; at += 1) await f.advance(1_000);
    const before = String(await log(f)).length;
    expect(before).toBeGreaterThanOrEqual(58);
    f.powers.setClock(-3_600_000);
    if (restarted) f = await f.restart();
    for (let at = 0; at < 30; at += 1) await f.advance(1_000);
    expect(String(await log(f)).length).toBeGreaterThanOrEqual(before + 58);
    expect(timers(f)).toHaveLength(2);
    for (const key of timers(f)) expect(Number(key.split('/')[1]) % 1_000).toBe(0);
    await f.close();
  },
);

test.each([false, true])(
  'it keeps on if the clock was wrong only when it was set; the world started while it was: %s',
  async (restarted) => {
    let f = await stage();
    const set = (): Promise<unknown> =>
      play(f, (self) => {
        every(1_000, self.state['a'] as Doll, 'act', [tick, 'x']);
        return null;
      });
    if (restarted) await set();
    f.powers.setClock(3_600_300);
    if (restarted) f = await f.restart();
    else await set();
    f.powers.setClock(-3_600_000);
    for (let at = 0; at < 30; at += 1) await f.advance(1_000);
    expect(String(await log(f)).length).toBeGreaterThanOrEqual(29);
    await f.close();
  },
);

test('cancelled while a clock that was put back brings it to a time that it had before, it is gone for good', async () => {
  const f = await stage();
  await play(f, (self) => {
    self.state['timer'] = every(100, self.state['a'] as Doll, 'act', [tick, 'x']);
    return null;
  });
  await f.settle();
  // What waits for a slow disk from here on goes together.
  f.journal.hold();
  const goOn = async (milliseconds: number): Promise<void> => {
    f.powers.advance(milliseconds);
    for (let at = 0; at < 5 || f.world.statistics().queue > 0; at += 1) await new Promise(setImmediate);
  };
  await goOn(100);
  f.powers.setClock(-350);
  for (let at = 0; at < 9; at += 1) await goOn(50);
  const cancelled = play(f, (self) => cancel(self.state['timer'] as number));
  await goOn(0);
  f.journal.release();
  await cancelled;
  await f.settle();
  expect(timers(f)).toEqual([]);
  await f.close();
});

test('it catches up with a thousand times at most', async () => {
  const f = await stage();
  await play(f, (self) => {
    every(100, self.state['a'] as Doll, 'act', [tick, 'x'], { missed: 'late' });
    return null;
  });
  await f.settle();
  f.powers.now += 10_000_000;
  const next = await f.crash();
  for (let at = 0; at < 1_100; at += 1) await next.advance(0);
  expect(String(await log(next)).length).toBe(1_001);
  await next.close();
});

test('a call that fails is told, and does not end it', async () => {
  const f = await stage();
  await play(f, (self) => {
    const [a, b] = [self.state['a'] as Doll, self.state['b'] as Doll];
    a.set('ill', true);
    every(100, a, 'act', [tick, 'x'], { failed: [b, 'open'] });
    return null;
  });
  await f.advance(100);
  await f.advance(100);
  expect(await log(f, 'b', 'heard')).toBe('Ill Ill ');
  expect(timers(f)).toHaveLength(1);
  await f.close();
});

test('nobody is told: there is one dead letter, of the last time', async () => {
  const f = await stage();
  await play(f, (self) => {
    (self.state['a'] as Doll).set('ill', true);
    every(100, self.state['a'] as Doll, 'act', [tick, 'x']);
    return null;
  });
  for (const _ of 'abc') await f.advance(100);
  expect(await f.call(f.world.roots.storage, 'letters')).toMatchObject([
    { code: 'Ill', when: f.powers.now, tries: 1 },
  ]);
  await f.close();
});

test('it ends with the object that it calls', async () => {
  const f = await stage();
  await play(
    f,
    (self, body: string) => {
      every(100, self.state['a'] as Doll, 'act', [tick, 'x']);
      (self.state['a'] as Doll).act(body);
      return null;
    },
    dying,
  );
  await f.advance(100);
  await f.settle();
  expect(timers(f)).toEqual([]);
  expect(f.world.statistics().timers).toBe(0);
  await f.close();
});

test('a timer for one time that is to be skipped if it is missed is, and says so', async () => {
  const f = await stage();
  await play(f, (self) => {
    const [a, b] = [self.state['a'] as Doll, self.state['b'] as Doll];
    after(100, a, 'act', [tick, 'skipped'], { missed: 'skip', failed: [b, 'open'] });
    after(100, a, 'act', [tick, 'late'], { missed: 'late' });
    after(2_000, a, 'act', [tick, ' in time'], { missed: 'skip' });
    return null;
  });
  await f.settle();
  f.powers.now += 1_000;
  const next = await f.crash();
  await next.advance(0);
  expect(await log(next)).toBe('late');
  expect(await log(next, 'b', 'heard')).toBe('Missed ');
  await next.advance(1_000);
  expect(await log(next)).toBe('late in time');
  expect(timers(next)).toEqual([]);
  await next.close();
});

test('what cannot be a time between two calls, or a word for what is missed, is refused', async () => {
  const f = await stage();
  const set = (milliseconds: unknown, missed?: unknown): Promise<string> =>
    codeOf(
      play(
        f,
        (self, time: number, word: 'late') => {
          every(
            time,
            self.state['a'] as Doll,
            'act',
            [tick, 'x'],
            word === undefined ? {} : { missed: word },
          );
          return null;
        },
        milliseconds,
        missed,
      ),
    );
  for (const time of [99, 0, -1, 100.5, NaN, '100', null]) expect(await set(time)).toBe('BadArgument');
  expect(await set(100, 'never')).toBe('BadArgument');
  expect(await set(100, 'late')).toBe('none');
  await f.close();
});
