import type { AnyCap } from '../../engine/authoring.ts';
import type { UpgradeReport } from '../../engine/errands.ts';
import { StoreError } from '../../storage/errors.ts';
import type { Range } from '../../storage/store.ts';
import { counter, tells } from './counting.ts';
import { openStudio, type Studio } from './studio.ts';
import { guarded } from '../../clients/watchdog.ts';
import { Powers } from './fixture.ts';

describe.each([false, true])('upgrades, evicting always: %s;', (evictAlways) => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await openStudio({ evictAlways });
  });
  afterEach(() => studio.close());

  const call = (to: AnyCap, method: string, ...args: unknown[]): Promise<unknown> =>
    studio.call(to, method, ...args);
  const cap = async (to: AnyCap, method: string, ...args: unknown[]): Promise<AnyCap> =>
    (await studio.call(to, method, ...args)) as AnyCap;

  test('a derived class stays on the version of its base that it was saved with, until it is saved again', async () => {
    const parent = await studio.save('Parent', counter('Parent', 'Base', 1));
    const extending = await cap(parent, 'extending');
    const CHILD = 'class Child extends Parent { add() { return super.add() + 0; } }';
    await studio.save('Child', CHILD, { Parent: extending });
    const made = await studio.make('Parent', 'p');
    const child = await studio.make('Child', 'c');
    await studio.save('Parent', counter('Parent', 'Base', 10));
    expect(await call(made, 'add')).toBe(10);
    expect(await call(child, 'add')).toBe(1);
    expect(await call(await studio.make('Child', 'd'), 'add')).toBe(1);
    await studio.save('Child', CHILD, { Parent: extending });
    expect(await call(child, 'add')).toBe(11);
  });

  test('hooks run base first, each from the version that its class had', async () => {
    const parent = await studio.save('Parent', counter('Parent', 'Base', 1));
    const imports = { Parent: await cap(parent, 'extending') };
    const child = (text = ''): string => counter('Child', 'Parent', 1, text);
    await studio.save('Child', child(), imports);
    const made = await studio.make('Child', 'c');
    await studio.save('Parent', counter('Parent', 'Base', 2));
    await studio.save('Parent', counter('Parent', 'Base', 3, tells('Parent')));
    await studio.save('Child', child(tells('Child')), imports);
    expect(await call(made, 'name')).toBe('c Parent 1 Child 1');
    await studio.save('Child', child(`${tells('Child')} /* again */`), imports);
    expect(await call(made, 'name')).toBe('c Parent 1 Child 1 Child 2');
  });

  test('a hook does not run for a version that is of the same source as the record', async () => {
    const parent = await studio.save('Parent', counter('Parent', 'Base', 1));
    const imports = { Parent: await cap(parent, 'extending') };
    const child = counter('Child', 'Parent', 1, tells('Child'));
    const owner = await studio.save('Child', child, imports);
    const made = await studio.make('Child', 'c');
    await studio.save('Parent', counter('Parent', 'Base', 2));
    await studio.save('Child', child, imports);
    await call(owner, 'rollback', 1);
    expect(await call(made, 'name')).toBe('c');
  });

  test('a picked set of methods stays as it is, a whole facet follows, what was revoked stays so', async () => {
    await studio.save('Child', counter('Child', 'Base', 1));
    const made = await studio.make('Child', 'c');
    const whole = await cap(made, 'lend', { for: 'whole' });
    const revoked = await cap(made, 'lend', { for: 'revoked' });
    const limited = await cap(made, 'lend', { for: 'limited', uses: 2 });
    await call(made, 'take', revoked);
    await studio.save(
      'Picker',
      `class Picker extends Base {
        static facets = { owner: { pick: M.call(M.remotable()).returns(M.remotable()), all: M.call(M.remotable()).returns(M.remotable()) } };
        pick(held) { return only(held, 'count', 'add'); }
        all(held) { return attenuate(held, { for: 'all' }); }
      }`,
    );
    const picker = await studio.make('Picker');
    const picked = await cap(picker, 'pick', made);
    const all = await cap(picker, 'all', made);
    const held = { whole, limited, picked, all, revoked };
    await studio.keep(held);
    const EXTRA = 'add: M.call().returns(M.number()), extra: M.call().returns(M.string()),';
    const better = counter('Child', 'Base', 10, "extra() { return 'more'; }");
    await studio.save('Child', better.replace('add: M.call().returns(M.number()),', EXTRA));
    const now = (await studio.kept()) as typeof held;
    expect(await call(now.whole, 'extra')).toBe('more');
    expect(await call(now.limited, 'extra')).toBe('more');
    expect(await studio.code(now.picked, 'extra')).toBe('NoSuchMethod');
    expect(await studio.code(now.all, 'extra')).toBe('NoSuchMethod');
    expect(await call(now.picked, 'add')).toBe(10);
    expect(await studio.code(now.revoked, 'extra')).toBe('Revoked');
    expect(await call(now.limited, 'count')).toBe(10);
    expect(await studio.code(now.limited, 'count')).toBe('UsedUp');
    expect(Object.keys(Object.getPrototypeOf(now.picked) as object).sort()).toEqual(['add', 'count']);
  });

  test('facets that a version adds, renames or takes away', async () => {
    const COUNT = 'count: M.call().returns(M.number())';
    const child = (facets: string): string =>
      counter('Child', 'Base', 1, 'lends(which) { return facet(this, which); }', facets).replace(
        'keep: M',
        'lends: M.call(M.string()).returns(M.remotable()), keep: M',
      );
    const owner = await studio.save('Child', child(`guest: { ${COUNT} },`));
    await studio.keep(await studio.make('Child', 'c'));
    /** What it lends, or the code of why it does not, read anew: what was held before the change looks as it did then. */
    const lent = async (which: string): Promise<AnyCap> => cap(await studio.kept(), 'lends', which);
    const guest = await lent('guest');
    await call(owner, 'save', child(`visitor: { ${COUNT} },`), {});
    expect(await call(await lent('visitor'), 'count')).toBe(0);
    // It has no such facet any more: what was given away of it admits nothing, though the method is still there.
    expect(await studio.code(await lent('guest'), 'count')).toBe('NoSuchMethod');
    expect(await studio.code(guest, 'count')).toBe('NoSuchMethod');
    expect(await studio.code(await studio.kept(), 'lends', 'host')).toBe('NoSuchMethod');
    await call(owner, 'save', child(`guest: { name: M.call().returns(M.string()) },`), {});
    expect(await call(await lent('guest'), 'name')).toBe('c');
    expect(await studio.code(await lent('guest'), 'count')).toBe('NoSuchMethod');
    expect(await studio.code(guest, 'count')).toBe('NoSuchMethod');
    expect(await studio.code(await lent('visitor'), 'count')).toBe('NoSuchMethod');
  });

  test('public capabilities in records are the same value as before, from the turn of the change on', async () => {
    const owner = await studio.save('Child', counter('Child', 'Base', 1));
    const [one, two] = [await studio.make('Child', 'one'), await studio.make('Child', 'two')];
    await call(one, 'keep', await cap(two, 'front'));
    const better = counter('Child', 'Base', 1, "extra() { return 'more'; }").replace(
      'public: { ',
      'public: { extra: M.call().returns(M.string()), ',
    );
    const isSame = (invoke: (to: AnyCap, method: string, args: readonly unknown[]) => unknown): unknown =>
      invoke(one, 'isKept', [invoke(two, 'front', [])]);
    expect(
      await studio.fixture.world.run((invoke) => {
        invoke(owner, 'save', [better, {}]);
        return isSame(invoke);
      }),
    ).toBe(true);
    expect(await studio.fixture.world.run(isSame)).toBe(true);
    expect(await studio.fixture.world.run((invoke) => isSame(invoke))).toBe(true);
  });

  test('an object whose upgrade failed gives its own facets as one value', async () => {
    const owner = await studio.save(
      'Child',
      counter(
        'Child',
        'Base',
        1,
        'twice() { return facet(this, "other") === facet(this, "other"); }',
        'other: {},',
      ).replace('keep: M', 'twice: M.call().returns(M.boolean()), keep: M'),
    );
    const made = await studio.make('Child', 'c');
    const better = counter(
      'Child',
      'Base',
      2,
      'static upgrade() { throw new Error("no"); } twice() { return false; }',
      'other: { add: M.call().returns(M.number()) },',
    ).replace('keep: M', 'twice: M.call().returns(M.boolean()), keep: M');
    await call(owner, 'save', better, {});
    expect(await call(made, 'twice')).toBe(true);
    expect(await call(made, 'twice')).toBe(true);
    expect(await call(made, 'add')).toBe(1);
  });

  test('what classOf says of an object is true of the code that its next call runs', async () => {
    const owner = await studio.save('Child', counter('Child', 'Base', 1));
    const made = await studio.make('Child', 'c');
    const { storage, classes } = studio.fixture.world.roots;
    const { hash } = (await call(classes, 'describe', 'Child')) as { hash: string };
    await call(storage, 'approve', 'Child', hash);
    await studio.save(
      'Asker',
      `class Asker extends Base {
      static facets = { owner: { ask: M.call(M.remotable()).returns(M.any()) } };
      ask(held) { const { safe, version } = classOf(held); return { safe, version, added: held.add() }; }
    }`,
    );
    const asker = await studio.make('Asker');
    expect(await call(asker, 'ask', made)).toEqual({ safe: true, version: 1, added: 1 });
    await call(owner, 'save', counter('Child', 'Base', 100), {});
    expect(await call(asker, 'ask', made)).toEqual({ safe: false, version: 2, added: 101 });
  });

  test('a class that is saved and used in one turn is there, and all of it is gone if that turn fails', async () => {
    const { classes } = studio.fixture.world.roots;
    const both = (fails: boolean, step: number) =>
      studio.fixture.world.run((invoke) => {
        const owner = invoke(classes, 'define', [
          studio.bank,
          'Ada',
          'Child',
          counter('Child', 'Base', step),
          {},
        ]) as AnyCap;
        const made = invoke(owner, 'make', [studio.bank, 'c']) as AnyCap;
        const count = invoke(made, 'add', []);
        if (fails) throw new Error('after all');
        return [owner, made, count];
      });
    await expect(both(true, 1)).rejects.toMatchObject({ code: 'Threw' });
    expect(await call(classes, 'find', 'Child')).toBe(null);
    const [owner, made, count] = (await both(false, 5)) as [AnyCap, AnyCap, number];
    expect(count).toBe(5);
    expect(await call(made, 'add')).toBe(10);
    const saving = (fails: boolean, step: number) =>
      studio.fixture.world.run((invoke) => {
        invoke(owner, 'save', [counter('Child', 'Base', step), {}]);
        const other = invoke(owner, 'make', [studio.bank, 'd']) as AnyCap;
        const counted = invoke(other, 'add', []);
        if (fails) throw new Error('after all');
        return counted;
      });
    await expect(saving(true, 100)).rejects.toMatchObject({ code: 'Threw' });
    expect(await call(made, 'add')).toBe(15);
    expect(await call(owner, 'current')).toBe(1);
    // Another source under the number that the failed turn had used.
    expect(await saving(false, 1000)).toBe(1000);
    expect(await call(made, 'add')).toBe(1015);
    expect(await call(owner, 'current')).toBe(2);
  });

  test('an upgrade in an attempt is undone with it, and one that fails leaves the attempt alone', async () => {
    const owner = await studio.save('Child', counter('Child', 'Base', 1));
    const made = await studio.make('Child', 'c');
    await studio.save(
      'Trier',
      `class Trier extends Base {
      static facets = { owner: { tries: M.call(M.remotable(), M.boolean()).returns(M.any()) } };
      tries(held, fails) {
        const tried = attempt(() => { const added = held.add(); if (fails) throw fail('No', 'no'); return added; });
        return { tried: tried.ok ? tried.value : tried.error.code, after: held.count(), name: held.name() };
      }
    }`,
    );
    const trier = await studio.make('Trier');
    await call(owner, 'save', counter('Child', 'Base', 10, tells('Child')), {});
    expect(await call(trier, 'tries', made, true)).toEqual({ tried: 'No', after: 0, name: 'c Child 1' });
    expect(await call(trier, 'tries', made, false)).toEqual({ tried: 10, after: 10, name: 'c Child 1' });
    const odd = 'static upgrade() { throw new Error("odd"); }';
    await call(owner, 'save', counter('Child', 'Base', 100, odd), {});
    expect(await call(trier, 'tries', made, true)).toEqual({ tried: 'No', after: 10, name: 'c Child 1' });
    expect(await call(trier, 'tries', made, false)).toEqual({ tried: 20, after: 20, name: 'c Child 1' });
    await expect(
      studio.fixture.world.run((invoke) => {
        invoke(made, 'add', []);
        throw new Error('after all');
      }),
    ).rejects.toMatchObject({ code: 'Threw' });
    expect(await call(made, 'count')).toBe(20);
    const { gate } = studio.fixture.world.roots;
    await call(owner, 'upgrade', gate, 'told');
    await studio.fixture.settle();
    await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([
      { upgraded: 0, failures: 1 } satisfies Partial<UpgradeReport>,
    ]);
  });

  test('an object that ends before its upgrade is no failure', async () => {
    const source = `class Item extends Base {
      static facets = { owner: { end: M.call().returns() } };
      end() { destroy(this); }
    }`;
    const owner = await studio.save('Item', source);
    const made = await studio.make('Item');
    await studio.make('Item');
    await studio.save('Item', `${source} `);
    const { gate } = studio.fixture.world.roots;
    await call(owner, 'upgrade', gate, 'told');
    await call(made, 'end');
    for (let n = 0; n < 3; n += 1) await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([
      { upgraded: 1, failures: 0 } satisfies Partial<UpgradeReport>,
    ]);
  });

  test('many objects are upgraded whatever they take together, and but for those that fail', async () => {
    const source = (hook: string): string => `class Item extends Base {
      #kept = '';
      static upgrade(record) { ${hook} return record; }
      init(name) { super.init(name); this.#kept = 'x'.repeat(25_000); }
      toRecord() { return { ...super.toRecord(), kept: this.#kept }; }
      fromRecord(record) { super.fromRecord(record); this.#kept = record.kept; }
    }`;
    const owner = await studio.save('Item', source(''));
    for (let at = 0; at < 100; at += 1) await studio.make('Item', `item ${at}`);
    await studio.fixture.settle();
    const busy = 'for (let n = 0; n < 300_000; n += 1) ;';
    const odd = "for (; record.label === 'item 20' || record.label === 'item 70';) ;";
    await studio.save('Item', source(busy + odd));
    const { powers, world } = studio.fixture;
    powers.guard = guarded;
    await call(owner, 'upgrade', world.roots.gate, 'told');
    while ((await studio.told()).length === 0) await studio.fixture.settle();
    powers.guard = new Powers().guard;
    expect(await studio.told()).toMatchObject([
      { upgraded: 98, failures: 2 } satisfies Partial<UpgradeReport>,
    ]);
    expect(world.statistics().aside).toBe(0);
  });

  test('an upgrade that calls itself without end leaves its object with the code that it had', async () => {
    await studio.save('Item', 'class Item extends Base {}');
    const made = await studio.make('Item', 'one');
    await studio.save(
      'Item',
      'class Item extends Base { static upgrade(record) { return Item.upgrade(record); } }',
    );
    expect(await call(made, 'name')).toBe('one');
  });

  test('what was not tried is told as that: an object that is set aside, a class that does not load', async () => {
    const source = 'class Item extends Base {}';
    const owner = await studio.save('Item', source);
    const made = await studio.make('Item', 'one');
    await studio.save('Item', `${source} `);
    const { storage } = studio.fixture.world.roots;
    const whyNot = async (classOwner: AnyCap): Promise<string | undefined> => {
      await call(classOwner, 'upgrade', studio.fixture.world.roots.gate, 'told');
      for (let n = 0; n < 3; n += 1) await studio.fixture.settle();
      return ((await studio.told()).at(-1) as UpgradeReport).failed[0]?.message;
    };
    await call(storage, 'setAside', made, 'it is odd');
    expect(await whyNot(owner)).toMatch(/^It stays in version 1: .* is set aside: it is odd/);
    await call(storage, 'mend', made);
    await studio.keep(owner);
    const { journal } = studio.fixture;
    for (const [key, text] of journal.contents()) if (text === `${source} `) journal.tamper(key, undefined);
    await studio.restart({ evictAlways });
    expect(await whyNot(await studio.kept())).toMatch(/^It stays in version 1: version 2 does not load: /);
  });

  test('an object whose upgrade failed is tried anew when it is asked for, since it may have changed', async () => {
    const source = (hook: string): string =>
      `class Item extends Base { static upgrade(record) { ${hook} return record; } }`;
    const owner = await studio.save('Item', source(''));
    const made = await studio.make('Item', 'odd');
    await studio.save('Item', source("if (record.label === 'odd') throw fail('Odd', 'It is odd.');"));
    const { gate } = studio.fixture.world.roots;
    const upgrade = async (): Promise<unknown> => {
      await call(owner, 'upgrade', gate, 'told');
      for (let n = 0; n < 3; n += 1) await studio.fixture.settle();
      return (await studio.told()).at(-1);
    };
    expect(await upgrade()).toMatchObject({ upgraded: 0, failures: 1 });
    await call(made, 'rename', 'even');
    expect(await upgrade()).toMatchObject({ upgraded: 1, failures: 0 });
  });

  test('an object is upgraded also when its entry in the list of its class is damaged', async () => {
    const source = (hook: string): string =>
      `class Item extends Base { static upgrade(record) { ${hook} return record; } }`;
    const owner = await studio.save('Item', source(''));
    for (let at = 0; at < 3; at += 1) await studio.make('Item', `item ${at}`);
    await studio.fixture.settle();
    await studio.save('Item', source(' '));
    const { world, journal } = studio.fixture;
    const range = journal.range.bind(journal);
    journal.range = async function* (asked: Parameters<typeof range>[0] & Pick<Range, 'onDamaged'>) {
      for await (const entry of range(asked)) {
        if (!entry[0].startsWith('of/')) yield entry;
        else if (asked.onDamaged === undefined) throw new Error(`${entry[0]} is damaged`);
        else asked.onDamaged(entry[0], new StoreError('Damaged', 'It is damaged.'));
      }
    };
    await call(owner, 'upgrade', world.roots.gate, 'told');
    while ((await studio.told()).length === 0) await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([{ upgraded: 3, failures: 0 }]);
    journal.range = range;
  });

  test('an upgrade is asked for once at a time, and told to nobody who could not be told', async () => {
    const owner = await studio.save(
      'Asker',
      `class Asker extends Base {
  static facets = { owner: { ask: M.call(M.remotable(), M.remotable(), M.number()).returns() } };
  ask(asked, to, times) { for (let n = 0; n < times; n += 1) asked.upgrade(to, 'told'); }
}`,
    );
    const asker = await studio.make('Asker');
    const { gate } = studio.fixture.world.roots;
    expect(await studio.code(owner, 'upgrade', gate, 'nothing')).toBe('NoSuchMethod');
    await Promise.all([
      studio.call(asker, 'ask', owner, gate, 100),
      expect(studio.code(owner, 'upgrade', gate, 'told')).resolves.toBe('TooMany'),
    ]);
    await studio.fixture.settle();
    await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([{ className: 'Asker', upgraded: 1 }]);
    await studio.call(owner, 'upgrade', gate, 'told');
    await studio.fixture.settle();
    await studio.fixture.settle();
    expect(await studio.told()).toHaveLength(2);
  });

  test('what is derived from a capability has what that shows, also before the object is next called', async () => {
    const item = (facets: string, more: string): string =>
      `class Item extends Base { static facets = { owner: { one: M.call().returns(M.number()) ${facets} } }; one() { return 1; } ${more} }`;
    await studio.save('Item', item('', ''));
    await studio.save(
      'Lender',
      `class Lender extends Base {
        static facets = {
          owner: { lend: M.call(M.remotable()).returns(M.remotable()), pick: M.call(M.remotable(), M.string()).returns(M.remotable()) },
        };
        lend(it) { return attenuate(it, { for: 'somebody' }); }
        pick(it, name) { return only(it, name); }
      }`,
    );
    const lender = await studio.make('Lender');
    await studio.keep([await studio.make('Item'), await studio.make('Item')]);
    await studio.save('Item', item(', two: M.call().returns(M.number())', 'two() { return 2; }'));
    const [first, second] = (await studio.kept()) as unknown as readonly AnyCap[];
    expect(await call(await cap(lender, 'lend', first), 'two')).toBe(2);
    expect(await call(await cap(lender, 'pick', second, 'two'), 'two')).toBe(2);
  });
});
