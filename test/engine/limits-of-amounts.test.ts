import type { AnyCap } from '../../engine/authoring.ts';
import type { WorldLimits } from '../../engine/limits.ts';
import { genuineError } from '../../wrappers/errors.ts';
import { Asides } from '../../engine/asides.ts';
import { Queue } from '../../engine/queue.ts';
import type { Wrapper } from '../../wrappers/wrapper.ts';
import { openStudio, type Studio } from './studio.ts';

/** Does as much of something as it is told. */
const HOARDER = `class Hoarder extends Base {
  static facets = {
    owner: {
      keep: M.call(M.number()).returns(),
      entries: M.call(M.number(), M.number()).returns(),
      send: M.call(M.number(), M.number()).returns(),
      wait: M.call(M.number(), M.number()).returns(),
    },
    self: { note: M.call(M.string()).returns() },
  };
  #kept = '';
  toRecord() { return { ...super.toRecord(), kept: this.#kept }; }
  fromRecord(record) { super.fromRecord(record); this.#kept = record.kept; }
  keep(length) { this.#kept = 'x'.repeat(length); }
  entries(many, length) {
    const all = collection(this, 'all');
    for (let n = 0; n < many; n += 1) all.set('key ' + n, 'x'.repeat(length));
  }
  send(many, length) {
    for (let n = 0; n < many; n += 1) send(facet(this, 'self'), 'note', ['x'.repeat(length)]);
  }
  wait(many, length) {
    for (let n = 0; n < many; n += 1) after(1_000_000, facet(this, 'self'), 'note', ['x'.repeat(length)]);
  }
  note() {}
}`;

let studio: Studio;
let hoarder: AnyCap;

async function open(limits: Partial<WorldLimits>): Promise<void> {
  studio = await openStudio({ limits });
  await studio.save('Hoarder', HOARDER);
  hoarder = await studio.make('Hoarder');
}
afterEach(() => studio.close());

const answers = (method: string, ...args: number[]): Promise<string> => studio.code(hoarder, method, ...args);

test('turnRecordCharacters: what all changed records of a turn may hold', async () => {
  await open({ turnRecordCharacters: 10_000 });
  expect(await answers('keep', 9_000)).toBe('none');
  expect(await answers('keep', 10_001)).toBe('TooMany');
});

test('turnWrites: the entries that a turn may write', async () => {
  await open({ turnWrites: 20 });
  expect(await answers('entries', 5, 1)).toBe('none');
  expect(await answers('entries', 30, 1)).toBe('TooMany');
});

test('turnWriteCharacters: what they may hold', async () => {
  await open({ turnWriteCharacters: 10_000 });
  expect(await answers('entries', 1, 5_000)).toBe('none');
  expect(await answers('entries', 1, 10_001)).toBe('TooMany');
});

test('turnSendCharacters: what a turn may send', async () => {
  await open({ turnSendCharacters: 10_000 });
  expect(await answers('send', 4, 2_000)).toBe('none');
  expect(await answers('send', 6, 2_000)).toBe('TooMany');
});

test('objectMessages: what one object has waiting, over many turns', async () => {
  await open({ objectMessages: 10 });
  expect(await answers('wait', 6, 1)).toBe('none');
  expect(await answers('wait', 4, 1)).toBe('none');
  expect(await answers('wait', 1, 1)).toBe('TooMany');
  const other = await studio.make('Hoarder');
  expect(await studio.code(other, 'wait', 1, 1)).toBe('none');
  await studio.fixture.advance(1_000_000);
  expect(await answers('wait', 1, 1)).toBe('none');
});

test('objectMessageCharacters: and how much that is', async () => {
  await open({ objectMessageCharacters: 10_000 });
  expect(await answers('wait', 4, 2_000)).toBe('none');
  expect(await answers('wait', 1, 3_000)).toBe('none');
  expect(await answers('wait', 1, 1)).toBe('TooMany');
});

test('classVersions: the history of a class', async () => {
  await open({ classVersions: 3 });
  await studio.save('Hoarder', `${HOARDER} // 2`);
  const owner = await studio.save('Hoarder', `${HOARDER} // 3`);
  expect(await studio.code(owner, 'save', `${HOARDER} // 4`, {})).toBe('TooMany');
  expect(await studio.call(owner, 'current')).toBe(3);
});

test('gatheredCharacters: no job runs while as much waits to be written, and all run in the end', async () => {
  await open({ gatheredCharacters: 1_000 });
  await Promise.all(Array.from({ length: 20 }, (_, n) => studio.call(hoarder, 'keep', 2_000 + n)));
  const soon: (() => void)[] = [];
  let full = false;
  const ran: number[] = [];
  const queue = new Queue({
    clock: () => 0,
    starved: () => false,
    soon: (job) => void soon.push(job),
    guard: (body) => (body(), true),
    isHeld: () => full,
    onStopped: () => genuineError('OutOfTime', 'stopped'),
    afterRun: () => {},
  });
  for (const n of [1, 2, 3])
    queue.add('asked', { run: () => void (ran.push(n), (full = n === 2)), stopped: () => {} });
  while (soon.length > 0) soon.shift()?.();
  expect(ran).toEqual([1, 2]);
  full = false;
  queue.wake();
  while (soon.length > 0) soon.shift()?.();
  expect(ran).toEqual([1, 2, 3]);
});

test('offenceWindow and offencesBeforeAside: offences that lie too far apart do not add up', async () => {
  await open({});
  const asides = new Asides({ write: () => {}, offencesBeforeAside: 2, offenceWindow: 1_000 });
  const error = genuineError('OutOfTime', 'too long');
  const wrapper = { id: 'o17', spec: { name: 'Clock' }, bank: null } as unknown as Wrapper;
  expect(asides.offend(wrapper, error, 0)).toBe(false);
  expect(asides.offend(wrapper, error, 1_000)).toBe(false);
  expect(asides.offend(wrapper, error, 1_999)).toBe(true);
});
