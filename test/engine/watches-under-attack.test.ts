import { attenuate, create, destroy, publish, unwatch, watch, type AnyCap } from '../../engine/authoring.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';
import { openStudio } from './studio.ts';

const DAY = 86_400_000;

const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });

const nothing = act(() => null, 'watches nothing');

const watching = act((self, on: Doll, me: Doll, times: number) => {
  for (let at = 0; at < times; at += 1) self.state['watch'] = watch(on, 'look', me, 'open');
}, 'watches watching');

const publishing = act((self, times: number, value: string) => {
  for (let at = 0; at < times; at += 1) publish('look', value);
  self.state['done'] = true;
}, 'watches publishing');

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

test('what is told in one turn beyond a limit is told to nobody; who publishes goes on, and so do the watches', async () => {
  const f = await open({ limits: { turnPublished: 3 } });
  const hearing = act((self) => {
    self.state['heard'] = Number(self.state['heard'] ?? 0) + 1;
  }, 'watches hearing');
  await play(
    f,
    (self, body: string, hears: string) => {
      self.state['a'] = self.make();
      self.state['b'] = self.make({ open: hears });
      (self.state['b'] as Doll).act(body, self.state['a'], self.state['b'], 2);
      return null;
    },
    watching,
    hearing,
  );
  const publishes = (times: number): Promise<unknown> =>
    play(
      f,
      (self, body: string, n: number) => (self.state['a'] as Doll).act(body, n, 'x') ?? null,
      publishing,
      times,
    );
  const seen = async (): Promise<unknown> => {
    await f.settle();
    return play(f, (self) => (self.state['b'] as Doll).get('heard'));
  };
  await publishes(100);
  expect(await seen()).toBe(3);
  expect(await play(f, (self) => (self.state['a'] as Doll).get('done'))).toBe(true);
  // One letter for each watch: as many as were not told would be as much to write as telling them.
  expect(await f.call(f.world.roots.storage, 'letters')).toMatchObject([
    { code: 'TooMany' },
    { code: 'TooMany' },
  ]);
  await publishes(1);
  expect(await seen()).toBe(5);
  await f.close();
});

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

test('a watch on an object that is gone is over, and left alone', async () => {
  const f = await open();
  const dying = act((self) => destroy(self), 'watches dying');
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
  const stopping = act((self, on: Doll) => unwatch(on, self.state['watch'] as number), 'watches stopping');
  expect(
    await codeOf(
      play(f, (self, body: string) => (self.state['b'] as Doll).act(body, self.state['a']) ?? null, stopping),
    ),
  ).toBe('none');
  await f.close();
});
