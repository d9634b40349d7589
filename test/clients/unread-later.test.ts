import { Accounts } from '../../clients/accounts.ts';
import { loginRequest } from '../../clients/login-request.ts';
import { AGAIN_AFTER, WorldDesk } from '../../clients/world-desk.ts';
import type { SessionId } from '../../clients/wire.ts';
import { StoreError } from '../../storage/errors.ts';
import { unreadKey } from '../../storage/keys.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';

const SID = 'session-1'.padEnd(22, '-') as SessionId;
const RESUME = { t: 'resume', sid: SID, key: 'key', have: 0 } as const;

interface Told {
  /** The numbers of the chunks that the portal was told. */
  readonly chunks: number[];
  readonly faults: string[];
}

function deskOf(it: Fixture): Told & { readonly desk: WorldDesk } {
  const chunks: number[] = [];
  const faults: string[] = [];
  const desk = new WorldDesk({
    world: it.world,
    accounts: new Accounts(it.world, it.powers.random),
    send: () => {},
    sendJson: (message) => void chunks.push((JSON.parse(message) as { n: number }).n),
    figures: () => Promise.resolve(''),
    stop: () => {},
    later: it.powers.later,
    report: (what) => void faults.push(what),
  });
  return { desk, chunks, faults };
}

/** A world that was started again, in which a guest has been told six things; and the numbers of those that its disk does not give. */
async function unreadSix(
  last = 'look',
): Promise<Told & { readonly it: Fixture; readonly desk: WorldDesk; readonly failing: Set<number> }> {
  const first = await openFixture(starterWorld);
  const { desk } = deskOf(first);
  desk.receive(loginRequest(SID, 'key', 'guest', { resumes: true, textOnly: false, address: '127.0.0.1' }));
  await first.settle();
  for (let n = 1; n <= 5; n += 1) {
    desk.receive({ t: 'in', sid: SID, n, line: n === 5 ? last : 'look' });
    await first.settle();
  }
  // Of a session that is to be closed: before it was.
  const there = Array.from({ length: first.journal.states }, (_, state) => state).filter(
    (state) => first.journal.crash(state).get(unreadKey(SID, 6)) !== undefined,
  );
  const it = await first.crash(there.at(-1));
  const failing = new Set<number>();
  const get = it.journal.get.bind(it.journal);
  it.journal.get = (key) => {
    if ([...failing].some((n) => key === unreadKey(SID, n)))
      throw new StoreError(it.world.closed ? 'Closed' : 'Unreadable', 'it does not give it');
    return get(key);
  };
  return { it, failing, ...deskOf(it) };
}

const DAMAGED: unknown = expect.objectContaining({ what: 'damaged' });

test('what the disk does not give at the moment is told later, and nothing that came after it before', async () => {
  const { it, desk, chunks, faults, failing } = await unreadSix();
  failing.add(3);
  desk.receive({ t: 'hello', live: [] });
  desk.receive(RESUME);
  desk.receive({ t: 'in', sid: SID, n: 6, line: 'look' });
  await it.settle();
  desk.tell(it.outs);
  await it.advance(AGAIN_AFTER);
  expect([chunks, faults]).toEqual([
    [1, 2],
    ['unread', 'unread'],
  ]);
  failing.clear();
  await it.advance(AGAIN_AFTER);
  expect(chunks).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(it.powers.events).not.toContainEqual(DAMAGED);
  await it.close();
});

test('a session that has said goodbye is not ended before it was told so, though the disk does not give it at first', async () => {
  const { it, desk, chunks, failing } = await unreadSix('quit');
  failing.add(2);
  desk.receive({ t: 'hello', live: [{ sid: SID, have: 0 }] });
  await it.settle();
  expect(chunks).toEqual([1]);
  failing.clear();
  await it.advance(AGAIN_AFTER);
  expect(chunks).toEqual([1, 2, 3, 4, 5, 6]);
  desk.receive({ t: 'ack', sid: SID, n: 6 });
  await it.settle();
  expect(it.world.session(SID)).toBe(undefined);
  await it.close();
});

test('a world that is closed tells of no damage, and leaves the rest to the next one', async () => {
  const { it, desk, chunks, faults, failing } = await unreadSix();
  desk.receive({ t: 'hello', live: [] });
  await it.world.close();
  failing.add(1).add(2);
  desk.receive(RESUME);
  desk.receive({ t: 'ack', sid: SID, n: 3 });
  it.powers.advance(AGAIN_AFTER);
  expect([chunks, faults]).toEqual([[], []]);
  expect(it.powers.events).not.toContainEqual(DAMAGED);
});

test('what the client has already is acknowledged, though the disk does not give it at the moment', async () => {
  const { it, desk, chunks, failing } = await unreadSix();
  failing.add(2);
  desk.receive({ t: 'hello', live: [] });
  desk.receive({ t: 'ack', sid: SID, n: 3 });
  desk.receive({ ...RESUME, have: 3 });
  await it.settle();
  expect(chunks).toEqual([4, 5, 6]);
  expect(it.powers.events).not.toContainEqual(DAMAGED);
  await it.close();
});
