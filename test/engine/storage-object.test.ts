import { objectKey } from '../../storage/keys.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import type { GrantReport, SetAsideReport } from '../../engine/storage-object.ts';
import { openStudio, type Studio } from './studio.ts';

/** Holds what it is given, in one way or another. */
const HOLDER = `class Holder extends Base {
  static facets = {
    ...Base.facets,
    owner: {
      ...Base.facets.owner,
      front: M.call().returns(M.remotable()),
      hold: M.call(M.any()).returns(),
      file: M.call(M.any()).returns(),
      fileUnder: M.call(M.any()).returns(),
      wait: M.call(M.any()).returns(),
      lend: M.call(M.any()).returns(M.remotable()),
      weaken: M.call(M.remotable()).returns(M.remotable()),
      ask: M.call(M.remotable()).returns(M.any()),
      forget: M.call().returns(),
    },
    self: { hold: M.call(M.any()).returns() },
  };
  #held = null;
  toRecord() { return { ...super.toRecord(), held: this.#held }; }
  fromRecord(record) { super.fromRecord(record); this.#held = record.held; }
  front() { return this; }
  hold(what) { this.#held = what; }
  file(what) { collection(this, 'filed').set('it', [what]); }
  fileUnder(what) { collection(this, 'filed').set(what, 'it'); }
  wait(what) { after(60_000, facet(this, 'self'), 'hold', [{ 'in it': what }]); }
  lend(terms) { return facet(this, 'owner', terms); }
  weaken(held) { return only(held, 'name'); }
  ask(held) { return classOf(held); }
  forget() { this.#held = null; collection(this, 'filed').delete('it'); }
}`;

let studio: Studio;
let storage: AnyCap;
let holder: AnyCap;
let reloads: number;

describe.each([false, true])('Storage, evicting always: %s;', (evictAlways) => {
  beforeEach(async () => {
    reloads = 0;
    studio = await openStudio({ evictAlways, onReload: () => void (reloads += 1) });
    ({ storage } = studio.fixture.world.roots);
    await studio.save('Holder', HOLDER);
    holder = await studio.make('Holder', 'h');
  });
  afterEach(() => studio.close());

  const call = (to: AnyCap, method: string, ...args: unknown[]): Promise<unknown> =>
    studio.call(to, method, ...args);
  const cap = async (to: AnyCap, method: string, ...args: unknown[]): Promise<AnyCap> =>
    (await studio.call(to, method, ...args)) as AnyCap;
  const idOf = (held: AnyCap): string => /o\d+/.exec(studio.fixture.world.slotText(held))?.[0] ?? '';
  /** What was told to the gate, once errands are through. */
  const lastTold = async (): Promise<unknown> => {
    for (let n = 0; n < 3; n += 1) await studio.fixture.settle();
    return (await studio.told()).at(-1);
  };
  const holdersOf = async (held: AnyCap): Promise<unknown> => {
    await call(storage, 'holders', held, studio.fixture.world.roots.gate, 'told');
    return lastTold();
  };

  test('sets aside and mends in the order in which it is told to, also for the next start', async () => {
    const { world } = studio.fixture;
    await call(storage, 'setAside', holder, 'first');
    await world.run((invoke) => {
      invoke(storage, 'mend', [holder]);
      invoke(storage, 'setAside', [holder, 'again']);
    });
    await studio.keep(holder);
    await studio.restart();
    holder = await studio.kept();
    ({ storage } = studio.fixture.world.roots);
    expect(await studio.code(holder, 'name')).toBe('SetAside');
    await studio.fixture.world.run((invoke) => {
      invoke(storage, 'setAside', [holder, 'once more']);
      invoke(storage, 'mend', [holder]);
    });
    await studio.restart();
    expect(await studio.code(await studio.kept(), 'name')).toBe('none');
  });

  test('has a front that can do nothing, and a name for keyrings', async () => {
    const front = await cap(storage, 'front');
    expect(await call(front, 'name')).toBe('Storage');
    expect(Object.keys(Object.getPrototypeOf(front) as object)).toEqual(['name']);
    for (const method of ['make', 'grants', 'repair', 'reload', 'registry'])
      expect(await studio.code(front, method, holder)).toBe('NoSuchMethod');
  });

  test('names all classes, the saved ones too, and makes objects of any, which no bank pays for', async () => {
    expect(await call(storage, 'classes')).toEqual([
      'Bank',
      'Base',
      'ClassObject',
      'ClassRegistry',
      'Holder',
      'Private',
      'Shelf',
      'Storage',
    ]);
    const before = await call(studio.bank, 'balance');
    expect(await call(await cap(storage, 'make', 'Private', 'p'), 'name')).toBe('p');
    const made = await cap(storage, 'make', 'Holder', 'free');
    expect(await call(made, 'name')).toBe('free');
    await call(made, 'hold', 'x'.repeat(20_000));
    expect(await call(studio.bank, 'balance')).toBe(before);
    expect(await studio.code(storage, 'make', 'Nothing')).toBe('NotAClass');
    expect(await studio.code(storage, 'make', 'constructor')).toBe('NotAClass');
    expect(await call(await cap(storage, 'registry'), 'names')).toEqual(await call(storage, 'classes'));
  });

  test('lists the grants on an object and ends them, with all that was derived', async () => {
    const lent = await cap(holder, 'lend', { for: 'a friend', uses: 5 });
    const other = await studio.make('Holder', 'other');
    const weak = await cap(other, 'weaken', lent);
    const expiring = await cap(holder, 'lend', { for: 'a guest', expiresIn: 1_000 });
    const reports = (await call(storage, 'grants', holder)) as GrantReport[];
    expect(
      reports.map(({ for: whom, parent, uses, expires }) => [whom, parent, uses !== null, expires !== null]),
    ).toEqual([
      ['facet owner', -1, false, false],
      ['a friend', -1, true, false],
      ['', 1, true, false],
      ['a guest', -1, false, true],
    ]);
    expect(reports[2]?.methods).toEqual(['name']);
    expect(JSON.stringify(reports)).not.toContain('seed'); // no token
    await call(storage, 'revokeGrant', holder, reports[1]?.mark);
    expect(await studio.code(storage, 'revokeGrant', holder, reports[1]?.mark)).toBe('BadArgument');
    for (const dead of [lent, weak]) expect(await studio.code(dead, 'name')).toBe('Revoked');
    expect(await call(expiring, 'name')).toBe('h');
    expect(await call(storage, 'grants', holder)).toHaveLength(2);
    for (const none of ['', '0', '0123456789']) {
      expect(await studio.code(storage, 'revokeGrant', holder, none)).toBe('BadArgument');
    }
    await call(storage, 'revokeGrant', holder, reports[0]?.mark);
    expect(await studio.code(holder, 'name')).toBe('Revoked');
    await studio.fixture.settle();
    expect(await studio.code(storage, 'grants', holder)).toBe('Revoked');
  });

  test('lists a hundred of what is set aside, however many there are and whatever is said of them', async () => {
    const made: object[] = [];
    for (let n = 0; n < 101; n += 1) made.push(await studio.make('Holder', `h${n}`));
    for (const each of made.slice(0, 100)) await call(storage, 'setAside', each, 'x'.repeat(8_000));
    for (const lists of [storage, studio.bank]) {
      const told = (await call(lists, 'aside')) as readonly SetAsideReport[];
      expect(told.length).toBe(100);
      expect(told[0]?.message.length).toBe(500);
    }
    await call(storage, 'setAside', made[100], 'it hums');
    expect(((await call(storage, 'aside')) as unknown[]).length).toBe(100);
    await call(storage, 'mend', made[0]);
    const listed = (await call(storage, 'aside')) as readonly SetAsideReport[];
    expect(listed.at(-1)?.message).toBe('it hums');
  });

  test('lists the grants on an object by pages', async () => {
    for (let n = 0; n < 120; n += 1) await cap(holder, 'lend', { for: `friend ${n}` });
    const page = async (...terms: readonly number[]): Promise<readonly GrantReport[]> =>
      (await call(storage, 'grants', holder, ...terms)) as GrantReport[];
    expect((await page()).map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect((await page(0, 1_000)).length).toBe(100);
    const last = await page(119, 5);
    expect(last.map(({ number, for: whom }) => [number, whom])).toEqual([
      [119, 'friend 118'],
      [120, 'friend 119'],
    ]);
    for (const nothing of [await page(121), await page(0, 0), await page(0, -1)]) expect(nothing).toEqual([]);
    await call(storage, 'revokeGrant', holder, last[1]?.mark);
    expect(await page(120)).toEqual([]);
  });

  test('lists the grants on an object also where each has a thousand methods', async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `m${n}`);
    const guards = names.map((name) => `${name}: M.call().returns()`).join(', ');
    const owner = await studio.save(
      'Many',
      `class Many extends Base {
        static facets = { owner: { lend: M.call(M.any()).returns(M.remotable()), ${guards} }, public: {} };
        lend(terms) { return facet(this, 'owner', terms); }
        ${names.map((name) => `${name}() {}`).join(' ')}
      }`,
    );
    const many = await cap(owner, 'make', studio.bank, 'many');
    for (let n = 0; n < 30; n += 1) await cap(many, 'lend', { for: `friend ${n}` });
    const seen: number[] = [];
    for (let from = 0; ; from = seen.length) {
      const page = (await call(storage, 'grants', many, from)) as readonly GrantReport[];
      if (page.length === 0) break;
      seen.push(...page.map(({ number }) => number));
    }
    expect(seen).toEqual(Array.from(seen, (_, at) => at));
    expect(seen.length).toBeGreaterThanOrEqual(31);
  });

  test('finds who holds a capability: objects, entries, timers', async () => {
    const key = await studio.make('Holder', 'key');
    const front = await cap(key, 'front');
    expect(await holdersOf(front)).toEqual({ holders: [], found: 0 });
    const [inRecord, inEntry, asKey, inTimer] = [
      await studio.make('Holder', 'r'),
      await studio.make('Holder', 'e'),
      await studio.make('Holder', 'k'),
      await studio.make('Holder', 't'),
    ];
    await call(inRecord, 'hold', { deep: [{ it: front }] });
    await call(inEntry, 'file', front);
    await call(asKey, 'fileUnder', front);
    await call(inTimer, 'wait', front);
    const { holders, found } = (await holdersOf(front)) as { holders: string[]; found: number };
    expect(found).toBe(4);
    const timer = expect.stringMatching(/^t\//) as string;
    expect(new Set(holders)).toEqual(new Set([...[inRecord, inEntry, asKey].map(idOf), timer]));
    // Another facet of the same object is another capability.
    expect(await holdersOf(key)).toEqual({ holders: [], found: 0 });
    await call(inRecord, 'hold', null);
    await call(inEntry, 'forget');
    await studio.fixture.advance(60_000);
    const { holders: rest } = (await holdersOf(front)) as { holders: string[] };
    expect(new Set(rest)).toEqual(new Set([idOf(inTimer), idOf(asKey)]));
  });

  test('tells of what the world itself holds, too', async () => {
    expect(await holdersOf(storage)).toEqual({ holders: ['meta/roots'], found: 1 });
  });

  test('tells of holders also when something cannot be read, and names that', async () => {
    const front = await cap(holder, 'front');
    const [one, two] = [await studio.make('Holder', 'one'), await studio.make('Holder', 'two')];
    await call(one, 'hold', front);
    await call(two, 'hold', front);
    const { journal } = studio.fixture;
    const intact = journal.get(objectKey(idOf(two)));
    journal.tamper(objectKey(idOf(two)), 'damaged');
    journal.tamper('m/0000000000999999', 'damaged');
    expect(await holdersOf(front)).toEqual({
      holders: [idOf(one), `${idOf(two)} (cannot be read)`, 'm/0000000000999999 (cannot be read)'],
      found: 3,
    });
    journal.tamper(objectKey(idOf(two)), intact);
    journal.tamper('m/0000000000999999', undefined);
  });

  test('shows the record of an object as text, without tokens, and puts another in its place', async () => {
    await call(holder, 'hold', { list: [1, 'two'], it: await cap(holder, 'front') });
    const shown = ((await call(storage, 'show', holder)) as string).split('\n');
    expect(shown[0]).toBe(`Holder ${idOf(holder)}, version 1`);
    // A record that has been stored may come back with its keys in another order.
    expect(shown.slice(1).sort()).toEqual(
      ['held:', '  list: [2]', '    - 1', '    - "two"', `  it: <${idOf(holder)}>`, 'label: "h"'].sort(),
    );
    await call(storage, 'repair', holder, { label: 'mended', held: null });
    expect(await call(holder, 'name')).toBe('mended');
    for (const none of ['text', 1, null, undefined, [{ label: 'x' }], await cap(holder, 'front')])
      expect(await studio.code(storage, 'repair', holder, none)).toBe('BadArgument');
    expect(await call(holder, 'name')).toBe('mended');
    await studio.keep(holder);
    await studio.restart();
    expect(await call(await studio.kept(), 'name')).toBe('mended');
  });

  test('sets an object aside until it is mended, over a restart too; repairing mends it', async () => {
    await call(storage, 'setAside', holder, 'it is odd\n[31m');
    await expect(call(holder, 'name')).rejects.toMatchObject({
      code: 'SetAside',
      message: expect.stringContaining('it is odd') as string,
    });
    const [aside] = (await call(storage, 'aside')) as SetAsideReport[];
    expect(aside).toMatchObject({
      id: idOf(holder),
      className: 'Holder',
      code: 'Stopped',
      message: expect.stringMatching(/^it is odd [^\n]*$/) as string,
    });
    await studio.keep(holder);
    await studio.restart();
    ({ storage } = studio.fixture.world.roots);
    holder = await studio.kept();
    expect(await studio.code(holder, 'name')).toBe('SetAside');
    await call(storage, 'mend', holder);
    expect(await call(holder, 'name')).toBe('h');
    await call(storage, 'setAside', holder, 'again');
    await call(storage, 'repair', holder, { label: 'mended', held: null });
    expect(await call(holder, 'name')).toBe('mended');
    expect(await call(storage, 'aside')).toEqual([]);
    await studio.restart();
    expect(await call(await studio.kept(), 'name')).toBe('mended');
  });

  test('whoever owns the bank of what an admin has stopped cannot let it go on, but can unmake it', async () => {
    await call(storage, 'setAside', holder, 'it is odd');
    const { bank } = studio.fixture.world.roots;
    const [{ number, code }] = (await call(bank, 'aside')) as [{ number: number; code: string }];
    expect(code).toBe('Stopped');
    expect(await studio.code(bank, 'mend', number)).toBe('Stopped');
    await studio.keep(holder);
    await studio.restart();
    const after = studio.fixture.world.roots.bank;
    expect(await studio.code(after, 'mend', number)).toBe('Stopped');
    expect(await studio.code(await studio.kept(), 'name')).toBe('SetAside');
    expect(await call(after, 'destroyAside', number)).toBe(0);
    expect(await studio.code(await studio.kept(), 'name')).toBe('Gone');
  });

  test('puts another record in the place of one by which an object cannot be brought back', async () => {
    const picky = HOLDER.replace(
      'this.#held = record.held; }',
      "if (record.held !== null) throw fail('Odd', 'odd'); }",
    );
    await call(holder, 'hold', 'too much');
    await studio.save('Holder', picky);
    expect(await studio.code(holder, 'name')).toBe('Damaged');
    expect(await call(storage, 'show', holder)).toContain('"too much"');
    expect(await studio.code(storage, 'repair', holder, { label: 'mended', held: null })).toBe('none');
    expect(await call(holder, 'name')).toBe('mended');
  });

  test("sets none of the engine's own objects aside", async () => {
    const { classes } = studio.fixture.world.roots;
    for (const own of [storage, studio.bank, classes, await cap(classes, 'find', 'Holder')])
      expect(await studio.code(storage, 'setAside', own, 'why')).toBe('BadArgument');
    expect(await call(studio.bank, 'balance')).toBeGreaterThan(0);
  });

  test('a turn that fails sets nothing aside, and mends nothing', async () => {
    const failing = (method: string, ...args: unknown[]): Promise<unknown> =>
      studio.fixture.world.run((invoke) => {
        invoke(storage, method, [holder, ...args]);
        throw new Error('after all');
      });
    await expect(failing('setAside', 'why')).rejects.toMatchObject({ code: 'Threw' });
    expect(await call(holder, 'name')).toBe('h');
    await call(storage, 'setAside', holder, 'why');
    await expect(failing('mend')).rejects.toMatchObject({ code: 'Threw' });
    expect(await studio.code(holder, 'name')).toBe('SetAside');
    await studio.keep(holder);
    await studio.restart();
    expect(await studio.code(await studio.kept(), 'name')).toBe('SetAside');
  });

  test('approves the code of a class at its hash, and no other', async () => {
    const { classes } = studio.fixture.world.roots;
    const hash = async (): Promise<string> =>
      ((await call(classes, 'describe', 'Holder')) as { hash: string }).hash;
    const asker = await studio.make('Holder', 'asker');
    const safe = async (held: AnyCap): Promise<unknown> =>
      ((await call(asker, 'ask', held)) as { safe: unknown }).safe;
    const first = await hash();
    expect([await safe(holder), await safe(studio.bank)]).toEqual([false, true]);
    expect(await studio.code(storage, 'approve', 'Holder', 'f'.repeat(64))).toBe('BadArgument');
    expect(await studio.code(storage, 'approve', 'Base', first)).toBe('BadArgument');
    expect(await studio.code(storage, 'approve', 'Nothing', first)).toBe('NotAClass');
    await call(storage, 'approve', 'Holder', first);
    expect(await safe(holder)).toBe(true);
    expect(await call(asker, 'ask', holder)).toEqual({
      name: 'Holder',
      author: 'Ada',
      version: 1,
      hash: first,
      safe: true,
      saved: true,
    });
    await studio.save('Holder', `${HOLDER} // changed`);
    expect(await safe(holder)).toBe(false);
    expect(await studio.code(storage, 'approve', 'Holder', first)).toBe('BadArgument');
    // Going back to code that was approved goes back to approved code.
    await call(await studio.save('Holder', HOLDER), 'current');
    expect(await hash()).toBe(first);
    expect(await safe(holder)).toBe(true);
    await call(storage, 'disapprove', first);
    expect(await safe(holder)).toBe(false);
    for (const bad of ['', 'x', first.toUpperCase()])
      expect(await studio.code(storage, 'disapprove', bad)).toBe('BadArgument');
  });

  test('takes checkpoints, and has all code loaded anew, once each, when that is durable', async () => {
    const { fixture } = studio;
    await fixture.settle();
    fixture.journal.hold();
    const done = fixture.world.run((invoke) => {
      invoke(holder, 'hold', ['a change']);
      invoke(storage, 'checkpoint', []);
      invoke(storage, 'reload', []);
    });
    for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([fixture.checkpoints.taken, reloads]).toEqual([0, 0]);
    fixture.journal.release();
    await done;
    expect([fixture.checkpoints.taken, reloads]).toEqual([1, 1]);
    await expect(
      fixture.world.run((invoke) => {
        invoke(storage, 'checkpoint', []);
        invoke(storage, 'reload', []);
        throw new Error('after all');
      }),
    ).rejects.toMatchObject({ code: 'Threw' });
    await fixture.settle();
    expect([fixture.checkpoints.taken, reloads]).toEqual([1, 1]);
  });

  test('tells what the code of each class has cost, and the author of each', async () => {
    await call(holder, 'hold', 1);
    expect(await call(storage, 'accounts')).toMatchObject([
      { className: 'Holder', author: 'Ada', calls: expect.any(Number) as number },
    ]);
  });
});
