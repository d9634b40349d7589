import { spawnSync } from 'node:child_process';
import {
  after,
  attenuate,
  collection,
  create,
  destroy,
  every,
  onRestart,
  publish,
  send,
  unwatch,
  watch,
  type AnyCap,
} from '../../engine/authoring.ts';
import { packEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';
import { guarded } from '../../clients/watchdog.ts';
import { Powers, type Fixture, type FixtureOptions } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';
import { openStudio } from './studio.ts';

const DAY = 86_400_000;
const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });
const objects = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('o/') ? [key.slice(2)] : []));

const caching = act((self, it: Doll) => void (self.cache = it), 'found caching');
const storing = act((self, key: string) => void (self.state[key] = self.cache), 'found storing');
const registering = act((_self, name: string, to: Doll, options: object) => {
  onRestart(name, to, 'look', options);
}, 'found registering');

test('a list of what comes first keeps no world from starting', () => {
  // In a process of its own: its stack is that of a world process, a quarter of what a thread of these tests has.
  const plan = new URL('../../engine/restarts.js', import.meta.url).href;
  const script = `
    import { planRestarts } from '${plan}';
    const to = {};
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
}, 'found repeating');
const nothing = act(() => null, 'found nothing');

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

test('a repeated timer goes on when something that its call calls is gone', async () => {
  const f = await open();
  const tick = act((self) => {
    self.state['ticks'] = Number(self.state['ticks'] ?? 0) + 1;
    if (self.state['stranger'] !== undefined) (self.state['stranger'] as Doll).look();
  }, 'found tick');
  const dying = act((self) => destroy(self), 'found dying');
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

async function backDuring(f: Fixture, key: string): Promise<void> {
  await play(
    f,
    (self, body: string) => {
      self.state['keeper'] = self.make();
      (self.state['keeper'] as Doll).act(body, self.make({ inner: self.make({ name: 'inner' }) }));
      return null;
    },
    caching,
  );
  await f.world.collect();
  f.powers.now += DAY;
  const collecting = f.world.collect();
  await play(
    f,
    (self, body: string, name: string) => (self.state['keeper'] as Doll).act(body, name) ?? null,
    storing,
    key,
  );
  await collecting;
  await f.settle();
}

test('what comes back during a collection comes back with what it leads to', async () => {
  const f = await open();
  await backDuring(f, 'again');
  expect(
    await play(f, (self) =>
      (((self.state['keeper'] as Doll).get('again') as Doll).get('inner') as Doll).look(),
    ),
  ).toBe('a puppet named inner');
  await f.close();
});

test('what comes back during a collection under a key with a digit stays', async () => {
  const f = await open();
  await backDuring(f, '1');
  expect(await play(f, (self) => ((self.state['keeper'] as Doll).get('1') as Doll).look())).toBe('a puppet');
  await f.close();
});

test('a damaged object keeps what its collections refer to, its bank and who watches it', async () => {
  const f = await open();
  await play(f, (self) => {
    const filing = act((doll, it: AnyCap) => collection(doll, 'files').set('one', it));
    self.state['filer'] = self.make();
    (self.state['filer'] as Doll).act(filing, self.make({ name: 'filed' }));
    return null;
  });
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const filer = [...contents.keys()].filter((key) => key.startsWith('o/')).at(-2) as string;
  contents.set(filer, '{"class":"Puppet","bank":null,"grants":[],"bo');
  const next = await open({ journal: new MemoryJournal(contents) });
  await next.world.collect();
  next.powers.now += DAY;
  expect(await next.world.collect()).toMatchObject({ removed: 0 });
  await next.world.close();
});

test('nothing of an object runs when it is removed', async () => {
  const f = await open();
  let ran = 0;
  const counting = act((self) => {
    ran += 1;
    delete self.state['nothing'];
  }, 'found counting');
  await play(f, (self, hook: string) => void self.make({ fromRecord: hook }), counting);
  const next = await f.restart();
  await next.world.collect();
  next.powers.now += DAY;
  await next.world.collect();
  expect(ran).toBe(0);
  await next.close();
});

test('two objects whose fromRecord never ends do not keep garbage from being collected', async () => {
  const studio = await openStudio({ garbageGrace: DAY, limits: { turnMilliseconds: 60 } });
  const { fixture } = studio;
  await studio.save('Mine', 'class Mine extends Base {}');
  for (let at = 0; at < 4; at += 1) await studio.make('Mine');
  await studio.save('Mine', 'class Mine extends Base { fromRecord(record) { for (;;); } }');
  await fixture.settle();
  const before = objects(fixture).length;
  await fixture.world.collect();
  const ends: unknown[] = [];
  fixture.powers.guard = guarded;
  for (let hour = 0; hour < 6; hour += 1) {
    fixture.powers.now += DAY;
    ends.push(
      await fixture.world.collect().then(
        ({ removed }) => removed,
        ({ code }: { code: string }) => code,
      ),
    );
  }
  fixture.powers.guard = new Powers().guard;
  expect([ends, before - objects(fixture).length]).toEqual([[4, 0, 0, 0, 0, 0], 4]);
  await studio.close();
}, 60_000);

test('the bank of who set a timer is not removed under it: its work counts as that of the bank above', async () => {
  const f = await open();
  const spending = (await f.world.run((invoke) => {
    const above = invoke(f.world.roots.bank, 'split', [1000]) as AnyCap;
    return [0, 1].map(() => invoke(invoke(above, 'split', [50]) as AnyCap, 'spending', []));
  })) as readonly AnyCap[];
  const looping = act((self, me: Doll) => {
    self.state['timer'] = every(3 * DAY, me, 'act', ['no such act']);
  }, 'found looping');
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
  }, 'found leaving');
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

test('what ends in a turn registers for nothing, and keeps nothing, in the rest of it', async () => {
  const f = await open();
  const ending = act((self, it: Doll) => {
    destroy(self);
    onRestart('late', it, 'look');
    collection(self, 'late').set('one', 'x'.repeat(100_000));
  }, 'found ending');
  await play(f, (self) => void (self.state['it'] = self.make()));
  await codeOf(play(f, (self, body: string) => self.make().act(body, self.state['it']) ?? null, ending));
  await f.settle();
  expect(f.journal.contents().flatMap(([key]) => (/^[rde]\//.test(key) ? [key] : []))).toEqual([]);
  await f.close();
});

test('a clock that was put forward and back again keeps no repeated timer waiting', async () => {
  const f = await open();
  const ticking = act((self) => void (self.state['n'] = Number(self.state['n'] ?? 0) + 1), 'found ticking');
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

const watching = act((self, on: Doll, me: Doll, times: number) => {
  for (let at = 0; at < times; at += 1) self.state['watch'] = watch(on, 'look', me, 'open');
}, 'found watching');
const publishing = act((self, times: number, value: string) => {
  for (let at = 0; at < times; at += 1) publish('look', value);
  self.state['done'] = true;
}, 'found publishing');

test.each([[6, 'x']])(
  'who watches often does not keep the publisher from what it does (%s times)',
  async (times, value) => {
    const f = await open();
    await play(
      f,
      (self, body: string, none: string) => {
        self.state['a'] = self.make();
        const b = self.make({ open: none });
        self.state['b'] = b;
        b.act(body, self.state['a'], b, 10);
        return null;
      },
      watching,
      nothing,
    );
    for (let at = 1; at < 20; at += 1)
      await play(
        f,
        (self, body: string) =>
          (self.state['b'] as Doll).act(body, self.state['a'], self.state['b'], 10) ?? null,
        watching,
      );
    expect(
      await codeOf(
        play(
          f,
          (self, body: string, n: number, text: string) =>
            (self.state['a'] as Doll).act(body, n, text) ?? null,
          publishing,
          times,
          value,
        ),
      ),
    ).toBe('none');
    await f.close();
  },
);

test('what is published is short, and an account has so many watches on one object and no more', async () => {
  const f = await open({ limits: { publishedCharacters: 50, accountWatches: 3 } });
  const spend = (await f.world.run((invoke) => {
    const bank = invoke(f.world.roots.bank, 'split', [500]) as AnyCap;
    return invoke(bank, 'spending', []);
  })) as never;
  await play(
    f,
    (self, bank: never) => {
      for (const name of ['a', 'b']) self.state[name] = create(bank, self.constructor as never, { bank });
      return null;
    },
    spend,
  );
  const watches = (times: number): Promise<string> =>
    codeOf(
      play(
        f,
        (self, body: string, many: number) =>
          (self.state['b'] as Doll).act(body, self.state['a'], self.state['b'], many) ?? null,
        watching,
        times,
      ),
    );
  expect([await watches(4), await watches(3), await watches(1)]).toEqual(['TooMany', 'none', 'TooMany']);
  const publishes = (text: string): Promise<string> =>
    codeOf(
      play(
        f,
        (self, body: string, what: string) => (self.state['a'] as Doll).act(body, 1, what) ?? null,
        publishing,
        text,
      ),
    );
  expect([await publishes('x'.repeat(50)), await publishes('x'.repeat(51))]).toEqual(['none', 'TooLarge']);
  await f.close();
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
    }, 'found setting');
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

test('what watchers are told beyond a limit ends their watches, and not the turn of who publishes', async () => {
  const f = await open({ limits: { turnPublished: 3 } });
  await play(
    f,
    (self, body: string, none: string) => {
      self.state['a'] = self.make();
      self.state['b'] = self.make({ open: none });
      (self.state['b'] as Doll).act(body, self.state['a'], self.state['b'], 4);
      return null;
    },
    watching,
    nothing,
  );
  await play(f, (self, body: string) => (self.state['a'] as Doll).act(body, 1, 'x') ?? null, publishing);
  await f.settle();
  expect(await play(f, (self) => (self.state['a'] as Doll).get('done'))).toBe(true);
  expect(await f.call(f.world.roots.storage, 'letters')).toMatchObject([{ code: 'TooMany' }]);
  await f.close();
});

const hearing = act((self, value: unknown) => {
  self.state['heard'] = [...((self.state['heard'] as unknown[] | undefined) ?? []), value];
}, 'found hearing');

test('nobody watches through a capability for a number of calls', async () => {
  const f = await open();
  const code = await codeOf(
    play(
      f,
      (self, body: string) => {
        self.state['a'] = self.make();
        const once = attenuate(self.state['a'] as Doll, { for: 'once', only: ['look'], uses: 1 });
        const b = self.make();
        b.act(body, once, b, 1);
        return null;
      },
      watching,
    ),
  );
  expect(code).toBe('BadArgument');
  await f.close();
});

test('a method that a new version withdraws from a facet is watched by it no longer', async () => {
  const source = (inPublic: string): string => `class Stove extends Base {
    static facets = {
      public: { ...Base.facets.public ${inPublic} },
      owner: { ...Base.facets.owner, heat: M.call().returns(M.number()), front: M.call().returns(M.remotable()), tell: M.call(M.any()).returns() },
    };
    heat() { return 1; }
    front() { return this; }
    tell(value) { publish('heat', value); }
  }`;
  const watcher = `class Watcher extends Base {
    static facets = { ...Base.facets, owner: { ...Base.facets.owner, on: M.call(M.remotable()).returns(), all: M.call().returns(M.any()), tries: M.call().returns(M.any()) }, ear: { hear: M.call(M.any(), M.string()).returns() } };
    #heard = []; #on = null;
    toRecord() { return { ...super.toRecord(), heard: this.#heard, on: this.#on }; }
    fromRecord(record) { super.fromRecord(record); this.#heard = record.heard; this.#on = record.on; }
    on(it) { this.#on = it; watch(it, 'heat', facet(this, 'ear'), 'hear'); }
    hear(value) { this.#heard = [...this.#heard, value]; }
    all() { return this.#heard; }
    tries() { return this.#on.heat(); }
  }`;
  const studio = await openStudio();
  await studio.save('Stove', source(', heat: M.call().returns(M.number())'));
  await studio.save('Watcher', watcher);
  const stove = await studio.make('Stove');
  const it = await studio.make('Watcher');
  await studio.call(it, 'on', await studio.call(stove, 'front'));
  await studio.call(stove, 'tell', 'public');
  await studio.fixture.settle();
  await studio.save('Stove', source(''));
  expect(await studio.code(it, 'tries')).not.toBe('none');
  await studio.call(stove, 'tell', 'secret');
  await studio.fixture.settle();
  expect(await studio.call(it, 'all')).toEqual(['public']);
  await studio.close();
});

test('a repeated timer counts what it holds, also after a restart', async () => {
  const f = await open({ limits: { objectMessageCharacters: 5_000 } });
  const setting = act((self, me: Doll) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    every(1_000, me, 'open', ['x'.repeat(6_000)]);
  }, 'found setting');
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

test('a collection ends also while messages come and go all the time', async () => {
  const f = await open();
  const going = act((self, me: Doll) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    send(me, 'act', ['found going', me]);
  }, 'found going');
  await play(
    f,
    (self, body: string) => {
      self.state['a'] = self.make();
      (self.state['a'] as Doll).act(body, self.state['a']);
      return null;
    },
    going,
  );
  const seen = { ended: false };
  void f.world.collect().then(
    () => void (seen.ended = true),
    () => {},
  );
  for (let at = 0; at < 200; at += 1) await new Promise((resolve) => setImmediate(resolve));
  const { ended } = seen;
  await f.world.close();
  expect(ended).toBe(true);
}, 60_000);

test.each([2 ** 31, 2 ** 32 + 1])('garbage is found whatever the numbers of objects (%s)', async (object) => {
  const f = await open();
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const { message } = JSON.parse(contents.get('meta/counters') as string) as { message: number };
  contents.set('meta/counters', JSON.stringify({ object, message }));
  const next = await open({ journal: new MemoryJournal(contents) });
  await play(next, (self) => {
    for (let at = 0; at < 12; at += 1) self.state[`h${at}`] = self.make();
    for (let at = 0; at < 12; at += 1) (self.state[`h${at}`] as Doll).set('inner', self.make());
    return null;
  });
  await next.settle();
  await next.world.collect();
  next.powers.now += DAY;
  expect(await next.world.collect()).toMatchObject({ removed: 0 });
  await next.close();
});

test('a watch on an object that is gone is over, and left alone', async () => {
  const f = await open();
  const dying = act((self) => destroy(self), 'found dying');
  await play(
    f,
    (self, body: string, none: string, dies: string) => {
      self.state['a'] = self.make();
      self.state['b'] = self.make({ open: none });
      (self.state['b'] as Doll).act(body, self.state['a'], self.state['b'], 1);
      (self.state['a'] as Doll).act(dies);
      return null;
    },
    watching,
    nothing,
    dying,
  );
  const stopping = act((self, on: Doll) => unwatch(on, self.state['watch'] as number), 'found stopping');
  expect(
    await codeOf(
      play(f, (self, body: string) => (self.state['b'] as Doll).act(body, self.state['a']) ?? null, stopping),
    ),
  ).toBe('none');
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

test('what comes back while its entries are being removed has all of them', async () => {
  const f = await open();
  await play(
    f,
    (self, body: string) => {
      self.state['keeper'] = self.make();
      const filer = self.make();
      self.state['filer'] = filer;
      (self.state['keeper'] as Doll).act(body, filer);
      return null;
    },
    caching,
  );
  const many = act((doll, from: number) => {
    for (let n = 0; n < 1_000; n += 1) collection(doll, 'files').set(`${from + n}`, n);
  });
  for (const from of [0, 1_000, 2_000])
    await play(
      f,
      (self, body: string, first: number) => (self.state['filer'] as Doll).act(body, first) ?? null,
      many,
      from,
    );
  await play(f, (self) => {
    delete self.state['filer'];
    return null;
  });
  await f.settle();
  await f.world.collect();
  f.powers.now += DAY;
  const collecting = f.world.collect();
  // Until the first part is gone.
  const entries = (): number => f.journal.contents().filter(([key]) => key.startsWith('e/')).length;
  while (entries() === 3_000) await new Promise((resolve) => setImmediate(resolve));
  await play(f, (self, body: string) => (self.state['keeper'] as Doll).act(body, 'again') ?? null, storing);
  await collecting;
  await f.settle();
  expect([0, 3_000]).toContain(entries());
  await f.close();
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
  }, 'found failing');
  const sending = act((self, to: Doll, told: Doll, body: string, milliseconds: number) => {
    send(to, 'act', [body, milliseconds], { failed: [told, 'open'] });
    self.state['sent'] = true;
  }, 'found sending');
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

test('an object that has ended is told of no restart', async () => {
  const f = await open();
  let told = 0;
  const counting = act(() => void (told += 1), 'found told');
  const ending = act((self, it: Doll) => {
    destroy(self);
    onRestart('late', it, 'open');
  }, 'found ending late');
  await play(f, (self, body: string) => void (self.state['it'] = self.make({ open: body })), counting);
  await codeOf(play(f, (self, body: string) => self.make().act(body, self.state['it']) ?? null, ending));
  await f.settle();
  const next = await f.crash();
  await next.settle();
  expect(told).toBe(0);
  await next.close();
});

/** Calls `then` when a snapshot of it is given back. */
class Watched extends MemoryJournal {
  then_: (() => Promise<void>) | null = null;
  override async snapshot(): ReturnType<MemoryJournal['snapshot']> {
    const snapshot = await super.snapshot();
    return { ...snapshot, close: async () => this.then_?.() };
  }
}

test('a world ends that closes with the next removal in its queue, and as much gathered as a commit takes', async () => {
  const journal = new Watched();
  const f = await open({ journal, limits: { gatheredCharacters: 1_000 } });
  await play(f, (self) => {
    for (let at = 0; at < 130; at += 1) self.make();
    return null;
  });
  await f.settle();
  await f.world.collect();
  f.powers.now += DAY;
  const some = async (): Promise<void> => {
    for (let at = 0; at < 10; at += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const seen = { full: false, closed: false };
  journal.then_ = async () => {
    journal.hold();
    for (const key of ['one', 'two']) {
      play(f, (self, name: string) => void (self.state[name] = 'x'.repeat(5_000)), key).catch(() => {});
      await some();
    }
    seen.full = true;
  };
  f.world.collect().catch(() => {});
  while (!seen.full) await some();
  await some();
  void f.world.close().then(() => void (seen.closed = true));
  await some();
  journal.release();
  for (let at = 0; at < 50 && !seen.closed; at += 1) await some();
  expect(seen.closed).toBe(true);
});
