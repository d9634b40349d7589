import { attenuate, classOf, revoke, type AnyCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import type { Account } from '../../engine/meter.ts';
import { openTurn } from '../../engine/open-turn.ts';
import { Shares } from '../../engine/shares.ts';
import { hostMessage } from '../../engine/stored-message.ts';
import type { ObjectId } from '../../wrappers/names.ts';
import { Powers } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

const WORKER = `class Worker extends Base {
  static facets = {
    owner: {
      work: M.call().returns(M.number()),
      through: M.call(M.remotable()).returns(M.number()),
      later: M.call().returns(),
      asks: M.call(M.remotable()).returns(),
      asksTwice: M.call(M.remotable()).returns(),
      twice: M.call(M.remotable()).returns(),
      done: M.call().returns(M.number()),
    },
    self: { work: M.call().returns(M.number()) },
  };
  #done = 0;
  toRecord() { return { ...super.toRecord(), done: this.#done }; }
  fromRecord(record) { super.fromRecord(record); this.#done = record.done; }
  work() { this.#done += 1; return this.#done; }
  through(other) { return other.done(); }
  later() { send(facet(this, 'self'), 'work', []); }
  asks(other) { send(other, 'work', []); }
  asksTwice(other) { send(facet(this, 'owner'), 'twice', [other]); }
  twice(other) { other.work(); other.work(); }
  done() { return this.#done; }
}`;

/** A stopwatch that goes on by `step` milliseconds at each look. */
class Slow extends Powers {
  step = 0;
  time = 0;
  override readonly stopwatch = (): number => (this.time += this.step);
}

let powers: Slow;
let studio: Studio;
let owner: AnyCap;
let bank: BankOwner;

async function open(evictAlways = false): Promise<void> {
  powers = new Slow();
  studio = await openStudio({ powers, evictAlways, limits: { bankBurst: 100, bankShare: 10 } });
  owner = await studio.save('Worker', WORKER);
  bank = (await studio.call(studio.bank, 'split', 50)) as BankOwner;
}

beforeEach(() => open());
afterEach(() => studio.close());

async function worker(payer: AnyCap): Promise<AnyCap> {
  return (await studio.call(owner, 'make', payer)) as AnyCap;
}

test('the objects of a bank go on while it has some of its share, and are refused when it has none', async () => {
  const made = await worker(bank);
  powers.step = 20;
  let calls = 0;
  while ((await studio.code(made, 'work')) === 'none') calls += 1;
  expect(calls).toBeGreaterThan(0);
  powers.step = 0;
  expect(await studio.code(made, 'work')).toBe('TooBusy');
  expect(await studio.code(owner, 'make', bank)).toBe('TooBusy');
  powers.time += 10_000;
  expect(await studio.call(made, 'work')).toBe(calls + 1);
});

test('nothing of it runs while it is refused, not even what brings it back from its record', async () => {
  await studio.close();
  await open(true);
  const made = await worker(bank);
  const few = await studio.fixture.world.run(() => attenuate(made, { uses: 9 }));
  powers.step = 20;
  while ((await studio.code(made, 'work')) === 'none');
  powers.step = 0;
  const { storage } = studio.fixture.world.roots;
  const calls = async (): Promise<unknown> =>
    ((await studio.call(storage, 'accounts')) as readonly Account[]).find(
      ({ className }) => className === 'Worker',
    )?.calls;
  const before = await calls();
  const refused = async (): Promise<void> => {
    for (const each of [made, few, few, made]) expect(await studio.code(each, 'work')).toBe('TooBusy');
    expect(await calls()).toBe(before);
  };
  await refused();
  const { world } = studio.fixture;
  const less = await world.run(() => attenuate(made, { for: 'a friend' }));
  const last = await world.run(() => attenuate(made, { for: 'another one' }));
  await world.run(() => {
    revoke(made, less);
  });
  expect(await studio.code(less, 'work')).toBe('Revoked');
  await refused();
  // Of another version it has to be upgraded first.
  await studio.save('Worker', `${WORKER.slice(0, -1)} static upgrade(record) { return record; } }`);
  await refused();
  await expect(world.run(() => classOf(made).version)).rejects.toMatchObject({ code: 'TooBusy' });
  await expect(world.run(() => attenuate(made, {}))).rejects.toMatchObject({ code: 'TooBusy' });
  // Whoever keeps his bank busy keeps nobody from taking back what he has given.
  await world.run(() => {
    revoke(made, last);
  });
  await refused();
  powers.time += 60_000;
  expect(await studio.code(made, 'work')).toBe('none');
});

test('those of another bank, and of the world itself, are not held up', async () => {
  const busy = await worker(bank);
  const other = await worker((await studio.call(studio.bank, 'split', 50)) as AnyCap);
  const first = await worker(studio.bank);
  powers.step = 60;
  while ((await studio.code(busy, 'work')) === 'none');
  expect(await studio.call(other, 'work')).toBe(1);
  for (let n = 1; n < 30; n += 1) expect(await studio.call(first, 'work')).toBe(n);
});

test('what an object has others do counts as its own', async () => {
  const busy = await worker(bank);
  const other = await worker((await studio.call(studio.bank, 'split', 50)) as AnyCap);
  powers.step = 60;
  while ((await studio.code(busy, 'through', other)) === 'none');
  powers.step = 0;
  expect(await studio.code(busy, 'done')).toBe('TooBusy');
  expect(await studio.code(other, 'work')).toBe('none');
});

test('what objects of the world itself have others do counts as theirs, for nothing else would bound it', async () => {
  const busy = await worker(bank);
  const other = await worker((await studio.call(studio.bank, 'split', 50)) as AnyCap);
  const asker = await worker(studio.bank);
  powers.step = 20;
  for (let n = 0; n < 30; n += 1) await studio.call(asker, 'asks', busy);
  await studio.fixture.settle();
  powers.step = 0;
  await studio.call(asker, 'asks', other);
  await studio.fixture.settle();
  expect(await studio.call(other, 'done')).toBe(1);
  powers.time += 60_000;
  expect(await studio.call(busy, 'done')).toBeLessThan(20);
  await studio.fixture.advance(300);
  expect(await studio.call(busy, 'done')).toBe(30);
});

test('also what it calls in a turn of its own, with what that shows', async () => {
  const busy = await worker(bank);
  const asker = await worker(studio.bank);
  powers.step = 20;
  let calls = 0;
  while (calls < 30 && (await studio.code(asker, 'through', busy)) === 'none') calls += 1;
  expect(calls).toBeLessThan(20);
  powers.step = 0;
  expect([await studio.code(busy, 'done'), await studio.code(asker, 'work')]).toEqual(['TooBusy', 'none']);
});

test.each(['class Plain extends Base {}', 'class Plain extends Base {} now'])(
  'to have a class saved costs its bank, whatever comes of it (%s)',
  async (source) => {
    const { classes } = studio.fixture.world.roots;
    const first = 'class Plain extends Base {}';
    const plain = (await studio.call(classes, 'define', bank, 'Ada', 'Plain', first, {})) as AnyCap;
    powers.step = 20;
    let saves = 0;
    while (saves < 50 && (await studio.code(plain, 'save', source, {})) !== 'TooBusy') saves += 1;
    expect(saves).toBeLessThan(10);
    powers.step = 0;
    expect(await studio.code(owner, 'save', WORKER, {})).toBe('none');
    powers.time += 60_000;
    expect(await studio.code(plain, 'save', first, {})).toBe('none');
  },
);

test('a bank that was split off from another has no share of its own, however often it was split', async () => {
  const busy = await worker(bank);
  const child = (await studio.call(bank, 'split', 20)) as BankOwner;
  const below = await worker((await studio.call(child, 'split', 5)) as AnyCap);
  powers.step = 20;
  while ((await studio.code(busy, 'work')) === 'none');
  powers.step = 0;
  expect(await studio.code(below, 'work')).toBe('TooBusy');
  powers.time += 60_000;
  powers.step = 20;
  while ((await studio.code(below, 'work')) === 'none');
  powers.step = 0;
  expect(await studio.code(busy, 'work')).toBe('TooBusy');
});

test('to write down what has changed of an object uses the share of its bank', async () => {
  const made = await worker(bank);
  // Its hooks are looked into at first.
  for (let n = 0; n < 30; n += 1) await studio.call(made, 'work');
  const calls = async (method: string): Promise<number> => {
    powers.time += 60_000;
    powers.step = 5;
    let count = 0;
    while ((await studio.code(made, method)) === 'none') count += 1;
    powers.step = 0;
    return count;
  };
  const reading = await calls('done');
  expect(await calls('work')).toBeLessThan(reading);
});

test('what is left to do by a bank that was taken back has its share no longer than before', async () => {
  const child = (await studio.call(bank, 'split', 20)) as BankOwner;
  const made = await worker(child);
  await studio.call(bank, 'reclaim', child);
  powers.step = 20;
  while ((await studio.code(made, 'work')) === 'none');
  powers.step = 0;
  expect(await studio.code(await worker(studio.bank), 'work')).toBe('none');
  expect(await studio.code(made, 'work')).toBe('TooBusy');
});

test('banks are split off from one another so many deep, and no deeper', async () => {
  const { bankDepth } = WORLD_LIMITS;
  let lowest: AnyCap = (await studio.call(studio.bank, 'split', 1_000)) as AnyCap;
  for (let depth = 1; depth < bankDepth; depth += 1)
    lowest = (await studio.call(lowest, 'split', 900 - depth * 20)) as AnyCap;
  expect(await studio.code(lowest, 'split', 1)).toBe('TooMany');
  expect(await studio.call(lowest, 'balance')).toBe(900 - (bankDepth - 1) * 20);
});

test('what was sent to it waits, and is done when it has some of its share again', async () => {
  const made = await worker(bank);
  await studio.call(made, 'later');
  await studio.fixture.settle();
  expect(await studio.call(made, 'done')).toBe(1);
  await studio.call(made, 'later');
  powers.step = 60;
  while ((await studio.code(made, 'done')) === 'none');
  powers.step = 0;
  await studio.fixture.advance(1);
  powers.time += 60_000;
  await studio.fixture.advance(300);
  expect(await studio.call(made, 'done')).toBe(2);
});

test('a message of the world’s own that calls objects of one bank, and takes more than its share, is done all the same', async () => {
  const busy = await worker(bank);
  const asker = await worker(studio.bank);
  powers.step = 120;
  await studio.call(asker, 'asksTwice', busy);
  await studio.fixture.settle();
  for (let n = 0; n < 20; n += 1) {
    powers.time += 60_000;
    await studio.fixture.advance(300);
  }
  powers.step = 0;
  powers.time += 60_000;
  expect(await studio.call(busy, 'done')).toBe(2);
  expect(studio.fixture.world.statistics().sends).toBe(0);
});

test('what the host tells one that has used up his share does not hold up what it tells another', async () => {
  const busy = await worker(bank);
  const other = await worker((await studio.call(studio.bank, 'split', 50)) as AnyCap);
  powers.step = 60;
  let done = 0;
  while ((await studio.code(busy, 'work')) === 'none');
  while ((await studio.code(other, 'work')) === 'none') done += 1;
  powers.step = 0;
  await studio.fixture.world.run(() => {
    const turn = openTurn();
    for (const to of [busy, other])
      turn.doings.send(hostMessage(turn.host.messageNumber(turn), to, 'work', []));
  });
  await studio.fixture.advance(1);
  powers.time += 60_000;
  powers.step = 60;
  while ((await studio.code(busy, 'work')) === 'none');
  powers.step = 0;
  await studio.fixture.advance(300);
  expect(await studio.call(other, 'done')).toBe(done + 1);
});

test('banks that came of one another, by the hand of whoever edited them, do not hold the world up', () => {
  const above = (bank: string): ObjectId => (bank === 'o1' ? 'o2' : 'o1') as ObjectId;
  const shares = new Shares({ bankBurst: 1, bankShare: 1, shareCharacters: 1, above });
  expect(shares.isUsedUp('o1' as ObjectId, 0)).toBe(false);
});
