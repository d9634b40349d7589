import { guarded } from '../../clients/watchdog.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import { slotOf } from '../../wrappers/marshal.ts';
import { Powers } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

const SPINNER = `class Spinner extends Base {
  static facets = {
    ...Base.facets,
    owner: { ...Base.facets.owner, spin: M.call().returns(), raise: M.call(M.remotable(), M.string()).returns(M.remotable()) },
  };
  init(name) { super.init(name); if (name === 'endless') for (;;); }
  spin() { for (;;); }
  raise(bank, name) { return create(bank, Spinner, name); }
}`;

let studio: Studio;
let owner: AnyCap;

beforeEach(async () => {
  const powers = new Powers();
  studio = await openStudio({ powers, limits: { turnMilliseconds: 30 } });
  owner = await studio.save('Spinner', SPINNER);
  powers.guard = guarded; // only now: compiling a first class may take long on a busy machine
});
afterEach(() => studio.close());

const blamed = (): readonly unknown[] => studio.fixture.powers.events.filter(({ what }) => what === 'blamed');

test('an object that was never made leaves no offence to the one that gets its number', async () => {
  for (let n = 0; n < 4; n += 1)
    expect(await studio.code(owner, 'make', studio.bank, 'endless')).toBe('OutOfTime');
  expect(blamed()).toMatchObject(
    Array.from({ length: 4 }, () => ({ className: 'Spinner', author: 'Ada', aside: false })),
  );
  const innocent = (await studio.call(owner, 'make', studio.bank, 'innocent')) as AnyCap;
  expect(await studio.call(innocent, 'name')).toBe('innocent');
  expect(await studio.code(innocent, 'spin')).toBe('OutOfTime');
  await studio.keep(innocent);
  await studio.restart();
  expect(await studio.call(await studio.kept(), 'name')).toBe('innocent');
});

test('whoever owns the bank is told, or the bank above it', async () => {
  const { gate } = studio.fixture.world.roots;
  const bank = (await studio.call(studio.bank, 'split', 20)) as BankOwner;
  const below = (await studio.call(bank, 'split', 10)) as BankOwner;
  await studio.call(bank, 'reports', gate, 'told');
  const made = (await studio.call(owner, 'make', below, 'mean')) as AnyCap;
  expect(await studio.code(made, 'spin')).toBe('OutOfTime');
  await studio.fixture.settle();
  expect(await studio.told()).toMatchObject([
    { className: 'Spinner', author: 'Ada', code: 'OutOfTime', aside: false },
  ]);
  expect(await studio.code(owner, 'make', below, 'endless')).toBe('OutOfTime');
  await studio.fixture.settle();
  expect(await studio.told()).toHaveLength(2);
});

test('an object whose call had no stack left to begin is not taken for one that runs', async () => {
  await studio.close();
  const powers = new (class extends Powers {
    failing = '';
    override readonly noteRunning = (running: string | null): void => {
      if (this.failing !== '' && running?.endsWith(` ${this.failing}`) === true)
        throw new RangeError('Maximum call stack size exceeded');
    };
  })();
  studio = await openStudio({ powers, limits: { turnMilliseconds: 30 } });
  const victim = (version: number): string => `class Victim extends Base {
  static facets = { ...Base.facets, owner: { ...Base.facets.owner, version: M.call().returns(M.number()) } };
  version() { return ${version}; }
}`;
  const rogue = `class Rogue extends Base {
  static facets = { owner: { poke: M.call(M.remotable(), M.boolean()).returns() } };
  poke(victim, spins) {
    attempt(() => victim.version());
    while (spins);
  }
}`;
  await studio.save('Victim', victim(1));
  await studio.save('Rogue', rogue);
  const poked = await studio.make('Victim');
  const poking = await studio.make('Rogue');
  powers.failing = slotOf(poked).split('.')[0] ?? '';
  expect(await studio.code(poking, 'poke', poked, false)).toBe('none');
  powers.guard = guarded;
  expect(await studio.code(poking, 'poke', poked, true)).toBe('OutOfTime');
  expect(blamed()).toMatchObject([{ className: 'Rogue' }]);
  powers.failing = '';
  await studio.save('Victim', victim(2));
  expect(await studio.call(poked, 'version')).toBe(2);
});
