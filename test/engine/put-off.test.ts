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
