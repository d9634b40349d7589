import {
  attempt,
  attenuate,
  collection,
  create,
  facet,
  fail,
  only,
  revoke,
  after,
  emit,
  cancel,
  destroy,
} from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { act, codeThrownBy, openPuppets, play, Puppet, type Doll } from './puppet.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

describe('terms and options of the verbs are read once and checked', () => {
  /** Gives another value at each reading. */
  const shifty = (...values: unknown[]): PropertyDescriptor => ({
    enumerable: true,
    get: () => (values.length > 1 ? values.shift() : values[0]),
  });

  test('only: an iterable that gives other methods the second time', async () => {
    await play(fixture, (self) => {
      const weak = only(self.make(), 'look');
      for (const iterator of ['own', 'class', 'proxy'] as const) {
        let times = 0;
        const methods = (): string[] => (times++ === 0 ? ['look'] : ['take']);
        const evil: unknown =
          iterator === 'own'
            ? Object.defineProperty(['look'], Symbol.iterator, { value: () => methods()[Symbol.iterator]() })
            : iterator === 'class'
              ? { [Symbol.iterator]: () => methods()[Symbol.iterator]() }
              : new Proxy(['look'], {
                  get: (target, key) => (key === '0' ? methods()[0] : Reflect.get(target, key)),
                });
        const tried = attempt(() => (attenuate(weak, { only: evil as 'look'[] }) as unknown as Doll).take());
        expect(tried.ok).toBe(false);
      }
      expect(
        attempt(() => attenuate(weak, Object.defineProperty({}, 'only', shifty(['look'], ['take'])))).ok,
      ).toBe(false);
      expect(attempt(() => attenuate(weak, { only: 'look' as unknown as 'look'[] })).ok).toBe(false);
      return null;
    });
  });

  test('uses, expiresIn and for: accessors and wrong kinds are refused, and nothing of them reaches the disk', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      // However often they are read before they change.
      for (let reads = 0; reads < 8; reads += 1)
        for (const [key, good] of [
          ['uses', 1],
          ['expiresIn', 1],
          ['for', 'Ann'],
        ] as const) {
          const terms = (): object => {
            const values = [...Array<unknown>(reads).fill(good), { toJSON: () => '' }];
            return Object.defineProperty({}, key, shifty(...values));
          };
          for (const make of [
            () => attenuate(doll, terms()),
            () => facet<typeof Puppet, 'public'>(self, 'public', terms()),
          ])
            expect(attempt(make)).toMatchObject({ error: { code: 'NotPassable' } });
        }
      for (const uses of [0, -1, 0.5, Number.NaN, Infinity, 2 ** 53, '1', null, true, 1n]) {
        expect(attempt(() => attenuate(doll, { uses: uses as number }))).toMatchObject({
          error: { code: 'BadArgument' },
        });
      }
      for (const expiresIn of [-1, 0.5, Number.NaN, Infinity, '1', null, true]) {
        expect(attempt(() => attenuate(doll, { expiresIn: expiresIn as number }))).toMatchObject({
          error: { code: 'BadArgument' },
        });
      }
      for (const label of [1, null, {}, 'x'.repeat(201)]) {
        expect(attempt(() => attenuate(doll, { for: label as string })).ok).toBe(false);
      }
      attenuate(doll, { for: 'x'.repeat(200), uses: 1, expiresIn: 0 });
      for (const terms of [null, 1, 'x', []]) attempt(() => attenuate(doll, terms as never));
      return null;
    });
    await fixture.settle();
    expect(fixture.halts).toEqual([]);
  });

  test('send: a target, arguments or reporter of the wrong kind are refused in the turn', async () => {
    const codes = await play(fixture, (self) => {
      const doll = self.make();
      const post = (to: unknown, method: unknown, args: unknown, options?: unknown) =>
        attempt(() =>
          after(
            1000,
            to as Doll,
            method as 'set',
            args as [string, unknown],
            options as Record<string, never>,
          ),
        );
      const wrong = [
        post(doll, 'look', 5),
        post(doll, 'look', 'abc'),
        post(doll, 'look', { length: 1 }),
        post(doll, 'look', undefined),
        post(doll, 'look', doll),
        post(doll, { toString: () => 'look' }, []),
        post({ look: 1 }, 'look', []),
        post('x', 'look', []),
        post(self, 'take', []),
        post(doll, 'look', [], { failed: { 0: doll, 1: 'look' } }),
        post(doll, 'look', [], { failed: [doll] }),
        post(doll, 'look', [], { failed: [doll, 'look', { extra: 1 }] }),
        post(doll, 'look', [], { failed: 'x' }),
        post(doll, 'look', [], { failed: [doll, ['look']] }),
        post(doll, 'look', [], { failed: doll }),
        post(doll, 'nothing', []),
      ];
      return wrong.map((tried) => (tried.ok ? 'accepted' : tried.error.code));
    });
    await fixture.settle();
    expect(fixture.halts).toEqual([]);
    expect(codes).not.toContain('accepted');
  });

  test('fail: a code or message that is no text is refused, also one that pretends', async () => {
    await play(fixture, (self) => {
      let times = 0;
      const code = { toString: () => (times++ < 3 ? 'Mine' : 'Revoked'), self, leak: () => self };
      for (const wrong of [
        code,
        'Revoked',
        'Gone',
        'TooMany',
        'lower',
        'With Space',
        '',
        'X'.repeat(41),
        1,
      ]) {
        expect(codeThrownBy(() => fail(wrong as string, 'x'))).toBe('BadArgument');
      }
      expect(codeThrownBy(() => fail('Mine', { toString: () => 'x' } as unknown as string))).toBe(
        'BadArgument',
      );
      return null;
    });
  });

  test('emit, cancel and the verbs on `this` take nothing else', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      for (const item of [
        1,
        null,
        undefined,
        [],
        ['kind'],
        ['kind', 1, 2],
        [1, 'x'],
        { kind: 1 },
        doll,
        self,
        ['kind', doll],
        ['kind', [self]],
        ['kind', 1n],
      ]) {
        expect(attempt(() => emit(item as unknown as string)).ok).toBe(false);
      }
      emit(['kind', { toJSON: 'x' }]);
      for (const number of [Number.NaN, {}, 'x', -1, null]) cancel(number as number);
      for (const other of [doll, new Puppet(), {}, null, 1, 'x', undefined]) {
        expect(attempt(() => destroy(other as Puppet))).toMatchObject({ error: { code: 'NotYours' } });
        expect(attempt(() => facet<typeof Puppet, 'hidden'>(other as Puppet, 'hidden'))).toMatchObject({
          error: { code: 'NotYours' },
        });
        if (other !== doll) expect(attempt(() => revoke(other as object, doll)).ok).toBe(false);
      }
      expect(attempt(() => facet<typeof Puppet, 'public'>(self, 'nothing' as 'public')).ok).toBe(false);
      return null;
    });
  });

  test('the verbs on `this`: not with that of another object, nor with one that was given up when a turn failed', async () => {
    const seen: Puppet[] = [];
    const showing = act((self) => void seen.push(self));
    const failing = act((self) => {
      seen.push(self);
      throw fail('Nope', 'It will not.');
    });
    await play(
      fixture,
      (self, ...bodies: string[]) => {
        self.state['doll'] = self.make();
        for (const body of bodies) attempt(() => (self.state['doll'] as Doll).act(body));
      },
      failing,
      showing,
    );
    expect(seen).toHaveLength(2);
    const trying = act((self) => {
      for (const other of seen) {
        if (other === self) continue;
        for (const use of [
          () => facet<typeof Puppet, 'hidden'>(other, 'hidden'),
          () => collection(other, 'files'),
          () => destroy(other),
          () => revoke(other, self.state['doll'] as Doll),
        ])
          expect(attempt(use)).toMatchObject({ error: { code: 'NotYours' } });
      }
    });
    await play(fixture, (self, body: string) => (self.state['doll'] as Doll).act(body) ?? null, trying);
    await play(fixture, (self, body: string) => self.act(body) ?? null, trying);
    await play(fixture, (self) => {
      for (const other of seen)
        expect(attempt(() => (self.state['doll'] as Doll).set('it', other))).toMatchObject({
          error: { code: 'NotPassable' },
        });
    });
  });

  test('create: not with another class, a copy of one, a bank that cannot pay, or something else for a bank', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      const named = Object.defineProperty(class {}, 'name', { value: 'Puppet' });
      for (const other of [named, class Puppet2 extends Puppet {}, {}, null, 'Puppet', doll]) {
        expect(attempt(() => create(self.bank, other as typeof Puppet))).toMatchObject({
          error: { code: 'NotAClass' },
        });
      }
      const poor = only(self.bank, 'balance') as typeof self.bank;
      expect(attempt(() => create(poor, Puppet))).toMatchObject({ error: { code: 'NoSuchMethod' } });
      for (const other of [doll, {}, null, self, { pay: () => {} }]) {
        expect(attempt(() => create(other as unknown as typeof self.bank, Puppet)).ok).toBe(false);
      }
      return null;
    });
  });
});
