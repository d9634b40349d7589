import { attenuate, create, type AnyCap } from '../../engine/authoring.ts';
import { objectKey } from '../../storage/keys.ts';
import type { Fixture } from './fixture.ts';
import { DAY, caching, filing, open, objects, balance, collect, collectForGood } from './garbage-fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, play, Puppet, type Doll } from './puppet.ts';

test('a bank that nobody holds gives what is left to the one above, after what it paid for has gone', async () => {
  const f = await open();
  const money = await balance(f);
  await f.world.run((invoke) => {
    const bank = invoke(f.world.roots.bank, 'split', [100]);
    const spend = invoke(bank as AnyCap, 'spending', []);
    invoke(f.world.roots.gate, 'act', [
      act((self, own) => void self.make({ bank: own }), 'garbage spend'),
      spend,
    ]);
  });
  await f.settle();
  await collectForGood(f);
  expect(await balance(f)).toBe(money);
  await f.close();
});

test('a bank stays as long as what it has paid for', async () => {
  const f = await open();
  await f.world.run((invoke) => {
    const bank = invoke(f.world.roots.bank, 'split', [100]);
    const spend = invoke(bank as AnyCap, 'spending', []);
    invoke(f.world.roots.gate, 'act', [
      act((self, own: never) => void (self.state['own'] = create(own, Puppet)), 'garbage own'),
      spend,
    ]);
  });
  await f.settle();
  expect(await collectForGood(f)).toMatchObject({ removed: 0 });
  await f.close();
});

/** Splits a bank off, and gives it to what `body` names. */
async function withBankOfItsOwn(f: Fixture, body: string, ...args: readonly unknown[]): Promise<void> {
  await f.world.run((invoke) => {
    const bank = invoke(f.world.roots.bank, 'split', [100]);
    const spend = invoke(bank as AnyCap, 'spending', []);
    invoke(f.world.roots.gate, 'act', [body, spend, ...args]);
  });
  await f.settle();
}

test('what cannot be removed keeps the bank that has paid for it', async () => {
  const f = await open();
  const body = act((self, own: never) => {
    const filer = create(own, Puppet) as unknown as Doll;
    filer.act(filing, self.make(), 3);
  }, 'garbage filing at its own cost');
  await withBankOfItsOwn(f, body);
  const before = objects(f);
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const second = [...contents.keys()].filter((key) => key.startsWith('e/'))[1] as string;
  contents.delete(second);
  const next = await open({ journal: new MemoryJournal(contents) });
  await collectForGood(next);
  const isBank = (id: string): boolean => contents.get(objectKey(id))?.includes('"class":"Bank"') === true;
  expect(objects(next).filter(isBank)).toEqual(before.filter(isBank));
  await next.world.close();
});

test('garbage that still has time keeps the bank that has paid for it, which gets that back', async () => {
  const f = await open();
  await play(f, (self) => void (self.state['keeper'] = self.make()));
  const money = await balance(f);
  const giving = act((self, own: AnyCap, body: string) => {
    (self.state['keeper'] as Doll).act(body, own);
  }, 'garbage giving');
  await withBankOfItsOwn(f, giving, caching);
  await collect(f);
  const buying = act((self) => void create(self.cache as never, Puppet), 'garbage buying');
  await play(f, (self, body: string) => (self.state['keeper'] as Doll).act(body) ?? null, buying);
  f.powers.now += DAY;
  expect(await collect(f)).toMatchObject({ removed: 0, waiting: 2 });
  f.powers.now += DAY;
  expect(await collect(f)).toMatchObject({ removed: 2, waiting: 0 });
  expect(await balance(f)).toBe(money);
  await f.close();
});

test('what is too much for one turn together goes one by one', async () => {
  const lent = 20;
  const f = await open({ limits: { turnObjects: lent + 8 } });
  const before = objects(f);
  const lending = act((_self, it: Doll) => void attenuate(it, { only: ['look'], for: 'somebody' }));
  const lend = act((self, own: never) => {
    const lender = create(own, Puppet) as unknown as Doll;
    lender.act(lending, self.make());
    (self.state['lenders'] as Doll).set(`${Object.keys(self.state).length} ${Math.random()}`, lender);
  });
  await play(f, (self) => {
    self.state['lenders'] = self.make();
    return null;
  });
  for (let at = 0; at < lent; at += 1) await withBankOfItsOwn(f, lend);
  // Each of them was lent at the cost of another bank, and all of these are to get that back.
  expect(await collectForGood(f)).toMatchObject({ removed: lent, waiting: 0 });
  expect(objects(f)).toHaveLength(before.length + 1 + 2 * lent);
  await f.close();
});
