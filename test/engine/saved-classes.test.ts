import type { AnyCap } from '../../engine/authoring.ts';
import { StoreError } from '../../storage/errors.ts';
import { isStackShort } from '../../engine/stack-left.ts';
import { Base, openStudio, Private, Shelf, type Studio } from './studio.ts';

const COUNTER = `const STEP = 1;
class Counter extends Base {
  static facets = {
    ...Base.facets,
    public: { ...Base.facets.public, count: M.call().returns(M.number()) },
    owner: { ...Base.facets.owner, count: M.call().returns(M.number()), add: M.call().returns() },
  };
  #count = 0;
  toRecord() { return { ...super.toRecord(), count: this.#count }; }
  fromRecord(record) { super.fromRecord(record); this.#count = record.count; }
  count() { return this.#count; }
  add() { this.#count += STEP; }
}`;

const BETTER = COUNTER.replace('const STEP = 1', 'const STEP = 10')
  .replace('add: M.call().returns()', 'add: M.call().returns(), reset: M.call().returns()')
  .replace('count: this.#count', 'total: this.#count')
  .replace('record.count', 'record.total')
  .replace(
    'add() {',
    `static upgrade(record, from) { const { count, ...rest } = record; return { ...rest, total: count + 1000 * from }; }
  reset() { this.#count = 0; }
  add() {`,
  );

describe.each([false, true])('classes written in the world, evicting always: %s', (evictAlways) => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await openStudio({ evictAlways });
  });
  afterEach(async () => {
    await studio.close();
  });

  test('make objects that work, and are there after a restart without any file from outside', async () => {
    await studio.save('Counter', COUNTER);
    const counter = await studio.make('Counter', 'one');
    await studio.call(counter, 'add');
    await studio.call(counter, 'add');
    expect(await studio.call(counter, 'count')).toBe(2);
    expect(await studio.call(counter, 'name')).toBe('one');
    await studio.keep(counter);
    await studio.restart();
    const again = await studio.kept();
    expect(await studio.call(again, 'count')).toBe(2);
    await studio.call(again, 'add');
    expect(await studio.call(again, 'count')).toBe(3);
  });

  test('take their objects along into a new version, by their records, with all that is held on them', async () => {
    const owner = await studio.save('Counter', COUNTER);
    const counter = await studio.make('Counter', 'one');
    await studio.call(counter, 'add');
    await studio.keep(counter);
    await studio.save('Counter', BETTER);
    expect(await studio.call(counter, 'count')).toBe(1001);
    const held = await studio.kept();
    await studio.call(held, 'add');
    expect(await studio.call(held, 'count')).toBe(1011);
    // The facet has a method more, and whoever holds it has it too.
    await studio.call(held, 'reset');
    expect(await studio.call(counter, 'count')).toBe(0);
    await studio.call(owner, 'rollback', 1);
    expect(await studio.call(owner, 'versions')).toMatchObject([
      { version: 1, note: '' },
      { version: 2, note: '' },
      { version: 3, note: 'as it was in version 1' },
    ]);
    await studio.restart();
    expect(await studio.code(await studio.kept(), 'reset')).toBe('NoSuchMethod');
  });

  test('keep an object as it was, with the code that it had, if its upgrade fails', async () => {
    await studio.save('Counter', COUNTER);
    const counter = await studio.make('Counter', 'one');
    await studio.call(counter, 'add');
    await studio.save(
      'Counter',
      BETTER.replace('return { ...rest,', 'if (count === 1) throw new Error("odd"); return { ...rest,'),
    );
    await studio.call(counter, 'add');
    expect(await studio.call(counter, 'count')).toBe(2);
    await studio.save('Counter', BETTER);
    expect(await studio.call(counter, 'count')).toBe(1002);
    expect(studio.fixture.powers.events.map(({ what }) => what)).toContain('failed upgrade');
  });

  test('change nothing when their source has mistakes, which are told by line and column', async () => {
    const owner = await studio.save('Counter', COUNTER);
    const counter = await studio.make('Counter', 'one');
    const wrong = COUNTER.replace('return this.#count;', 'return this.#cuont;');
    await expect(studio.call(owner, 'save', wrong, {})).rejects.toMatchObject({
      code: 'BadSource',
      message: expect.stringMatching(/Counter, line 11, column 25: .*\n.*return this\.#cuont;.*\n +\^/),
    });
    expect(await studio.call(owner, 'current')).toBe(1);
    await studio.call(counter, 'add');
    expect(await studio.call(counter, 'count')).toBe(1);
  });

  test('name their facets in a few characters, which each object keeps with its grants', async () => {
    const named = (length: number): string =>
      `class Wide extends Base { static facets = { ...Base.facets, ${'f'.repeat(length)}: {} }; }`;
    await expect(studio.save('Wide', named(65))).rejects.toMatchObject({
      code: 'BadSource',
      message: expect.stringMatching(/65 characters.* 64/),
    });
    await studio.save('Wide', named(64));
  });

  test.each([
    'constructor',
    'fromRecord',
    'init',
    'inspect',
    'then',
    'toJSON',
    'toRecord',
    'toString',
    'valueOf',
  ])(
    'have no method "%s" in their facets, by which a capability would be something else, or lead behind it',
    async (name) => {
      const source = `class Odd extends Base {
  static facets = { ...Base.facets, owner: { ...Base.facets.owner, ${name}: M.call().rest(M.any()).returns(M.any()) } };
  ${name === 'constructor' || name.endsWith('Record') ? '' : `${name}() { return 1; }`}
}`;
      await expect(studio.save('Odd', source)).rejects.toMatchObject({
        code: 'BadSource',
        message: expect.stringContaining(`Odd.${name} (facet owner) is not a name for a method`),
      });
    },
  );

  test('can be named by others only with a capability, or when they are open', async () => {
    const owner = await studio.save('Counter', COUNTER);
    const twice = 'class Twice extends Counter { add() { super.add(); super.add(); } }';
    await expect(studio.save('Twice', twice)).rejects.toMatchObject({ code: 'BadSource' });
    const creating = await studio.call(owner, 'creating');
    await expect(studio.save('Twice', twice, { Counter: creating as object })).rejects.toMatchObject({
      code: 'NoSuchMethod',
    });
    const extending = await studio.call(owner, 'extending');
    await studio.save('Twice', twice, { Counter: extending as object });
    const made = await studio.make('Twice', 'two');
    await studio.call(made, 'add');
    expect(await studio.call(made, 'count')).toBe(2);
    const maker = `class Maker extends Base {
      static facets = { owner: { build: M.call(M.remotable()).returns(M.remotable()) } };
      build(bank) { return create(bank, Counter, 'made'); }
    }`;
    await expect(studio.save('Maker', maker)).rejects.toMatchObject({ code: 'BadSource' });
    await studio.call(owner, 'open', true);
    await studio.save('Maker', maker);
    const built = (await studio.call(await studio.make('Maker'), 'build', studio.bank)) as object;
    expect(await studio.call(built, 'name')).toBe('made');
    await expect(studio.save('Priv', 'class Priv extends Private {}')).rejects.toMatchObject({
      code: 'BadSource',
    });
  });

  test('make objects of what they are built on only if they were lent that too, or if it is open', async () => {
    const owner = await studio.save(
      'Counter',
      `${COUNTER.slice(0, -1)} again(bank) { return create(bank, Counter, 'again'); } }`.replace(
        'owner: {',
        'owner: { again: M.call(M.remotable()).returns(M.remotable()),',
      ),
    );
    const minter = `class Minter extends Counter {
      static facets = {
        ...Counter.facets,
        owner: {
          ...Counter.facets.owner,
          mint: M.call(M.remotable()).returns(M.remotable()),
          dig: M.call(M.remotable()).returns(M.remotable()),
          like: M.call(M.remotable()).returns(M.remotable()),
        },
      };
      mint(bank) { return create(bank, Counter, 'minted'); }
      dig(bank) { return create(bank, Object.getPrototypeOf(Minter), 'dug'); }
      like(bank) { return create(bank, Minter, 'like it'); }
    }`;
    await studio.save('Minter', minter, { Counter: (await studio.call(owner, 'extending')) as object });
    const made = await studio.make('Minter', 'm');
    for (const method of ['mint', 'dig'])
      expect(await studio.code(made, method, studio.bank)).toBe('NotAClass');
    for (const method of ['again', 'like']) expect(await studio.code(made, method, studio.bank)).toBe('none');
    await studio.call(owner, 'open', true);
    expect(await studio.code(made, 'mint', studio.bank)).toBe('none');
    await studio.call(owner, 'open', false);
    await studio.save('Minter', `${minter} `, { Counter: owner });
    expect(await studio.code(made, 'mint', studio.bank)).toBe('none');
  });

  test('make no objects of what a built-in class is built on, unless that is open to them too', async () => {
    class Over extends Private {}
    await studio.close();
    studio = await openStudio({ evictAlways, classes: [Base, Private, Shelf, Over], shared: [Base, Over] });
    await studio.save(
      'Digger',
      `class Digger extends Base {
      static facets = { owner: { dig: M.call(M.remotable(), M.number()).returns(M.remotable()) } };
      dig(bank, deep) {
        let found = Over;
        for (let at = 0; at < deep; at += 1) found = Object.getPrototypeOf(found);
        return create(bank, found, 'dug');
      }
    }`,
    );
    const digger = await studio.make('Digger');
    const codes: string[] = [];
    for (const deep of [0, 1, 2, 3]) codes.push(await studio.code(digger, 'dig', studio.bank, deep));
    expect(codes).toEqual(['none', 'NotAClass', 'none', 'NotAClass']);
  });

  test('are created by a capability on a class, and what only looks like one is not given the bank', async () => {
    const counter = await studio.save('Counter', COUNTER);
    await studio.save(
      'Thief',
      `class Thief extends Base {
        static facets = { owner: { make: M.call(M.remotable()).rest(M.any()).returns(M.any()), taken: M.call().returns(M.any()) } };
        #bank = null;
        toRecord() { return { ...super.toRecord(), bank: this.#bank }; }
        fromRecord(record) { super.fromRecord(record); this.#bank = record.bank; }
        make(bank) { this.#bank = bank; return this; }
        taken() { return this.#bank; }
      }`,
    );
    await studio.save(
      'Vendor',
      `class Vendor extends Base {
        static facets = { owner: { vend: M.call(M.remotable(), M.remotable()).returns(M.remotable()) } };
        vend(bank, what) { return create(bank, what, 'sold'); }
      }`,
    );
    const [vendor, thief] = [await studio.make('Vendor', 'v'), await studio.make('Thief', 't')];
    expect(await studio.code(vendor, 'vend', studio.bank, thief)).toBe('NotAClass');
    expect(await studio.call(thief, 'taken')).toBe(null);
    for (const capability of [counter, await studio.call(counter, 'creating')])
      expect(await studio.code(vendor, 'vend', studio.bank, capability)).toBe('none');
  });

  test('that do not load any more are set aside with their objects, and both come back when they are mended', async () => {
    await studio.save('Counter', COUNTER);
    const counter = await studio.make('Counter', 'one');
    await studio.call(counter, 'add');
    await studio.keep(counter);
    const { journal } = studio.fixture;
    const [key, source] = journal.contents().find(([text]) => text.startsWith('src/')) ?? ['', ''];
    journal.tamper(key, source.replace('Base', 'Bass'));
    await studio.restart();
    expect(await studio.code(await studio.kept(), 'count')).toBe('SetAside');
    expect(studio.fixture.powers.events.map(({ what }) => what)).toContain('broken class');
    expect(studio.fixture.world.statistics()).toMatchObject({ aside: 0, classesAside: 1 });
    studio.fixture.journal.tamper(key, source);
    await studio.restart();
    expect(await studio.call(await studio.kept(), 'count')).toBe(1);
    expect(studio.fixture.world.statistics().classesAside).toBe(0);
  });

  test('are listed without being compiled, and told as broken where that is known', async () => {
    await studio.save('Counter', COUNTER);
    await studio.save('Other', COUNTER.replace('class Counter', 'class Other'));
    const { journal } = studio.fixture;
    const [key, source] = journal.contents().find(([, text]) => text.includes('class Counter')) ?? ['', ''];
    journal.tamper(key, source.replace('Base', 'Bass'));
    await studio.restart();
    const { classes } = studio.fixture.world.roots;
    const describe = (...args: unknown[]): Promise<unknown> =>
      studio.call(classes, 'describe', 'Counter', ...args);
    const listed = await describe(true);
    expect(listed).toMatchObject({ version: 1, author: 'Ada', broken: '' });
    expect(studio.fixture.powers.events.map(({ what }) => what)).not.toContain('broken class');
    const asked = await describe();
    expect(asked).toMatchObject({ broken: expect.stringContaining('Bass') as string });
    expect(await describe(true)).toEqual(asked);
    expect((listed as { hash: string }).hash).toBe((asked as { hash: string }).hash);
  });

  test('upgrade all their objects on demand, and say what became of it', async () => {
    const owner = await studio.save('Counter', COUNTER);
    const all = [];
    for (let n = 0; n < 5; n += 1) all.push(await studio.make('Counter', `n${n}`));
    await studio.call(all[2] as object, 'add');
    await studio.save(
      'Counter',
      BETTER.replace('return { ...rest,', 'if (count === 1) throw new Error("odd"); return { ...rest,'),
    );
    await studio.call(owner, 'upgrade', studio.fixture.world.roots.gate, 'told');
    await studio.fixture.settle();
    await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([{ upgraded: 4, failures: 1 }]);
  });
});

/**
 * Calls `method` of what `next` gives with the first read of the disk failing, with the second, and so on until it
 * makes fewer; after each, when the disk is well again, `then` looks at what it has done.
 */
async function failingEachRead(
  studio: Studio,
  next: () => Promise<AnyCap>,
  method: string,
  then: (made: AnyCap, at: number) => Promise<void>,
): Promise<void> {
  let came = true; // to the read that fails
  for (let at = 1; came; at += 1) {
    const made = await next();
    const { journal } = studio.fixture;
    const get = journal.get.bind(journal);
    let reads = 0;
    journal.get = (key) => {
      reads += 1;
      if (reads === at) throw new StoreError('Unreadable', 'A cable has come loose.');
      return get(key);
    };
    await studio.code(made, method);
    came = reads >= at;
    journal.get = get;
    // Of an object whose class could not be read, too: that it is set aside would not be true.
    for (const event of studio.fixture.powers.events.splice(0))
      expect(event).not.toMatchObject({ what: 'damaged', message: expect.not.stringContaining('cable') });
    await then(made, at);
  }
}

test('a disk that cannot be read once costs a class and its objects no more than that turn', async () => {
  const studio = await openStudio();
  const parent = await studio.save('Parent', COUNTER.replace('Counter', 'Parent'));
  const Parent = (await studio.call(parent, 'extending')) as object;
  await studio.save('Counter', 'class Counter extends Parent {}', { Parent });
  await studio.keep(await studio.make('Counter', 'one'));
  const next = async (): Promise<AnyCap> => {
    await studio.restart();
    return studio.kept();
  };
  await failingEachRead(studio, next, 'add', async (counter, at) => {
    expect({ at, code: await studio.code(counter, 'add') }).toEqual({ at, code: 'none' });
  });
  await studio.close();
});

test('a disk that cannot be read once keeps no object from following its class', async () => {
  const studio = await openStudio({ evictAlways: true });
  const parent = await studio.save('Parent', COUNTER.replace('Counter', 'Parent'));
  const Parent = (await studio.call(parent, 'extending')) as object;
  const child = 'class Counter extends Parent {}';
  await studio.save('Counter', child, { Parent });
  const counters: AnyCap[] = [];
  for (let n = 0; n < 30; n += 1) counters.push(await studio.make('Counter', `number ${n}`));
  await studio.save('Parent', BETTER.replace('Counter', 'Parent'));
  await studio.save('Counter', `${child} // anew`, { Parent });
  await studio.call(counters.pop() as AnyCap, 'count'); // so that the classes are compiled
  const next = (): Promise<AnyCap> => Promise.resolve(counters.pop() as AnyCap);
  await failingEachRead(studio, next, 'count', async (counter, at) => {
    expect({ at, count: await studio.call(counter, 'count') }).toEqual({ at, count: 1000 });
  });
  await studio.close();
});

test('a class that takes too much of the call stack to make is set aside, and not tried at each use', async () => {
  const dive = (levels: number, body: () => unknown): unknown =>
    levels === 0 ? body() : dive(levels - 1, body);
  let deepest = 0;
  const descend = (): void => {
    deepest += 1;
    descend();
  };
  expect(descend).toThrow(RangeError);
  const studio = await openStudio();
  const list = Array.from({ length: 5_000 }, () => '1').join();
  const many = '...LIST, '.repeat(13);
  await studio.save(
    'Wide',
    `const LIST = [${list}]; class Wide extends Base { static all = M.or(${many}); }`,
  );
  await studio.keep(await studio.make('Wide', 'wide'));
  const codes: string[] = [];
  for (let part = 24; part < 40 && !codes.includes('SetAside'); part += 1) {
    await studio.restart();
    const again = await studio.kept();
    let short = true; // also where not even this many calls fit
    const used = studio.fixture.world.run((invoke) =>
      dive(Math.floor((deepest * part) / 40), () => {
        short = isStackShort();
        return invoke(again, 'name', []);
      }),
    );
    const code = await used.then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
    if (!short) codes.push(code);
  }
  expect(codes).not.toContain('Overflow');
  expect(codes.at(-1)).toBe('SetAside');
  const again = await studio.kept();
  expect(await studio.code(again, 'name')).toBe('SetAside');
  expect(studio.fixture.powers.events.filter(({ what }) => what === 'broken class')).toHaveLength(1);
  await studio.close();
});

test('a class that was lent to be built on so many times is built on no more often', async () => {
  const studio = await openStudio();
  const counter = await studio.save('Counter', COUNTER);
  await studio.save(
    'Lender',
    `class Lender extends Base {
  static facets = { owner: { lend: M.call(M.any(), M.any()).returns(M.any()) } };
  lend(base, terms) { return attenuate(base, terms); }
}`,
  );
  const lender = await studio.make('Lender');
  const Counter = (await studio.call(lender, 'lend', await studio.call(counter, 'extending'), {
    uses: 2,
  })) as object;
  await studio.save('One', 'class One extends Counter {}', { Counter });
  await studio.save('Two', 'class Two extends Counter {}', { Counter });
  await expect(studio.save('Three', 'class Three extends Counter {}', { Counter })).rejects.toThrow(
    /has been used up/,
  );
  await studio.close();
});
