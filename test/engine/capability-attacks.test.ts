import { attempt, only, emit } from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { codeThrownBy, openPuppets, play, Puppet, type Doll } from './puppet.ts';
import { reached } from './reached.ts';

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
