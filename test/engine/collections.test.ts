import { createHash } from 'node:crypto';
import type { AnyCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { entryName, type CapData } from '../../engine/stored-forms.ts';
import type { FixtureOptions } from './fixture.ts';
import { KEEPER, Keeping, type Step } from './keeper.ts';
import type { Studio } from './studio.ts';

let keeping: Keeping;
let studio: Studio;
let keeper: AnyCap;

async function begin(options: Partial<FixtureOptions>): Promise<void> {
  keeping = await Keeping.open(options);
  ({ studio, keeper } = keeping);
}

const does = (...steps: readonly Step[]): Promise<unknown> => keeping.does(...steps);
const code = (...steps: readonly Step[]): Promise<string> => keeping.code(...steps);
const all = (name?: string): Promise<unknown> => keeping.all(name);
const stored = (): Promise<readonly string[]> => keeping.stored();

describe.each([false, true])('collections, evicting always: %s;', (evictAlways) => {
  beforeEach(async () => {
    await begin({ evictAlways });
  });
  afterEach(() => studio.close());

  test('values cross, and come back as they were', async () => {
    const other = await studio.make('Keeper', 'other');
    const value = { text: 'x', list: [1, -0, 2n, null, undefined, NaN], of: { it: other }, '1': 'one' };
    await does(
      ['set', 'c', 'all', value],
      ['set', 'c', '', ''],
      ['set', 'c', '__proto__', 1],
      ['set', 'c', 'undefined', undefined],
    );
    expect(
      await does(
        ['get', 'c', 'all'],
        ['get', 'c', ''],
        ['get', 'c', '__proto__'],
        ['has', 'c', 'undefined'],
        ['get', 'c', 'undefined'],
        ['get', 'c', 'none'],
      ),
    ).toEqual([{ ...value, list: [1, 0, 2n, null, undefined, NaN] }, '', 1, true, undefined, undefined]);
    await studio.keep([keeper, other]);
    await studio.restart();
    const [again, same] = (await studio.kept()) as unknown as AnyCap[];
    expect(await studio.call(again as AnyCap, 'does', [['get', 'c', 'all']])).toMatchObject([
      { of: { it: same } },
    ]);
  });

  test('a key is a text or a capability, and nothing else; one that is gone or revoked is still a key', async () => {
    const other = await studio.make('Keeper', 'other');
    const front = (await studio.call(other, 'front')) as AnyCap;
    await does(['set', 'c', other, 'owner'], ['set', 'c', front, 'public'], ['set', 'c', 'other', 'text']);
    expect(await does(['get', 'c', other], ['get', 'c', front], ['size', 'c'])).toEqual([
      'owner',
      'public',
      3,
    ]);
    for (const key of [1, null, undefined, true, [], {}, [other]])
      expect(await code(['set', 'c', key, 1])).toBe('BadArgument');
    await studio.call(other, 'end');
    expect(await does(['delete', 'c', front], ['get', 'c', other], ['keys', 'c', null])).toEqual([
      true,
      'owner',
      [other, 'other'],
    ]);
  });

  test('keys of halves of characters are each their own, for who looks at the store too', async () => {
    const keys = ['\ud800', '\udfff', 'a\udfff', '\ud83d\ude00', '\ufffd', '"\\ud800"'];
    await does(...keys.map((key, at): Step => ['set', 'c', key, at]));
    expect(await does(['size', 'c'], ...keys.map((key): Step => ['get', 'c', key]))).toEqual([
      keys.length,
      ...keys.keys(),
    ]);
    await studio.fixture.settle();
    const entries = studio.fixture.journal.contents().filter(([key]) => key.startsWith('e/'));
    const names = entries.map(([key, text]) => {
      const { body, slots } = (JSON.parse(text) as { data: CapData }).data;
      const name = entryName(JSON.parse(body.slice(1)), slots) ?? '';
      expect(key.endsWith(createHash('sha256').update(name).digest('hex'))).toBe(true);
      return name;
    });
    expect(new Set(names).size).toBe(keys.length);
  });

  test('a capability is the same key after its class has another version', async () => {
    const owner = await studio.save(
      'Other',
      'class Other extends Base { toRecord() { return { ...super.toRecord(), keeper: 1 }; } }',
    );
    const other = await studio.make('Other', 'o');
    await does(['set', 'c', other, 'before']);
    await studio.keep(other);
    const better = `class Other extends Base {
      static facets = { public: { ...Base.facets.public, more: M.call().returns() }, owner: { ...Base.facets.owner, more: M.call().returns() } };
      more() {}
    }`;
    await studio.call(owner, 'save', better, {});
    const same = await studio.kept();
    expect(Object.keys(Object.getPrototypeOf(same) as object)).toContain('more');
    expect(await does(['get', 'c', same], ['set', 'c', same, 'after'], ['size', 'c'], ['keys', 'c'])).toEqual(
      ['before', null, 1, [same]],
    );
    await studio.call(other, 'rename', 'still there');
    expect(await does(['delete', 'c', same], ['size', 'c'])).toEqual([true, 0]);
  });

  test('only its own object can use one, while it runs, in the turn in which it asked', async () => {
    await does(['set', 'c', 'a', 1]);
    expect(await studio.code(keeper, 'lends')).toBe('NotPassable');
    const other = await studio.make('Keeper', 'other');
    expect(await studio.code(other, 'other', keeper)).toBe('NotPassable');
    expect(await studio.code(keeper, 'inRecord')).toBe('NotStorable');
    expect(await studio.call(keeper, 'stale')).toBe(1);
    expect(['NotYours', 1]).toContain(await studio.call(keeper, 'stale'));
    if (!evictAlways) expect(await studio.call(keeper, 'stale')).toBe('NotYours');
    for (const name of ['', 'a b', '1a', 'x'.repeat(41), '../x', 'é'])
      expect(await code(['size', name])).toBe('BadArgument');
    expect(await does(['size', 'x'.repeat(40)])).toEqual([0]);
  });

  test('what a turn or an attempt that fails has done to it is undone', async () => {
    await does(['set', 'c', 'a', 1], ['set', 'c', 'b', 2], ['set', 'c', 'd', 3]);
    const before = [await all(), await stored()];
    expect(
      await code(
        ['set', 'c', 'e', 5],
        ['delete', 'c', 'a'],
        ['set', 'c', 'b', 7],
        ['set', 'other', 'x', 1],
        ['set', 'c', 3, 1],
      ),
    ).toBe('BadArgument');
    expect([await all(), await stored()]).toEqual(before);
    expect(
      await does(
        ['delete', 'c', 'b'],
        [
          'in vain',
          [
            ['set', 'c', 'b', 9],
            ['delete', 'c', 'a'],
            ['in vain', [['delete', 'c', 'd']]],
            ['attempt', [['set', 'c', 'f', 1]]],
            ['size', 'c'],
          ],
        ],
        [
          'attempt',
          [
            ['set', 'c', 'g', 1],
            ['in vain', [['delete', 'c', 'g']]],
          ],
        ],
        ['size', 'c'],
        ['keys', 'c'],
      ),
    ).toEqual([true, 'Vain', [null, 'Vain'], 3, ['a', 'd', 'g']]);
    expect(await all()).toEqual({
      size: 3,
      found: [
        ['a', 1],
        ['d', 3],
        ['g', 1],
      ],
    });
  });

  test('nothing of it is left when its object ends, also not of one that was emptied', async () => {
    await does(['set', 'c', 'a', 1], ['set', 'other', 'b', 2], ['set', 'emptied', 'b', 2]);
    await does(['delete', 'emptied', 'b']);
    expect((await stored()).length).toBe(3);
    await studio.call(keeper, 'end');
    expect(await stored()).toEqual([]);
    keeping.keeper = await studio.make('Keeper', 'another');
    await does(['set', 'c', 'a', 1]);
    await does(['delete', 'c', 'a']);
    await studio.call(keeping.keeper, 'end');
    expect(await stored()).toEqual([]);
  });

  test('its bank pays for it, and gets that back', async () => {
    const bank = (await studio.call(studio.bank, 'split', 50)) as BankOwner;
    const left = (): Promise<unknown> => studio.call(bank, 'balance');
    const made = (await studio.call(await studio.save('Keeper', `${KEEPER} `), 'make', bank, 'k')) as AnyCap;
    expect(await left()).toBe(49);
    const filling = Array.from({ length: 10 }, (_, n): Step => ['set', 'c', `k${n}`, 'x'.repeat(1_000)]);
    await studio.call(made, 'does', filling);
    const full = Number(await left());
    expect(full).toBeLessThan(49 - 9);
    await studio.call(made, 'does', filling);
    expect(await left()).toBe(full);
    await studio.call(
      made,
      'does',
      filling.map(([, name, key]): Step => ['set', name, key, '']),
    );
    expect(Number(await left())).toBeGreaterThan(45);
    expect(await studio.code(made, 'does', [['set', 'c', 'big', 'x'.repeat(60_000)]])).toBe('BankDry');
    expect(await studio.call(made, 'does', [['has', 'c', 'big']])).toEqual([false]);
    await studio.call(
      made,
      'does',
      filling.map(([, name, key]): Step => ['delete', name, key]),
    );
    // Emptied it had two units left, which is not more than twice what it needs.
    expect(await left()).toBe(48);
    await studio.call(made, 'does', [['set', 'c', 'k', 'x'.repeat(2_000)]]);
    await studio.call(made, 'does', [['delete', 'c', 'k']]);
    expect(await left()).toBe(49);
  });

  test('limits, each on both sides', async () => {
    expect(await code(['set', 'c', 'x'.repeat(200), 1])).toBe('none');
    expect(await code(['set', 'c', 'x'.repeat(201), 1])).toBe('TooLarge');
    expect(await does(['has', 'c', 'x'.repeat(200)], ['size', 'c'])).toEqual([true, 1]);
    expect(await code(['has', 'c', 'x'.repeat(201)])).toBe('TooLarge');
    for (let n = 2; n <= 32; n += 1) await does(['set', `c${n}`, 'a', 1]);
    expect(await code(['set', 'c33', 'a', 1])).toBe('TooMany');
    // One that was emptied makes room.
    await does(['delete', 'c2', 'a'], ['set', 'c33', 'a', 1]);
    expect(await does(['size', 'c2'], ['size', 'c33'])).toEqual([0, 1]);
  });

  test('a step that fails half-way is not done, also if that is swallowed', async () => {
    for (let n = 1; n <= 32; n += 1) await does(['set', `c${n}`, 'a', 1]);
    const before = await stored();
    expect(await studio.code(keeper, 'swallows', [['set', 'c33', 'a', 1]])).toBe('TooMany');
    expect(await stored()).toEqual(before);
    // What was wrong before anything was done may be swallowed.
    expect(
      await studio.call(keeper, 'swallows', [
        ['set', 'c1', 1, 1],
        ['set', 'c1', 'x'.repeat(201), 1],
        ['set', 'c1', 'b', 2],
      ]),
    ).toEqual(['BadArgument', 'TooLarge', null]);
    expect(await all('c1')).toEqual({
      size: 2,
      found: [
        ['a', 1],
        ['b', 2],
      ],
    });
  });

  test('reading gives as many as it is asked for, in order, from behind a key', async () => {
    await does(...Array.from({ length: 150 }, (_, n): Step => ['set', 'c', `k${n}`, n]));
    const keys = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, n) => `k${from + n}`);
    expect(
      await does(
        ['keys', 'c'],
        ['keys', 'c', null, 3],
        ['keys', 'c', 'k1', 2],
        ['keys', 'c', 'k149'],
        ['keys', 'c', 'gone'],
        ['keys', 'c', null, 0],
        ['keys', 'c', null, -5],
      ),
    ).toEqual([keys(0, 100), keys(0, 3), keys(2, 4), [], [], [], []]);
    expect(await does(['keys', 'c', null, 1_000_000])).toEqual([keys(0, 150)]);
    expect(await does(['entries', 'c', 'k9', 1])).toEqual([[['k10', 10]]]);
  });
});

test('a turn may write so many entries and no more, and then nothing of it is written', async () => {
  await begin({ limits: { turnWrites: 10 } });
  const set = (count: number): Step[] =>
    Array.from({ length: count }, (_, n) => ['set', 'c', `k${n}`, n] as const);
  // Each new entry writes itself, the head, and its link from the one before.
  expect(await code(...set(4))).toBe('TooMany');
  expect(await stored()).toEqual([]);
  expect(await studio.code(keeper, 'swallows', set(4))).toBe('TooMany');
  expect(await stored()).toEqual([]);
  expect(await code(...set(3))).toBe('none');
  expect(await all()).toEqual({
    size: 3,
    found: [
      ['k0', 0],
      ['k1', 1],
      ['k2', 2],
    ],
  });
  await studio.close();
});

test('so many entries go with their object, and of more some have to be deleted first', async () => {
  await begin({ limits: { turnMilliseconds: 10_000 } });
  const fill = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 500)
      await does(
        ...Array.from({ length: Math.min(500, to - at) }, (_, n): Step => ['set', 'c', `k${at + n}`, 1]),
      );
  };
  await fill(0, 5_001);
  expect(await studio.code(keeper, 'end')).toBe('TooMany');
  await does(['delete', 'c', 'k17']);
  expect(await studio.code(keeper, 'end')).toBe('none');
  expect(await stored()).toEqual([]);
  await studio.close();
});

test('with whom is set aside so many entries go at once, and he with the last of them', async () => {
  await begin({ limits: { turnMilliseconds: 10_000, bankBurst: 60_000 } });
  const { gate, storage } = studio.fixture.world.roots;
  const bank = (await studio.call(gate, 'splits', 10_000)) as BankOwner & AnyCap;
  const rich = (await studio.call(await studio.save('Keeper', KEEPER), 'make', bank, 'rich')) as AnyCap;
  for (let at = 0; at < 5_500; at += 500) {
    const steps = Array.from({ length: 500 }, (_, n): Step => ['set', 'c', `k${at + n}`, 1]);
    await studio.call(rich, 'does', steps);
  }
  await studio.call(storage, 'setAside', rich, 'it has too much');
  const [{ number }] = (await studio.call(bank, 'aside')) as [{ number: number }];
  expect(await studio.call(bank, 'destroyAside', number)).toBe(500);
  expect(await studio.code(rich, 'all', 'c')).toBe('SetAside');
  expect(await studio.call(bank, 'destroyAside', number)).toBe(0);
  expect(await studio.code(rich, 'all', 'c')).toBe('Gone');
  expect(await studio.call(bank, 'aside')).toEqual([]);
  expect(await stored()).toEqual([]);
  await studio.close();
});
