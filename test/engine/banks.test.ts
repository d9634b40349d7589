import { objectKey } from '../../storage/keys.ts';
import fc from 'fast-check';
import type { AnyCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { StoreError } from '../../storage/errors.ts';
import type { Fixture } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

/** Takes as much room as it is told to, in its record or in a collection, and makes others of its kind. */
const BOX = `class Box extends Base {
  static facets = {
    ...Base.facets,
    owner: {
      ...Base.facets.owner,
      fill: M.call(M.number()).returns(),
      store: M.call(M.number()).returns(),
      box: M.call(M.remotable()).returns(M.remotable()),
      end: M.call().returns(),
      endTwice: M.call().returns(),
      both: M.call(M.remotable(), M.number()).returns(),
      tries: M.call(M.remotable(), M.number()).returns(M.string()),
      swallows: M.call(M.remotable()).returns(),
      grants: M.call(M.number()).returns(),
      derive: M.call(M.remotable(), M.number()).returns(),
      derivesInVain: M.call(M.remotable(), M.number()).returns(),
      drop: M.call().returns(),
    },
  };
  #text = '';
  #held = [];
  toRecord() { return { ...super.toRecord(), text: this.#text, held: this.#held }; }
  fromRecord(record) { super.fromRecord(record); this.#text = record.text; this.#held = record.held; }
  fill(size) { this.#text = 'x'.repeat(size); }
  store(size) { const kept = collection(this, 'kept'); if (size > 0) kept.set('it', 'x'.repeat(size)); else kept.delete('it'); }
  box(bank) { return create(bank, Box, 'made'); }
  both(other, size) { this.fill(size); other.fill(size); }
  tries(other, size) {
    const tried = attempt(() => { other.fill(size); throw fail('Never', 'no'); });
    return tried.ok ? 'ok' : tried.error.code;
  }
  swallows(bank) { try { create(bank, Box, 'one too many'); } catch {} }
  grants(many) { for (let n = 0; n < many; n += 1) facet(this, 'public', { for: 'somebody' }); }
  derive(other, many) {
    for (let n = 0; n < many; n += 1) this.#held = [...this.#held, { other, part: attenuate(other, { for: 'part' }) }];
  }
  derivesInVain(other, many) {
    attempt(() => {
      for (let n = 0; n < many; n += 1) attenuate(other, { for: 'part' });
      throw fail('Never', 'no');
    });
  }
  drop() {
    for (const { other, part } of this.#held) attempt(() => revoke(other, part));
    this.#held = [];
  }
  end() { destroy(this); }
  endTwice() { destroy(this); revoke(this, facet(this, 'owner')); }
}`;

const KIB = 1_024;

/** All that there is: what banks hold, and what objects and derived grants have been paid with. */
function total({ journal }: Fixture): number {
  let sum = 0;
  for (const [key, text] of journal.contents()) {
    if (!key.startsWith('o/')) continue;
    const stored = JSON.parse(text) as Stored;
    const { class: name, bank, paid = 1, grants, body } = stored;
    if (bank !== null) sum += paid;
    if (name === 'Bank') sum += (JSON.parse(body.slice(1)) as { left: number }).left;
    // Those that somebody else derived end with who has paid for them.
    sum += grants.filter((grant) => grant.length > 7).length;
  }
  return sum;
}

interface Stored {
  readonly class: string;
  readonly bank: string | null;
  readonly paid?: number;
  readonly grants: readonly (readonly unknown[])[];
  readonly body: string;
}

describe.each([false, true])('banks, evicting always: %s;', (evictAlways) => {
  let studio: Studio;
  let makes: AnyCap;
  let bank: BankOwner;
  beforeEach(async () => {
    studio = await openStudio({ evictAlways });
    makes = await studio.save('Box', BOX);
    bank = (await studio.call(studio.bank, 'split', 20)) as BankOwner;
  });
  afterEach(() => studio.close());

  const call = (to: AnyCap, method: string, ...args: unknown[]): Promise<unknown> =>
    studio.call(to, method, ...args);
  const left = (of: AnyCap = bank): Promise<unknown> => call(of, 'balance');
  const box = async (payer: AnyCap = bank): Promise<AnyCap> => (await call(makes, 'make', payer)) as AnyCap;

  test('an object costs one, and one more for each KiB that it grows by; shrinking to less than a half gives it back', async () => {
    const made = await box();
    expect(await left()).toBe(19);
    await call(made, 'fill', 3 * KIB);
    expect(await left()).toBe(16);
    await call(made, 'fill', 2 * KIB);
    expect(await left()).toBe(16);
    await call(made, 'fill', 2 * KIB - 200);
    expect(await left()).toBe(16); // half of four
    await call(made, 'fill', KIB - 200);
    expect(await left()).toBe(19);
    await call(made, 'store', 4 * KIB);
    expect(await left()).toBe(14);
    await call(made, 'store', 0);
    expect(await left()).toBe(19);
    await call(made, 'grants', 20);
    expect(await left()).toBe(17);
    await call(made, 'end');
    expect(await left()).toBe(20);
  });

  test('one that goes between one and two costs two, and its bank nothing each time', async () => {
    const made = await box();
    for (const [size, leftThen] of [
      [KIB, 18],
      [0, 18],
      [KIB, 18],
      [2 * KIB, 17],
      [0, 19],
    ] as const) {
      await call(made, 'fill', size);
      expect(await left()).toBe(leftThen);
    }
  });

  test('what its bank cannot pay for is not done, and nobody else pays for it', async () => {
    const [made, other] = [await box(), await box(studio.bank)];
    const before = await left(studio.bank);
    await expect(call(made, 'fill', 30 * KIB)).rejects.toMatchObject({ code: 'BankDry' });
    await expect(call(made, 'store', 30 * KIB)).rejects.toMatchObject({ code: 'BankDry' });
    // The other one could have paid its part.
    await expect(call(other, 'both', made, 30 * KIB)).rejects.toMatchObject({ code: 'BankDry' });
    expect([await left(), await left(studio.bank)]).toEqual([19, before]);
    await call(made, 'fill', 10 * KIB);
    expect(await left()).toBe(9);
  });

  test('a creation that its bank refuses makes nothing, also if that is swallowed', async () => {
    const empty = await call(bank, 'split', 0);
    const made = await box();
    const before = await left();
    expect(await studio.code(made, 'box', empty)).toBe('BankDry');
    expect(await studio.code(made, 'swallows', empty)).toBe('BankDry');
    expect(await studio.code(made, 'box', made)).toBe('NotABank');
    expect(await left()).toBe(before);
  });

  test('whoever derives a grant on the object of somebody else pays for it, until it ends', async () => {
    const [made, other] = [await box(), await box(studio.bank)];
    await call(made, 'derive', other, 5);
    expect(await left()).toBe(14);
    await call(made, 'drop');
    expect(await left()).toBe(19);
    expect(await studio.code(made, 'derive', other, 40)).toBe('BankDry');
    await call(made, 'derive', other, 3);
    await call(other, 'end');
    expect(await left()).toBe(19);
  });

  test('that is given back once, whatever is revoked when the object has ended', async () => {
    const [made, other] = [await box(), await box(studio.bank)];
    await call(made, 'derive', other, 5);
    await call(other, 'endTwice');
    expect(await left()).toBe(19);
  });

  test('what an attempt takes back costs nothing', async () => {
    const [made, other] = [await box(), await box(studio.bank)];
    expect(await call(other, 'tries', made, 15 * KIB)).toBe('Never');
    expect(await call(other, 'tries', made, 150 * KIB)).toBe('Never');
    expect(await left()).toBe(19);
    await call(made, 'derivesInVain', other, 5);
    expect(await left()).toBe(19);
  });

  test('a bank is split for a friend, and taken back by whoever split it, and by nobody else', async () => {
    const friend = (await call(bank, 'split', 10)) as BankOwner;
    expect([await left(), await left(friend)]).toEqual([9, 10]);
    const theirs = (await call(friend, 'split', 3)) as BankOwner;
    expect(await left(friend)).toBe(6);
    expect(await studio.code(bank, 'reclaim', theirs)).toBe('NotYours');
    expect(await studio.code(friend, 'reclaim', bank)).toBe('NotYours');
    expect(await studio.code(friend, 'reclaim', friend)).toBe('NotYours');
    expect(await studio.code(bank, 'reclaim', makes)).toBe('NotYours');
    const made = await box(friend);
    expect(await call(bank, 'reclaim', friend)).toBe(5);
    expect([await left(), await left(friend), await left(theirs)]).toEqual([14, 0, 3]);
    expect(await studio.code(makes, 'make', friend)).toBe('BankDry');
    expect(await studio.code(friend, 'split', 0)).toBe('BankDry');
    await expect(call(made, 'fill', 5 * KIB)).rejects.toMatchObject({ code: 'BankDry' });
    expect(await call(bank, 'reclaim', friend)).toBe(0);
    // Its own part of it is not the one's who took the other back.
    await box(theirs);
    expect(await left(theirs)).toBe(2);
  });

  test('nothing but a bank is taken back, whatever it says that it gives back', async () => {
    const purse = await studio.save(
      'Purse',
      `class Purse extends Base {
  static facets = { ...Base.facets, owner: { ...Base.facets.owner, close: M.call().returns(M.number()) } };
  close() { return 1000; }
}`,
    );
    const made = (await call(purse, 'make', bank)) as AnyCap;
    expect(await call(made, 'close')).toBe(1000);
    expect(await studio.code(bank, 'reclaim', made)).toBe('NotYours');
    expect(await left()).toBe(19);
  });

  test('what is set aside is shown, mended and ended by whoever owns its bank, or one above, and by nobody else', async () => {
    const below = (await call(bank, 'split', 5)) as BankOwner;
    const beside = (await call(studio.bank, 'split', 5)) as BankOwner;
    const made = await box(below);
    await call(studio.fixture.world.roots.storage, 'setAside', made, 'it is odd');
    const [found] = (await call(below, 'aside')) as readonly { readonly number: number }[];
    const number = found?.number;
    expect(await call(bank, 'aside')).toMatchObject([{ number }]);
    expect(await call(beside, 'aside')).toEqual([]);
    for (const method of ['show', 'mend', 'destroyAside'])
      expect(await studio.code(beside, method, number)).toBe('NotYours');
    expect(await call(bank, 'show', number)).toContain('Box');
    expect(await call(bank, 'destroyAside', number)).toBe(0);
    expect(await left(below)).toBe(5);
  });

  test('what a bank that was taken back gets back goes to the one above it', async () => {
    const friend = (await call(bank, 'split', 12)) as BankOwner;
    const theirs = (await call(friend, 'split', 8)) as BankOwner;
    const [made, other] = [await box(friend), await box(theirs)];
    await call(made, 'fill', 2 * KIB);
    await call(other, 'fill', 3 * KIB);
    await call(friend, 'reclaim', theirs);
    await call(bank, 'reclaim', friend);
    const before = Number(await left());
    await call(made, 'fill', 0);
    expect(await left()).toBe(before + 2);
    await call(made, 'end');
    expect(await left()).toBe(before + 3);
    await call(other, 'fill', 0);
    await call(other, 'end');
    expect(await left()).toBe(before + 7);
    await studio.fixture.settle();
    expect(total(studio.fixture)).toBe(1_000_000_000);
  });

  test.each([-1, 1.5, NaN, Infinity, 2 ** 53, '3', undefined])(
    'an amount is a whole number: %p is none',
    async (amount) => {
      for (const method of ['pay', 'split'])
        expect(await studio.code(bank, method, amount)).toBe('BadArgument');
      expect(await left()).toBe(20);
    },
  );

  test('nothing comes to be or gets lost, whatever is done', async () => {
    const size = fc.constantFrom(0, 500, 3 * KIB, 6 * KIB);
    const at = fc.nat({ max: 30 });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), at }) },
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constantFrom('fill' as const, 'store' as const), at, size }),
      },
      fc.record({ do: fc.constantFrom('both' as const, 'tries' as const), at, other: at, size }),
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('derive' as const), at, other: at, many: fc.nat({ max: 4 }) }),
      },
      fc.record({ do: fc.constantFrom('end' as const, 'drop' as const), at }),
      fc.record({ do: fc.constant('split' as const), at, amount: fc.nat({ max: 8 }) }),
      fc.record({ do: fc.constant('reclaim' as const), at, other: at }),
      fc.record({ do: fc.constant('fail' as const), at, size }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        const own = await openStudio({ evictAlways });
        const first = (await own.call(own.bank, 'split', 60)) as AnyCap;
        const second = (await own.call(first, 'split', 40)) as AnyCap;
        const kept = {
          maker: (await own.save('Box', BOX)) as AnyCap,
          banks: [first, second],
          /** Which of the banks each was split off from. */
          above: [0, 0],
          boxes: [] as AnyCap[],
        };
        /** What a step is done to; the world's first bank where there is none yet. */
        const one = (of: readonly AnyCap[], index: number): AnyCap => of[index % of.length] ?? own.bank;
        const run = async (each: (typeof steps)[number]): Promise<void> => {
          const { maker, banks, boxes, above } = kept;
          switch (each.do) {
            case 'create':
              boxes.push((await own.call(maker, 'make', one(banks, each.at))) as AnyCap);
              return;
            case 'fill':
            case 'store':
              if (boxes.length > 0) await own.call(one(boxes, each.at), each.do, each.size);
              return;
            case 'both':
            case 'tries':
              if (boxes.length > 0)
                await own.call(one(boxes, each.at), each.do, one(boxes, each.other), each.size);
              return;
            case 'derive':
              if (boxes.length > 0)
                await own.call(one(boxes, each.at), 'derive', one(boxes, each.other), each.many);
              return;
            case 'drop':
              if (boxes.length > 0) await own.call(one(boxes, each.at), 'drop');
              return;
            case 'end':
              if (boxes.length === 0) return;
              await own.call(one(boxes, each.at), 'end');
              boxes.splice(each.at % boxes.length, 1);
              return;
            case 'split':
              banks.push((await own.call(one(banks, each.at), 'split', each.amount)) as AnyCap);
              above.push(each.at % (banks.length - 1));
              return;
            case 'reclaim': {
              const child = 1 + (each.at % (banks.length - 1));
              await own.call(one(banks, above[child] ?? 0), 'reclaim', one(banks, child));
              return;
            }
            case 'fail':
              await own.fixture.world.run((invoke) => {
                const made = invoke(maker, 'make', [one(banks, each.at)]) as AnyCap;
                invoke(made, 'fill', [each.size]);
                if (boxes.length > 0) invoke(one(boxes, each.at), 'end', []);
                invoke(one(banks, each.at), 'split', [1]);
                throw new Error('after all');
              });
              return;
            case 'restart': {
              await own.keep(kept);
              await own.restart();
              const again = (await own.kept()) as typeof kept;
              Object.assign(kept, again, {
                banks: [...again.banks],
                boxes: [...again.boxes],
                above: [...again.above],
              });
            }
          }
        };
        for (const each of steps) {
          try {
            await run(each);
          } catch (error) {
            // An object that changes itself and is attempted by itself cannot be undone: `Threw`.
            expect(['BankDry', 'NotYours', 'Threw']).toContain((error as { code: string }).code);
          }
          await own.fixture.settle();
          expect(total(own.fixture)).toBe(1_000_000_000);
        }
        await own.close();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 40) },
    );
  }, 120_000);
});

test('what is to come back to a bank is not lost when the disk does not give the bank at that moment', async () => {
  const studio = await openStudio({ evictAlways: true });
  const makes = await studio.save('Box', BOX);
  const bank = (await studio.call(studio.bank, 'split', 20)) as BankOwner;
  const box = (await studio.call(makes, 'make', bank)) as AnyCap;
  const other = (await studio.call(makes, 'make', studio.bank)) as AnyCap;
  await studio.call(box, 'derive', other, 5);
  await studio.call(box, 'fill', 3 * KIB);
  await studio.fixture.settle();
  const before = total(studio.fixture);
  const { journal, world } = studio.fixture;
  const bankKey = objectKey(/o\d+/.exec(world.slotText(bank))?.[0] ?? '');
  const get = journal.get.bind(journal);
  for (const [it, method, ...args] of [
    [box, 'fill', 0],
    [box, 'drop'],
    [box, 'end'],
  ] as const) {
    journal.get = (key) => {
      if (key !== bankKey) return get(key);
      throw new StoreError('Unreadable', 'A cable has come loose.');
    };
    expect(await studio.code(it, method, ...args)).toBe('Damaged');
    journal.get = get;
    expect(await studio.code(it, method, ...args)).toBe('none');
    await studio.fixture.settle();
    expect({ method, total: total(studio.fixture) }).toEqual({ method, total: before });
  }
  await studio.close();
});
