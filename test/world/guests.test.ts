import { create, type AnyCap, type BankCap } from '../../engine/authoring.ts';
import { classes } from '../../world/classes.ts';
import { Gate } from '../../world/gate.ts';
import { ROOM_FOR } from '../../world/place.ts';
import { Room } from '../../world/room.ts';
import { Thing } from '../../world/thing.ts';
import { openTestWorld } from '../world-fixture.ts';
import { EVICTIONS } from './written.ts';

/** A world of one room, the floor of which is full. */
function fullGenesis({ bank }: { readonly bank: BankCap }): { readonly gate: AnyCap } {
  const hall = create(bank, Room, { name: 'The Hall', description: '' });
  create(bank, Thing, { name: 'lantern' }).bring(hall.floor());
  for (let n = 1; n < ROOM_FOR.room; n += 1) create(bank, Thing, { name: `pebble-${n}` }).bring(hall.floor());
  return { gate: create(bank, Gate, { bank, start: hall.doorway() }).door() };
}

test.each(EVICTIONS)(
  'a guest stays, asleep, while there is no floor for what he carries%s',
  async (_, evictAlways) => {
    const world = await openTestWorld({ classes, genesis: fullGenesis, evictAlways });
    const ada = world.session('Ada');
    const guest = world.session();
    await ada.command('@create boat');
    await guest.command('get lantern');
    await ada.command('drop boat');
    await guest.command('quit');
    await world.settle();
    expect(ada.lines().at(-1)).toBe('Guest1 falls asleep.');
    await world.advance(3_600_000);
    await world.restart();
    expect((await ada.command('look')).at(-2)).toBe('Guest1 is here, asleep.');
    await ada.command('get boat');
    await world.advance(3_600_000);
    expect(ada.lines().at(-1)).toBe('Guest1 wanders off and is gone.');
    expect(await ada.command('get lantern')).toEqual(['You take the lantern.']);
    await world.close();
  },
);
