import fc from 'fast-check';
import { after, attempt, attenuate, cancel, destroy, fail, revoke, send } from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

const note = act(
  (self, what: unknown) =>
    void (self.state['log'] = [...((self.state['log'] as unknown[] | undefined) ?? []), what]),
  'post note',
);
const throwing = act((self) => {
  self.state['log'] = ['never'];
  throw fail('Nope', 'It will not.');
}, 'post throw');
const dying = act((self) => destroy(self), 'post die');

const logOf = (f: Fixture, name: string): Promise<unknown> =>
  play(f, (self, which: string) => (self.state[which] as Doll).get('log') ?? [], name);

async function stage(evictAlways = false): Promise<Fixture> {
  const f = await openPuppets({ evictAlways });
  await play(f, (self) => {
    for (const name of ['a', 'b']) self.state[name] = self.make({ gate: self });
    for (const name of ['a', 'b'])
      for (const other of ['a', 'b']) (self.state[name] as Doll).set(other, self.state[other]);
    return null;
  });
  await f.settle();
  return f;
}

for (const evictAlways of [false, true]) {
  describe(`sends${evictAlways ? ', evicting always' : ''}`, () => {
    test('come later, once, and in order', async () => {
      const f = await stage(evictAlways);
      await play(f, (self) => {
        const a = self.state['a'] as Doll;
        for (let at = 1; at <= 5; at += 1) send(a, 'act', [note, at]);
        expect(a.get('log')).toBeUndefined();
        return null;
      });
      await f.settle();
      expect(await logOf(f, 'a')).toEqual([1, 2, 3, 4, 5]);
      expect(f.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
      await f.close();
    });

    test('of a turn or attempt that fails never come', async () => {
      const f = await stage(evictAlways);
      await codeOf(
        play(f, (self) => {
          send(self.state['a'] as Doll, 'act', [note, 'bad']);
          throw new Error('no');
        }),
      );
      await play(f, (self) => {
        send(self.state['a'] as Doll, 'act', [note, 1]);
        attempt(() => {
          send(self.state['a'] as Doll, 'act', [note, 'bad']);
          throw new Error('no');
        });
        send(self.state['a'] as Doll, 'act', [note, 2]);
        return null;
      });
      await f.settle();
      expect(await logOf(f, 'a')).toEqual([1, 2]);
      await f.close();
    });

    test('that fail tell whom they were told to, once, and leave nothing', async () => {
      const f = await stage(evictAlways);
      act(
        (self, error: { code: string; message: string }) =>
          void (self.state['heard'] = [...((self.state['heard'] as unknown[] | undefined) ?? []), error]),
        'post heard',
      );
      await play(f, (self) => {
        const [a, b] = [self.state['a'] as Doll, self.state['b'] as Doll];
        b.set('open', 'post heard');
        send(a, 'act', [throwing], { failed: [b, 'open'] });
        send(a, 'act', ['no such act'], { failed: [b, 'open'] });
        send(a, 'act', [note, 'fine'], { failed: [b, 'open'] });
        const doomed = self.make();
        send(doomed, 'look', [], { failed: [b, 'open'] });
        doomed.act(dying);
        send(a, 'act', [throwing]);
        return null;
      });
      await f.settle();
      expect(await logOf(f, 'a')).toEqual(['fine']);
      const got = (await play(f, (self) => (self.state['b'] as Doll).get('heard'))) as { code: string }[];
      expect(got.map(({ code }) => code)).toEqual(['Nope', 'Threw', 'Gone']);
      expect(f.powers.events.filter(({ what }) => what === 'undelivered')).toHaveLength(1);
      expect(f.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
      await f.close();
    });

    test('a capability in a message that is revoked before it comes is dead when it comes', async () => {
      const f = await stage(evictAlways);
      act((self, cap: Doll) => void (self.state['log'] = [attempt(() => cap.look()).ok]), 'post use');
      await play(f, (self) => {
        const [a, b] = [self.state['a'] as Doll, self.state['b'] as Doll];
        const weak = attenuate(b, { for: 'a' });
        after(5, a, 'act', ['post use', weak]);
        revoke(b, weak);
        return null;
      });
      await f.advance(5);
      expect(await logOf(f, 'a')).toEqual([false]);
      await f.close();
    });
  });
}

describe('timers', () => {
  test('ring in the order of their time, then of their setting, none early, each once', async () => {
    const f = await stage();
    await play(f, (self) => {
      const a = self.state['a'] as Doll;
      for (const [when, what] of [
        [20, 'd'],
        [10, 'a'],
        [10, 'b'],
        [15, 'c'],
        [0, '0'],
      ] as const)
        after(when, a, 'act', [note, what]);
      return null;
    });
    expect(await logOf(f, 'a')).toEqual([]);
    await f.advance(9);
    expect(await logOf(f, 'a')).toEqual(['0']);
    await f.advance(6);
    expect(await logOf(f, 'a')).toEqual(['0', 'a', 'b', 'c']);
    await f.advance(100);
    expect(await logOf(f, 'a')).toEqual(['0', 'a', 'b', 'c', 'd']);
    expect(f.journal.contents().filter(([key]) => key.startsWith('t/'))).toEqual([]);
    await f.close();
  });

  test('survive a restart, and those whose time has passed ring at once', async () => {
    const f = await stage();
    await play(f, (self) => {
      after(10, self.state['a'] as Doll, 'act', [note, 1]);
      after(1000, self.state['a'] as Doll, 'act', [note, 2]);
      return null;
    });
    f.powers.now += 500;
    const next = await f.crash();
    await next.advance(0);
    expect(await logOf(next, 'a')).toEqual([1]);
    await next.advance(600);
    expect(await logOf(next, 'a')).toEqual([1, 2]);
    await next.close();
  });

  test('are taken back by who set them only, also in the turn that sets them and after a restart', async () => {
    const f = await stage();
    const stealing = act((_self, number: number) => cancel(number), 'post steal');
    await play(f, (self) => {
      const a = self.state['a'] as Doll;
      cancel(after(10, a, 'act', [note, 'never']));
      self.state['mine'] = after(10, a, 'act', [note, 'cancelled later']);
      self.state['kept'] = after(10, a, 'act', [note, 'kept']);
      a.act(stealing, self.state['kept']);
      attempt(() => {
        cancel(self.state['kept'] as number);
        throw new Error('no');
      });
      return null;
    });
    const next = await f.restart();
    await play(next, (self) => cancel(self.state['mine'] as number));
    await next.advance(100);
    expect(await logOf(next, 'a')).toEqual(['kept']);
    expect(next.world.statistics().timers).toBe(0);
    expect(next.journal.contents().filter(([key]) => key.startsWith('t/'))).toEqual([]);
    await next.close();
  });

  test('that are due together: the first can still take back the second', async () => {
    const f = await stage();
    const cancelling = act((self) => {
      cancel(self.state['second'] as number);
      return null;
    }, 'post cancel second');
    const setting = act((doll, me: Doll, a: Doll) => {
      after(10, me, 'act', [cancelling]);
      doll.state['second'] = after(10, a, 'act', [note, 'second']);
      return null;
    });
    await play(f, (self) => {
      const me = self.make();
      me.act(setting, me, self.state['a']);
      return null;
    });
    await f.advance(10);
    expect(await logOf(f, 'a')).toEqual([]);
    await f.close();
  });

  test('a far one is neither lost nor early', async () => {
    const f = await stage();
    const far = 60 * 86_400_000; // more than one setTimeout can wait
    await play(f, (self) => void after(far, self.state['a'] as Doll, 'act', [note, 'far']));
    await f.advance(far - 1);
    expect(await logOf(f, 'a')).toEqual([]);
    await f.advance(1);
    expect(await logOf(f, 'a')).toEqual(['far']);
    await f.close();
  });
});

describe('a crash at each commit', () => {
  /** Passes a count back and forth by sends and timers, each noting what it got. */
  const passing = act((self, count: number) => {
    self.state['log'] = [...((self.state['log'] as unknown[] | undefined) ?? []), count];
    if (count >= 12) return null;
    const to = self.state[count % 2 === 0 ? 'a' : 'b'] as Doll;
    if (count % 3 === 0) after(5, to, 'act', ['post pass', count + 1]);
    else send(to, 'act', ['post pass', count + 1]);
    return null;
  }, 'post pass');

  test('delivers every message exactly once, in the order of each pair', async () => {
    const f = await stage();
    await play(f, (self) => send(self.state['a'] as Doll, 'act', [passing, 1]));
    for (let more = 0; more < 8; more += 1) await f.advance(5);
    const whole = [await logOf(f, 'a'), await logOf(f, 'b')];
    expect((whole.flat() as number[]).sort((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const states = f.journal.states;
    for (let state = 0; state < states; state += 1) {
      if (f.journal.crash(state).get('meta/counters') === undefined) continue;
      const again = await f.crash(state);
      for (let more = 0; more < 8; more += 1) await again.advance(5);
      const logs = [await logOf(again, 'a').catch(() => null), await logOf(again, 'b').catch(() => null)];
      const reached = logs.some((log) => Array.isArray(log) && log.length > 0);
      if (reached) expect([state, logs]).toEqual([state, whole]);
      await again.close();
    }
    await f.close();
  });

  test('property: any mixture of senders, delays and crashes', async () => {
    const plan = fc.array(
      fc.record({
        from: fc.constantFrom('a', 'b'),
        to: fc.constantFrom('a', 'b'),
        delay: fc.constantFrom(null, 0, 5, 9),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const passOn = act((self, to: string, delay: number | null, what: unknown) => {
      if (delay === null) send(self.state[to] as Doll, 'act', [note, what]);
      else after(delay, self.state[to] as Doll, 'act', [note, what]);
      return null;
    });
    await fc.assert(
      fc.asyncProperty(plan, fc.array(fc.nat({ max: 40 }), { maxLength: 4 }), async (plan, crashes) => {
        let f = await stage();
        for (const [at, { from, to, delay }] of plan.entries()) {
          await play(f, (self) => (self.state[from] as Doll).act(passOn, to, delay, [from, delay, at]));
          if (crashes.includes(at)) f = await f.crash();
        }
        await f.settle();
        for (const crash of crashes) {
          f = await f.crash();
          await f.advance(crash % 4);
        }
        await f.advance(20);
        for (const name of ['a', 'b']) {
          const log = (await logOf(f, name)) as [string, number | null, number][];
          const want = plan.flatMap(({ from, to, delay }, at) => (to === name ? [[from, delay, at]] : []));
          expect(log.map(([, , at]) => at).sort((x, y) => x - y)).toEqual(want.map(([, , at]) => at));
          for (const from of ['a', 'b']) {
            const sent = log.filter(([who, delay]) => who === from && delay === null).map(([, , at]) => at);
            expect(sent).toEqual([...sent].sort((x, y) => x - y));
          }
        }
        await f.close();
      }),
      { numRuns: 40 },
    );
  });
});

test('closing ends, although two objects send to each other without end, and they go on afterwards', async () => {
  const f = await stage();
  const forever = act((self, other: Doll, me: Doll) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    if (Number(self.state['n']) < 3_000) send(other, 'act', ['post forever', me, other]);
    return null;
  }, 'post forever');
  await play(f, (self) => send(self.state['a'] as Doll, 'act', [forever, self.state['b'], self.state['a']]));
  await f.world.close();
  const next = await f.crash();
  const during = Number(await play(next, (self) => (self.state['a'] as Doll).get('n') ?? 0));
  expect(during).toBeLessThan(2_000);
  await next.settle();
  expect(Number(await play(next, (self) => (self.state['a'] as Doll).get('n') ?? 0))).toBeGreaterThanOrEqual(
    2_999,
  );
  await next.close();
});
