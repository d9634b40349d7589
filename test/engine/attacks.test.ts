import {
  attempt,
  attenuate,
  create,
  facet,
  fail,
  only,
  revoke,
  send,
  after,
  emit,
  cancel,
  destroy,
} from '../../engine/authoring.ts';
import { act, codeOf, codeThrownBy, constructing, openPuppets, play, Puppet, type Doll } from './puppet.ts';
import { stackOf } from '../../engine/stack.ts';
import type { Fixture } from './fixture.ts';

/** Everything that reflection finds on a value and on all it inherits from, functions and their properties included. */
function reached(root: unknown): Set<unknown> {
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return;
    if (value === Object.prototype || value === Function.prototype) return;
    seen.add(value);
    visit(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      for (const part of [found?.value, found?.get, found?.set] as unknown[]) {
        if (typeof part === 'string') seen.add(part);
        visit(part);
      }
    }
  };
  visit(root);
  return seen;
}

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

describe('reflection on a capability', () => {
  test('finds its own methods, frozen, and no instance, token or other method', async () => {
    await play(fixture, (self) => {
      const instances: unknown[] = [self];
      const doll = self.make();
      doll.set('hold', 1);
      const weak = only(doll, 'look');
      const found = reached(weak);
      expect(Object.isFrozen(weak)).toBe(true);
      expect(Reflect.ownKeys(weak)).toEqual([]);
      const shape = Object.getPrototypeOf(weak) as object;
      expect(Reflect.ownKeys(shape)).toEqual(['look']);
      for (const value of found) {
        if (typeof value === 'string') continue;
        expect(Object.isFrozen(value)).toBe(true);
        expect(instances).not.toContain(value);
        expect(value).not.toBeInstanceOf(Puppet);
      }
      const texts = [...found].filter((value) => typeof value === 'string');
      expect(texts.join(' ')).not.toMatch(/seed/);
      expect((weak as unknown as { constructor: unknown }).constructor).toBe(Object);
      return null;
    });
  });

  test('cannot add to it, to its prototypes or to its methods', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      const method: unknown = doll.look;
      const prototype = Object.getPrototypeOf(doll) as object;
      for (const target of [doll, prototype, Object.getPrototypeOf(prototype) as object, method as object]) {
        expect(Reflect.set(target, 'take', () => 'mine')).toBe(false);
        expect(Reflect.defineProperty(target, 'extra', { value: 1 })).toBe(false);
        expect(Reflect.setPrototypeOf(target, { extra: 1 })).toBe(false);
        expect(Reflect.deleteProperty(target, 'look') && 'look' in target && target === prototype).toBe(
          false,
        );
      }
      expect(() => Reflect.construct(method as () => unknown, [])).toThrow(TypeError);
      expect((method as { prototype?: unknown }).prototype).toBeUndefined();
      return null;
    });
  });

  test('text, JSON and inspection tell nothing', async () => {
    const { inspect } = await import('node:util');
    await play(fixture, (self) => {
      const doll = self.make({ secret: 'xyzzy' });
      for (const text of [
        String(doll),
        JSON.stringify(doll),
        JSON.stringify({ doll }),
        inspect(doll, { showHidden: true, depth: 9 }),
      ]) {
        expect(text).not.toMatch(/seed|xyzzy/);
      }
      return null;
    });
  });
});

describe('a borrowed method', () => {
  test('does what the capability it is called on admits, and nothing else', async () => {
    await play(fixture, (self) => {
      const strong = self.make({ name: 'strong' });
      const weak = only(self.make({ name: 'weak' }), 'look');
      expect(Reflect.apply(strong.look, weak, [])).toBe('a puppet named weak');
      expect(attempt(() => Reflect.apply(strong.take, weak, []))).toMatchObject({
        error: { code: 'NoSuchMethod' },
      });
      expect(attempt(() => Reflect.apply(strong.take, self.bank, []))).toMatchObject({
        error: { code: 'NoSuchMethod' },
      });
      const { look } = strong;
      for (const wrong of [
        undefined,
        null,
        1,
        'x',
        {},
        self,
        Puppet.prototype,
        new Proxy(strong, {}),
        Object.create(strong),
        Object.getPrototypeOf(strong),
      ]) {
        expect(attempt(() => Reflect.apply(look, wrong, []))).toMatchObject({
          error: { code: 'NotACapability' },
        });
      }
      return null;
    });
  });

  test('outside a turn does nothing', async () => {
    let kept: Doll | undefined;
    await play(fixture, (self) => {
      kept = self.make();
    });
    expect(codeThrownBy(() => kept?.look())).toBe('NoTurn');
    expect(codeThrownBy(() => kept?.set('x', 1))).toBe('NoTurn');
    expect(codeThrownBy(() => only(kept as Doll, 'look'))).toBe('NoTurn');
    expect(codeThrownBy(() => emit('x'))).toBe('NoTurn');
  });
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
      for (const key of ['uses', 'expiresIn', 'for']) {
        expect(
          attempt(() =>
            attenuate(doll, Object.defineProperty({}, key, shifty(1, 1, 1, { toJSON: () => '' }))),
          ).ok,
        ).toBe(false);
        expect(
          attempt(() =>
            facet<typeof Puppet, 'public'>(
              self,
              'public',
              Object.defineProperty({}, key, shifty(1, { toJSON: () => '' })),
            ),
          ).ok,
        ).toBe(false);
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

describe('errors', () => {
  test('carry a code and a message, are frozen, and lead nowhere', async () => {
    await play(fixture, (self) => {
      const doll = self.make({ secret: 'xyzzy' });
      let caught: unknown;
      attempt(() => {
        try {
          doll.act('there is no such act');
        } catch (error) {
          caught = error;
        }
      });
      expect(Object.isFrozen(caught)).toBe(true);
      expect((caught as Error).stack ?? '').toBe('');
      expect((caught as Error).cause).toBeUndefined();
      for (const value of reached(caught))
        if (typeof value === 'object') expect(value).not.toBeInstanceOf(Puppet);
      return null;
    });
  });

  test("do not lead to the host's own Error, which could read everybody's frames", async () => {
    await play(fixture, (self) => {
      let caught: unknown;
      attempt(() => {
        try {
          Reflect.apply(self.make().take, only(self.make(), 'look'), []);
        } catch (error) {
          caught = error;
        }
      });
      // A Compartment has the tamed one, whose statics do nothing; the host's own leads to everybody's frames.
      const tamed: unknown = new Compartment().globalThis['Error'];
      expect(tamed).not.toBe(Error);
      expect(reached(caught).has(Error)).toBe(false);
      expect((caught as Error).constructor).toBe(tamed);
      return null;
    });
  });

  test('made by hand are not believed', async () => {
    await play(fixture, (self) => {
      const doll = self.make();
      const thrown: unknown[] = [];
      const throwing = (value: unknown): unknown => {
        thrown.push(value);
        return attempt(() => {
          throw value;
        });
      };
      const real = attempt(() => Reflect.apply(doll.take, only(doll, 'look'), []));
      expect(real).toMatchObject({ ok: false, error: { code: 'NoSuchMethod' } });
      const copy = Object.assign(new Error('x'), { code: 'Revoked', name: 'KeysteadError' });
      expect(throwing(copy)).toMatchObject({ error: { code: 'Threw' } });
      expect(throwing(Object.assign(Object.create(copy) as object, { code: 'Revoked' }))).toMatchObject({
        error: { code: 'Threw' },
      });
      return null;
    });
  });

  /** Values whose every way of being looked at throws, or throws the next such value. */
  function hostile(self: unknown, depth = 6): object {
    const inner = depth === 0 ? { self, leak: () => self } : hostile(self, depth - 1);
    const trap = (): never => {
      throw inner;
    };
    const traps = Object.fromEntries(
      Reflect.ownKeys(Reflect)
        .filter((key) => typeof key === 'string')
        .map((key) => [key, trap]),
    );
    return Object.create(new Proxy({}, traps)) as object;
  }
  const throwables: Record<string, (self: Puppet) => unknown> = {
    'a proxy': (self) => Object.getPrototypeOf(hostile(self)) as unknown,
    'an object that inherits from a proxy': (self) => hostile(self),
    'its own this': (self) => self,
    'a function': (self) => () => self,
    'a symbol': () => Symbol('x'),
    undefined: () => undefined,
    null: () => null,
    'an accessor for a message': () => Object.defineProperty(new Error('x'), 'message', { get: () => ({}) }),
    'an object for a message': (self) => Object.defineProperty(new Error('x'), 'message', { value: self }),
    'a code of ours': () => Object.assign(new Error('x'), { code: 'Revoked' }),
    'a cause': (self) => new Error('x', { cause: self }),
    'toString and toPrimitive': (self) => ({
      toString: () => self,
      [Symbol.toPrimitive]: () => self,
      [Symbol.for('nodejs.util.inspect.custom')]: () => self,
    }),
    'a very long text': () => 'x'.repeat(1_000_000),
    'control characters': () => new Error('a\u001b[2Jb\u0000\u2028c'),
  };
  for (const [what, make] of Object.entries(throwables)) {
    test(`thrown, ${what} reaches the caller as a plain error, from a method, an init or a record`, async () => {
      await play(fixture, (self) => {
        const doll = self.make();
        doll.set('open', null);
        return null;
      });
      const throwing = act((self: Puppet) => {
        throw make(self);
      });
      const judge = (caught: unknown): void => {
        const error = caught as { code: unknown; message: string };
        expect(Object.isFrozen(error)).toBe(true);
        expect(error.code).toBe('Threw');
        expect(typeof error.message).toBe('string');
        expect(error.message.length).toBeLessThan(600);
        expect(error.message).not.toMatch(/[\u0000-\u001f\u2028]/);
        for (const value of reached(caught)) expect(value).not.toBeInstanceOf(Puppet);
      };
      const caught: unknown[] = [];
      for (const way of ['method', 'init'] as const) {
        await codeOf(
          play(fixture, (self) => {
            const doll = self.make();
            try {
              if (way === 'method') doll.act(throwing);
              else self.make({}, throwing);
            } catch (error) {
              caught.push(error);
              throw error;
            }
          }),
        );
      }
      for (const error of caught) judge(error);
      expect(caught).toHaveLength(2);
      expect(await codeOf(play(fixture, (self) => void (self.state['toRecord'] = throwing)))).toBe(
        'NotStorable',
      );
      expect(await codeOf(play(fixture, (self) => void self.make({ toRecord: throwing })))).toBe(
        'NotStorable',
      );
      await play(fixture, (self) => {
        expect(attempt(() => self.make().act(throwing))).toMatchObject({
          ok: false,
          error: { code: 'Threw' },
        });
        return null;
      });
      await fixture.settle();
      expect(fixture.halts).toEqual([]);
    });
  }
});

test('printing an error for the host runs nothing of what its prototypes or causes are', () => {
  const ran: string[] = [];
  const note = (trap: string) => (): never => {
    ran.push(trap);
    throw new Error('It ran.');
  };
  const traps = {
    getPrototypeOf: note('getPrototypeOf'),
    get: note('get'),
    getOwnPropertyDescriptor: note('own'),
  };
  const evil = Object.create(new Proxy({}, traps)) as object;
  const inheriting = Object.setPrototypeOf(new Error('x'), evil) as Error;
  for (const thrown of [evil, new Error('x', { cause: evil }), inheriting]) {
    try {
      stackOf(thrown);
    } catch {}
  }
  expect(ran).toEqual([]);
});

describe('hooks', () => {
  test('toRecord, fromRecord and constructors can call and do nothing', async () => {
    const tried: string[] = [];
    let holder: Doll | undefined;
    const trying = (self: Puppet): void => {
      const doll = holder as Doll;
      const ways: (() => unknown)[] = [
        () => doll.look(),
        () => only(doll, 'look'),
        () => facet<typeof Puppet, 'public'>(self, 'public'),
        () => create(self.bank, Puppet),
        () => send(doll, 'look', []),
        () => emit('x'),
        () => attempt(() => 1),
        () => revoke(self, doll),
        () => destroy(self),
        () => cancel(1),
        () => fail('Mine', 'this alone is allowed') && undefined,
      ];
      for (const way of ways) tried.push(codeThrownBy(way));
    };
    const toRecord = act((self: Puppet) => {
      trying(self);
      return { ...self.state };
    });
    const fromRecord = act((self: Puppet) => trying(self));
    const doll = (await play(fixture, (self) => {
      holder = self.make();
      return self.make({ toRecord, fromRecord });
    })) as Doll;
    expect(tried.length).toBeGreaterThanOrEqual(11);
    await fixture.call(doll, 'look');
    const next = await fixture.restart();
    const gate = next.world.capabilityFrom(fixture.world.slotText(doll));
    constructing.now = () => trying(new Map() as unknown as Puppet);
    try {
      await next.call(gate, 'look');
    } finally {
      constructing.now = null;
    }
    expect(new Set(tried)).toEqual(new Set(['NoCallsHere', 'none']));
    expect(tried.filter((code) => code === 'none').length * 11).toBe(tried.length);
    await next.close();
  });

  test('the record that a class gets has no grants in it, and one that it gives cannot make any', async () => {
    const seen: unknown[] = [];
    const fromRecord = act((self: Puppet) => void seen.push(self.state));
    const doll = (await play(fixture, (self) => {
      const made = self.make({
        fromRecord,
        grants: [['x'.repeat(22), 1, -1, '', 'owner', null, null]],
        class: 'Bank',
        slots: ['o1.x.1'],
        body: '#{}',
        bank: self.bank,
      });
      attenuate(made, { for: 'Bob' });
      return made;
    })) as Doll;
    const next = await fixture.restart();
    const again = next.world.capabilityFrom(fixture.world.slotText(doll));
    expect(await next.call(again, 'look')).toBe('a puppet');
    expect(Object.keys(seen[0] as object).sort()).toEqual([
      'bank',
      'body',
      'class',
      'fromRecord',
      'grants',
      'slots',
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/seed/);
    await next.close();
  });

  test('a stored capability that is changed by hand opens nothing', async () => {
    const text = fixture.world.slotText((await play(fixture, (self) => only(self.make(), 'look'))) as object);
    const [id, token, shape] = (JSON.parse(text) as { slots: string[] }).slots[0]?.split('.') ?? [];
    const forge = (slot: string): string => JSON.stringify({ body: '#"$0"', slots: [slot] });
    for (let other = 0; other < Number(shape); other += 1) {
      const forged = fixture.world.capabilityFrom(forge(`${id}.${token}.${other}`));
      for (const method of ['take', 'act', 'set', 'pay', 'balance']) {
        expect(await codeOf(fixture.call(forged, method, 'x', 1))).not.toBe('none');
      }
    }
    for (const slot of [
      `${id}.${'A'.repeat(22)}.${shape}`,
      `o1.${token}.${shape}`,
      `o999.${token}.${shape}`,
    ]) {
      expect(['Revoked', 'Gone']).toContain(
        await codeOf(fixture.call(fixture.world.capabilityFrom(forge(slot)), 'look')),
      );
    }
    for (const slot of [
      '',
      'o1',
      `${id}.${token}`,
      `${id}.short.1`,
      `${id}.${token}.-1`,
      `${id}.${token}.01`,
      `${id}.${token}.1 `,
      `${id}.${token}.99999`,
    ]) {
      expect(() => fixture.world.capabilityFrom(forge(slot))).toThrow();
    }
  });
});
