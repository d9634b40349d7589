import { setImmediate as turn } from 'node:timers/promises';
import { Accounts } from '../../clients/accounts.ts';
import { loginRequest } from '../../clients/login-request.ts';
import { WorldDesk } from '../../clients/world-desk.ts';
import type { SessionId, ToPortal } from '../../clients/wire.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';

const GUEST = loginRequest('session-1'.padEnd(22, '-') as SessionId, 'key', 'guest', {
  resumes: false,
  textOnly: false,
});

/** A desk in front of a world, and all that it says to the portal, by the names of the messages. */
function deskOf(it: Fixture): { readonly desk: WorldDesk; readonly said: string[] } {
  const said: string[] = [];
  const desk = new WorldDesk({
    world: it.world,
    accounts: new Accounts(it.world, it.powers.random),
    send: (message: ToPortal) => void said.push(message.t),
    sendJson: (message) => void said.push((JSON.parse(message) as ToPortal).t),
    figures: () => Promise.resolve(''),
    stop: () => {},
    later: it.powers.later,
    report: (what) => void said.push(`fault: ${what}`),
  });
  return { desk, said };
}

test('whoever asks for something while the world is closing has his answer from the next one', async () => {
  const first = await openFixture(starterWorld);
  const { desk, said } = deskOf(first);
  const closing = first.world.close();
  desk.receive(GUEST);
  desk.receive({ t: 'who', id: 1 });
  await closing;
  await turn();
  expect(said).toEqual([]);

  const next = await first.restart();
  const again = deskOf(next);
  // As a portal does when the next world is ready.
  again.desk.receive(GUEST);
  again.desk.receive({ t: 'who', id: 1 });
  await next.settle();
  await turn();
  expect(again.said).toEqual(expect.arrayContaining(['login', 'who']));
  expect(again.said).not.toContainEqual(expect.stringMatching(/^fault/));
  await next.close();
});
