import { guarded } from '../../clients/watchdog.ts';
import {
  after,
  attempt,
  attenuate,
  cancel,
  create,
  emit,
  facet,
  only,
  revoke,
  send,
} from '../../engine/authoring.ts';
import { WORLD_LIMITS, type WorldLimits } from '../../engine/limits.ts';
import { Powers, type Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, Puppet, type Act, type Doll } from './puppet.ts';
import { itemsOf } from '../items-of.ts';

const again = act((self, more: number) => {
  if (more > 1) (self.state['me'] as Doll).act('limits again', more - 1);
  return null;
}, 'limits again');
const nothing = act(() => null, 'limits nothing');

function times(count: number, body: (at: number) => unknown): null {
  for (let at = 0; at < count; at += 1) body(at);
  return null;
}

/** For each limit of a turn: a small value for it, and a body that does so many of the thing. */
const bounded: Partial<
  Record<
    keyof WorldLimits,
    { readonly limit: number; readonly code?: string; readonly body: (count: number) => Act }
  >
> = {
  turnCreates: { limit: 4, body: (count) => (self) => times(count, () => self.make()) },
  turnGrants: {
    limit: 6,
    body: (count) => (self) =>
      times(count, () => facet<typeof Puppet, 'public'>(self, 'public', { for: 'x' })),
  },
  turnShapes: {
    limit: 3,
    body: (count) => (self) =>
      times(count, (at) =>
        only(
          self.state['doll'] as Doll,
          ...(['look', 'get', 'take', 'set', 'self'] as const).slice(0, at + 1),
        ),
      ),
  },
  turnSends: {
    limit: 5,
    body: (count) => (self) => times(count, () => send(self.state['doll'] as Doll, 'look', [])),
  },
  turnOutputs: { limit: 5, body: (count) => () => times(count, () => emit('x')) },
  turnOutputCharacters: { limit: 50, body: (count) => () => times(1, () => emit('x'.repeat(count))) },
  callDepth: {
    limit: 10,
    code: 'TooDeep',
    body: (count) => (self) => (self.state['doll'] as Doll).act(again, count - 1),
  },
  timerAhead: {
    limit: 1000,
    code: 'BadArgument',
    body: (count) => (self) => after(count, self.state['doll'] as Doll, 'look', []),
  },
};

describe('limits of a turn, each side', () => {
  for (const [name, { limit, body, code = 'TooMany' }] of Object.entries(bounded)) {
    test(name, async () => {
      const f = await openPuppets({ limits: { [name]: limit } });
      await play(f, (self) => {
        const doll = self.make();
        doll.set('me', doll);
        self.state['doll'] = doll;
      });
      await f.settle();
      const before = f.journal.contents();
      expect(await codeOf(play(f, body(limit + 1)))).toBe(code);
      await f.settle();
      expect(f.journal.contents()).toEqual(before);
      expect(await codeOf(play(f, body(limit)))).toBe('none');
      await f.close();
    });
  }

  test('turnObjects', async () => {
    const f = await openPuppets({ limits: { turnObjects: 8 } });
    await play(f, (self) => void (self.state['few'] = [1, 2, 3].map(() => self.make())));
    await play(f, (self) => void (self.state['more'] = [1, 2, 3, 4].map(() => self.make())));
    await play(f, (self) => void (self.state['last'] = self.make()));
    const all = (self: Puppet): Doll[] => [
      ...(self.state['few'] as Doll[]),
      ...(self.state['more'] as Doll[]),
    ];
    expect(await codeOf(play(f, (self) => all(self).map((doll) => doll.take())))).toBe('none');
    expect(
      await codeOf(play(f, (self) => [...all(self), self.state['last'] as Doll].map((doll) => doll.take()))),
    ).toBe('TooMany');
    expect(await play(f, (self) => all(self).map((doll) => doll.get('taken')))).toEqual([
      1, 1, 1, 1, 1, 1, 1,
    ]);
    await f.close();
  });

  test("objectGrants: on somebody else's object too, and expired ones make room", async () => {
    const f = await openPuppets({ limits: { objectGrants: 10 } });
    await play(f, (self) => {
      const doll = self.make();
      self.state['doll'] = doll;
      times(10, () => attenuate(doll, { for: 'x', expiresIn: 10 }));
      expect(attempt(() => attenuate(doll, { for: 'x' }))).toMatchObject({
        ok: false,
        error: { code: 'TooMany' },
      });
      return null;
    });
    await f.advance(10);
    expect(
      await codeOf(play(f, (self) => times(5, () => attenuate(self.state['doll'] as Doll, { for: 'x' })))),
    ).toBe('none');
    const next = await f.restart();
    expect(
      await codeOf(
        play(next, (self) => times(20, () => attenuate(self.state['doll'] as Doll, { for: 'x' }))),
      ),
    ).toBe('TooMany');
    expect(await codeOf(play(next, (self) => (self.state['doll'] as Doll).look()))).toBe('none');
    await next.close();
  });

  test('objectGrants: those that are used up make room, and what was derived from them', async () => {
    const f = await openPuppets({ limits: { objectGrants: 10 } });
    await play(f, (self) => {
      const doll = self.make();
      const once = attenuate(doll, { uses: 1 });
      times(9, () => attenuate(once, { for: 'x' }));
      expect(attempt(() => attenuate(doll, { for: 'x' }))).toMatchObject({ error: { code: 'TooMany' } });
      once.look();
      times(10, () => attenuate(doll, { for: 'x' }));
      return null;
    });
    await f.close();
  });

  test('as many grants as there may be end within a turn, whether they have expired or come of one another', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      self.state['doll'] = self.make();
      self.state['chained'] = self.state['last'] = self.make();
    });
    const room = WORLD_LIMITS.objectGrants;
    for (let made = 0; made < room; made += 450)
      await play(f, (self) =>
        times(Math.min(450, room - made), () => {
          attenuate(self.state['doll'] as Doll, { for: 'x', expiresIn: 10 });
          self.state['last'] = attenuate(self.state['last'] as Doll, {});
        }),
      );
    await f.advance(10);
    f.powers.guard = guarded;
    const ended = [
      await codeOf(play(f, (self) => void attenuate(self.state['doll'] as Doll, { for: 'x' }))),
      await codeOf(
        play(f, (self) => revoke(self.state['chained'] as Doll, self.state['last'] as Doll) ?? null),
      ),
    ];
    f.powers.guard = new Powers().guard;
    expect(ended).toEqual(['none', 'none']);
    await f.close();
  });

  test('value: the texts among the arguments of a call count together', async () => {
    const f = await openPuppets();
    await play(f, (self) => void (self.state['doll'] = self.make({ open: nothing })));
    const long = (count: number): string => 'x'.repeat(count);
    const codes = [100_000, 100_001].map((last) =>
      codeOf(
        play(f, (self) => (self.state['doll'] as Doll).open(long(100_000), long(62_144), long(last)) ?? null),
      ),
    );
    expect(await Promise.all(codes)).toEqual(['none', 'TooLarge']);
    await f.close();
  });

  describe('grants whose labels are as long as can be', () => {
    const labelling = act(
      (self, many: number) =>
        times(many, () => facet<typeof Puppet, 'public'>(self, 'public', { for: '\u0001'.repeat(200) })),
      'limits labelling',
    );
    const make = async (f: Fixture, dolls: number, grants: number): Promise<void> => {
      for (let at = 0; at < dolls; at += 1)
        await play(
          f,
          (self, body: string) => {
            const doll = self.make();
            self.state['dolls'] = [...((self.state['dolls'] ?? []) as Doll[]), doll];
            return doll.act(body, grants);
          },
          labelling,
        );
      await f.settle();
    };
    const takeAll = (self: Puppet, from: number, to: number): null => {
      for (const doll of (self.state['dolls'] as Doll[]).slice(from, to)) doll.take();
      return null;
    };

    test('turnGrantCharacters: they count with each object that a turn changes', async () => {
      const f = await openPuppets({ limits: { turnGrantCharacters: 40_000 } });
      await make(f, 4, 10);
      expect(await codeOf(play(f, (self) => takeAll(self, 0, 4)))).toBe('TooMany');
      expect(await codeOf(play(f, (self) => takeAll(self, 1, 4)))).toBe('none');
      await f.close();
    });

    test('gatheredCharacters: and with what has gathered, each object once', async () => {
      const f = await openPuppets({ limits: { gatheredCharacters: 40_000 } });
      await make(f, 10, 10);
      const sizes: number[] = [];
      const commit = f.journal.commit.bind(f.journal);
      f.journal.commit = (ops) => {
        sizes.push(ops.reduce((sum, op) => sum + ('put' in op ? op.value.length : 0), 0));
        return commit(ops);
      };
      await Promise.all(
        Array.from({ length: 100 }, (_, at) =>
          play(f, (self) => takeAll(self, Math.floor(at / 10), Math.floor(at / 10) + 1)),
        ),
      );
      expect([Math.max(...sizes) < 60_000, sizes.length < 20]).toEqual([true, true]);
      await f.close();
    });
  });

  test('a limit that is swallowed lets no more through', async () => {
    const f = await openPuppets({ limits: { turnOutputs: 3, turnSends: 3 } });
    await play(
      f,
      (self) =>
        void (self.state['command'] = act((doll) => {
          times(10, () => {
            try {
              emit('x');
            } catch {}
          });
          void doll;
        })),
    );
    await f.world.begin(
      { sid: 's', keyHash: '', keep: true, name: 'x' },
      (invoke) =>
        invoke(f.world.roots.gate, 'act', [
          act((self) => facet<typeof Puppet, 'session'>(self, 'session')),
        ]) as object,
    );
    f.world.input('s', 1, 'go');
    await f.settle();
    expect(f.outs.flatMap(itemsOf).filter((item) => item === 'x').length).toBeLessThanOrEqual(3);
    await codeOf(
      play(f, (self) => {
        const doll = self.make();
        self.state['doll'] = doll;
        times(10, () => {
          try {
            send(doll, 'take', []);
          } catch {}
        });
        times(10, () => {
          try {
            cancel(1);
          } catch {}
        });
        return null;
      }),
    );
    await f.settle();
    expect(
      Number(await play(f, (self) => (self.state['doll'] as Doll | undefined)?.get('taken') ?? 0)),
    ).toBeLessThanOrEqual(3);
    await f.close();
  });

  test('what an attempt that failed has done counts for nothing in what comes after it', async () => {
    const f = await openPuppets({ limits: { turnCreates: 16, turnSends: 16 } });
    const doing = (self: Puppet, count: number): null => times(count, () => send(self.make(), 'look', []));
    await play(f, (self) => {
      times(20, () =>
        attempt(() => {
          doing(self, 10);
          throw new Error('in vain');
        }),
      );
      return doing(self, 16);
    });
    const before = f.world.statistics();
    expect(await codeOf(play(f, (self) => doing(self, 17)))).toBe('TooMany');
    expect(f.world.statistics().resident).toBe(before.resident);
    await f.close();
  });

  test('sets of method names that a turn made and failed with are not stored', async () => {
    const f = await openPuppets();
    const sets = (): number => f.journal.contents().filter(([key]) => key.startsWith('shape/')).length;
    await play(f, (self) => void (self.state['doll'] = self.make()));
    await f.settle();
    const before = sets();
    const failing = (self: Puppet): void => {
      only(self.state['doll'] as Doll, 'look', 'take');
      throw new Error('in vain');
    };
    expect(await codeOf(play(f, failing))).toBe('Threw');
    await play(f, (self) => void (self.state['x'] = only(self.state['doll'] as Doll, 'look', 'set')));
    await f.settle();
    expect(sets()).toBe(before + 1);
    await f.close();
  });

  test('the turn that builds the world is not bound by them', async () => {
    const limits = { turnCreates: 2, turnGrants: 2, turnShapes: 1, turnSends: 1, turnObjects: 3 };
    const f = await openPuppets({
      limits,
      genesis: ({ bank }) => {
        const dolls = [1, 2, 3, 4, 5].map(() => create(bank, Puppet, { bank }));
        for (const doll of dolls) send(doll, 'act', [nothing]);
        return { gate: dolls[0] as Doll };
      },
    });
    await f.settle();
    await f.close();
  });
});

test('a record and an argument have limits of their own', async () => {
  const f = await openPuppets({
    limits: {
      value: { depth: 3, values: 50, characters: 5_000 },
      record: { depth: 5, values: 100, characters: 10_000 },
    },
  });
  const put = (key: string, value: unknown): Promise<string> =>
    codeOf(play(f, (self) => (self.state['doll'] as Doll).set(key, value)));
  await play(f, (self) => void (self.state['doll'] = self.make()));
  expect(await put('a', 'x'.repeat(5_000))).toBe('none');
  expect(await put('a', 'x'.repeat(5_001))).toBe('TooLarge');
  expect(await put('b', 'x'.repeat(4_900))).toBe('none');
  expect(await put('c', 'x'.repeat(200))).toBe('TooLarge');
  expect(await play(f, (self) => (self.state['doll'] as Doll).get('c'))).toBeUndefined();
  expect(await put('b', '')).toBe('none');
  expect(await put('d', [[[1]]])).toBe('none');
  expect(await put('d', [[[[1]]]])).toBe('TooLarge');
  expect(await put('d', new Array(50).fill(1))).toBe('none');
  expect(await put('d', new Array(51).fill(1))).toBe('TooLarge');
  expect(await put('e', new Array(50).fill(1))).toBe('TooLarge');
  await f.close();
});

test('all arguments of one call share one limit: many large ones are one large one', async () => {
  const f = await openPuppets({ limits: { value: { depth: 3, values: 100, characters: 10_000 } } });
  const call = (count: number, size: number): Promise<string> =>
    codeOf(
      play(f, (self) => {
        const doll = self.make({ open: nothing });
        return doll.open(...Array.from({ length: count }, () => new Array(size).fill(0)));
      }),
    );
  expect(await call(1, 90)).toBe('none');
  expect(await call(4, 20)).toBe('none');
  expect(await call(20, 90)).toBe('TooLarge');
  expect(await call(2_000, 1)).toBe('TooLarge');
  await f.close();
});

test('a command line, each side', async () => {
  const f = await openPuppets({ limits: { lineCharacters: 5 } });
  await play(f, (self) => void (self.state['command'] = act((_self, line: string) => emit(line))));
  await f.world.begin(
    { sid: 's', keyHash: '', keep: true, name: 'x' },
    (invoke) =>
      invoke(f.world.roots.gate, 'act', [
        act((self) => facet<typeof Puppet, 'session'>(self, 'session')),
      ]) as object,
  );
  f.world.input('s', 1, '12345');
  expect(() => f.world.input('s', 2, '123456')).toThrow(
    expect.objectContaining({ code: 'TooLarge' }) as Error,
  );
  await f.settle();
  expect(f.outs.flatMap(itemsOf)).toEqual(['12345']);
  await f.close();
});

test('unread output: at the limit it is kept, over it the session ends, also of one who only listens', async () => {
  for (const listener of [false, true]) {
    const f = await openPuppets({ limits: { unreadChunks: 3 } });
    await play(f, (self) => void (self.state['command'] = act((_self, line: string) => emit(line))));
    await f.world.begin(
      { sid: 's', keyHash: '', keep: true, name: 'x' },
      (invoke) =>
        invoke(f.world.roots.gate, 'act', [
          act((self) => facet<typeof Puppet, 'session'>(self, 'session')),
        ]) as object,
    );
    for (let n = 1; n <= 6; n += 1) {
      if (f.world.session('s') === undefined) break;
      if (listener) await play(f, () => emit('heard'));
      else f.world.input('s', n, 'said');
      await f.settle();
      if (n <= 3) expect(f.world.unread('s', 0)).toHaveLength(n);
    }
    expect([listener, f.world.session('s')]).toEqual([listener, undefined]);
    expect(f.journal.contents().filter(([key]) => /^[us]\//.test(key))).toEqual([]);
    await f.close();
  }
});

test('unread characters: at the limit they are kept, over it the session ends, however few chunks they are', async () => {
  const chunk = JSON.stringify(['x'.repeat(50)]).length;
  for (const [unreadCharacters, ends] of [
    [2 * chunk, false],
    [2 * chunk - 1, true],
  ] as const) {
    const f = await openPuppets({ limits: { unreadCharacters } });
    await beginTalking(f);
    f.world.input('s', 1, 'x'.repeat(50));
    await f.settle();
    const next = ends ? f : await f.restart();
    next.world.input('s', 2, 'x'.repeat(50));
    await next.settle();
    expect(next.world.session('s') === undefined).toBe(ends);
    if (ends) {
      await next.close();
      continue;
    }
    next.world.acknowledge('s', 1);
    for (let n = 3; n <= 9; n += 1) {
      next.world.input('s', n, 'x'.repeat(50));
      await next.settle();
      next.world.acknowledge('s', n - 1);
      expect(next.world.session('s')).toMatchObject({ in: n, out: n });
    }
    await next.close();
  }
});

test('output that is acknowledged counts no more', async () => {
  const f = await openPuppets({ limits: { unreadChunks: 3 } });
  await beginTalking(f);
  for (let n = 1; n <= 12; n += 1) {
    f.world.input('s', n, 'said');
    await f.settle();
    if (n % 3 === 0) f.world.acknowledge('s', n);
  }
  expect(f.world.session('s')).toMatchObject({ in: 12, out: 12 });
  await f.close();
});

test('what is not tried here by itself is tried elsewhere: every limit has a test', () => {
  const elsewhere = ['turnObjects', 'objectGrants', 'lineCharacters', 'unreadChunks', 'value', 'record'];
  // watchdog.test.ts, shares.test.ts, meter.test.ts, limits-of-amounts.test.ts
  elsewhere.push('turnMilliseconds', 'offencesBeforeAside', 'offenceWindow', 'bankBurst', 'bankShare');
  elsewhere.push('turnRecordCharacters', 'turnWriteCharacters', 'turnSendCharacters', 'turnWrites');
  elsewhere.push('turnGrantCharacters');
  elsewhere.push('shareCharacters', 'bankDepth', 'unreadCharacters');
  elsewhere.push('objectMessageCharacters', 'objectMessages', 'gatheredCharacters', 'classVersions');
  // dead-letters.test.ts, repeated-timers.test.ts, watches.test.ts, restarts.test.ts
  elsewhere.push('deadLetters', 'accountDeadLetters', 'accountDeadLetterCharacters', 'timerEvery');
  elsewhere.push('objectWatches', 'objectRestarts', 'accountWatches', 'turnPublished', 'publishedCharacters');
  elsewhere.push('accountMessages', 'accountMessageCharacters');
  expect(Object.keys(WORLD_LIMITS).sort()).toEqual([...Object.keys(bounded), ...elsewhere].sort());
});

/** A session that says back what it is told. */
async function beginTalking(f: Fixture): Promise<void> {
  await play(f, (self) => void (self.state['command'] = act((_self, line: string) => emit(line))));
  await f.world.begin(
    { sid: 's', keyHash: '', keep: true, name: 'x' },
    (invoke) =>
      invoke(f.world.roots.gate, 'act', [
        act((self) => facet<typeof Puppet, 'session'>(self, 'session')),
      ]) as object,
  );
}

test('a call has at most 64 arguments', async () => {
  const f = await openPuppets();
  await play(f, (self) => {
    const doll = self.make();
    const called = (count: number): { readonly ok: boolean } =>
      attempt(() => doll.act(nothing, ...Array.from({ length: count - 1 }, () => 1)));
    expect(called(64)).toMatchObject({ ok: true });
    expect(called(65)).toMatchObject({ ok: false, error: { code: 'TooLarge' } });
  });
  await f.close();
});
