// A thing that was written decides where it goes, and says what it likes of that.

import { den } from './den.ts';
import { EVICTIONS, strangers } from './written.ts';

describe.each(EVICTIONS)('what strangers put into hands, boxes and onto floors%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('what only says that it moves is not dropped, nor put anywhere, nor given to anybody', async () => {
    const { mallory, ada } = scene;
    await mallory.writes('Eel', 'class Eel extends Thing { moveTo() {} }');
    await mallory.types('@create Eel named eel', '@create tin as box', 'drop tin');
    for (const line of ['drop eel', 'put eel in tin', 'give eel to ada'])
      expect(await mallory.types(line)).toEqual(['The eel does not leave your hands.']);
    expect(await ada.hears()).not.toContain('Mallory drops the eel.');
    expect(await mallory.types('i')).toEqual(['You carry an eel.']);
  });

  test('one thing that a stranger wrote is not all that a floor has room for', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Swarm',
      `
class Swarm extends Thing {
  coming() { return true; }
  moveTo(entry) {
    super.moveTo(entry);
    for (let at = 0; at < 250; at += 1) {
      const each = attenuate(this.front(), { for: 'bee ' + at });
      if (!attempt(() => entry.enter(each, facet(this, 'holder', { for: 'bee ' + at }), 'bee', [], false)).ok) return;
    }
  }
}`,
    );
    await mallory.types('@create Swarm named swarm');
    expect(await mallory.types('drop swarm')).toEqual(['You drop the swarm.']);
    expect(await ada.types('@create cup', 'drop cup')).toEqual(['You drop the cup.']);
    await ada.writes('Mote', 'class Mote extends Thing {}');
    expect(await ada.types('@create Mote named mote', 'drop mote')).toEqual([
      'The floor of The Landing is full of what nobody has approved: there is no room for it.',
    ]);
  });

  test("what is put into a stranger's room stands nowhere else, neither as itself nor as what is somebody else's", async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  enter(thing, holder, name, also, listens) {
    const spot = super.enter(thing, holder, name, also, listens);
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
    const boat = inside.look().things.find((each) => each.name === 'boat')?.thing ?? this.#boat;
    this.#boat = boat;
    if (name === 'decoy') attempt(() => inside.floor().enter(boat, holder, 'statue', [], false));
    if (name === 'decoy') attempt(() => inside.floor().enter(boat, only(holder, 'moveTo'), 'statue', [], false));
    for (let at = 0; at < 9; at += 1) {
      const each = attenuate(thing, { for: 'copy' + at });
      attempt(() => inside.floor().enter(each, holder, name, [], false));
    }
    attempt(() => inside.floor().enter(thing, holder, name, also, false));
    inside.vacate(inside);
    return spot;
  }`,
        'boat',
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', '@create toy', '@create decoy');
    await ada.types('@create boat', 'drop boat');
    await mallory.types('drop toy');
    await ada.types('get boat');
    await mallory.types('drop decoy');
    expect((await ada.types('look')).join()).not.toMatch(/toy|decoy|statue/);
    expect(await ada.types('drop boat')).toEqual(['You drop the boat.']);
    expect((await mallory.types('look')).join()).toMatch(/You see a toy and a decoy\./);
  });

  test('hands that a stranger fills with what sticks to them are free again', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  coming() { return true; }
  moveTo() { throw fail('Refused', 'It sticks.'); }
  say(me, text) {
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
    const prey = inside.look().people.find(({ name }) => name === text).thing;
    for (let at = 0; at < 40; at += 1) {
      const burr = attenuate(this.front(), { for: 'burr ' + at });
      const holder = facet(this, 'holder', { for: 'burr ' + at });
      attempt(() => inside.mouthOf(inside, prey).enter(burr, holder, 'no ' + at + ' burr', [], false));
      if (at === 0) revoke(this, holder);
    }
    inside.vacate(inside);
  }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create cup');
    await mallory.types('say Ada');
    expect((await ada.types('i')).join()).toMatch(/^You carry a cup, a no 0 burr, .* and a no 28 burr\.$/);
    expect(await ada.types('drop no 7 burr')).toEqual([
      'It sticks. "drop no 7 burr for good" lets go of it: nobody has it then.',
    ]);
    expect(await ada.types('drop no 7 burr for good')).toEqual([
      'You let go of the no 7 burr, which is nowhere now.',
    ]);
    const dropped = await ada.types('drop all for good');
    expect(dropped[0]).toBe('You drop the cup.');
    expect(dropped).toHaveLength(29);
    expect(await ada.types('i')).toEqual(['You carry nothing.']);
    expect(await ada.types('get cup')).toEqual(['You take the cup.']);
  });

  test('what somebody holds who was made is not lost with him', async () => {
    const { mallory } = scene;
    await mallory.types('@create Carrier named dog', 'drop dog', 'get lantern', 'put lantern in dog');
    expect(await mallory.types('@destroy dog')).toEqual([
      'There is still a storm lantern in the hands of the dog.',
    ]);
  });

  test('a box puts one thing into hands that were held out for one', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Cornucopia',
      `
class Cornucopia extends Container {
  takeOut(thing, hands) {
    for (const each of this.peek()) attempt(() => super.takeOut(each.thing, hands));
  }
}`,
    );
    await mallory.types('@create Cornucopia named horn', '@create fig', '@create nut', '@create pip');
    await mallory.types('put fig in horn', 'put nut in horn', 'put pip in horn', 'drop horn');
    await mallory.hears();
    expect(await ada.types('get nut from horn')).toEqual(['You do not get hold of it.']);
    expect((await mallory.hears()).join()).not.toContain('takes something');
    expect(await ada.types('i')).toEqual(['You carry a fig.']);
  });

  test('nobody takes out of a box what has ceased to exist in it', async () => {
    const { world, mallory } = scene;
    await mallory.writes(
      'Candle',
      `
class Candle extends Thing {
  static verbs = { light: 'light' };
  static facets = { ...Thing.facets, self: { burn: M.call().returns() } };
  light() {
    after(1000, facet(this, 'self'), 'burn', []);
    return 'It burns down fast.';
  }
  burn() { destroy(this); }
}`,
    );
    await mallory.types('@create tin as box', '@create coin', 'put coin in tin');
    for (const name of ['red', 'blue']) await mallory.types(`@create Candle named ${name} candle`);
    await mallory.types('light red', 'light blue', 'put red in tin', 'put blue in tin');
    await world.advance(1000);
    expect(await mallory.types('get red candle from tin')).toEqual(['There is nothing left of it.']);
    expect(await mallory.types('get all from tin')).toEqual([
      'You take the coin.',
      'The blue candle: There is nothing left of it.',
    ]);
    expect(await mallory.types('look in tin')).toEqual(['The tin is empty.']);
  });
});
