import { MemoryJournal } from './memory-journal.ts';
import { openPuppets } from './puppet.ts';

test('a world knows when it last looked for garbage, also after a restart', async () => {
  const f = await openPuppets({});
  expect(f.world.lastCollection).toBeNull();
  f.powers.now += 5_000;
  await f.world.collect();
  const when = f.powers.now;
  expect(f.world.lastCollection).toBe(when);
  await f.close();

  f.journal.tamper('meta/collected', '{"began":"never"}');
  const damaged = await openPuppets({ journal: new MemoryJournal(new Map(f.journal.contents())) });
  expect(damaged.world.lastCollection).toBeNull();
  await damaged.close();
});

test('one that ends with the process counts: the next process does not begin with it', async () => {
  const f = await openPuppets({});
  f.journal.hold();
  const underWay = f.world.collect();
  const when = f.powers.now;
  await new Promise((resolve) => setImmediate(resolve));
  const found = new Map(f.journal.contents());
  f.journal.release();
  const next = await openPuppets({ journal: new MemoryJournal(found) });
  expect(next.world.lastCollection).toBe(when);
  await underWay;
  await Promise.all([f.close(), next.close()]);
});
