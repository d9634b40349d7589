import { attenuate, collection, create, facet, send, watch, type AnyCap } from '../../engine/authoring.ts';
import { guarded } from '../../clients/watchdog.ts';
import { Powers, type Fixture, type FixtureOptions } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, openPuppets, play, Puppet, type Doll } from './puppet.ts';
import { openStudio } from './studio.ts';
import { idIn } from '../key-id.ts';

const DAY = 86_400_000;

const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });

const objects = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('o/') ? [idIn(key)] : []));

const caching = act((self, it: Doll) => void (self.cache = it), 'garbage caching');

const storing = act((self, key: string) => void (self.state[key] = self.cache), 'garbage storing');

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
    const watching = act((doll, on: Doll) => watch(on, 'look', facet(doll, 'owner'), 'get'));
    self.state['filer'] = create(self.bank.split(10), Puppet, {});
    (self.state['filer'] as Doll).act(filing, self.make({ name: 'filed' }));
    self.make().act(watching, self.state['filer']);
    return null;
  });
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const [[filer] = ['']] = [...contents].filter(
    ([key, text]) => key.startsWith('o/') && text.includes('"kept":'),
  );
  expect(filer).not.toBe('');
  contents.set(filer, '{"class":"Puppet","bank":null,"grants":[],"bo');
  const next = await open({ journal: new MemoryJournal(contents) });
  await next.world.collect();
  next.powers.now += DAY;
  expect(await next.world.collect()).toMatchObject({ removed: 0 });
  await next.world.close();
});

test('a grant keeps the bank of whoever derived it and is gone', async () => {
  const f = await open();
  await play(f, (self) => {
    const deriving = act((_, it: Doll) => attenuate(it, { for: 'somebody' }));
    self.state['held'] = self.make();
    const own = create(self.bank.split(10), Puppet, {}) as unknown as Doll;
    self.state['derived'] = own.act(deriving, self.state['held']);
    return null;
  });
  await f.world.collect();
  f.powers.now += DAY;
  expect(await f.world.collect()).toMatchObject({ removed: 1 });
  await f.close();
});

test('nothing of an object runs when it is removed', async () => {
  const f = await open();
  let ran = 0;
  const counting = act((self) => {
    ran += 1;
    delete self.state['nothing'];
  }, 'garbage counting');
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

test('a collection ends also while messages come and go all the time', async () => {
  const f = await open();
  const going = act((self, me: Doll) => {
    self.state['n'] = Number(self.state['n'] ?? 0) + 1;
    send(me, 'act', ['garbage going', me]);
  }, 'garbage going');
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

/** A journal in whose snapshots the marks of garbage cannot be read, as after damage to a block of the database. */
class Unmarked extends MemoryJournal {
  damaged = false;
  override async snapshot(): ReturnType<MemoryJournal['snapshot']> {
    const snapshot = await super.snapshot();
    const { damaged } = this;
    return {
      ...snapshot,
      async *range(range: Parameters<MemoryJournal['range']>[0] & { onDamaged?: (key: string) => void }) {
        for await (const entry of snapshot.range(range)) {
          if (!damaged || !entry[0].startsWith('g/')) yield entry;
          else if (range.onDamaged === undefined) throw new Error(`${entry[0]} is damaged`);
          else range.onDamaged(entry[0]);
        }
      },
    };
  }
}

test('a mark that is damaged is made anew, and keeps no garbage from being collected', async () => {
  const journal = new Unmarked();
  const f = await open({ journal });
  await play(f, (self) => {
    self.make();
    return null;
  });
  expect(await f.world.collect()).toMatchObject({ waiting: 1 });
  journal.damaged = true;
  f.powers.now += DAY;
  expect(await f.world.collect()).toMatchObject({ waiting: 1, removed: 0 });
  journal.damaged = false;
  f.powers.now += DAY;
  expect(await f.world.collect()).toMatchObject({ waiting: 0, removed: 1 });
  await f.close();
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
