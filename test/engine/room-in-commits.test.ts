import { publish, watch, type AnyCap } from '../../engine/authoring.ts';
import { ENTRY_MAX, packEntry } from '../../storage/journal/entry.ts';
import type { Op } from '../../storage/store.ts';
import type { Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

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
  expect(journal.largest).toBeLessThan(ENTRY_MAX / 2);
  await f.close();
});
