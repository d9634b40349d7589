import { attempt, attenuate, create, fail, send, after, emit } from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { codeOf, openPuppets, play, Puppet } from './puppet.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

describe('what may not cross', () => {
  const refused: Record<string, (self: Puppet) => unknown> = {
    'a function': () => () => 1,
    'a symbol': () => Symbol('x'),
    'a registered symbol': () => Symbol.for('passStyle'),
    'a promise': () => Promise.resolve(1),
    'a class instance': () => new (class Thing {})(),
    'a raw puppet': () => new Puppet(),
    'a proxy of data': () => new Proxy({}, {}),
    'a proxy of an array': () => new Proxy([], {}),
    'a revoked proxy': () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    'a proxy around a capability': (self) => new Proxy(self.make(), {}),
    'an object made from a capability': (self) => Object.create(self.make()),
    'the prototype of a capability': (self) => Object.getPrototypeOf(self.make()),
    'a method of a capability': (self) => self.make().look,
    'a getter': () => ({
      get x() {
        return 1;
      },
    }),
    'a setter': () => ({ set x(_: unknown) {} }),
    'a thenable': () => ({ then: () => {} }),
    'a hidden property': () => Object.defineProperty({}, 'x', { value: 1 }),
    'a symbol for a key': () => ({ [Symbol('x')]: 1 }),
    'a pass style of its own': () => ({ [Symbol.for('passStyle')]: 'remotable' }),
    toStringTag: () => ({ [Symbol.toStringTag]: 'Alleged: Bank' }),
    'a __proto__ key': () => JSON.parse('{"__proto__": {"x": 1}}'),
    'an array with a hole': () => [1, , 2], // oxlint-disable-line no-sparse-arrays
    'an array with a hole and a property': () => Object.assign([1, , 2], { x: 1 }), // oxlint-disable-line no-sparse-arrays
    'an array with a property': () => Object.assign([1], { x: 1 }),
    'an array of a class': () => new (class List extends Array {})(),
    'an array with an accessor': () => Object.defineProperty([1], 0, { get: () => 1 }),
    'a map': () => new Map(),
    'a date': () => new Date(0),
    'an error': () => new Error('x'),
    'an error of ours': (self) => {
      try {
        return attempt(() => self.make().act('no such')) && fail('Mine', 'x');
      } catch (error) {
        return error;
      }
    },
    'a typed array': () => new Uint8Array(2),
    'a regular expression': () => /x/,
    'a boxed string': () => Object('x') as unknown,
    'the arguments object': function () {
      return arguments;
    },
    globalThis: () => globalThis,
    'the turn': () => fixture.world,
  };
  for (const [what, make] of Object.entries(refused)) {
    test(`${what}, as argument, result, member, message, output or record`, async () => {
      await play(fixture, (self) => {
        const doll = self.make();
        const value = make(self);
        const ways: (() => unknown)[] = [
          () => doll.set('x', value),
          () => doll.set('x', [value]),
          () => doll.set('x', { deep: { in: [value] } }),
          () => create(self.bank, Puppet, value as Record<string, unknown>),
          () => send(doll, 'set', ['x', value]),
          () => after(5, doll, 'set', ['x', value]),
          () => send(doll, value as 'set', ['x', 1]),
          () => emit(['kind', value]),
          () => attenuate(doll, { for: value as string }),
          () => attenuate(doll, { uses: value as number }),
        ];
        for (const way of ways) {
          const tried = attempt(way);
          expect(tried).toMatchObject({ ok: false });
          expect(['NotPassable', 'NoSuchMethod', 'BadArgument', 'NotACapability', 'Threw']).toContain(
            tried.ok ? '' : tried.error.code,
          );
        }
        return null;
      });
      const result = await codeOf(play(fixture, (self) => make(self)));
      expect(result).toBe('NotPassable');
      expect(await codeOf(play(fixture, (self) => [{ x: make(self) }]))).toBe('NotPassable');
      expect(await codeOf(play(fixture, (self) => void (self.state['x'] = make(self))))).toBe('NotStorable');
      await fixture.settle();
      expect(fixture.halts).toEqual([]);
    });
  }

  test('data with names of the language crosses as data', async () => {
    const odd = await play(fixture, (self) => {
      const doll = self.make();
      doll.set('odd', {
        constructor: 1,
        toString: 'x',
        toJSON: 2,
        hasOwnProperty: null,
        valueOf: [],
        then: 3,
        '': 4,
        length: 5,
        '0': 6,
      });
      const back = doll.get('odd') as Record<string, unknown>;
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      return Object.entries(back).sort();
    });
    expect(odd).toEqual(
      Object.entries({
        constructor: 1,
        toString: 'x',
        toJSON: 2,
        hasOwnProperty: null,
        valueOf: [],
        then: 3,
        '': 4,
        length: 5,
        '0': 6,
      }).sort(),
    );
    await fixture.settle();
    expect(fixture.halts).toEqual([]);
  });

  test('what has crossed is a frozen copy that the sender does not share', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      const mine = { list: [1, { x: 1 }] };
      doll.set('it', mine);
      mine.list.push(2);
      const back = doll.get('it') as typeof mine;
      expect(back.list).toHaveLength(2);
      expect([Object.isFrozen(back), Object.isFrozen(back.list), Object.isFrozen(back.list[1])]).toEqual([
        true,
        true,
        true,
      ]);
      expect(doll.get('it')).not.toBe(mine);
      return null;
    });
  });

  test('cycles and doubling structures are refused without being walked for ever', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['again'] = cycle;
    let double: unknown = 'x';
    for (let level = 0; level < 30; level += 1) double = [double, double];
    for (const value of [cycle, double]) {
      expect(await codeOf(play(fixture, () => value))).toBe('TooLarge');
    }
  });

  test('-0, NaN, infinities, lone surrogates and big integers come through storing as they crossed', async () => {
    const values = [
      -0,
      Number.NaN,
      Infinity,
      -Infinity,
      '\ud800',
      'a\udc00',
      '#NaN',
      '!x',
      '$0',
      '+1',
      '-1',
      '%x',
      '',
      2n ** 900n,
      -3n,
      undefined,
      null,
      1e300,
      5e-324,
    ];
    await play(fixture, (self) => void (self.state['values'] = values));
    const next = await fixture.restart();
    const back = (await play(next, (self) => self.state['values'])) as unknown[];
    expect(back).toEqual(values.map((value) => (value === 0 ? 0 : value)));
    expect(Object.is(back[0], 0)).toBe(true);
    await next.close();
  });
});
