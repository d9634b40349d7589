import { create, type Cap, type FacetOf } from '../../engine/authoring.ts';
import type { WorldOptions } from '../../engine/world-options.ts';
import { classes, shared } from '../../world/classes.ts';
import { Gate } from '../../world/gate.ts';
import { Hoard } from '../../world/hoard.ts';
import { library } from '../../world/library.ts';
import { Room } from '../../world/room.ts';
import { Thing } from '../../world/thing.ts';
import { openTestWorld, type TestSession, type TestWorld } from '../world-fixture.ts';

const THINGS = 250;
const MOST = 252;

let world: TestWorld;
let hoard: FacetOf<typeof Hoard, 'owner'>;
let special: Cap<Thing, 'rename' | 'dispose'>;
let ada: TestSession;

const genesis: WorldOptions['genesis'] = ({ bank }) => {
  const room = create(bank, Room, { name: 'The Vault' });
  hoard = create(bank, Hoard, { name: 'hoard', bank: bank.split(1_000), most: MOST, lid: 'open' });
  hoard.bring(room.floor());
  for (let n = 0; n < THINGS; n += 1) {
    const made = create(bank, Thing, {
      name: `${n % 2 === 0 ? 'grey' : 'red'} pearl${n}`,
      also: [`gem${n}`],
    });
    made.bring(hoard.entry());
    if (n === 222) special = made;
  }
  for (const name of ['cup', 'saucer', 'spoon']) create(bank, Thing, { name }).bring(room.floor());
  return { gate: create(bank, Gate, { bank, start: room.doorway() }).door() };
};

beforeEach(async () => {
  world = await openTestWorld({ classes, shared, library, genesis });
  ada = world.session('Ada');
  await ada.command('look');
});
afterEach(() => world.close());

async function says(line: string): Promise<string> {
  return (await ada.command(line)).join('\n');
}

test('a hoard tells how many things are in it, and names some', async () => {
  const told = await says('look in hoard');
  expect(told).toContain('a grey pearl0, a red pearl1');
  expect(told).toContain(`${THINGS} things in all`);
  expect(told.length).toBeLessThan(1_000);
});

test('a thing is found in it by any word of its names, wherever it is, and after a restart', async () => {
  expect(await says('get pearl201 from hoard')).toBe('You take the red pearl201 out of the hoard.');
  expect(await says('get red gem101 from hoard')).toContain('There is no "red gem101"');
  expect(await says('get gem101 from hoard')).toBe('You take the red pearl101 out of the hoard.');
  expect(await says('get pearl201 from hoard')).toContain('There is no "pearl201" in the hoard');
  expect(await says('put pearl201 in hoard')).toBe('You put the red pearl201 in the hoard.');
  await world.restart();
  expect(await says('get red pearl201 from hoard')).toBe('You take the red pearl201 out of the hoard.');
  expect(await says('get first grey from hoard')).toContain('You take the grey pearl0 out of the hoard.');
  expect(await says('look in hoard')).toContain(`${THINGS - 3} things in all`);
});

test('a thing that is renamed in it is found by its new name only', async () => {
  await world.world.run(() => special.rename('silver moon'));
  expect(await says('get pearl222 from hoard')).toContain('There is no "pearl222"');
  expect(await says('get moon from hoard')).toBe('You take the silver moon out of the hoard.');
});

test('a thing that ceases to exist in it is no longer there', async () => {
  await world.world.run(() => special.dispose());
  expect(await says('get pearl222 from hoard')).toContain('There is no "pearl222"');
  expect(await says('look in hoard')).toContain(`${THINGS - 1} things in all`);
});

test('it takes as many things as it may, and no more', async () => {
  for (const name of ['cup', 'saucer', 'spoon']) await says(`get ${name}`);
  expect(await says('put cup in hoard')).toBe('You put the cup in the hoard.');
  expect(await says('put saucer in hoard')).toBe('You put the saucer in the hoard.');
  expect(await says('put spoon in hoard')).toBe('There is no room for it in the hoard.');
  await says('get cup from hoard');
  expect(await says('put spoon in hoard')).toBe('You put the spoon in the hoard.');
});

test('shut, it gives nothing and takes nothing', async () => {
  expect(await says('shut hoard')).toBe('You shut the hoard.');
  expect(await says('get pearl7 from hoard')).toBe('The hoard is shut.');
  await says('get cup');
  expect(await says('put cup in hoard')).toBe('The hoard is shut.');
  expect(await says('open hoard')).toBe(`You open the hoard. There are ${THINGS} things in it.`);
});

test('it is not destroyed with things in it', async () => {
  await expect(world.world.run(() => hoard.dispose())).rejects.toMatchObject({ code: 'Refused' });
});
