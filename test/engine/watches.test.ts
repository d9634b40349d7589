import { objectKey } from '../../storage/keys.ts';
import { charactersOf } from '../../engine/charge.ts';
import { StoreError } from '../../storage/errors.ts';
import {
  after,
  attempt,
  attenuate,
  destroy,
  only,
  publish,
  revoke,
  unwatch,
  watch,
  type AnyCap,
} from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import type { FixtureOptions, Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

const publishing = act((_self, ...values: string[]) => {
  for (const value of values) publish('look', value);
}, 'watches publishing');
const failing = act(() => {
  publish('look', 'never');
  throw new Error('no');
}, 'watches failing');
const hearing = act((self, value: string, name: string) => {
  self.state['heard'] = `${String(self.state['heard'] ?? '')}${value}/${name} `;
}, 'watches hearing');
const watching = act((self, on: Doll, me: Doll) => {
  self.state['watch'] = watch(on, 'look', me, 'open');
}, 'watches watching');
const stopping = act((self, on: Doll, number: number | null) => {
  unwatch(on, number ?? (self.state['watch'] as number));
}, 'watches stopping');
const dying = act((self) => destroy(self), 'watches dying');

/** A puppet `a` that publishes, and `b` and `c` that watch it, each with a capability of its own. */
async function stage(options: Partial<FixtureOptions> = {}): Promise<Fixture> {
  const f = await openPuppets(options);
  await play(
    f,
    (self, hears: string, watches: string) => {
      self.state['a'] = self.make();
      for (const name of ['b', 'c']) {
        const doll = self.make({ open: hears });
        self.state[name] = doll;
        self.state[`sight of ${name}`] = attenuate(self.state['a'] as Doll, { for: name, only: ['look'] });
        doll.act(watches, self.state[`sight of ${name}`], doll);
      }
      return null;
    },
    hearing,
    watching,
  );
  await f.settle();
  return f;
}

const tell = (f: Fixture, name: string, body: string, ...args: unknown[]): Promise<unknown> =>
  play(
    f,
    (self, who: string, what: string, ...rest: unknown[]) =>
      (self.state[who] as Doll).act(what, ...rest) ?? null,
    name,
    body,
    ...args,
  );
const heard = async (f: Fixture, name: string): Promise<unknown> => {
  await f.settle();
  return play(f, (self, who: string) => (self.state[who] as Doll).get('heard') ?? '', name);
};
const stored = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('w/') ? [key] : []));
const held = (f: Fixture, name: string): Promise<unknown> =>
  play(f, (self, key: string) => self.state[key], name);

describe.each([false, true])('watches, evicting always: %s;', (evictAlways) => {
  test('each change is told to all who watch, once and in order, also when it crashed in between', async () => {
    const f = await stage({ evictAlways });
    await tell(f, 'a', publishing, 'one', 'two');
    expect(await heard(f, 'b')).toBe('one/look two/look ');
    const next = await f.crash();
    await tell(next, 'a', publishing, 'three');
    const last = await next.crash();
    for (const name of ['b', 'c']) expect(await heard(last, name)).toBe('one/look two/look three/look ');
    await last.close();
  });

  test('a turn that fails has published nothing', async () => {
    const f = await stage({ evictAlways });
    await codeOf(tell(f, 'a', failing));
    expect(await heard(f, 'b')).toBe('');
    await f.close();
  });

  test('who may not call the method may not watch what is published under its name', async () => {
    const f = await stage({ evictAlways });
    expect(
      await codeOf(
        play(f, (self) =>
          watch(only(self.state['a'] as Doll, 'look') as Doll, 'get', self.state['b'] as Doll, 'open'),
        ),
      ),
    ).toBe('NoSuchMethod');
    expect(
      await codeOf(
        play(f, (self) =>
          watch(self.state['a'] as Doll, 'look', only(self.state['b'] as Doll, 'look'), 'open'),
        ),
      ),
    ).toBe('NoSuchMethod');
    await f.close();
  });

  test('revoking the capability by which it is watched ends the watch, and nobody else is cut off', async () => {
    const f = await stage({ evictAlways });
    await play(f, (self) => {
      revoke(self.state['a'] as Doll, self.state['sight of b'] as Doll);
      return null;
    });
    await tell(f, 'a', publishing, 'one');
    expect([await heard(f, 'b'), await heard(f, 'c')]).toEqual(['', 'one/look ']);
    await f.close();
  });

  test('a watcher ends its own watch, and not that of another', async () => {
    const f = await stage({ evictAlways });
    const sight = await held(f, 'sight of b');
    const others = await play(f, (self) => (self.state['c'] as Doll).get('watch'));
    await tell(f, 'b', stopping, sight, others);
    await tell(f, 'a', publishing, 'one');
    await tell(f, 'b', stopping, sight, null);
    await tell(f, 'a', publishing, 'two');
    expect([await heard(f, 'b'), await heard(f, 'c')]).toEqual(['one/look ', 'one/look two/look ']);
    await f.close();
  });

  test('a watcher that is gone is forgotten, and an object that is gone is watched by nobody', async () => {
    const f = await stage({ evictAlways });
    await tell(f, 'b', dying);
    await tell(f, 'a', publishing, 'one');
    expect(await heard(f, 'c')).toBe('one/look ');
    expect(await f.call(f.world.roots.storage, 'letters')).toEqual([]);
    expect(stored(f)).toHaveLength(1);
    await tell(f, 'a', dying);
    await f.settle();
    expect(stored(f)).toEqual([]);
    await f.close();
  });

  test('a watch ends with the object that set it up, whoever was to be told', async () => {
    const f = await stage({ evictAlways });
    const made = act((self, watches: string, on: Doll, to: Doll) => {
      const watcher = self.make();
      watcher.act(watches, on, to);
      self.state['watcher'] = watcher;
    });
    const parting = act((self, dies: string) => (self.state['watcher'] as Doll).act(dies) ?? null);
    await tell(f, 'c', made, watching, await held(f, 'a'), await held(f, 'c'));
    await tell(f, 'a', publishing, 'one');
    expect(await heard(f, 'c')).toBe('one/look one/look ');
    await f.settle();
    const before = (await f.call(f.world.roots.bank, 'balance')) as number;
    await tell(f, 'c', parting, dying);
    await tell(f, 'a', publishing, 'two');
    expect(await heard(f, 'c')).toBe('one/look one/look two/look ');
    expect(await f.call(f.world.roots.bank, 'balance')).toBe(before + 2);
    await f.close();
  });

  test('a watch costs the bank of the watcher a unit, and gives it back when it ends', async () => {
    const f = await stage({ evictAlways });
    const balance = async (): Promise<number> => {
      await f.settle();
      return (await f.call(f.world.roots.bank, 'balance')) as number;
    };
    const before = await balance();
    await tell(f, 'b', stopping, await held(f, 'sight of b'), null);
    expect(await balance()).toBe(before + 1);
    await tell(f, 'a', publishing, 'one');
    expect(await balance()).toBe(before + 1);
    await f.close();
  });
});

test('as many may watch as the limit says, and no more', async () => {
  const f = await stage({ limits: { objectWatches: 3 } });
  const [a, c] = [await held(f, 'a'), await held(f, 'c')];
  expect(await codeOf(tell(f, 'c', watching, a, c))).toBe('none');
  expect(await codeOf(tell(f, 'c', watching, a, c))).toBe('TooMany');
  await f.close();
});

test('watches by which nobody can be told any more make room', async () => {
  const f = await stage({ limits: { objectWatches: 2 } });
  const sight = await held(f, 'sight of c');
  await tell(f, 'b', dying);
  expect(await codeOf(tell(f, 'c', watching, sight, await held(f, 'c')))).toBe('none');
  await tell(f, 'a', publishing, 'one');
  expect(await heard(f, 'c')).toBe('one/look one/look ');
  expect(await codeOf(tell(f, 'c', watching, sight, await held(f, 'c')))).toBe('TooMany');
  await f.close();
});

test('a watcher whose bytes the disk has spoilt keeps nobody from publishing, and is told again when it is mended', async () => {
  const f = await stage();
  const to = await held(f, 'c');
  await tell(f, 'b', watching, await held(f, 'sight of b'), to);
  const key = objectKey(/o[0-9]+/.exec(f.world.slotText((await held(f, 'b')) as AnyCap))?.[0] ?? '');
  const next = await f.restart();
  const get = next.journal.get.bind(next.journal);
  next.journal.get = (each) => {
    if (each === key) throw new StoreError('Damaged', 'its checksum does not fit');
    return get(each);
  };
  expect(await codeOf(tell(next, 'a', publishing, 'one'))).toBe('none');
  next.journal.get = get;
  const last = await next.restart();
  await tell(last, 'a', publishing, 'two');
  expect(await heard(last, 'b')).toMatch(/two\/look $/);
  await last.close();
});

test('a watch whose watcher is gone keeps nobody from publishing while the disk does not give the bank that paid for it', async () => {
  const f = await stage();
  const making = act((self) => self.make());
  await play(
    f,
    (self, makes: string) => {
      const own = (self.bank as BankOwner).split(20);
      self.state['own'] = own;
      self.state['d'] = self.make({ bank: own.spending() }).act(makes);
    },
    making,
  );
  const [bank, d] = [(await held(f, 'own')) as AnyCap, await held(f, 'd')];
  await tell(f, 'd', watching, await held(f, 'a'), d);
  await tell(f, 'd', dying);
  const key = objectKey(/o[0-9]+/.exec(f.world.slotText(bank))?.[0] ?? '');
  const next = await f.restart();
  const get = next.journal.get.bind(next.journal);
  next.journal.get = (each) => {
    if (each === key) throw new StoreError('Unreadable', 'the disk does not give it');
    return get(each);
  };
  expect(await codeOf(tell(next, 'a', publishing, 'one'))).toBe('none');
  expect(await heard(next, 'b')).toMatch(/one\/look $/);
  next.journal.get = get;
  await tell(next, 'a', publishing, 'two');
  expect(await next.call((await held(next, 'own')) as AnyCap, 'balance')).toBe(20);
  await next.close();
});

test('a watcher with too much waiting holds up nobody: it is told nothing until that is less, as an admin can see', async () => {
  const f = await stage({ limits: { objectMessages: 3 } });
  const waiting = act((self, me: Doll) => {
    for (let at = 0; at < 3; at += 1) after(1_000_000, me, 'look', []);
    self.state['heard'] = '';
  }, 'watches waiting');
  await tell(f, 'b', waiting, await held(f, 'b'));
  await f.settle();
  await tell(f, 'a', publishing, 'one', 'two');
  expect([await heard(f, 'b'), await heard(f, 'c')]).toEqual(['', 'one/look two/look ']);
  expect(await f.call(f.world.roots.storage, 'letters')).toMatchObject([{ code: 'TooMany', method: 'open' }]);
  await f.advance(1_000_000);
  await tell(f, 'a', publishing, 'three');
  expect([await heard(f, 'b'), await heard(f, 'c')]).toEqual([
    'three/look ',
    'one/look two/look three/look ',
  ]);
  await f.close();
});

test('what an attempt published that was taken back leaves no letter, and does not keep one from being left', async () => {
  const f = await stage({ limits: { turnPublished: 1 } });
  const trying = act(() => {
    const tried = attempt(() => {
      for (const value of ['one', 'two', 'three']) publish('look', value);
      throw new Error('no');
    });
    for (const value of ['four', 'five']) publish('look', value);
    return tried.ok;
  }, 'watches trying');
  expect(await tell(f, 'a', trying)).toBe(false);
  expect(`${String(await heard(f, 'b'))}${String(await heard(f, 'c'))}`).toBe('four/look ');
  expect(await f.call(f.world.roots.storage, 'letters')).toHaveLength(2);
  await f.close();
});

test('what is no name, or no plain value, cannot be published', async () => {
  const f = await stage();
  for (const name of ['', 'two words', 'x'.repeat(41), 7, null])
    expect(await codeOf(play(f, (_self, what: string) => publish(what, 1), name))).toBe('BadArgument');
  expect(await codeOf(play(f, () => publish('look', () => {})))).toBe('NotPassable');
  await f.close();
});

test('a text that is published takes as much room while it waits as it has characters', () => {
  expect(charactersOf('x'.repeat(1_000))).toBeGreaterThanOrEqual(1_000);
});
