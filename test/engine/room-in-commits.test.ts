import { after, collection, emit, facet, publish, send, watch, type AnyCap } from '../../engine/authoring.ts';
import { ENTRY_MAX, packEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';
import type { Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll, type Puppet } from './puppet.ts';

/** A journal that remembers how large the largest commit was. */
class Measured extends MemoryJournal {
  largest = 0;
  override commit(ops: readonly Op[]): Promise<void> {
    this.largest = Math.max(this.largest, packEntry(ops, Infinity).length);
    return super.commit(ops);
  }
}

const making = act((self, state: Record<string, unknown>) => self.make(state), 'room making');
const nothing = act(() => null, 'room nothing');
const watching = act((self, on: Doll, me: Doll, times: number) => {
  for (let at = 0; at < times; at += 1) watch(on, 'look', me, 'open');
}, 'room watching');
const publishing = act((_self, times: number, value: string) => {
  for (let at = 0; at < times; at += 1) publish('look', value);
}, 'room publishing');

/** A doll that is watched by so many others, all of them paid by one bank. */
async function watched(f: Fixture, bank: AnyCap, watchers: number, times: number): Promise<void> {
  await play(
    f,
    (self, payer: never, state: object, make: string, watches: string, many: number, each: number) => {
      const owner = self.make({ bank: payer });
      self.state['a'] = owner.act(make, {});
      for (let at = 0; at < many; at += 1) {
        const watcher = owner.act(make, state) as Doll;
        watcher.act(watches, self.state['a'], watcher, each);
      }
      return null;
    },
    bank,
    { open: nothing },
    making,
    watching,
    watchers,
    times,
  );
}

const publishes = (f: Fixture, times: number, value: unknown): Promise<string> =>
  codeOf(
    play(
      f,
      (self, body: string, many: number, what: unknown) =>
        (self.state['a'] as Doll).act(body, many, what) ?? null,
      publishing,
      times,
      value,
    ),
  );

test('whoever publishes large numbers, as many as he may, does not make a commit that is refused', async () => {
  const journal = new Measured();
  const f = await openPuppets({ journal });
  const bank = await f.world.run((invoke) =>
    invoke(invoke(f.world.roots.bank, 'split', [200]) as AnyCap, 'spending', []),
  );
  await watched(f, bank as AnyCap, 20, 1);
  const numbers = Array.from({ length: 55 }, () => 2n ** 1023n);
  await Promise.all([publishes(f, 94, numbers), publishes(f, 100, numbers)]);
  for (const many of [1, 3]) {
    const some = numbers.slice(0, many);
    await Promise.all([publishes(f, 94, some), publishes(f, 100, some)]);
  }
  await f.settle();
  expect(journal.largest).toBeGreaterThan(1_000_000);
  expect(journal.largest).toBeLessThan(ENTRY_MAX / 3);
  await f.close();
});

const CONTROL = '\u0001';

const sending = act((_self, to: Doll, times: number, text: string) => {
  for (let at = 0; at < times; at += 1) send(to, 'open', [text]);
}, 'room sending');
const filing = act((self, times: number, text: string) => {
  const all = collection(self, 'all');
  for (let at = 0; at < times; at += 1) all.set(`${at}`, text);
}, 'room filing');
const granting = act((self, times: number, label: string) => {
  for (let at = 0; at < times; at += 1) facet<typeof Puppet, 'public'>(self, 'public', { for: label });
}, 'room granting');

test('what two turns leave that do as much as they may of everything, all of it written at its longest, is committed', async () => {
  const journal = new Measured();
  const f = await openPuppets({ journal });
  await watched(f, (await play(f, (self) => self.bank)) as AnyCap, 20, 2);
  const gate = (await play(
    f,
    (self, none: string) => {
      self.state['some'] = Array.from({ length: 8 }, () => self.make({ open: none }));
      return facet<typeof Puppet, 'session'>(self, 'session');
    },
    nothing,
  )) as AnyCap;
  await f.world.begin({ sid: 's', keyHash: '', keep: true, name: 'x' }, () => gate);
  for (let at = 0; at < 12; at += 1)
    await play(
      f,
      (self, body: string, n: number, label: string) =>
        ((self.state['some'] as Doll[])[n] as Doll).act(body, 1_000, label) ?? null,
      granting,
      at % 2,
      CONTROL.repeat(200),
    );
  await f.settle();
  // What comes while a commit is being written goes together.
  journal.hold();
  const before = play(f, (self) => void (self.state['held'] = true));
  for (let at = 0; at < 5; at += 1) await new Promise(setImmediate);
  const first = publishes(f, 36, CONTROL.repeat(1_000));
  const second = play(
    f,
    (self, publishes: string, sends: string, files: string) => {
      const control = '\u0001';
      (self.state['a'] as Doll).act(publishes, 50, control.repeat(1_000));
      const some = self.state['some'] as readonly Doll[];
      for (const each of some.slice(0, 7)) each.set('text', control.repeat(262_000));
      some[7]?.act(sends, some[7], 2, control.repeat(250_000));
      some[6]?.act(files, 3, control.repeat(20_000));
      for (let at = 0; at < 4; at += 1) emit(control.repeat(250_000));
      return null;
    },
    publishing,
    sending,
    filing,
  );
  while (f.world.statistics().sends < 3_441) await new Promise(setImmediate);
  journal.release();
  await Promise.all([before, first, second]);
  await f.settle();
  expect(journal.largest).toBeGreaterThan(55_000_000);
  expect(journal.largest).toBeLessThan(0.8 * ENTRY_MAX);
  await f.close();
});

const setting = act((self, me: Doll, times: number) => {
  for (let at = 0; at < times; at += 1) after(1_000_000 + at, me, 'look', [], { failed: [me, 'open'] });
  self.state['set'] = true;
}, 'room setting');

test('messages that say nothing do not gather without end while a commit is being written', async () => {
  const journal = new Measured();
  const f = await openPuppets({ journal });
  await f.settle();
  journal.hold();
  const turns = Array.from({ length: 31 }, () =>
    play(
      f,
      (self, sets: string) => {
        const doll = self.make();
        doll.act(sets, doll, 1_000);
        return null;
      },
      setting,
    ),
  );
  let before = -1;
  while (f.world.statistics().timers !== before) {
    before = f.world.statistics().timers;
    for (let at = 0; at < 20; at += 1) await new Promise(setImmediate);
  }
  expect(before).toBeGreaterThan(1_000);
  journal.release();
  await Promise.all(turns);
  expect(f.world.statistics().timers).toBe(31_000);
  expect(journal.largest).toBeLessThan(5_000_000);
  await f.close();
});
