import { deadKey, metaKey } from '../../storage/keys.ts';
import { after, cancel, destroy, fail, offRestart, onRestart, send } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { Powers, type FixtureOptions, type Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

/** What every puppet that is told of a restart adds to, at the gate. */
const told = act((self, name: string, args: readonly unknown[], caps: Readonly<Record<string, Doll>>) => {
  (self.state['log'] as Doll).act('restarts noted', name);
  self.state['got'] = [args, Object.keys(caps).map((key) => `${key}: ${caps[key]?.look()}`)];
  if (self.state['ill'] === true) throw fail('Ill', 'It is not well.');
}, 'restarts told');
act((self, name: string) => {
  self.state['names'] = `${String(self.state['names'] ?? '')}${name} `;
}, 'restarts noted');
const registering = act((_self, me: Doll, name: string, options: object) => {
  onRestart(name, me, 'open', options);
}, 'restarts registering');
const taking = act((_self, name: string) => {
  offRestart(name);
}, 'restarts taking');
const dying = act((self) => destroy(self), 'restarts dying');

/** Powers of a world that does nothing while it is held. */
class Holding extends Powers {
  holds = false;
  override readonly soon = (job: () => void): void => {
    if (!this.holds) setImmediate(job);
  };
}

/** Powers whose stopwatch stands still. */
class Timed extends Powers {
  stopped = 0;
  override readonly stopwatch = (): number => this.stopped;
}

async function stage(options: Partial<FixtureOptions> = {}): Promise<Fixture> {
  const f = await openPuppets(options);
  await play(
    f,
    (self, tells: string) => {
      self.state['log'] = self.make();
      for (const name of ['a', 'b', 'c'])
        self.state[name] = self.make({ name, open: tells, log: self.state['log'] });
      return null;
    },
    told,
  );
  return f;
}

const held = (f: Fixture, name: string): Promise<unknown> =>
  play(f, (self, key: string) => self.state[key], name);
const tell = (f: Fixture, name: string, body: string, ...args: unknown[]): Promise<unknown> =>
  play(
    f,
    (self, who: string, what: string, ...rest: unknown[]) =>
      (self.state[who] as Doll).act(what, ...rest) ?? null,
    name,
    body,
    ...args,
  );
const register = async (f: Fixture, who: string, name: string, options: object = {}): Promise<unknown> =>
  tell(f, who, registering, await held(f, who), name, options);
const names = async (f: Fixture): Promise<unknown> => {
  await f.settle();
  return play(f, (self) => (self.state['log'] as Doll).get('names') ?? '');
};

describe.each([false, true])('restarts, evicting always: %s;', (evictAlways) => {
  test('a registered object is told at each start, with its arguments and capabilities', async () => {
    const f = await stage({ evictAlways });
    await register(f, 'a', 'light', { args: [1, 'two'], caps: { other: await held(f, 'b') } });
    expect(await names(f)).toBe('');
    let next = await f.crash();
    expect(await names(next)).toBe('light ');
    expect(await play(next, (self) => (self.state['a'] as Doll).get('got'))).toEqual([
      [1, 'two'],
      ['other: a puppet named b'],
    ]);
    next = await next.restart();
    expect(await names(next)).toBe('light light ');
    await tell(next, 'a', taking, 'light');
    await tell(next, 'a', taking, 'unknown');
    next = await next.crash();
    expect(await names(next)).toBe('light light ');
    expect(next.journal.contents().filter(([key]) => /^[rm]\//.test(key))).toEqual([]);
    await next.close();
  });

  test('what it is handed may go by numbers', async () => {
    const f = await stage({ evictAlways });
    await register(f, 'a', 'light', { args: [{ 10: 'ten', 9: 'nine' }] });
    await register(f, 'b', 'dark', { caps: { 10: await held(f, 'c') } });
    const next = await f.crash();
    expect(await names(next)).toBe('light dark ');
    expect(await play(next, (self) => (self.state['a'] as Doll).get('got'))).toEqual([
      [{ 9: 'nine', 10: 'ten' }],
      [],
    ]);
    expect(await play(next, (self) => (self.state['b'] as Doll).get('got'))).toEqual([
      [],
      ['10: a puppet named c'],
    ]);
    await next.close();
  });

  test('each comes after what it names, whoever registered first; a circle is cut where it was begun', async () => {
    const f = await stage({ evictAlways });
    const [a, b, c] = [await held(f, 'a'), await held(f, 'b'), await held(f, 'c')];
    await register(f, 'a', 'last', { after: ['first', b] });
    await register(f, 'b', 'second');
    await register(f, 'a', 'first');
    const next = await f.crash();
    expect(await names(next)).toBe('first second last ');
    await register(next, 'b', 'second', { after: [a, c, 'unknown'] });
    await register(next, 'c', 'third', { after: [b] });
    const last = await next.crash();
    expect(String(await names(last)).slice('first second last '.length)).toMatch(/^(\w+ ){4}$/);
    await last.close();
  });

  test('one that fails does not stop the others, and is not lost', async () => {
    const f = await stage({ evictAlways });
    for (const name of ['a', 'b', 'c']) await register(f, name, `of-${name}`);
    await play(f, (self) => {
      (self.state['b'] as Doll).set('ill', true);
      return null;
    });
    const next = await f.crash();
    expect(await names(next)).toBe('of-a of-c ');
    expect(await next.call(next.world.roots.storage, 'letters')).toMatchObject([
      { code: 'Ill', method: 'open' },
    ]);
    await next.close();
  });

  test('one that the last start did not come to is told once, not twice', async () => {
    const powers = new Holding();
    const f = await stage({ evictAlways, powers });
    await register(f, 'a', 'light');
    await f.settle();
    // The world opens, so that the message is stored, and dies before it is delivered.
    powers.holds = true;
    const opened = await f.crash();
    powers.holds = false;
    const next = await opened.crash();
    expect(opened.journal.contents().filter(([key]) => key.startsWith('m/'))).toHaveLength(1);
    expect(await names(next)).toBe('light ');
    await next.close();
  });

  test('one that killed the process twice is told no more, and those that come after it are', async () => {
    const powers = new Holding();
    const f = await stage({ evictAlways, powers });
    await register(f, 'a', 'light');
    await register(f, 'b', 'after', { after: [await held(f, 'a')] });
    await f.settle();
    powers.holds = true;
    const died = await f.crash();
    const [key = ''] =
      died.journal.contents().find(([each, text]) => each.startsWith('m/') && text.includes('light')) ?? [];
    const lastRunning = `m ${Number(key.split('/').at(-1))} o9999`;
    const once = await openPuppets({ evictAlways, powers, journal: died.journal.crash(), lastRunning });
    powers.holds = false;
    const twice = await openPuppets({ evictAlways, powers, journal: once.journal.crash(), lastRunning });
    expect(await names(twice)).toBe('after ');
    expect(await twice.call(twice.world.roots.storage, 'letters')).toMatchObject([{ code: 'SetAside' }]);
    const next = await twice.restart();
    expect(await names(next)).toBe('after after ');
    await next.close();
  });

  /** The world after a restart in which what pays for `a` pays a penalty, so many times over. */
  async function penalised(times: number, ...more: readonly string[]): Promise<[Fixture, Timed]> {
    const f = await stage({ evictAlways });
    // `a` is made by an object of another bank, which pays for it, and for what it sends.
    const made = act((self, own: Doll) => self.make(own.get('state') as Record<string, unknown>));
    const owning = act((self, spend: object, make: string, tells: string) => {
      const state = { name: 'a', open: tells, log: self.state['log'] };
      self.state['a'] = self.make({ bank: spend }).act(make, self.make({ state }));
    });
    const { bank, gate } = f.world.roots;
    const own = (await f.call(bank, 'split', 100)) as BankOwner;
    await f.call(gate, 'act', owning, await f.call(own, 'spending'), made, told);
    for (const name of ['first', ...more]) await register(f, 'a', name);
    await register(f, 'b', 'second', { after: [await held(f, 'a')] });
    await register(f, 'b', 'third', { after: ['second'] });
    await register(f, 'c', 'any');
    await f.world.close();
    const contents = new Map(f.journal.contents());
    const [key = ''] = [...contents].find(([, text]) => /^{"class":"Bank".*"bank":"o1"/.test(text)) ?? [];
    const account = /o\d+$/.exec(key)?.[0];
    contents.set(metaKey('penalties'), JSON.stringify([{ account, times, when: f.powers.now }]));
    const powers = new Timed();
    return [await openPuppets({ evictAlways, powers, journal: new MemoryJournal(contents) }), powers];
  }

  test('one that has to wait for its share is waited for by those that come after it, and by nobody else', async () => {
    const [next, powers] = await penalised(1);
    expect(await names(next)).toBe('any ');
    powers.stopped += 20_000;
    for (let at = 0; at < 5; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any first second third ');
    expect(next.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
    await next.close();
  });

  test('one that has to wait for long is waited for no longer than a minute', async () => {
    const [next, powers] = await penalised(12);
    for (let at = 0; at < 59; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any ');
    for (let at = 0; at < 2; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any second third ');
    powers.stopped += 3_700_000;
    for (let at = 0; at < 5; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any second third first ');
    expect(next.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
    await next.close();
  });

  test('nor is another one that has to wait behind it, because both call the same object', async () => {
    const [next, powers] = await penalised(12, 'behind');
    for (let at = 0; at < 61; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any second third ');
    powers.stopped += 3_700_000;
    for (let at = 0; at < 5; at += 1) await next.advance(1_000);
    expect(await names(next)).toBe('any second third first behind ');
    expect(next.journal.contents().filter(([key]) => key.startsWith('m/'))).toEqual([]);
    await next.close();
  });

  test('all of it and all that was sent before is there before any of it is told', async () => {
    const limits = { gatheredCharacters: 3_000 };
    const f = await stage({ evictAlways, limits });
    const b = await held(f, 'b');
    const later = act((self, to: Doll) => {
      self.state['timer'] = after(1_000, to, 'act', ['restarts noted', 'timer']);
      for (const what of ['one', 'two']) send(to, 'act', ['restarts noted', what]);
    });
    const anew = act((self) => {
      cancel(self.state['timer'] as number);
      send(self.state['log'] as Doll, 'act', ['restarts noted', 'three']);
    });
    await play(f, (self, what: string) => (self.state['b'] as Doll).set('open', what) ?? null, anew);
    await register(f, 'b', 'large', { args: ['x'.repeat(3_500)], caps: { b } });
    const sending = play(
      f,
      (self, what: string) => (self.state['b'] as Doll).act(what, self.state['log']) ?? null,
      later,
    );
    await Promise.all([sending, f.world.close()]); // before what was sent is delivered
    const next = await openPuppets({
      evictAlways,
      limits,
      journal: new MemoryJournal(new Map(f.journal.contents())),
    });
    await next.advance(1_000);
    expect(await names(next)).toBe('one two three ');
    await next.close();
  });

  test('an object that is gone is told nothing', async () => {
    const f = await stage({ evictAlways });
    await register(f, 'a', 'light');
    await tell(f, 'a', dying);
    await f.settle();
    expect(f.journal.contents().filter(([key]) => key.startsWith('r/'))).toEqual([]);
    const next = await f.crash();
    expect(await names(next)).toBe('');
    await next.close();
  });
});

test('a letter of one that cannot be read keeps no world from starting, and the object from being told no more', async () => {
  const f = await stage();
  await register(f, 'a', 'light');
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const number = /\\"number\\":([0-9]+)/.exec(
    [...contents].find(([key]) => key.startsWith('r/'))?.[1] ?? '',
  )?.[1];
  const letter = { body: '#"$0"', slots: ['o1.----------------------.9999'], code: 'SetAside' };
  contents.set(deadKey(Number(number)), JSON.stringify(letter));
  const next = await openPuppets({ journal: new MemoryJournal(contents) });
  expect(await names(next)).toBe('');
  await next.call(next.world.roots.storage, 'dropLetter', Number(number));
  const last = await next.restart();
  expect(await names(last)).toBe('light ');
  await last.close();
});

test('what is set aside at one start is told of the next one, once it is mended', async () => {
  const f = await stage();
  await register(f, 'a', 'light');
  const { storage } = f.world.roots;
  await f.call(storage, 'setAside', await held(f, 'a'), 'it is odd');
  const aside = await f.restart();
  expect(await names(aside)).toBe('');
  expect(await aside.call(aside.world.roots.storage, 'letters')).toMatchObject([{ code: 'SetAside' }]);
  await aside.call(aside.world.roots.storage, 'mend', await held(aside, 'a'));
  const mended = await aside.restart();
  expect(await names(mended)).toBe('light ');
  await mended.close();
});

test('an object may register as often as the limit says, and change what it has registered', async () => {
  const f = await stage({ limits: { objectRestarts: 2 } });
  await register(f, 'a', 'one');
  await register(f, 'a', 'two');
  expect(await codeOf(register(f, 'a', 'three'))).toBe('TooMany');
  expect(await codeOf(register(f, 'a', 'two', { args: [2] }))).toBe('none');
  await f.close();
});

test('what is no registration is refused', async () => {
  const f = await stage();
  const a = await held(f, 'a');
  for (const name of ['', 'Two', 'two words', 7, null])
    expect(await codeOf(register(f, 'a', name as string))).toBe('BadArgument');
  for (const options of [
    { args: 1 },
    { caps: a },
    { caps: { a: 1 } },
    { after: 'one' },
    { after: [1] },
    { args: [() => {}] },
  ])
    expect(await codeOf(register(f, 'a', 'one', options))).toMatch(
      /^(BadArgument|NotPassable|NoSuchMethod)$/,
    );
  expect(await codeOf(tell(f, 'a', registering, a, 'one', null))).toMatch(/BadArgument|Threw/);
  await f.close();
});
