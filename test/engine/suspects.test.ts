import { after, emit, facet, onRestart, type AnyCap } from '../../engine/authoring.ts';
import { parseRunning } from '../../engine/running-job.ts';
import { StoreError } from '../../storage/errors.ts';
import { MemoryJournal } from './memory-journal.ts';
import { openFixture, Powers, type Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll, type Puppet } from './puppet.ts';
import { openStudio } from './studio.ts';
import { itemsOf } from '../items-of.ts';

const SENDER = `class Sender extends Base {
  static facets = {
    owner: { start: M.call().returns(), count: M.call().returns(M.number()) },
    self: { hit: M.call().returns() },
  };
  #hits = 0;
  toRecord() { return { ...super.toRecord(), hits: this.#hits }; }
  fromRecord(record) { super.fromRecord(record); this.#hits = record.hits; }
  start() { after(1000, facet(this, 'self'), 'hit', []); }
  hit() { this.#hits += 1; }
  count() { return this.#hits; }
}`;

/** A world whose sender has sent itself a message that has not been delivered yet, as a crash leaves it. */
async function withPending(): Promise<{
  crash: () => Promise<Fixture>;
  number: number;
  id: string;
  sender: string;
}> {
  const studio = await openStudio();
  await studio.save('Sender', SENDER);
  const sender = await studio.make('Sender');
  const { fixture } = studio;
  const before = fixture.journal.states;
  await studio.call(sender, 'start');
  const text = fixture.world.slotText(sender);
  await fixture.settle();
  const stored = fixture.journal.crash(before).contents();
  const [key = ''] = stored.find(([each]) => each.startsWith('t/')) ?? [];
  const crash = () => fixture.crash(before);
  await studio.close();
  return { crash, number: Number(key.split('/')[2]), id: /o\d+/.exec(text)?.[0] ?? '', sender: text };
}

async function reopened(
  of: Fixture,
  lastRunning: string | null,
  state?: number,
  { lastOwnDoing = false, powers = new Powers() } = {},
): Promise<Fixture> {
  const { Base, Private, Shelf } = await import('./studio.ts');
  return openFixture({
    classes: [Base, Private, Shelf],
    shared: [Base],
    genesis: () => {
      throw new Error('there is a world already');
    },
    powers,
    journal: of.journal.crash(state),
    lastRunning,
    lastOwnDoing,
  });
}

test('a message that was running at one death is tried once more, and at two is set aside with its object', async () => {
  const { crash, number, id, sender } = await withPending();
  const died = await crash();
  const once = await reopened(died, `m ${number} ${id}`, 0);
  const suspected = once.journal.states;
  await once.advance(1000);
  expect(await once.call(once.world.capabilityFrom(sender), 'count')).toBe(1);

  const twice = await reopened(once, `m ${number} ${id}`, suspected - 1);
  await twice.advance(1000);
  expect(twice.powers.events).toContainEqual(expect.objectContaining({ what: 'killer', id }));
  const { world } = twice;
  await expect(twice.call(world.capabilityFrom(sender), 'count')).rejects.toMatchObject({ code: 'SetAside' });
  await twice.call(world.roots.storage, 'mend', world.capabilityFrom(sender));
  expect(await twice.call(world.capabilityFrom(sender), 'count')).toBe(0);
  const dead = twice.journal.contents().filter(([key]) => key.startsWith('dead/'));
  expect(dead).toHaveLength(1);
  for (const each of [died, once, twice]) await each.close();
});

describe('an object whose code was running at two deaths, as when somebody came in or went', () => {
  async function judged(
    ...lasts: readonly (readonly [running: string, ownDoing: boolean])[]
  ): Promise<string> {
    const studio = await openStudio();
    await studio.save('Sender', SENDER);
    const sender = await studio.make('Sender');
    const slot = studio.fixture.world.slotText(sender);
    const id = /o\d+/.exec(slot)?.[0] ?? '';
    for (const [running, lastOwnDoing] of lasts)
      await studio.restart({ lastRunning: running.replace('ID', id), lastOwnDoing });
    const code = await studio.code(studio.fixture.world.capabilityFrom(slot), 'count');
    await studio.close();
    return code;
  }

  test('is set aside', async () => {
    expect(await judged(['host ID', true])).toBe('none');
    expect(await judged(['host ID', true], ['host ID', true])).toBe('SetAside');
    expect(await judged(['host o9999', true], ['host ID', true])).toBe('SetAside');
    expect(await judged(['host ID', false], ['host ID', false])).toBe('SetAside');
  });

  test('is not, if somebody else killed the process when other code ran, or if none did', async () => {
    expect(await judged(['host o9999', false], ['host ID', false])).toBe('none');
    expect(await judged(['host ID', true], ['', true], ['host ID', true])).toBe('none');
    expect(await judged(['host -', true], ['host ID', true])).toBe('none');
  });
});

test('whoever pays for what kills the process has to wait, also if it was made by the turn that died, or is another one each time', async () => {
  for (const [first, second] of [
    ['BANK', 'BANK'],
    ['ONE', 'TWO'],
    ['BANK', 'TWO'],
  ] as const) {
    const studio = await openStudio();
    await studio.save('Sender', SENDER);
    const bank = (await studio.call(studio.bank, 'split', 50)) as AnyCap;
    const owner = await studio.call(studio.fixture.world.roots.storage, 'classOwner', 'Sender');
    const made = [bank];
    for (let n = 0; n < 2; n += 1) made.push((await studio.call(owner as AnyCap, 'make', bank)) as AnyCap);
    await studio.keep(made);
    const slots = made.map((each) => studio.fixture.world.slotText(each));
    const ids = slots.map((slot) => /o\d+/.exec(slot)?.[0] ?? '');
    const running = (which: string): string => `host ${ids[['BANK', 'ONE', 'TWO'].indexOf(which)]}`;
    await studio.restart({ lastRunning: running(first), lastOwnDoing: true });
    const [, one = '', two = ''] = slots;
    expect(await studio.code(studio.fixture.world.capabilityFrom(one), 'count')).toBe('none');
    await studio.restart({ lastRunning: running(second), lastOwnDoing: true });
    expect(await studio.code(studio.fixture.world.capabilityFrom(one), 'count')).toBe('TooBusy');
    const isAside = second === 'TWO' ? 'SetAside' : 'TooBusy';
    expect(await studio.code(studio.fixture.world.capabilityFrom(two), 'count')).toBe(isAside);
    expect(await studio.code(studio.fixture.world.capabilityFrom(slots[0] ?? ''), 'balance')).toBe('none');
    await studio.close();
  }
});

describe('a line that was running at two deaths', () => {
  const hearing = act((self, line: string) => {
    self.state['heard'] = [...(self.state['heard'] as string[]), line];
    emit(`heard ${line}`);
  }, 'suspects command');
  const sessionOf = act((self) => facet<typeof Puppet, 'session'>(self, 'session'), 'suspects session');

  async function withSession(): Promise<Fixture> {
    const f = await openPuppets();
    await play(f, (self) => void Object.assign(self.state, { command: hearing, heard: [] }));
    await f.world.begin(
      { sid: 's', keyHash: 'hash', keep: true, name: 'Ann' },
      (invoke) => invoke(f.world.roots.gate, 'act', [sessionOf]) as object,
    );
    return f;
  }

  test('is not done, and those before it, which died with it, are', async () => {
    let f = await withSession();
    for (const last of ['in s 3 o99', 'in s 3 o99', '', 'in s 5 o99', 'in s 5 o99']) {
      const { journal } = f;
      await f.world.close();
      f = await openPuppets({ journal: journal.crash(), lastRunning: last });
    }
    for (const n of [1, 2, 3, 4, 5]) f.world.input('s', n, String(n));
    await f.settle();
    expect(await play(f, (self) => self.state['heard'])).toEqual(['1', '2', '4']);
    expect(f.outs.flatMap(itemsOf)).toEqual([
      'heard 1',
      'heard 2',
      expect.stringContaining('[SetAside]'),
      'heard 4',
      expect.stringContaining('[SetAside]'),
    ]);
    expect(JSON.parse(f.journal.get('s/s') ?? '')).not.toHaveProperty('refused');
    await f.close();
  });

  test.each([
    [true, 'SetAside'],
    [false, 'none'],
  ])(
    'need not be the same one for an object to be set aside, if nobody else killed the process (%s)',
    async (lastOwnDoing, code) => {
      let f = await withSession();
      await f.world.begin(
        { sid: 't', keyHash: 'hash', keep: false, name: 'Ann' },
        (invoke) => invoke(f.world.roots.gate, 'act', [sessionOf]) as object,
      );
      await play(f, (self) => void (self.state['doll'] = self.make()));
      const slot = f.world.slotText((await play(f, (self) => self.state['doll'])) as object);
      for (const sid of ['s', 't']) {
        const { journal } = f;
        await f.world.close();
        const lastRunning = `in ${sid} 1 ${/o\d+/.exec(slot)?.[0]}`;
        f = await openPuppets({ journal: journal.crash(), lastRunning, lastOwnDoing });
      }
      expect(await codeOf(f.call(f.world.capabilityFrom(slot), 'look'))).toBe(code);
      await f.close();
    },
  );
});

test('whoever is told of it is told once, also where much is to be told of the start', async () => {
  const f = await openPuppets();
  const counting = act((self) => void (self.state['told'] = Number(self.state['told'] ?? 0) + 1));
  const registering = act((_self, it: Doll) => {
    onRestart('much', it, 'look', { args: ['x'.repeat(1_000)] });
    after(60_000, it, 'look', []);
  });
  const [listener, killer] = (await play(
    f,
    (self, counts: string, registers: string) => {
      self.state['killer'] = self.make();
      (self.state['killer'] as Doll).act(registers, self.state['killer']);
      self.state['listener'] = self.make({ open: counts });
      return [self.state['listener'], self.state['killer']];
    },
    counting,
    registering,
  )) as [AnyCap, AnyCap];
  await f.call(f.world.roots.bank, 'reports', listener, 'open');
  await f.settle();
  const id = /o\d+/.exec(f.world.slotText(killer))?.[0] ?? '';
  const [timer = ''] = f.journal.contents().find(([key]) => key.startsWith('t/')) ?? [];
  const more = { lastRunning: `m ${Number(timer.split('/')[2])} ${id}`, limits: { gatheredCharacters: 1 } };
  const once = await openPuppets({ ...more, journal: f.journal.crash() });
  const twice = await openPuppets({ ...more, journal: once.journal.crash() });
  await twice.settle();
  expect(twice.world.statistics().aside).toBe(1);
  expect(await play(twice, (self) => (self.state['listener'] as Doll).get('told'))).toBe(1);
  for (const each of [f, once, twice]) await each.close();
});

test('what was over before the process died is not suspected', async () => {
  const { crash, number, id } = await withPending();
  const died = await crash();
  await died.advance(1000);
  const next = await reopened(died, `m ${number} ${id}`);
  expect(next.journal.get('meta/suspect')).toBeUndefined();
  expect(next.powers.events).toEqual([]);
  await died.close();
  await next.close();
});

describe('a message that kills the process where no code of the world is known to run', () => {
  class Noting extends Powers {
    time = 0;
    readonly notes: (string | null)[] = [];
    override readonly stopwatch = (): number => this.time;
    override readonly noteRunning = (running: string | null): void => void this.notes.push(running);
  }

  test('is noted in the first minute after a death, and not otherwise', async () => {
    const { crash, number, sender } = await withPending();
    const died = await crash();
    for (const last of [null, '']) {
      const powers = new Noting();
      const next = await reopened(died, last, 0, { powers });
      await next.advance(1000);
      expect(powers.notes.includes(`m ${number} -`)).toBe(last !== null);
      powers.notes.length = 0;
      await next.call(next.world.roots.bank, 'balance');
      expect(powers.notes).toEqual(last === null ? [] : ['host -', null]);
      powers.time += 60_001;
      await next.call(next.world.roots.bank, 'balance'); // the last one
      powers.notes.length = 0;
      await next.call(next.world.roots.bank, 'balance');
      expect(powers.notes).toEqual([]);
      await next.call(next.world.capabilityFrom(sender), 'count');
      expect(powers.notes).toEqual([expect.stringMatching(/^host o/), null]);
      await next.close();
    }
    await died.close();
  });

  test('is tried again if somebody else killed the process, and set aside if that was its own doing', async () => {
    const { crash, number, sender } = await withPending();
    const died = await crash();
    for (const [ownDoing, count] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const next = await reopened(died, `m ${number} -`, 0, { lastOwnDoing: ownDoing });
      await next.advance(1000);
      expect(await next.call(next.world.capabilityFrom(sender), 'count')).toBe(count);
      const dead = next.journal.contents().filter(([key]) => key.startsWith('dead/'));
      expect(dead).toHaveLength(ownDoing ? 1 : 0);
      await next.close();
    }
    await died.close();
  });
});

test.each([
  '',
  'm',
  'm 17',
  'm x o17',
  'in s o17',
  'in s 0 o17',
  'host',
  'host o0',
  'm 1 o17 more',
  'x 1 o17',
])('a torn note names nothing: %j', (text) => {
  expect(parseRunning(text)).toBeUndefined();
});

test('a note names what it was written for', () => {
  expect(parseRunning('m 17 o4')).toEqual({ job: { kind: 'message', number: 17 }, object: 'o4' });
  expect(parseRunning('in ab-c 3 o4')).toEqual({ job: { kind: 'input', sid: 'ab-c', n: 3 }, object: 'o4' });
  expect(parseRunning('host o4')).toEqual({ job: { kind: 'host' }, object: 'o4' });
  expect(parseRunning('m 17 -')).toEqual({ job: { kind: 'message', number: 17 }, object: null });
});

test.each(['meta/suspect', 'meta/penalties'])(
  'a damaged %s is told and forgotten, and keeps no world from starting',
  async (key) => {
    class Damaging extends MemoryJournal {
      override get(asked: string): string | undefined {
        const value = super.get(asked);
        if (value !== 'damaged') return value;
        throw new StoreError('Damaged', `the value of key "${asked}" is damaged`);
      }
      override crash(): MemoryJournal {
        return this;
      }
    }
    const { crash } = await withPending();
    const of = await crash();
    const journal = new Damaging(new Map([...of.journal.contents(), [key, 'damaged']]));
    const powers = new Powers();
    const again = await reopened({ ...of, journal }, null, undefined, { powers });
    expect(powers.events).toContainEqual({
      what: 'damaged',
      id: key,
      message: `the value of key "${key}" is damaged`,
    });
    await again.settle();
    expect(journal.get(key)).toBeUndefined();
    await again.close();
  },
);
