import { create, only, type BankCap } from '../../engine/authoring.ts';
import { Common } from '../../world/common.ts';
import { Gate } from '../../world/gate.ts';
import { Key } from '../../world/key.ts';
import { Lock } from '../../world/lock.ts';
import { LockedExit } from '../../world/locked-exit.ts';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld } from '../world-fixture.ts';

/** A yard with two locked doors, and the key to the blue one. */
function genesis({ bank }: { readonly bank: BankCap }): { readonly gate: object } {
  const yard = create(bank, Common, { name: 'The Yard', description: 'Gravel.' });
  for (const [colour, way] of [
    ['red', 'north'],
    ['blue', 'south'],
  ] as const) {
    const bolt = create(bank, Lock, 60_000).bolt();
    const spec = { name: `${colour} door`, door: yard.doorway(), lock: only(bolt, 'isLocked') };
    const door = create(bank, LockedExit, spec);
    yard.addExit(way, [spec.name], 'The Yard', door.front(), door.passage());
    if (colour === 'blue')
      create(bank, Key, { name: 'key', turns: only(bolt, 'unlock') }).bring(yard.floor());
  }
  return { gate: create(bank, Gate, { bank, start: yard.doorway() }).door() };
}

test('a key that is tried in a door does not open another one', async () => {
  const world = await openTestWorld({ ...starterWorld, genesis });
  const ada = world.session('Ada');
  await ada.command('get key');
  expect(await ada.command('unlock red door')).toEqual(['It does not turn.']);
  expect(await ada.command('x blue door')).toEqual(['It is locked.']);
  expect((await ada.command('unlock blue door')).join()).toMatch(/It is unlocked/);
  expect(await ada.command('x blue door')).toEqual(['It is unlocked.']);
  await world.close();
});
