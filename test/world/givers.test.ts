// Whoever is given something has to know from whom.

import { den } from './den.ts';
import { actorIn, EVICTIONS, strangers, TO_THE_COMMON } from './written.ts';

describe.each(EVICTIONS)('who gives something in the name of another%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('nobody gives a bank in the name of another', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await (await actorIn(world, 'Bob')).types(...TO_THE_COMMON);
    await mallory.writes(
      'Den',
      den(
        `  static facets = {
    ...Room.facets,
    till: { pay: M.call(M.number()).returns(), balance: M.call().returns(M.number()) },
  };
  pay() {}
  balance() { return 9; }
  say(me, text) {
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'giver' }), 'Mrs Miggins', true, '');
    const { people } = inside.look();
    const [ada, bob] = ['Ada', 'Bob'].map((who) => people.find(({ name }) => name === who).thing);
    inside.deliver(inside, ada, bob, facet(this, 'till'), 'bank of 9, from Bob');
    inside.vacate(inside);
  }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', 'say now');
    expect((await ada.types('@bank')).slice(1)).toEqual([
      'The one that Bob, from Mrs Miggins gave you pays for 9 more objects.',
    ]);
    expect(await ada.types('@bank use Bob')).toEqual(['You have no bank from "Bob".']);
  });

  test('nobody gives anything in the name of another by way of a room that he wrote', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  static facets = { ...Room.facets, till: { pay: M.call(M.number()).returns(), balance: M.call().returns(M.number()) } };
  #ada = null;
  toRecord() { return { ...super.toRecord(), ada: this.#ada }; }
  fromRecord(record) { super.fromRecord(record); this.#ada = record.ada; }
  pay() {}
  balance() { return 9; }
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    if (name === 'Ada') {
      this.#ada = holder;
      holder.receive(person, facet(this, 'till', { for: 'one' }), 'bank of 9, from Bob');
    }
    return inside;
  }
  say() { this.#ada.receive(this, facet(this, 'till', { for: 'two' }), 'bank of 9, from ' + 'Bob'.padEnd(90)); }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('u');
    await mallory.types('say now');
    expect(await ada.types('@bank use Bob')).toEqual(['You have no bank from "Bob".']);
    expect((await ada.types('@bank')).slice(1)).toEqual([
      'The one that Bob, from something on the way gave you pays for 9 more objects.',
      'The one that Bob, from a room of the class Den gave you pays for 9 more objects.',
    ]);
  });

  test('whoever is given a bank in the room of its giver is told how to name it', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes('Den', 'class Den extends Room {}');
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('u');
    await ada.hears();
    await mallory.types('@bank split 3 for Ada');
    expect(await ada.hears()).toEqual([
      'Mallory gives you a bank that pays for 3 more objects: "@bank use Mallory, from a room of the class Den"',
    ]);
    expect(await ada.types('@bank use Mallory, from a room of the class Den')).toEqual([
      'The bank from Mallory, from a room of the class Den pays from now on.',
    ]);
  });
});
