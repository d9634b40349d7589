import type { AnyCap } from '../../engine/authoring.ts';
import { Powers } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

const WORKER = `class Worker extends Base {
  static facets = {
    owner: { work: M.call().returns(), set: M.call().returns(), stop: M.call().returns(), done: M.call().returns(M.number()) },
    self: { work: M.call().returns() },
  };
  #done = 0;
  #timer = 0;
  toRecord() { return { ...super.toRecord(), done: this.#done, timer: this.#timer }; }
  fromRecord(record) { super.fromRecord(record); this.#done = record.done; this.#timer = record.timer; }
  work() { this.#done += 1; }
  set() { this.#timer = after(10, facet(this, 'self'), 'work', []); }
  stop() { cancel(this.#timer); }
  done() { return this.#done; }
}`;

/** A stopwatch that goes on by `step` milliseconds at each look. */
class Slow extends Powers {
  step = 0;
  time = 0;
  override readonly stopwatch = (): number => (this.time += this.step);
}

describe('a timer whose object has used up its share of the processor', () => {
  let powers: Slow;
  let studio: Studio;
  let worker: AnyCap;
  beforeEach(async () => {
    powers = new Slow();
    studio = await openStudio({ powers, limits: { bankBurst: 100, bankShare: 10 } });
    const owner = await studio.save('Worker', WORKER);
    const bank = await studio.call(studio.bank, 'split', 50);
    worker = (await studio.call(owner, 'make', bank)) as AnyCap;
    await studio.call(worker, 'set');
    powers.step = 60;
    while ((await studio.code(worker, 'done')) === 'none');
    powers.step = 0;
    await studio.fixture.advance(10);
    powers.time += 60_000;
  });
  afterEach(() => studio.close());

  test('comes when it has some of it again, once', async () => {
    expect(await studio.call(worker, 'done')).toBe(0);
    await studio.fixture.advance(300);
    await studio.fixture.advance(300);
    expect(await studio.call(worker, 'done')).toBe(1);
    expect(studio.fixture.journal.contents().filter(([key]) => key.startsWith('t/'))).toEqual([]);
  });

  test('can be cancelled until then', async () => {
    await studio.call(worker, 'stop');
    await studio.fixture.advance(300);
    expect(await studio.call(worker, 'done')).toBe(0);
    await studio.fixture.settle();
    expect(studio.fixture.journal.contents().filter(([key]) => key.startsWith('t/'))).toEqual([]);
  });

  test('is not lost by a restart meanwhile', async () => {
    await studio.keep(worker);
    await studio.restart();
    await studio.fixture.advance(300);
    expect(await studio.call(await studio.kept(), 'done')).toBe(1);
  });
});

const SENDER = `class Sender extends Base {
  static facets = {
    owner: { sends: M.call(M.remotable(), M.string()).returns() },
  };
  sends(to, what) {
    send(to, 'hear', [what]);
    for (let calls = 0; calls < 100; calls += 1) to.heard();
  }
}`;
const HEARER = `class Hearer extends Base {
  static facets = {
    owner: { hear: M.call(M.string()).returns(), heard: M.call().returns(M.string()) },
  };
  #heard = '';
  toRecord() { return { ...super.toRecord(), heard: this.#heard }; }
  fromRecord(record) { super.fromRecord(record); this.#heard = record.heard; }
  hear(what) { this.#heard += what; }
  heard() { return this.#heard; }
}`;

describe.each([false, true])('sends of one object to another, evicting always: %s;', (evictAlways) => {
  test('keep their order when the first one has to wait, and the share is back before it is tried again', async () => {
    const powers = new Slow();
    const studio = await openStudio({ powers, evictAlways, limits: { bankBurst: 1_000, bankShare: 10 } });
    const senders = await studio.save('Sender', SENDER);
    await studio.save('Hearer', HEARER);
    const bank = await studio.call(studio.bank, 'split', 50);
    const sender = (await studio.call(senders, 'make', bank)) as AnyCap;
    const hearer = await studio.make('Hearer', 'hearer');
    // The turn that sends uses up the share of whoever pays for the sender, which its message then lacks.
    powers.step = 30;
    await studio.call(sender, 'sends', hearer, 'a');
    powers.step = 0;
    powers.time += 6_000_000;
    await studio.call(sender, 'sends', hearer, 'b');
    await studio.call(sender, 'sends', hearer, 'c');
    await studio.fixture.settle();
    expect(await studio.call(hearer, 'heard')).toBe('');
    await studio.fixture.advance(300);
    await studio.fixture.settle();
    expect(await studio.call(hearer, 'heard')).toBe('abc');
    expect(studio.fixture.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
    await studio.close();
  });
});
