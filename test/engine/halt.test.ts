import { openJournal } from '../../storage/journal.ts';
import { World } from '../../engine/world.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import { starterWorld } from '../starter-world.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { Powers } from './fixture.ts';
import { openStudio } from './studio.ts';
import { itemsOf } from '../items-of.ts';

interface Opened {
  readonly world: World;
  readonly outs: SessionOut[];
  readonly halted: Promise<Error>;
}

async function open(store: MemoryStore): Promise<Opened> {
  const outs: SessionOut[] = [];
  let stop: (error: Error) => void = () => {};
  const halted = new Promise<Error>((resolve) => {
    stop = resolve;
  });
  const world = await World.open({
    journal: await openJournal(store),
    ...starterWorld,
    powers: new Powers(),
    onOut: (more) => void outs.push(...more),
    onHalt: stop,
    onCheckpoint: () => {},
  });
  return { world, outs, halted };
}

const TERMS = { sid: 'ada', keyHash: 'hash', keep: true, name: 'Ada' };

test('when a commit cannot be written the world stops, tells nobody anything, and has lost nothing acknowledged', async () => {
  const store = new MemoryStore();
  const { world, outs, halted } = await open(store);
  await world.begin(TERMS, (invoke) => invoke(world.roots.gate, 'newPlayer', ['Ada']) as object);
  world.input('ada', 1, 'say this is on disk');
  await world.settle();
  expect(outs.at(-1)).toMatchObject({ sid: 'ada', in: 1, text: '["You say, \\"this is on disk\\""]' });
  const told = outs.length;

  store.faults.set(store.writes.length + 1, 'absent');
  world.input('ada', 2, 'say this is not');
  const waiting = world.run(() => 'never');
  await expect(waiting).rejects.toMatchObject({ code: 'CommitFailed' });
  expect(await halted).toMatchObject({ code: 'CommitFailed' });
  expect(outs.length).toBe(told);
  expect(() => world.input('ada', 3, 'say hello')).toThrow(expect.objectContaining({ code: 'WorldClosed' }));
  await expect(world.run(() => 1)).rejects.toMatchObject({ code: 'WorldClosed' });

  const again = await open(store.crash());
  expect(again.world.session('ada')).toMatchObject({ in: 1 });
  expect(again.world.unread('ada', 0).flatMap(itemsOf)).toContain('You say, "this is on disk"');
  again.world.input('ada', 2, 'say this is not');
  await again.world.settle();
  expect(again.outs.at(-1)).toMatchObject({ sid: 'ada', in: 2, text: '["You say, \\"this is not\\""]' });
  await again.world.close();
});

test('where it cannot be noted what is running the world stops, and the turn that is running ends as it should', async () => {
  class Failing extends Powers {
    fail = (): void => {};
    readonly thrown: unknown[] = [];
    override readonly noteRunning = (): void => this.fail();
    override guard = (_: number, body: () => void): boolean => {
      try {
        body();
      } catch (error) {
        this.thrown.push(error); // it would end the process
      }
      return true;
    };
  }
  const powers = new Failing();
  const studio = await openStudio({ powers });
  await studio.save(
    'Sender',
    `class Sender extends Base {
      static facets = { owner: { start: M.call().returns(), hits: M.call().returns(M.number()), hit: M.call().returns() } };
      #hits = 0;
      toRecord() { return { ...super.toRecord(), hits: this.#hits }; }
      fromRecord(record) { super.fromRecord(record); this.#hits = record.hits; }
      start() { send(facet(this, 'owner'), 'hit', []); }
      hit() { this.#hits += 1; }
      hits() { return this.#hits; }
    }`,
  );
  const sender = await studio.make('Sender');
  const text = studio.fixture.world.slotText(sender);
  const { world } = studio.fixture;
  powers.fail = () => world.fail(new Error('EIO'));
  await expect(studio.call(sender, 'start')).rejects.toThrow('EIO');
  expect(powers.thrown).toEqual([]);
  expect(studio.fixture.halts).toHaveLength(1);
  powers.fail = () => {};

  const again = await studio.fixture.crash();
  await again.settle();
  expect(await again.call(again.world.capabilityFrom(text), 'hits')).toBe(0);
  await again.close();
});
