import type { World } from '../engine/world.ts';
import type { Accounts } from './accounts.ts';
import type { ControlHandlers } from './control-socket.ts';
import type { WorldCheckpoints } from './world-checkpoints.ts';

/** What the owner of a world's folder can ask the running world for, by name; each answers with a text. */
export function worldRequests(
  world: World,
  accounts: Accounts,
  checkpoints: WorldCheckpoints,
): ControlHandlers['requests'] {
  return {
    checkpoint: () => checkpoints.takeAndSay(),
    collect: async () => {
      const { live, waiting, removed } = await world.collect();
      return `${live} objects are reachable; ${waiting} are garbage that still has time; ${removed} were removed`;
    },
    reload: async () => {
      await world.run((invoke) => {
        invoke(world.roots.storage, 'reload', []);
      });
      return 'all code is loaded anew';
    },
    admin: async ({ name }) => {
      const player = accounts.playerNamed(typeof name === 'string' ? name : '');
      await world.run((invoke) => {
        const { storage } = world.roots;
        invoke(player, 'entrust', [invoke(storage, 'front', []), storage, 'everything that Storage can do']);
      });
      return `${name as string} has Storage's full facet on the keyring`;
    },
  };
}
