import fc from 'fast-check';
import type { AnyCap } from '../../engine/authoring.ts';
import { Keeping, type Step } from './keeper.ts';

/** A text, or which of the other objects. */
type Key = string | number;
type Name = 'one' | 'two';
type Act =
  | { readonly do: 'set'; readonly of: Name; readonly key: Key; readonly value: number }
  | { readonly do: 'delete' | 'get' | 'has'; readonly of: Name; readonly key: Key }
  | { readonly do: 'size'; readonly of: Name }
  | { readonly do: 'keys' | 'entries'; readonly of: Name; readonly key: Key | null; readonly most: number }
  | { readonly do: 'attempt' | 'in vain'; readonly acts: readonly Act[] };

const key: fc.Arbitrary<Key> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') },
  { weight: 1, arbitrary: fc.nat({ max: 2 }) },
);
const of = fc.constantFrom<Name>('one', 'two');
const most = fc.nat({ max: 7 });
const after: fc.Arbitrary<Key | null> = fc.oneof(key, fc.constant(null));

const { act } = fc.letrec<{ act: Act }>((tie) => {
  const set: fc.Arbitrary<Act> = fc.record({ do: fc.constant('set'), of, key, value: fc.nat() });
  const drop: fc.Arbitrary<Act> = fc.record({ do: fc.constant('delete'), of, key });
  const look: fc.Arbitrary<Act> = fc.record({ do: fc.constantFrom('get', 'has'), of, key });
  const size: fc.Arbitrary<Act> = fc.record({ do: fc.constant('size'), of });
  const read: fc.Arbitrary<Act> = fc.record({
    do: fc.constantFrom('keys', 'entries'),
    of,
    key: after,
    most,
  });
  const nested: fc.Arbitrary<Act> = fc.record({
    do: fc.constantFrom('attempt', 'in vain'),
    acts: fc.array(tie('act'), { maxLength: 6 }),
  });
  return {
    act: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 5, arbitrary: set },
      { weight: 3, arbitrary: drop },
      { weight: 1, arbitrary: look },
      { weight: 1, arbitrary: size },
      { weight: 1, arbitrary: read },
      { weight: 2, arbitrary: nested },
    ),
  };
});

const turn = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 12 }),
  then: fc.constantFrom('', '', '', 'fails', 'restart', 'crash'),
});

/** What the collections are to hold, and what each act is to give. */
class Model {
  /** The capabilities that are keys. */
  others: readonly AnyCap[] = [];
  #maps: Readonly<Record<Name, Map<Key, number>>> = { one: new Map(), two: new Map() };

  of(name: Name): { size: number; found: readonly unknown[] } {
    return { size: this.#maps[name].size, found: this.#entries(name) };
  }

  /** What `body` changes, it changes in vain. */
  inVain<T>(body: () => T): T {
    const before = this.#maps;
    this.#maps = { one: new Map(before.one), two: new Map(before.two) };
    const value = body();
    this.#maps = before;
    return value;
  }

  run(act: Act): unknown {
    switch (act.do) {
      case 'attempt':
        return act.acts.map((each) => this.run(each));
      case 'in vain':
        return this.inVain(() => {
          for (const each of act.acts) this.run(each);
          return 'Vain';
        });
      case 'set':
        this.#maps[act.of].set(act.key, act.value);
        return null;
      case 'delete':
        return this.#maps[act.of].delete(act.key);
      case 'get':
        return this.#maps[act.of].get(act.key);
      case 'has':
        return this.#maps[act.of].has(act.key);
      case 'size':
        return this.#maps[act.of].size;
      case 'keys':
      case 'entries':
        break;
    }
    const some = this.#after(act.of, act.key, act.most);
    return act.do === 'keys' ? some.map(([found]) => found) : some;
  }

  /** The same act as the object in the world is told it. */
  step(act: Act): Step {
    switch (act.do) {
      case 'attempt':
      case 'in vain':
        return [act.do, act.acts.map((each) => this.step(each))];
      case 'set':
        return [act.do, act.of, this.#asKey(act.key), act.value];
      case 'keys':
      case 'entries':
        return [act.do, act.of, act.key === null ? null : this.#asKey(act.key), act.most];
      case 'size':
        return [act.do, act.of];
      case 'delete':
      case 'get':
      case 'has':
        break;
    }
    return [act.do, act.of, this.#asKey(act.key)];
  }

  #asKey(key: Key): unknown {
    return typeof key === 'number' ? this.others[key] : key;
  }

  #entries(name: Name): readonly (readonly [key: unknown, value: number])[] {
    return [...this.#maps[name]].map(([key, value]) => [this.#asKey(key), value] as const);
  }

  #after(name: Name, key: Key | null, most: number): readonly (readonly [key: unknown, value: number])[] {
    if (key !== null && !this.#maps[name].has(key)) return [];
    const from = key === null ? 0 : [...this.#maps[name].keys()].indexOf(key) + 1;
    return this.#entries(name).slice(from, from + most);
  }
}

test.each([false, true])(
  'an object has collections as JavaScript has maps, evicting always: %s',
  async (evictAlways) => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 10 }), async (turns) => {
        const keeping = await Keeping.open({ evictAlways });
        const { studio } = keeping;
        const model = new Model();
        for (let n = 0; n < 3; n += 1) model.others = [...model.others, await studio.make('Keeper', 'key')];
        for (const { acts, then } of turns) {
          const steps = acts.map((each) => model.step(each));
          if (then === 'fails') {
            expect(await keeping.code(...steps, ['set', 'one', 1, 1])).toBe('BadArgument');
          } else {
            expect(await keeping.does(...steps)).toEqual(acts.map((each) => model.run(each)));
          }
          if (then === 'restart' || then === 'crash') {
            await studio.keep([keeping.keeper, model.others]);
            if (then === 'restart') await studio.restart();
            else studio.fixture = await studio.fixture.crash();
            [keeping.keeper, model.others] = (await studio.kept()) as unknown as [AnyCap, AnyCap[]];
          }
          expect([await keeping.all('one'), await keeping.all('two')]).toEqual([
            model.of('one'),
            model.of('two'),
          ]);
        }
        await studio.call(keeping.keeper, 'end');
        expect(await keeping.stored()).toEqual([]);
        await studio.close();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 25) },
    );
  },
  120_000,
);
