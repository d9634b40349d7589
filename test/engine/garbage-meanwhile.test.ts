import { after, collection, create, facet, type AnyCap } from '../../engine/authoring.ts';
import type { Collected } from '../../engine/collector.ts';
import type { Fixture } from './fixture.ts';
import {
  DAY,
  caching,
  storing,
  filing,
  registering,
  open,
  marks,
  collect,
  collectForGood,
} from './garbage-fixture.ts';
import { act, play, Puppet, type Doll } from './puppet.ts';

test('what an instance kept without storing it stays if it is stored while the collection is under way', async () => {
  const f = await open();
  await play(
    f,
    (self, body: string) => {
      self.state['keeper'] = self.make();
      (self.state['keeper'] as Doll).act(body, self.make());
      return null;
    },
    caching,
  );
  await collect(f);
  expect(marks(f)).toHaveLength(1);
  f.powers.now += DAY;
  const collecting = f.world.collect();
  await play(f, (self, body: string) => (self.state['keeper'] as Doll).act(body) ?? null, storing);
  expect(await collecting).toMatchObject({ removed: 0 });
  await f.settle();
  expect(await play(f, (self) => ((self.state['keeper'] as Doll).get('again') as Doll).look())).toBe(
    'a puppet',
  );
  expect(await collect(f)).toMatchObject({ waiting: 0, removed: 0 });
  expect(marks(f)).toEqual([]);
  await f.close();
});

test('what comes back while others take several turns to remove stays whole', async () => {
  const f = await open();
  await play(f, (self) => {
    self.state['large'] = self.make();
    self.state['keeper'] = self.make();
    return null;
  });
  for (let at = 0; at < 5; at += 1)
    await play(
      f,
      (self, body: string, part: number) => (self.state['large'] as Doll).act(body, part) ?? null,
      act((self, part: number) => {
        for (let n = 0; n < 1_000; n += 1) collection(self, 'files').set(`file ${part} ${n}`, n);
      }),
      at,
    );
  await play(
    f,
    (self, body: string, files: string) => {
      const it = self.make();
      it.act(files, it, 3);
      (self.state['keeper'] as Doll).act(body, it);
      delete self.state['large'];
      return null;
    },
    caching,
    filing,
  );
  await collect(f);
  expect(marks(f)).toHaveLength(2);
  f.powers.now += DAY;
  const entries = (): number => f.journal.contents().filter(([key]) => key.startsWith('e/')).length;
  const collecting = f.world.collect();
  while (entries() === 5_003) await new Promise((resolve) => void setImmediate(resolve));
  await play(f, (self, body: string) => (self.state['keeper'] as Doll).act(body) ?? null, storing);
  expect(entries()).toBeGreaterThan(3);
  expect(await collecting).toMatchObject({ removed: 1 });
  await f.settle();
  expect(entries()).toBe(3);
  expect(await play(f, (self) => ((self.state['keeper'] as Doll).get('again') as Doll).look())).toBe(
    'a puppet',
  );
  await f.close();
});

describe('what an instance kept without storing it, and uses while the collection is under way,', () => {
  /** A keeper that has `it` in its cache only, and a log that it can name. All of `it` is garbage, and has had its time. */
  async function stage(what: (f: Fixture) => Promise<unknown>): Promise<Fixture> {
    const f = await open();
    await play(f, (self) => {
      self.state['keeper'] = self.make();
      self.state['log'] = self.make();
      return null;
    });
    const it = await what(f);
    await play(
      f,
      (self, body: string, kept: Doll) => (self.state['keeper'] as Doll).act(body, kept) ?? null,
      caching,
      it,
    );
    await collect(f);
    expect(marks(f)).not.toEqual([]);
    f.powers.now += DAY;
    return f;
  }
  const doll = (f: Fixture): Promise<unknown> => play(f, (self) => self.make({ inner: self.make() }));
  const useWhileCollecting = async (f: Fixture, body: string): Promise<Collected> => {
    const collecting = f.world.collect();
    await play(
      f,
      (self, what: string) => (self.state['keeper'] as Doll).act(what, self.state['log']) ?? null,
      body,
    );
    const collected = await collecting;
    await f.settle();
    return collected;
  };

  test('stays if it is a bank that pays for something that lasts', async () => {
    const f = await stage(async ({ world }) =>
      world.run(
        (invoke) => invoke(invoke(world.roots.bank, 'split', [100]) as AnyCap, 'spending', []) as AnyCap,
      ),
    );
    const paying = act((self) => void (self.state['bought'] = create(self.cache as never, Puppet)));
    expect(await useWhileCollecting(f, paying)).toMatchObject({ removed: 0 });
    await play(f, (self) => {
      ((self.state['keeper'] as Doll).get('bought') as Doll).set('note', 'x'.repeat(3_000));
      return null;
    });
    await f.close();
  });

  test('stays if it sets a timer, which rings', async () => {
    const f = await stage(doll);
    const waiting = act((_self, log: Doll) => void after(1_000, log, 'set', ['rang', true]));
    expect(
      await useWhileCollecting(
        f,
        act((self, log: Doll) => (self.cache as Doll).act(waiting, log) ?? null),
      ),
    ).toMatchObject({ removed: 0 });
    await f.advance(1_000);
    expect(await play(f, (self) => (self.state['log'] as Doll).get('rang'))).toBe(true);
    expect(await collect(f)).toMatchObject({ removed: 2 });
    await f.close();
  });

  test('stays if it registers for restarts', async () => {
    const f = await stage(doll);
    const body = act((self, log: Doll) => (self.cache as Doll).act(registering, log) ?? null);
    expect(await useWhileCollecting(f, body)).toMatchObject({ removed: 0 });
    expect(f.journal.contents().filter(([key]) => key.startsWith('r/'))).toHaveLength(1);
    expect(await collectForGood(f)).toMatchObject({ removed: 0 });
    await f.close();
  });

  test('stays, with what it leads to, if somebody logs in on it', async () => {
    const f = await stage((it) =>
      play(
        it,
        (self, own: string, body: string) => self.make({ inner: self.make(), attached: body }).act(own),
        act((self) => facet<typeof Puppet, 'session'>(self, 'session')),
        act((self) => void (self.state['inner'] as Doll).look()),
      ),
    );
    const giving = act((self) => self.cache);
    const keeper = (await play(f, (self) => self.state['keeper'])) as AnyCap;
    const collecting = f.world.collect();
    await f.world.begin(
      { sid: 's', keyHash: '', keep: true, name: 'x' },
      (invoke) => invoke(keeper, 'act', [giving]) as AnyCap,
    );
    expect(await collecting).toMatchObject({ removed: 0 });
    await f.close();
  });
});
