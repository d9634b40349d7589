import fc from 'fast-check';
import { after, collection, facet, type AnyCap } from '../../engine/authoring.ts';
import { objectKey } from '../../storage/keys.ts';
import {
  DAY,
  forgetting,
  filing,
  waking,
  watching,
  ending,
  registering,
  open,
  tell,
  objects,
  marks,
  balance,
  collect,
  collectForGood,
} from './garbage-fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, play, type Doll, type Puppet } from './puppet.ts';
import { openStudio } from './studio.ts';

describe.each([false, true])('garbage, evicting always: %s;', (evictAlways) => {
  test('is marked when it is found, removed after its time, and its bank gets back what it paid', async () => {
    const f = await open({ evictAlways });
    const [before, money] = [objects(f), await balance(f)];
    await play(f, (self) => {
      self.make({ other: self.make() });
      return null;
    });
    await f.settle();
    expect(await collect(f)).toMatchObject({ live: before.length, waiting: 2, removed: 0 });
    expect(marks(f)).toHaveLength(2);
    f.powers.now += DAY - 1;
    expect(await collect(f)).toMatchObject({ waiting: 2, removed: 0 });
    f.powers.now += 1;
    expect(await collect(f)).toMatchObject({ waiting: 0, removed: 2 });
    expect([objects(f), marks(f), await balance(f)]).toEqual([before, [], money]);
    await f.close();
  });

  test('is marked on disk by the time when it is told, also where nobody does anything after that', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      self.make();
      return null;
    });
    await f.settle();
    expect(await f.world.collect()).toMatchObject({ waiting: 1 });
    const kept = f.journal.crash().contents();
    expect(kept.filter(([key]) => key.startsWith('g/'))).toHaveLength(1);
    await f.close();
  });

  test('is told apart from what is gone and still held, which is no object', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      self.state['held'] = self.make();
      (self.state['held'] as Doll).act(ending);
      return null;
    });
    expect(await collect(f)).toMatchObject({ live: objects(f).length, waiting: 0, removed: 0 });
    await f.close();
  });

  test('goes in circles too, however long', async () => {
    const f = await open({ evictAlways });
    const before = objects(f);
    await play(f, (self) => {
      const first = self.make();
      let last = first;
      for (let at = 0; at < 120; at += 1) last = self.make({ next: last });
      first.set('next', last);
      return null;
    });
    expect(await collectForGood(f)).toMatchObject({ removed: 121 });
    expect(objects(f)).toEqual(before);
    await f.close();
  });

  test('is nothing that a record, a collection, a message, a watch or a registration leads to', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      self.state['held'] = self.make({ inner: self.make() });
      const filer = self.make();
      self.state['filer'] = filer;
      filer.act(filing, self.make({ inner: self.make() }), 3);
      self.make().act(waking, self.make({ inner: self.make() }));
      const watcher = self.make();
      watcher.act(watching, self.state['held'], self.make({ inner: self.make() }));
      self.make().act(registering, self.make({ inner: self.make() }));
      return null;
    });
    await f.settle();
    const all = objects(f);
    expect(await collectForGood(f)).toMatchObject({ removed: 0 });
    expect(objects(f)).toHaveLength(all.length);
    await f.close();
  });

  test('gives back what a watch has cost, when whoever had set it up is gone and nothing is published any more', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      for (const name of ['held', 'lasting', 'watcher']) self.state[name] = self.make();
      return null;
    });
    const money = Number(await balance(f));
    await play(
      f,
      (self, body: string) => {
        for (const name of ['lasting', 'watcher', 'watcher']) {
          const watcher = self.state[name] as Doll;
          watcher.act(body, self.state['held'], watcher);
        }
        return null;
      },
      watching,
    );
    await play(f, (self, ends: string) => (self.state['watcher'] as Doll).act(ends) ?? null, ending);
    await f.settle();
    expect(await balance(f)).toBe(money - 2);
    expect(await collect(f)).toMatchObject({ waiting: 0, removed: 0 });
    expect(await balance(f)).toBe(money);
    expect(f.journal.contents().filter(([key]) => key.startsWith('w/'))).toHaveLength(1);
    await f.close();
  });

  test('is nothing that a dead letter leads to, until that is dropped', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      const lost = self.make();
      self.make().act(waking, lost);
      self.state['other'] = self.make();
      after(1, self.state['other'] as Doll, 'act', ['no such act', self.make()]);
      return null;
    });
    await f.advance(1);
    await f.settle();
    await collectForGood(f);
    const kept = objects(f).length;
    const [letter] = (await f.call(f.world.roots.storage, 'letters')) as readonly { number: number }[];
    await f.call(f.world.roots.storage, 'dropLetter', letter?.number);
    expect(await collectForGood(f)).toMatchObject({ removed: 1 });
    expect(objects(f)).toHaveLength(kept - 1);
    await f.close();
  });

  test('goes also if it has more references in its collections than one turn may write', async () => {
    const f = await open({ evictAlways, limits: { turnWrites: 3_000 } });
    const money = await balance(f);
    const holding = act((self, many: number) => {
      self.state['all'] = Array.from({ length: many }, () => self.make());
    }, 'garbage holding');
    const filingAll = act((self, from: number, to: number) => {
      for (let at = from; at < to; at += 1) collection(self, 'files').set(`file ${at}`, self.state['all']);
    }, 'garbage filing all');
    for (const [many, files, part] of [
      [1, 1_000, 500],
      [20, 200, 50],
      [900, 4, 1],
    ] as const) {
      const it = await play(
        f,
        (self, body: string, count: number) => {
          self.state['it'] = self.make();
          (self.state['it'] as Doll).act(body, count);
          return self.state['it'];
        },
        holding,
        many,
      );
      for (let at = 0; at < files; at += part) await f.call(it as object, 'act', filingAll, at, at + part);
    }
    await tell(f, forgetting);
    expect(await collectForGood(f)).toMatchObject({ removed: 924, waiting: 0 });
    expect(f.journal.contents().filter(([key]) => /^(?:e|d|g)\//.test(key))).toEqual([]);
    expect(await balance(f)).toBe(money);
    await f.close();
  });

  test('is no longer any when something refers to it again', async () => {
    const f = await open({ evictAlways });
    await play(f, (self) => {
      self.state['held'] = self.make();
      return null;
    });
    const held = await play(f, (self) => self.state['held']);
    await tell(f, forgetting);
    await collect(f);
    expect(marks(f)).toHaveLength(1);
    await f.call(f.world.roots.gate, 'set', 'held', held);
    await collect(f);
    expect(marks(f)).toEqual([]);
    f.powers.now += 2 * DAY;
    expect(await collect(f)).toMatchObject({ removed: 0, waiting: 0 });
    await f.close();
  });
});

test('a session keeps its object, until it ends', async () => {
  const f = await open();
  const session = act((self) => facet<typeof Puppet, 'session'>(self, 'session'), 'garbage session');
  const making = act((self) => self.make().act(session), 'garbage make');
  await f.world.begin(
    { sid: 's', keyHash: '', keep: true, name: 'x' },
    (invoke) => invoke(f.world.roots.gate, 'act', [making]) as AnyCap,
  );
  expect(await collectForGood(f)).toMatchObject({ removed: 0, waiting: 0 });
  await f.world.end('s');
  expect(await collectForGood(f)).toMatchObject({ removed: 1 });
  await f.close();
});

test('what has more entries than one turn may delete goes little by little', async () => {
  const f = await open();
  const before = objects(f);
  await play(f, (self) => {
    self.state['filer'] = self.make();
    return null;
  });
  for (let at = 0; at < 3; at += 1)
    await play(
      f,
      (self, round: number) => {
        const many = act((doll) => {
          for (let n = 0; n < 2_000; n += 1) collection(doll, 'files').set(`${round} ${n}`, n);
        });
        (self.state['filer'] as Doll).act(many);
        return null;
      },
      at,
    );
  await tell(f, forgetting);
  expect(await collectForGood(f)).toMatchObject({ removed: 1 });
  expect(objects(f)).toEqual(before);
  expect(f.journal.contents().filter(([key]) => /^[de]\//.test(key))).toEqual([]);
  await f.close();
});

test('a damaged object keeps what it referred to', async () => {
  const f = await open();
  await play(f, (self) => {
    self.state['held'] = self.make({ inner: self.make() });
    return null;
  });
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const [held = '', text = ''] = [...contents].find(([, value]) => value.includes('\\"inner\\"')) ?? [];
  const inner = objectKey(/"slots":\["(o\d+)\./.exec(text)?.[1] ?? '');
  contents.set(held, '{"class":"Puppet","bank":null,"grants":[],"bo');
  const next = await open({ journal: new MemoryJournal(contents) });
  expect(await collectForGood(next)).toMatchObject({ removed: 0 });
  expect(next.journal.get(inner)).toBeDefined();
  await next.world.close();
});

test('what is set aside and then garbage is set aside no more when it is gone', async () => {
  const f = await open();
  await play(f, (self) => void (self.state['odd'] = self.make()));
  const odd = await play(f, (self) => self.state['odd']);
  await f.call(f.world.roots.storage, 'setAside', odd, 'it is odd');
  await f.settle();
  await tell(f, forgetting);
  const asides = (): Promise<unknown> => f.call(f.world.roots.storage, 'aside');
  expect(await asides()).toMatchObject([{ message: expect.stringContaining('it is odd') }]);
  expect(await collectForGood(f)).toMatchObject({ removed: 1 });
  expect(await asides()).toEqual([]);
  expect(f.journal.contents().filter(([key]) => key.startsWith('x/'))).toEqual([]);
  await f.close();
});

test('a world that is killed in the middle of it goes on with nothing half removed', async () => {
  const f = await open();
  const before = objects(f);
  await play(f, (self) => {
    for (let at = 0; at < 130; at += 1) self.make({ other: self.make() });
    return null;
  });
  await collect(f);
  f.powers.now += DAY;
  const from = f.journal.states;
  await collect(f);
  for (let state = from - 1; state < f.journal.states; state += 1) {
    const next = await f.crash(state);
    await collect(next);
    expect(objects(next)).toEqual(before);
    await next.close();
  }
  await f.close();
});

test('it removes exactly what cannot be reached, whatever refers to whatever', async () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 });
  const held = fc.uniqueArray(fc.nat(9), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(edges, held, fc.boolean(), async (links, kept, evictAlways) => {
      const f = await open({ evictAlways });
      const building = act((self) => {
        const dolls = Array.from({ length: 10 }, (_, at) => self.make({ name: `n${at}` }));
        links.forEach(([from, to], at) => dolls[from]?.set(`link ${at}`, dolls[to]));
        for (const at of kept) self.state[`kept ${at}`] = dolls[at];
      });
      await tell(f, building);
      const reachable = new Set(kept);
      for (let size = -1; size < reachable.size;) {
        size = reachable.size;
        for (const [from, to] of links) if (reachable.has(from)) reachable.add(to);
      }
      expect(await collectForGood(f)).toMatchObject({ removed: 10 - reachable.size, waiting: 0 });
      const left = f.journal.contents().flatMap(([key, value]) => (key.startsWith('o/') ? [value] : []));
      for (let at = 0; at < 10; at += 1)
        expect(left.some((value) => value.includes(`\\"n${at}\\"`))).toBe(reachable.has(at));
      await f.close();
    }),
    { numRuns: 40 },
  );
});

test('a world that closes ends a collection that is under way', async () => {
  const f = await open();
  await play(f, (self) => {
    for (let at = 0; at < 200; at += 1) self.make();
    return null;
  });
  await collect(f);
  f.powers.now += DAY;
  const collecting = f.world.collect().catch(({ code }: { code: string }) => code);
  await f.close();
  expect(['WorldClosed', undefined]).toContain(
    await collecting.then((it) => (typeof it === 'string' ? it : undefined)),
  );
});

test('a class stays as long as there are objects of it, also if nobody knows it by its name any more', async () => {
  const studio = await openStudio({ garbageGrace: DAY });
  await studio.save('Lamp', 'class Lamp extends Base {}');
  await studio.keep(await studio.make('Lamp', 'a lamp'));
  const { world } = studio.fixture;
  await studio.call(world.roots.storage, 'repair', world.roots.classes, { classes: {} });
  await collectForGood(studio.fixture);
  await studio.restart();
  expect(await studio.call(await studio.kept(), 'name')).toBe('a lamp');
  await studio.close();
});
