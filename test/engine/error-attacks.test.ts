import { attempt, collection, facet, only, onRestart, watch } from '../../engine/authoring.ts';
import { stackOf } from '../../engine/stack.ts';
import { StoreError } from '../../storage/errors.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, Puppet } from './puppet.ts';
import { reached } from './reached.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

/** In a turn it could not be had: only the program gives symbols names. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

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

  test.each([
    ['Damaged', /is damaged/],
    ['Unreadable', /cannot be read at the moment/],
  ] as const)(
    "of a store that cannot be read (%s) do not lead to the host's own Error",
    async (code, told) => {
      const get = fixture.journal.get.bind(fixture.journal);
      fixture.journal.get = (key) => {
        if (!/^[ewr]\//.test(key)) return get(key);
        throw new StoreError(code, `the value of key "${key}" is damaged`, new Error('a path of the host'));
      };
      const caught: unknown[] = [];
      await play(fixture, (self) => {
        const me = facet<typeof Puppet, 'owner'>(self, 'owner');
        const readings = [
          () => collection(self, 'c').get('k'),
          () => collection(self, 'c').set('k', 1),
          () => watch(me, 'look', me, 'look'),
          () => onRestart('a', me, 'look'),
        ];
        for (const reading of readings)
          attempt(() => {
            try {
              reading();
            } catch (error) {
              caught.push(error);
            }
          });
        return null;
      });
      expect(caught).toHaveLength(4);
      for (const error of caught as (Error & { readonly code?: unknown })[]) {
        expect([error.code, error.cause]).toEqual(['Damaged', undefined]);
        expect(error.message).toMatch(told);
        expect(reached(error).has(Error)).toBe(false);
      }
      fixture.journal.get = get;
    },
  );

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
      [INSPECT]: () => self,
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
