import { guarded } from '../../clients/watchdog.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import { evaluateClass } from '../../engine/compartment.ts';
import { checkSource } from '../../engine/source-check.ts';
import { Powers } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

/** Loops when it is told to, in one way or another. */
const LOOPER = `class Looper extends Base {
  static facets = {
    ...Base.facets,
    owner: {
      ...Base.facets.owner,
      spin: M.call(M.string()).returns(),
      spinAt: M.call(M.remotable(), M.number()).returns(),
      tick: M.call().returns(M.number()),
      slow: M.call(M.number()).returns(M.number()),
      arm: M.call().returns(),
    },
    self: { spin: M.call(M.string()).returns() },
  };
  #count = 0;
  toRecord() { if (this.#count === -1) for (;;); return { ...super.toRecord(), count: this.#count }; }
  fromRecord(record) { super.fromRecord(record); this.#count = record.count; }
  tick() { this.#count += 1; return this.#count; }
  slow(times) { let sum = 0; for (let n = 0; n < times; n += 1) sum += n % 7; return sum; }
  spinAt(victim, times) { this.#count = 99; for (;;) victim.slow(times); }
  arm() { send(facet(this, 'self'), 'spin', ['loop']); }
  spin(how) {
    this.#count = 99;
    if (how === 'catch') for (;;) { try { for (;;); } catch { continue; } finally { for (;;); } }
    if (how === 'record') { this.#count = -1; return; }
    if (how === 'attempt') { attempt(() => { for (;;); }); return; }
    if (how === 'regexp') { /^(a+)+$/.test('a'.repeat(40) + 'b'); return; }
    if (how === 'sort') { for (;;) [3, 2, 1].sort(() => { for (;;); }); }
    if (how === 'recursion') { const go = () => { try { go(); } finally { go(); } }; go(); }
    for (;;);
  }
}`;

/** Tells each of a list something, whatever comes of it; a 'calm' one answers. */
const TELLER = `class Teller extends Base {
  static facets = {
    ...Base.facets,
    owner: { tellAll: M.call(M.any()).returns(M.any()), told: M.call().returns(M.number()) },
  };
  #told = 0;
  toRecord() { return { ...super.toRecord(), told: this.#told }; }
  fromRecord(record) { super.fromRecord(record); this.#told = record.told; }
  told() { return this.#told; }
  tellAll(list) {
    this.#told += 1;
    return list.map((each) => {
      const tried = attempt(() => { if (each.name() === 'calm') each.tick(); else each.spin('loop'); });
      return tried.ok ? 'done' : tried.error.code;
    });
  }
}`;

describe('the watchdog', () => {
  let studio: Studio;
  let looper: AnyCap;
  let busy = false;
  beforeEach(async () => {
    const powers = new Powers();
    busy = false;
    powers.starved = () => busy;
    studio = await openStudio({ powers, limits: { turnMilliseconds: 60 } });
    await studio.save('Looper', LOOPER);
    looper = await studio.make('Looper', 'mean clock');
    powers.guard = guarded; // only now: compiling the first class may take long on a busy machine
  });
  afterEach(async () => {
    await studio.close();
  });

  test.each(['loop', 'catch', 'record', 'attempt', 'regexp', 'sort', 'recursion'])(
    'stops a turn that does not end (%s), takes it back, names who ran, and the world goes on',
    async (how) => {
      await studio.call(looper, 'tick');
      await expect(studio.call(looper, 'spin', how)).rejects.toMatchObject({
        code: 'OutOfTime',
        message: expect.stringContaining('Looper'),
      });
      expect(await studio.call(looper, 'tick')).toBe(2);
      expect(studio.fixture.halts).toEqual([]);
    },
  );

  test('stops the making of a class, and errors keep as few frames as before', async () => {
    const usual = Error.stackTraceLimit;
    const checked = checkSource('Dog', 'const ANY = M.any(); class Dog {}');
    let meanwhile = 0;
    const any = (): void => {
      for (;;) meanwhile = Error.stackTraceLimit;
    };
    const made = studio.fixture.world.run(() => evaluateClass(checked, { M: { any } }));
    await expect(made).rejects.toMatchObject({ code: 'OutOfTime' });
    expect(meanwhile).toBeGreaterThan(usual);
    expect(Error.stackTraceLimit).toBe(usual);
  });

  test('sets an object aside that keeps at it; others of its class go on, and its bank mends it', async () => {
    const other = await studio.make('Looper', 'other');
    const { gate, bank } = studio.fixture.world.roots;
    await studio.call(bank, 'reports', gate, 'told');
    for (let n = 0; n < 3; n += 1) expect(await studio.code(looper, 'spin', 'loop')).toBe('OutOfTime');
    expect(await studio.code(looper, 'tick')).toBe('SetAside');
    expect(await studio.call(other, 'tick')).toBe(1);
    await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([
      { className: 'Looper', author: 'Ada', code: 'OutOfTime', aside: false },
      { aside: false },
      { aside: true },
    ]);
    await studio.keep(looper);
    await studio.restart();
    looper = await studio.kept();
    expect(await studio.code(looper, 'tick')).toBe('SetAside');
    const owner = studio.fixture.world.roots.bank;
    const [aside] = (await studio.call(owner, 'aside')) as { number: number; className: string }[];
    expect(aside).toMatchObject({ className: 'Looper', code: 'OutOfTime' });
    expect(await studio.call(owner, 'show', aside?.number ?? 0)).toMatch(
      /Looper o\d+, version 1\n.*count: 0/s,
    );
    await studio.call(owner, 'mend', aside?.number ?? 0);
    expect(await studio.call(looper, 'tick')).toBe(1);
  });

  test('blames who called a thousand times, not who was called', async () => {
    // A budget of which the machine's own pauses are no large part.
    await studio.close();
    const powers = new Powers();
    studio = await openStudio({ powers, limits: { turnMilliseconds: 500 } });
    await studio.save('Looper', LOOPER);
    looper = await studio.make('Looper', 'mean clock');
    powers.guard = guarded;
    const victim = await studio.make('Looper', 'victim');
    await expect(studio.call(looper, 'spinAt', victim, 10_000)).rejects.toMatchObject({
      message: expect.stringContaining(idOf(studio, looper)),
    });
    expect(await studio.call(victim, 'tick')).toBe(1);
  });

  test('blames whose guard it was that took so long, not who called', async () => {
    await studio.close();
    const powers = new Powers();
    studio = await openStudio({ powers, limits: { turnMilliseconds: 20 } });
    await studio.save('Looper', LOOPER);
    const eight = (name: string): string => Array(8).fill(name).join();
    await studio.save(
      'Choosy',
      `const a = M.or('1', '2', '3', '4', '5', '6', '7', '8');
      const b = M.or(${eight('a')}); const c = M.or(${eight('b')}); const d = M.or(${eight('c')});
      class Choosy extends Base {
        static facets = { owner: { ...Base.facets.owner, spin: M.call(M.arrayOf(M.or(d, d, d, 'loop'))).returns() } };
        spin() {}
      }`,
    );
    const choosy = await studio.make('Choosy', 'choosy');
    // Each of these is the last that it may be: the whole guard is gone through for it.
    const slowly = TELLER.replace(`spin('loop')`, `spin(Array(40).fill('loop'))`);
    const teller = (await studio.save('Teller', slowly)) as AnyCap;
    const made = (await studio.call(teller, 'make', studio.bank)) as AnyCap;
    const calm = await studio.make('Looper', 'calm');
    await studio.call(made, 'tellAll', [calm]);
    powers.guard = guarded;
    expect(await studio.call(made, 'tellAll', [choosy, calm])).toEqual(['OutOfTime', 'done']);
  });

  test('has the turn run once more without whoever was to blame: those who only had it among others get their way', async () => {
    const teller = (await studio.save('Teller', TELLER)) as AnyCap;
    const made = (await studio.call(teller, 'make', studio.bank)) as AnyCap;
    const calm = await studio.make('Looper', 'calm');
    expect(await studio.call(made, 'tellAll', [looper, calm])).toEqual(['OutOfTime', 'done']);
    expect(await studio.call(made, 'told')).toBe(1);
    expect(await studio.call(calm, 'tick')).toBe(2);
    expect(await studio.call(looper, 'tick')).toBe(1); // it is called again in the next turn
  });

  test('runs it no third time: two that keep it busy have it fail, until they are set aside', async () => {
    const teller = (await studio.save('Teller', TELLER)) as AnyCap;
    const made = (await studio.call(teller, 'make', studio.bank)) as AnyCap;
    const second = await studio.make('Looper', 'second');
    const codes: string[] = [];
    for (let n = 0; n < 3; n += 1) codes.push(await studio.code(made, 'tellAll', [looper, second]));
    expect(codes).toEqual(['OutOfTime', 'OutOfTime', 'OutOfTime']);
    expect(await studio.call(made, 'tellAll', [looper, second])).toEqual(['SetAside', 'SetAside']);
    expect(await studio.call(made, 'told')).toBe(1);
  });

  test('leaves it out also where a run before was put down to a busy machine', async () => {
    const teller = (await studio.save('Teller', TELLER)) as AnyCap;
    const made = (await studio.call(teller, 'make', studio.bank)) as AnyCap;
    const calm = await studio.make('Looper', 'calm');
    const second = await studio.make('Looper', 'second');
    busy = true;
    expect(await studio.call(made, 'tellAll', [looper, calm])).toEqual(['OutOfTime', 'done']);
    expect(await studio.code(made, 'tellAll', [looper, second])).toBe('OutOfTime');
  });

  test('leaves it out also where that run fails at its end, and what was attempted is tried with care', async () => {
    await studio.save(
      'Spoiler',
      `class Spoiler extends Base {
        static facets = { owner: { ...Base.facets.owner, spin: M.call(M.string()).returns() } };
        #spoilt = false;
        toRecord() { if (this.#spoilt) throw fail('Spoilt', 'No.'); return super.toRecord(); }
        spin() { this.#spoilt = true; }
      }`,
    );
    const spoiler = await studio.make('Spoiler', 'spoiler');
    const teller = (await studio.save('Teller', TELLER)) as AnyCap;
    const made = (await studio.call(teller, 'make', studio.bank)) as AnyCap;
    const calm = await studio.make('Looper', 'calm');
    const told = await studio.call(made, 'tellAll', [looper, spoiler, calm]);
    expect(told).toEqual(['OutOfTime', 'NotStorable', 'done']);
  });

  test('one that is left out of the second run is upgraded to its new version all the same, in the next turn', async () => {
    await studio.keep(looper);
    const upgrade = `static upgrade(record) { return { ...record, count: 7 }; }\n  tick() {`;
    await studio.save('Looper', LOOPER.replace('tick() {', upgrade));
    looper = await studio.kept();
    expect(await studio.code(looper, 'spin', 'loop')).toBe('OutOfTime');
    expect(await studio.call(looper, 'tick')).toBe(8);
  });

  test('stops what was sent, and the message is not delivered again', async () => {
    await studio.call(looper, 'arm');
    await studio.fixture.settle();
    expect(studio.fixture.powers.events).toContainEqual(
      expect.objectContaining({ what: 'undelivered', error: expect.objectContaining({ code: 'OutOfTime' }) }),
    );
    expect(await studio.call(looper, 'tick')).toBe(1);
    expect(studio.fixture.world.statistics().queue).toBe(0);
  });

  test('lets a turn that ends in time be', async () => {
    expect(await studio.call(looper, 'slow', 100_000)).toBeGreaterThan(0);
  });

  test('what code costs is counted for its class and author', async () => {
    await studio.call(looper, 'slow', 1_000_000);
    const accounts = await studio.call(studio.fixture.world.roots.storage, 'accounts');
    expect(accounts).toMatchObject([{ className: 'Looper', author: 'Ada' }]);
    expect((accounts as { milliseconds: number }[])[0]?.milliseconds).toBeGreaterThan(0);
  });
});

function idOf(studio: Studio, capability: AnyCap): string {
  return /o\d+/.exec(studio.fixture.world.slotText(capability))?.[0] ?? '';
}
