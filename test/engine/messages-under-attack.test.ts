import { after, create, destroy, every, fail, onRestart, send, type AnyCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { packEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, Puppet, type Doll } from './puppet.ts';

const DAY = 86_400_000;

const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });

/** Refuses what the real journal refuses. */
class PackedMemory extends MemoryJournal {
  override async commit(ops: readonly Op[]): Promise<void> {
    packEntry(ops);
    return super.commit(ops);
  }
}

const repeating = act((_self, it: Doll) => {
  const text = 'x'.repeat(250_000);
  for (let at = 0; at < 2; at += 1) every(3_600_000, it, 'open', [text]);
}, 'messages repeating');

const nothing = act(() => null, 'messages nothing');

async function heap(f: Fixture): Promise<void> {
  for (let at = 0; at < 68; at += 1) {
    await play(
      f,
      (self, index: number, none: string) => {
        self.state[`h${index}`] = self.make({ open: none });
        return null;
      },
      at,
      nothing,
    );
    for (let round = 0; round < 2; round += 1)
      await play(
        f,
        (self, index: number, body: string) => {
          const it = self.state[`h${index}`] as Doll;
          it.act(body, it);
          return null;
        },
        at,
        repeating,
      );
  }
  await f.settle();
}

test('what 68 objects have registered for restarts does not make a commit too large for the world to start', async () => {
  const f = await open();
  const registering = act((_self, it: Doll, at: number) => {
    onRestart(`r${at}`, it, 'open', { args: ['x'.repeat(250_000)] });
  }, 'messages registering');
  await play(
    f,
    (self, none: string) => {
      for (let at = 0; at < 68; at += 1) self.state[`h${at}`] = self.make({ open: none });
    },
    nothing,
  );
  for (let at = 0; at < 4 * 68; at += 1)
    await play(
      f,
      (self, body: string, number: number) => {
        const it = self.state[`h${number % 68}`] as Doll;
        return it.act(body, it, number) ?? null;
      },
      registering,
      at,
    );
  await f.settle();
  const next = await open({ journal: new PackedMemory(new Map(f.journal.contents())) });
  await next.settle();
  expect([next.halts, next.world.statistics().sends]).toEqual([[], 0]);
  await next.close();
  await f.close();
});

test('timers that repeat, of 68 objects (68 units), do not make a commit too large while the world runs', async () => {
  const f = await open({ journal: new PackedMemory() });
  await heap(f);
  await f.advance(3_600_000).catch(() => {});
  expect(f.halts).toEqual([]);
  await f.world.close();
}, 120_000);

test('nor as it starts', async () => {
  const f = await open({ journal: new PackedMemory() });
  await heap(f);
  f.powers.now += 3_700_000;
  await f.world.close();
  const next = await open({ journal: new PackedMemory(new Map(f.journal.contents())), powers: f.powers });
  expect(next.halts).toEqual([]);
  await next.world.close();
}, 120_000);

test('messages of 56 accounts that fail while the disk is slow do not make a commit too large', async () => {
  const f = await open({ journal: new PackedMemory() });
  const waiting = act((_self, it: Doll, text: string) => {
    after(DAY, it, 'act', ['no such act', text]);
  }, 'messages waiting');
  for (let at = 0; at < 56; at += 1)
    await play(
      f,
      (self, body: string) => {
        const bank = (self.bank as BankOwner).split(2);
        const it = create(bank, Puppet, { bank });
        self.state[`it${at}`] = it;
        it.act(body, it, '\u0001'.repeat(200_000));
        return null;
      },
      waiting,
    );
  await f.settle();
  f.journal.hold();
  const slow = play(f, (self) => void (self.state['slow'] = true));
  f.powers.advance(DAY);
  // The others ring, and fail, while that is being written.
  for (let round = 0; round < 500; round += 1) await new Promise(setImmediate);
  f.journal.release();
  await Promise.all([slow, f.settle()]).catch(() => {});
  expect([f.halts, f.world.statistics().timers]).toEqual([[], 0]);
  await f.world.close();
}, 120_000);

test('a repeated timer goes on when something that its call calls is gone', async () => {
  const f = await open();
  const tick = act((self) => {
    self.state['ticks'] = Number(self.state['ticks'] ?? 0) + 1;
    if (self.state['stranger'] !== undefined) (self.state['stranger'] as Doll).look();
  }, 'messages tick');
  const dying = act((self) => destroy(self), 'messages dying');
  await play(
    f,
    (self, ticking: string, dies: string) => {
      const stranger = self.make();
      self.state['clock'] = self.make({ stranger });
      every(100, self.state['clock'] as Doll, 'act', [ticking]);
      stranger.act(dies);
      return null;
    },
    tick,
    dying,
  );
  await f.advance(100);
  await play(f, (self) => {
    (self.state['clock'] as Doll).set('stranger', undefined);
    return null;
  });
  await f.advance(100);
  expect(await play(f, (self) => (self.state['clock'] as Doll).get('ticks') ?? 0)).toBe(1);
  await f.close();
});

test('the bank of who set a timer is not removed under it: its work counts as that of the bank above', async () => {
  const f = await open();
  const spending = (await f.world.run((invoke) => {
    const above = invoke(f.world.roots.bank, 'split', [1000]) as AnyCap;
    return [0, 1].map(() => invoke(invoke(above, 'split', [50]) as AnyCap, 'spending', []));
  })) as readonly AnyCap[];
  const looping = act((self, me: Doll) => {
    self.state['timer'] = every(3 * DAY, me, 'act', ['no such act']);
  }, 'messages looping');
  await play(
    f,
    (self, body: string, ...banks: never[]) => {
      self.state['called'] = self.make();
      for (const bank of banks)
        (create(bank, self.constructor as never, { bank }) as Doll).act(body, self.state['called']);
      return null;
    },
    looping,
    ...spending,
  );
  await f.settle();
  await f.world.collect();
  f.powers.now += DAY;
  await f.world.collect();
  await f.advance(3 * DAY);
  await f.settle();
  const accounts = f.journal
    .contents()
    .flatMap(([key, value]) =>
      key.startsWith('dead/') ? [(JSON.parse(value) as { account: string }).account] : [],
    );
  expect(accounts).toHaveLength(2);
  expect(new Set(accounts).size).toBe(1);
  await f.close();
});

test('an object that ends takes its share of waiting messages with it, or leaves them counted', async () => {
  const f = await open({ limits: { objectMessages: 3 } });
  const leaving = act((self, it: Doll) => {
    for (let at = 0; at < 3; at += 1) every(1_000_000, it, 'look', []);
    destroy(self);
  }, 'messages leaving');
  await play(f, (self) => void (self.state['it'] = self.make()));
  const balance = async (): Promise<unknown> => {
    await f.settle();
    return f.call(f.world.roots.bank, 'balance');
  };
  const before = await balance();
  for (let at = 0; at < 20; at += 1)
    await play(f, (self, body: string) => self.make().act(body, self.state['it']) ?? null, leaving);
  expect([await balance(), f.world.statistics().timers]).toEqual([before, 0]);
  await f.close();
});

test('a clock that was put forward and back again keeps no repeated timer waiting', async () => {
  const f = await open();
  const ticking = act(
    (self) => void (self.state['n'] = Number(self.state['n'] ?? 0) + 1),
    'messages ticking',
  );
  await play(
    f,
    (self, body: string) => {
      self.state['a'] = self.make();
      every(100, self.state['a'] as Doll, 'act', [body]);
      return null;
    },
    ticking,
  );
  await f.advance(365 * DAY);
  f.powers.now -= 365 * DAY;
  const next = await f.restart();
  await next.advance(1_000);
  await next.settle();
  expect(await play(next, (self) => (self.state['a'] as Doll).get('n'))).toBeGreaterThan(1);
  await next.close();
});

test('all that one account has waiting is bounded, however many objects have sent it', async () => {
  for (const limits of [{ accountMessages: 4 }, { accountMessageCharacters: 800 }]) {
    const f = await open({ limits });
    const spend = (await f.world.run((invoke) => {
      const bank = invoke(f.world.roots.bank, 'split', [500]) as AnyCap;
      return invoke(bank, 'spending', []);
    })) as never;
    const setting = act((self, text: string) => {
      self.state['timer'] = after(1_000_000, self.state['bank'] as never, 'balance' as never, [] as never);
      self.state['other'] = after(1_000_000, self.state['me'] as Doll, 'get', [text]);
    }, 'messages setting');
    const codes: string[] = [];
    for (let at = 0; at < 3; at += 1)
      codes.push(
        await codeOf(
          play(
            f,
            (self, bank: never, body: string, name: string) => {
              const it = create(bank, self.constructor as never, { bank }) as Doll;
              self.state[name] = it;
              it.set('me', it);
              it.act(body, 'x'.repeat(400));
              return null;
            },
            spend,
            setting,
            `it${at}`,
          ),
        ),
      );
    expect(codes).toEqual(['none', 'none', 'TooMany']);
    await f.close();
  }
});

const hearing = act((self, value: unknown) => {
  self.state['heard'] = [...((self.state['heard'] as unknown[] | undefined) ?? []), value];
}, 'messages hearing');

test('a repeated timer counts what it holds, also after a restart', async () => {
  const f = await open({ limits: { objectMessageCharacters: 5_000 } });
  const setting = act((self, me: Doll) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    every(1_000, me, 'open', ['x'.repeat(6_000)]);
  }, 'messages setting');
  const set = (g: Fixture): Promise<string> =>
    codeOf(
      play(g, (self, body: string) => (self.state['a'] as Doll).act(body, self.state['a']) ?? null, setting),
    );
  await play(f, (self, none: string) => void (self.state['a'] = self.make({ open: none })), nothing);
  expect([await set(f), await set(f)]).toEqual(['none', 'TooMany']);
  await f.settle();
  const next = await f.restart();
  expect(await set(next)).toBe('TooMany');
  await next.advance(1_000);
  expect(await set(next)).toBe('TooMany');
  await next.close();
});

test('what somebody else is told does not wait behind what a busy stranger has it told', async () => {
  const f = await open({ limits: { bankBurst: 1, bankShare: 1 } });
  const spend = (await f.world.run((invoke) =>
    invoke(invoke(f.world.roots.bank, 'split', [500]) as AnyCap, 'spending', []),
  )) as never;
  const failing = act((_self, milliseconds: number) => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
    throw new Error('no');
  }, 'messages failing');
  const sending = act((self, to: Doll, told: Doll, body: string, milliseconds: number) => {
    send(to, 'act', [body, milliseconds], { failed: [told, 'open'] });
    self.state['sent'] = true;
  }, 'messages sending');
  await play(
    f,
    (self, bank: never, hears: string) => {
      self.state['victim'] = self.make({ open: hears });
      self.state['stranger'] = create(bank, self.constructor as never, { bank });
      self.state['honest'] = self.make();
      self.state['target'] = self.make();
      return null;
    },
    spend,
    hearing,
  );
  for (const [who, milliseconds] of [
    ['honest', 0],
    ['stranger', 50],
    ['honest', 0],
  ] as const) {
    await play(
      f,
      (self, name: string, body: string, fails: string, time: number) => {
        (self.state[name] as Doll).act(body, self.state['target'], self.state['victim'], fails, time);
        return null;
      },
      who,
      sending,
      failing,
      milliseconds,
    );
    await f.settle();
  }
  expect(await play(f, (self) => (self.state['victim'] as Doll).get('heard') ?? [])).toHaveLength(2);
  await f.world.close();
});

test('what waits counts for whose bank it is, also if somebody else has split off a bank of that number in vain', async () => {
  const f = await open({ limits: { accountMessages: 2 } });
  const waking = act((_self, it: Doll) => void after(DAY, it, 'look', []), 'messages waking');
  const building = act((self, it: Doll, body: string, inVain: boolean) => {
    const bank = (self.bank as BankOwner).split(20);
    self.state['made'] = create(bank, Puppet, { bank });
    (self.state['made'] as Doll).act(body, it);
    if (inVain) throw fail('Vain', 'In vain.');
  }, 'messages building');
  await play(f, (self) => {
    for (const name of ['ann', 'bob']) {
      const bank = (self.bank as BankOwner).split(100);
      self.state[name] = create(bank, Puppet, { bank });
    }
    return null;
  });
  const has = (name: string, body: string, ...args: unknown[]): Promise<unknown> =>
    play(
      f,
      (self, what: string, ...more: unknown[]) =>
        (self.state[name] as Doll).act(what, self.state['ann'], ...more) ?? null,
      body,
      ...args,
    );
  expect(await codeOf(has('ann', building, waking, true))).toBe('Vain');
  await has('bob', building, waking, false);
  await has('bob', waking);
  expect(await codeOf(has('ann', waking))).toBe('none');
  expect(await codeOf(has('bob', waking))).toBe('TooMany');
  await f.close();
});
